"""Matching the market again: begun once, shared, resumed, cancelled."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError, connection

from events.models import Event
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Refused
from marketplace.core.models import Job
from matching.actions import rematch_turns, rematching
from matching.models import Match, MatchRun, Rematch, RematchBatch
from matching.pipeline import run
from matching.pipeline.model import model_version
from matching.queries import rematches
from tests.listings.factories import organisation, published
from tests.matching.factories import pair

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def market(run_jobs):
    """A need and three technologies, matched by older weights."""
    need, _technology = pair(organisation(), organisation())
    for solvent in ("carbonate", "nitrile"):  # another text, by another owner
        published(
            organisation(), title_en=f"Electrolyte of {solvent} for pouch cells at -40 degC",
            body_en=f"The {solvent} stays liquid in the cold, and pouch cells keep their capacity.",
        )  # fmt: skip
    run_jobs()
    assert Match.objects.count() == 3
    MatchRun.objects.update(model_version="2000-01-01")
    Match.objects.update(model_version="2000-01-01")
    return need


@pytest.fixture
def small(monkeypatch):
    """Batches of one, so that four listings are four jobs."""
    monkeypatch.setattr(rematch_turns, "BATCH", 1)


def batches(state: str = "waiting") -> int:
    return Job.objects.filter(kind=rematching.BATCH, state=state).count()


def plan(rematch: Rematch) -> None:
    rematch_turns.plan(rematch.pk)
    rematch.refresh_from_db()


def test_it_is_begun_by_itself_when_older_weights_have_matched_the_market(market, run_jobs):
    jobs.enqueue_clock_jobs(started=True)
    run_jobs()
    rematch = Rematch.objects.get()
    assert (rematch.state, rematch.cause) == ("done", "weights")
    assert set(MatchRun.objects.values_list("model_version", flat=True)) == {model_version()}
    assert set(Match.objects.values_list("model_version", flat=True)) == {model_version()}
    kinds = Event.objects.filter(object_type="rematch").values_list("kind", flat=True)
    assert sorted(kinds) == ["match.rematch_begun", "match.rematch_done"]
    assert rematching.notice_weights() is None


def test_a_worker_that_comes_up_looks_though_the_clock_has_just_asked():
    jobs.enqueue_clock_jobs()
    Job.objects.update(state="done")
    jobs.enqueue_clock_jobs()
    assert not Job.objects.filter(kind="matching.notice_weights", state="waiting").exists()
    jobs.enqueue_clock_jobs(started=True)
    assert Job.objects.filter(kind="matching.notice_weights", state="waiting").count() == 1
    assert not Job.objects.filter(kind="matching.count_words", state="waiting").exists()


def test_nothing_is_begun_where_all_is_current(run_jobs):
    pair(organisation(), organisation())
    run_jobs()
    assert rematching.notice_weights() is None


def test_an_older_worker_never_takes_the_market_back(market, monkeypatch):
    MatchRun.objects.update(model_version="2999-01-01")
    assert rematching.notice_weights() is None


def test_an_older_worker_leaves_the_work_to_newer_ones(market, small, run_jobs, monkeypatch):
    rematch = rematching.notice_weights()
    plan(rematch)
    monkeypatch.setattr(rematch_turns, "model_version", lambda: "1999-01-01")
    Job.objects.exclude(kind=rematching.BATCH).delete()
    run_jobs()
    assert batches() == 4  # put off, each once
    assert not RematchBatch.objects.exclude(done_at=None).exists()
    monkeypatch.undo()
    run_jobs(delayed=True)
    rematch.refresh_from_db()
    assert rematch.state == "done"


def test_newer_weights_replace_the_one_that_runs(market, run_jobs):
    old = rematching.begin(actor=SYSTEM)
    Rematch.objects.update(model_version="2000-01-02")
    new = rematching.notice_weights()
    old.refresh_from_db()
    assert (old.state, new.state) == ("replaced", "running")
    run_jobs()
    assert rematches.latest().done == 4


def test_cancelled_by_an_operator_it_is_not_begun_again_by_itself(market):
    rematch = rematching.notice_weights()
    rematching.cancel(actor=SYSTEM, rematch_id=rematch.pk)
    assert rematching.notice_weights() is None


def test_what_an_older_worker_matched_afterwards_is_done_again(market, run_jobs):
    rematching.notice_weights()
    run_jobs()
    MatchRun.objects.filter(pk=market.pk).update(model_version="2000-01-01")
    assert rematching.notice_weights() is not None
    run_jobs()
    assert rematches.latest().total == 1


def test_cancel_takes_back_what_waits_and_the_next_goes_on_with_what_is_left(
    market, small, run_jobs
):
    rematch = rematching.begin(actor=SYSTEM)
    plan(rematch)
    assert rematch.planned_at is not None and batches() == 4
    rematch_turns.take_batch(RematchBatch.objects.earliest("pk").pk)
    rematching.cancel(actor=SYSTEM, rematch_id=rematch.pk)
    assert batches() == 0
    assert MatchRun.objects.filter(model_version=model_version()).count() == 1
    with pytest.raises(Conflict):
        rematching.cancel(actor=SYSTEM, rematch_id=rematch.pk)
    following = rematching.begin(actor=SYSTEM)
    run_jobs()
    assert rematches.progress_of(following).total == 3


def test_a_plan_that_was_killed_goes_on_where_it_stood(market, monkeypatch, run_jobs):
    monkeypatch.setattr(rematch_turns, "STEP", 2)
    monkeypatch.setattr(rematch_turns, "TURN", -1.0)
    rematch = rematching.begin(actor=SYSTEM)
    plan(rematch)
    assert rematch.planned_at is None and rematches.progress_of(rematch).is_counting
    assert rematches.progress_of(rematch).total == 2
    plan(rematch)  # the same job, done again by another worker
    run_jobs()
    assert sorted(pk for one in RematchBatch.objects.all() for pk in one.listings) == sorted(
        MatchRun.objects.values_list("pk", flat=True)
    )


def test_a_batch_that_was_killed_does_again_only_what_was_left(market, monkeypatch):
    rematch = rematching.begin(actor=SYSTEM, again=True)
    plan(rematch)
    matched: list[int] = []
    original = run.match_listing

    def dies(listing_id, **values):
        if len(matched) == 2:
            raise SystemExit  # as a killed worker: nothing is put in order
        if original(listing_id, **values) is not None:
            matched.append(listing_id)

    monkeypatch.setattr(run, "match_listing", dies)
    [batch] = RematchBatch.objects.all()
    with pytest.raises(SystemExit):
        rematch_turns.take_batch(batch.pk)
    moments = dict(MatchRun.objects.filter(pk__in=matched).values_list("pk", "matched_at"))
    monkeypatch.setattr(run, "match_listing", original)
    rematch_turns.take_batch(batch.pk)
    rematch_turns.take_batch(batch.pk)  # its job came twice
    rematch.refresh_from_db()
    assert rematch.state == "done"
    kept = dict(MatchRun.objects.filter(pk__in=matched).values_list("pk", "matched_at"))
    assert kept == moments
    assert not MatchRun.objects.filter(matched_at__lt=rematch.begun_at).exists()
    assert Match.objects.count() == 3


def test_a_listing_that_fails_gets_a_job_of_its_own_and_stops_no_other(
    market, monkeypatch, run_jobs
):
    original = run.match_listing

    def fails(listing_id, **values):
        if listing_id == market.pk:
            raise ValueError("odd")
        return original(listing_id, **values)

    monkeypatch.setattr(run, "match_listing", fails)
    rematching.begin(actor=SYSTEM, again=True)
    run_jobs(check=False)
    now = rematches.latest()
    assert (now.rematch.state, now.done, now.handed_on) == ("done", 4, 1)
    [left] = Job.objects.filter(kind="matching.match_listing").exclude(error="")
    assert left.payload["listing"] == market.pk and "odd" in left.error
    monkeypatch.setattr(run, "match_listing", original)
    run_jobs(check=False, delayed=True)
    assert not MatchRun.objects.filter(model_version="2000-01-01").exists()


def test_a_database_that_fails_lets_the_batch_be_tried_again(market, monkeypatch, run_jobs):
    original, failed = run.match_listing, []

    def fails(listing_id, **values):
        if not failed:
            failed.append(listing_id)
            raise OperationalError("deadlock detected")
        return original(listing_id, **values)

    monkeypatch.setattr(run, "match_listing", fails)
    rematching.begin(actor=SYSTEM)
    run_jobs(check=False)
    assert Rematch.objects.get().state == "running"
    run_jobs(check=False, delayed=True)
    assert (rematches.latest().rematch.state, rematches.latest().handed_on) == ("done", 0)


def test_a_new_listing_goes_before_the_market(market, small, run_jobs):
    """It waits in another queue, whose workers take one batch at most in between."""
    plan(rematching.begin(actor=SYSTEM))
    published(organisation(), kind="need")
    queues = {job.kind: job.queue for job in Job.objects.filter(state="waiting")}
    assert queues[rematching.BATCH] == "rematch"
    assert queues["listings.index_listing"] == "default"
    jobs.drain("default")
    jobs.drain("matching")
    assert MatchRun.objects.filter(model_version=model_version()).count() == 1
    assert batches() == 4


def test_progress_tells_pace_and_time_left(market, small):
    rematch = rematching.begin(actor=SYSTEM)
    plan(rematch)
    first = RematchBatch.objects.earliest("pk")
    rematch_turns.take_batch(first.pk)
    minute_ago = rematch.begun_at - dt.timedelta(minutes=1)
    Rematch.objects.update(begun_at=minute_ago)
    rematch.refresh_from_db()
    now = rematches.progress_of(rematch)
    assert (now.total, now.done, now.left) == (4, 1, 3)
    assert 0.8 < now.per_minute <= 1
    assert now.minutes_left in (3, 4)


def test_progress_costs_two_queries(market, small, django_assert_num_queries):
    rematch = rematching.begin(actor=SYSTEM)
    plan(rematch)
    with django_assert_num_queries(2):
        rematches.progress_of(rematch)


def test_only_operators_begin_and_cancel(market):
    stranger = Actor.visitor()
    with pytest.raises(Refused):
        rematching.begin(actor=stranger)
    rematch = rematching.begin(actor=SYSTEM)
    with pytest.raises(Refused):
        rematching.cancel(actor=stranger, rematch_id=rematch.pk)
    assert not rematches.visible_to(stranger).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_workers_that_notice_at_once_begin_it_once(market, small):
    from tests.matching.test_match_races import at_once

    at_once(*[rematching.notice_weights] * 4)
    assert Rematch.objects.count() == 1
    assert Job.objects.filter(kind=rematching.PLAN).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_workers_share_it_and_end_it_once(market, small):
    from tests.matching.test_match_races import at_once

    rematching.notice_weights()
    at_once(jobs.drain, jobs.drain)
    jobs.drain()
    assert not Job.objects.exclude(error="").exists()
    now = rematches.latest()
    assert (now.rematch.state, now.done, now.total) == ("done", 4, 4)
    assert Event.objects.filter(kind="match.rematch_done").count() == 1
    assert Match.objects.count() == 3
    connection.close()
