"""Matching the market again, as an operator sees and steers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils.html import strip_tags

from marketplace.core.models import Job
from matching.actions import rematch_turns, rematching
from matching.models import MatchRun, Rematch, RematchBatch
from matching.pipeline import model
from tests.listings.factories import published

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
API = "/api/v1/operations/rematches/"


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    settings.ENCODER = "none"
    cache.delete_many(["matching:weights", "listings:progress"])


@pytest.fixture
def half_done(cast: Cast, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> Rematch:
    """Of two listings one."""
    monkeypatch.setattr(rematch_turns, "BATCH", 1)
    published(cast.home)
    published(cast.outside, "need")
    run_jobs()
    MatchRun.objects.update(model_version="2000-01-01")
    rematch = rematching.begin(actor=cast.operator.actor)
    rematch_turns.plan(rematch.pk)
    rematch_turns.take_batch(RematchBatch.objects.earliest("pk").pk)
    return rematch


def page_of(cast: Cast, language: str = "en") -> str:
    client = cast.operator.client
    client.cookies["language"] = language
    return " ".join(client.get("/operations/").content.decode().split())


def test_before_the_first_the_page_says_when_it_begins(cast: Cast) -> None:
    page = page_of(cast)
    assert "never matched again" in page and model.model_version() in page
    assert "Match again" in page


def test_the_page_shows_how_far_it_is(cast: Cast, half_done: Rematch) -> None:
    page = page_of(cast)
    text = strip_tags(page)
    assert "1 of 2 listings." in text and "a minute." in text and "and 1 by others" in text
    assert f"/operations/rematch/{half_done.pk}/cancel/" in page
    assert 'action="/operations/rematch/"' not in page
    chinese = strip_tags(page_of(cast, "zh-hans"))
    assert "共 2 条，已完成 1 条。" in chinese


def test_batches_that_were_given_up_are_told(cast: Cast, half_done: Rematch) -> None:
    Job.objects.filter(kind=rematching.BATCH, state="waiting").update(state="failed")
    page = page_of(cast)
    assert "were given up" in page or "was given up" in page
    assert "state=failed&amp;kind=matching.rematch_batch" in page


def test_begun_and_cancelled_by_buttons(cast: Cast) -> None:
    client = cast.operator.client
    page = client.post("/operations/rematch/", {"again": "1"}, follow=True)
    rematch = Rematch.objects.get()
    assert "The market is being matched again." in page.content.decode()
    assert rematch.before is not None and rematch.begun_by_id == cast.operator.user.pk
    again = client.post("/operations/rematch/", follow=True)
    assert "Wait until it is done, or cancel it." in again.content.decode()
    ended = client.post(f"/operations/rematch/{rematch.pk}/cancel/", follow=True)
    assert "What has been matched stays." in ended.content.decode()
    twice = client.post(f"/operations/rematch/{rematch.pk}/cancel/", follow=True)
    assert "Reload to see what changed." in twice.content.decode()
    assert client.post("/operations/rematch/99999/cancel/", follow=True).status_code == 200


@pytest.mark.parametrize("who", ["owner", "moderator", "broker", "visitor"])
def test_others_begin_and_cancel_nothing(cast: Cast, half_done: Rematch, who: str) -> None:
    player = getattr(cast, who)
    player.client.post(f"/operations/rematch/{half_done.pk}/cancel/")
    player.client.post("/operations/rematch/")
    for path in (API, f"{API}{half_done.pk}/"):
        assert player.api.get(path).status_code in {401, 403}
    assert player.api.post(f"{API}{half_done.pk}/cancel/").status_code in {401, 403}
    half_done.refresh_from_db()
    assert half_done.state == "running" and Rematch.objects.count() == 1


def test_the_api_tells_and_steers_the_same(cast: Cast, half_done: Rematch) -> None:
    api = cast.operator.api
    [row] = api.get(API).json()["results"]
    assert (row["total"], row["done"], row["is_counting"]) == (2, 1, False)
    assert row["per_minute"] > 0 and row["minutes_left"] >= 1
    assert api.get(f"{API}{half_done.pk}/").json()["done"] == 1
    refused = api.post(API, {})
    assert refused.status_code == 409 and refused.json()["code"] == "rematch_running"
    assert api.post(f"{API}{half_done.pk}/cancel/").json()["state"] == "cancelled"
    begun = api.post(API, {"kind": "need", "again": True})
    assert begun.status_code == 201 and begun.json()["kind"] == "need"
    assert api.post(API, {"kind": "boat"}).status_code == 400
    assert api.get(f"{API}99999/").status_code == 404


def test_a_list_costs_the_same_however_long(
    cast: Cast, half_done: Rematch, django_assert_num_queries: Any
) -> None:
    api = cast.operator.api
    api.get(API)
    rematching.cancel(actor=cast.operator.actor, rematch_id=half_done.pk)
    for _number in range(3):
        begun = rematching.begin(actor=cast.operator.actor)
        rematching.cancel(actor=cast.operator.actor, rematch_id=begun.pk)
    with django_assert_num_queries(5):
        assert len(api.get(API).json()["results"]) == 4


def test_weights_that_cannot_be_used_are_named(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in model.WEIGHTS.glob("*.json"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "2999-01-01.json").write_text("{ broken")
    version = model.model_version()
    monkeypatch.setattr(model, "WEIGHTS", tmp_path)
    model.forget()
    try:
        page = page_of(cast)
        assert "2999-01-01.json is no weights file" in page and version in page
        for path in tmp_path.iterdir():
            path.write_text("")
        model.forget()
        assert "holds no weights file that can be read" in page_of(cast)
    finally:
        model.forget()
