"""Pages and endpoints of requests for help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.models import LocatorRequest
from tests.deals.requests import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def _posted(cast: Cast, **more: Any) -> dict[str, Any]:
    given = factories.facts(to=cast.tti.public_id, **more)
    return {**given, "answer_by": str(given["answer_by"])}


def test_asked_answered_and_closed_by_pages(cast: Cast) -> None:
    said = cast.owner.client.post("/requests/new/", _posted(cast))
    row = LocatorRequest.objects.get()
    assert said.status_code == 302 and said.url == row.get_absolute_url()  # type: ignore[attr-defined]
    inbox = cast.broker.client.get("/requests/inbox/").content.decode()
    assert row.title in inbox and "Lantern Works" in inbox
    page = row.get_absolute_url()
    for step, given in (("take", {}), ("answer", {"body": "Graphite."})):
        row.refresh_from_db()
        said = cast.broker.client.post(f"{page}step/{step}/", {**given, "version": row.version})
        assert said.status_code == 302, step
    row.refresh_from_db()
    assert "Graphite." in cast.owner.client.get(page).content.decode()
    end = {"outcome": "helped", "words": "Thank you", "version": row.version}
    cast.owner.client.post(f"{page}step/close/", end)
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("closed", "helped")
    assert row.title in cast.owner.client.get("/requests/").content.decode()
    again = cast.owner.client.get(f"/requests/new/?again={row.public_id}").content.decode()
    assert "Our seals fail" in again


def test_nothing_typed_is_lost(cast: Cast) -> None:
    odd = [{"answer_by": "10000-01-01"}, {"answer_by": "soon"}, {"to": "x" * 500},
           {"words": "kept\x00words"}, {"region": "0"}, {"field": "x"}]  # fmt: skip
    for wrong in odd:
        said = cast.owner.client.post("/requests/new/", {**_posted(cast), **wrong})
        assert said.status_code == 422, wrong
        assert "A seal for 300 °C" in said.content.decode()
    row = factories.taken(cast)
    for version in ("", "old", "1"):
        said = cast.broker.client.post(
            f"{row.get_absolute_url()}step/answer/", {"body": "So far", "version": version}
        )
        assert said.status_code == 422 and "So far" in said.content.decode()
    assert not row.answers.exists()


def test_a_missing_answer_takes_no_newer_version(cast: Cast) -> None:
    """A colleague did something meanwhile: who forgot the words is told of it all the same."""
    row = factories.taken(cast)
    page, seen = f"{row.get_absolute_url()}step/answer/", row.version
    LocatorRequest.objects.filter(pk=row.pk).update(version=seen + 1)
    post = cast.broker.client.post
    said = post(page, {"body": "", "version": seen})
    assert said.status_code == 422
    assert f'value="{seen}" id="answer_version"' in said.content.decode()
    said = post(page, {"body": "Graphite.", "version": seen})
    assert said.status_code == 422
    assert f'value="{seen + 1}" id="answer_version"' in said.content.decode()
    assert not row.answers.exists()
    assert post(page, {"body": "Graphite.", "version": seen + 1}).status_code == 302


def test_outsiders_find_nothing(cast: Cast) -> None:
    row = factories.answered(cast)
    for name in ("outsider", "operator", "moderator", "newcomer"):
        player = cast.everybody[name]
        for address in (row.get_absolute_url(), "/requests/inbox/"):
            assert player.client.get(address).status_code == 404, (name, address)
        for step in ("take", "answer", "pass", "close", "need", "case"):
            said = player.client.post(f"{row.get_absolute_url()}step/{step}/", {"version": 1})
            assert said.status_code == 404, (name, step)
    assert cast.owner.client.get("/requests/inbox/").status_code == 404


def test_words_are_carried_from_the_search(cast: Cast) -> None:
    found = cast.visitor.client.get("/technologies/?q=zzqqxx").content.decode()
    assert "/requests/carry/" in found
    said = cast.owner.client.post("/requests/carry/", {"text": "a seal\x00 for 300"})
    assert said.status_code == 302
    assert "a seal for 300" in cast.owner.client.get("/requests/new/").content.decode()


@pytest.mark.parametrize("number", [1, 6])
def test_lists_ask_a_fixed_number_of_times(
    cast: Cast, number: int, django_assert_num_queries: Any
) -> None:
    for _one in range(number):
        factories.asked(cast)
    cast.broker.client.get("/requests/inbox/")
    cast.owner.client.get("/requests/")
    with django_assert_num_queries(INBOX):
        cast.broker.client.get("/requests/inbox/")
    with django_assert_num_queries(MINE):
        cast.owner.client.get("/requests/")


INBOX, MINE = 13, 13


def test_by_api(cast: Cast) -> None:
    given = {**_posted(cast), "to": cast.tti.public_id}
    made = cast.owner.api.post("/api/v1/requests/", given, format="json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/requests/{made.json()['id']}/"
    stale = cast.broker.api.post(f"{address}take/", {}, format="json", HTTP_IF_MATCH='"9"')
    assert stale.status_code == 412
    assert cast.broker.api.post(f"{address}take/", {}, format="json").json()["state"] == "taken"
    said = cast.broker.api.post(f"{address}answers/", {"body": "Graphite."}, format="json")
    assert said.status_code == 201
    assert [one["body"] for one in cast.owner.api.get(f"{address}answers/").json()] == ["Graphite."]
    need = cast.broker.api.post(f"{address}draft-need/").json()
    assert need["need"] is None and cast.owner.api.get(address).json()["need"]
    assert cast.broker.api.post(f"{address}open-case/").status_code == 201
    end = cast.owner.api.post(f"{address}close/", {"outcome": "not_helped"}, format="json")
    assert end.json()["outcome"] == "not_helped"
    assert cast.owner.api.get(f"{address}passes/").json() == []
    assert cast.outsider.api.get(address).status_code == 404
