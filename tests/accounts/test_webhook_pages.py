"""Webhooks by page and by API: the same actions, owners only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from events.models import Webhook
from events.webhooks.rates import WebhookRate
from tests.events.receiving import receiving, verifies

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/in"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def base(cast: Cast) -> str:
    return f"/organisations/{cast.home.public_id}/webhooks/"


def added(cast: Cast, url: str = URL) -> Webhook:
    cast.owner.client.post(base(cast), {"url": url, "kinds_contracts": ["contract.registered"]})
    return Webhook.objects.latest("pk")


def test_the_secret_is_shown_once_and_kept_nowhere(cast: Cast) -> None:
    answer = cast.owner.client.post(
        base(cast), {"url": URL, "note": "Stock", "kinds_contracts": ["contract.registered"]}
    )
    found = re.search(r"whsec_[\w+/=]+", answer.content.decode())
    assert found
    assert "no-store" in answer["Cache-Control"]
    hook = Webhook.objects.get()
    assert (hook.url, hook.note, hook.kinds) == (URL, "Stock", ["contract.registered"])
    for page in (base(cast), f"{base(cast)}{hook.public_id}/"):
        again = cast.owner.client.get(page)
        assert again.status_code == 200
        assert "whsec_" not in again.content.decode()


def test_what_was_typed_stays_when_it_is_refused(cast: Cast) -> None:
    answer = cast.owner.client.post(
        base(cast), {"url": "http://hooks.example.org/", "note": "Stock", "kinds_listings": [
            "listing.published"]},
    )  # fmt: skip
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "must begin with https://" in text
    assert 'value="http://hooks.example.org/"' in text
    assert re.search(r'value="listing.published"[^>]*checked', text)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_are_for_owners(cast: Cast, language: str) -> None:
    hook = added(cast)
    for who, status in [("owner", 200), ("colleague", 403), ("rival", 403), ("operator", 403)]:
        for page in (base(cast), f"{base(cast)}{hook.public_id}/"):
            client = getattr(cast, who).client
            client.cookies["language"] = language
            assert client.get(page).status_code == status, (who, page)
    other = f"/organisations/{cast.outside.public_id}/webhooks/{hook.public_id}/"
    assert cast.outsider.client.get(other).status_code == 404


def test_from_a_test_to_another_try(
    cast: Cast, settings: Any, run_jobs: Callable[..., int]
) -> None:
    settings.WEBHOOK_ALLOW_LOCALHOST = True
    with receiving() as receiver:
        receiver.answers = [500]
        hook = added(cast, receiver.url)
        page = f"{base(cast)}{hook.public_id}/"
        cast.owner.client.post(f"{page}test/")
        run_jobs()
        text = cast.owner.client.get(page).content.decode()
        assert "webhook.test" in text
        assert "500" in text
        row = hook.deliveries.get()
        cast.owner.client.post(f"{page}messages/{row.public_id}/again/")
        run_jobs()
        shown = cast.owner.client.post(f"{page}secret/").content.decode()
        new = re.search(r"whsec_[\w+/=]+", shown)
        assert new
        cast.owner.client.post(f"{page}test/")
        run_jobs()
        assert verifies(new[0], *receiver.messages[-1])
    assert len(receiver.messages) == 3
    cast.owner.client.post(f"{page}switch/", {"to": "off"})
    hook.refresh_from_db()
    assert hook.stopped == "by_owner"
    cast.owner.client.post(f"{page}switch/", {"to": "on"})
    cast.owner.client.post(f"{page}remove/")
    assert not Webhook.objects.exists()


def test_tests_have_a_rate_of_their_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WebhookRate, "THROTTLE_RATES", {"webhook": "2/min"})
    hook = added(cast)
    page = f"{base(cast)}{hook.public_id}/test/"
    assert [cast.owner.client.post(page).status_code for _n in range(3)] == [302, 302, 429]
    api = f"/api/v1{base(cast)}{hook.public_id}/test/"
    cache.clear()
    assert [cast.owner.api.post(api).status_code for _n in range(3)] == [202, 202, 429]


def test_the_list_of_messages_costs_the_same_for_many(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    from django.utils import timezone

    hook = added(cast)
    page = f"{base(cast)}{hook.public_id}/"
    now = timezone.now()
    for _number in range(30):
        hook.deliveries.create(kind="webhook.test", next_try_at=now, give_up_at=now)
    cast.owner.client.get(page)
    with django_assert_num_queries(14):
        cast.owner.client.get(page)


def test_all_of_it_by_api(cast: Cast, settings: Any, run_jobs: Callable[..., int]) -> None:
    settings.WEBHOOK_ALLOW_LOCALHOST = True
    api, root = cast.owner.api, f"/api/v1{base(cast)}"
    with receiving() as receiver:
        made = api.post(root, {"url": receiver.url, "kinds": ["contract.registered"]})
        assert made.status_code == 201
        assert made["Cache-Control"] == "no-store"
        one = f"{root}{made.json()['id']}/"
        assert "secret" not in api.get(one).json()
        assert [row["id"] for row in api.get(root).json()] == [made.json()["id"]]
        sent = api.post(f"{one}test/")
        run_jobs()
        assert verifies(made.json()["secret"], *receiver.messages[0])
        [row] = api.get(f"{one}deliveries/").json()["results"]
        assert (row["id"], row["state"], row["status_code"]) == (
            sent.json()["id"], "delivered", 200,
        )  # fmt: skip
        assert api.post(f"{one}deliveries/{row['id']}/retry/").status_code == 202
        run_jobs()
        assert len(receiver.messages) == 2
    assert api.patch(one, {"kinds": ["nonsense"]}).status_code == 400
    assert api.patch(one, {"note": "Stock"}).json()["note"] == "Stock"
    assert api.post(f"{one}stop/").json()["stopped"] == "by_owner"
    assert api.post(f"{one}start/").json()["stopped"] == ""
    assert api.post(f"{one}secret/").json()["secret"] != made.json()["secret"]
    assert api.delete(one).status_code == 204
    assert cast.outsider.api.get(root).status_code == 403
