"""The command that matches the whole market again."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from marketplace.core.models import Job
from matching.actions import matching
from matching.models import Match, MatchRun
from tests.listings.factories import draft, organisation, published
from tests.matching.factories import pair

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("match_all", *arguments, stdout=output)
    return output.getvalue()


def queued() -> int:
    return Job.objects.filter(kind="matching.match_listing", state="waiting").count()


@pytest.fixture
def market(run_jobs):
    pair(organisation(), organisation())
    draft(organisation())
    run_jobs()
    assert Match.objects.count() == 1


def test_nothing_is_queued_when_all_is_current(market):
    assert "2 published listings, 0 queued" in run()
    assert queued() == 0


def test_other_weights_queue_everything_and_keep_answers(market, run_jobs):
    Match.objects.update(need_answer="later")
    MatchRun.objects.update(model_version="older")
    assert "2 queued" in run()
    run_jobs()
    assert Match.objects.get().need_answer == "later"
    assert "0 queued" in run()


def test_again_queues_what_is_current_too_and_can_be_gone_on_with(market, run_jobs):
    before = timezone.now().isoformat()
    run("--again")
    assert queued() == 2
    run_jobs()
    assert MatchRun.objects.filter(matched_at__gt=before).count() == 2
    assert "0 queued" in run("--before", before)


def test_stopped_and_started_again_it_queues_only_what_is_left(market, run_jobs, monkeypatch):
    monkeypatch.setattr(matching, "BATCH", 1)
    MatchRun.objects.update(model_version="older")
    batches = matching.queue_all()
    assert next(batches) == (1, 1)
    batches.close()
    run_jobs()
    assert list(matching.queue_all())[-1] == (2, 1)
    assert queued() == 1


def test_one_kind(market):
    MatchRun.objects.update(model_version="older")
    assert "1 published listings, 1 queued" in run("--kind", "need")


def test_listing_that_was_never_matched_is_queued():
    published(organisation())
    MatchRun.objects.all().delete()
    Job.objects.all().delete()
    assert "1 queued" in run()


def test_moment_that_is_none_is_refused():
    with pytest.raises(CommandError, match="--before is a moment"):
        run("--before", "yesterday")


def test_waiting_ends_when_all_are_done(market):
    assert "All matched." in run("--wait")
