"""The command that matches the whole market again."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from marketplace.core.models import Job
from matching.management.commands import match_all
from matching.models import Match, MatchRun, Rematch
from tests.listings.factories import draft, organisation, published
from tests.matching.factories import pair

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("match_all", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def market(run_jobs):
    pair(organisation(), organisation())
    draft(organisation())
    run_jobs()
    assert Match.objects.count() == 1


def test_nothing_is_matched_when_all_is_current(market, run_jobs):
    assert "still counting" in run()
    run_jobs()
    assert "done: 0 of 0 listings" in run("--status")


def test_other_weights_match_everything_and_keep_answers(market, run_jobs):
    Match.objects.update(need_answer="later")
    MatchRun.objects.update(model_version="older")
    run()
    run_jobs()
    assert Match.objects.get().need_answer == "later"
    assert "done: 2 of 2 listings" in run("--status")
    assert not MatchRun.objects.filter(model_version="older").exists()


def test_again_matches_what_is_current_too(market, run_jobs):
    run("--again")
    run_jobs()
    rematch = Rematch.objects.get()
    assert MatchRun.objects.filter(matched_at__gt=rematch.begun_at).count() == 2


def test_one_kind(market, run_jobs):
    MatchRun.objects.update(model_version="older")
    run("--kind", "need")
    run_jobs()
    assert "1 of 1 listings" in run("--status")


def test_listing_that_was_never_matched_is_matched(run_jobs):
    published(organisation())
    run_jobs()
    MatchRun.objects.all().delete()
    run()
    run_jobs()
    assert MatchRun.objects.count() == 1


def test_asked_for_twice_it_is_one_and_another_is_refused(market):
    run()
    assert "It runs already." in run()
    assert Rematch.objects.count() == 1
    with pytest.raises(CommandError, match="--cancel"):
        run("--again")


def test_it_is_cancelled_and_only_once(market, run_jobs):
    run("--again")
    assert "cancelled: 0 of 0" in run("--cancel")
    with pytest.raises(CommandError, match="Nothing runs"):
        run("--cancel")
    run_jobs()
    assert Rematch.objects.get().state == "cancelled"


def test_nothing_to_tell_where_it_never_was():
    assert "never" in run("--status")


def test_waiting_shows_progress_to_the_end(market, run_jobs, monkeypatch):
    monkeypatch.setattr(match_all.time, "sleep", lambda seconds: run_jobs())
    output = run("--again", "--wait")
    assert output.strip().splitlines()[-1].startswith("done: 2 of 2 listings, weights ")


def test_waiting_ends_with_an_error_where_batches_were_given_up(market, run_jobs, monkeypatch):
    def give_up(seconds):
        run_jobs()
        Job.objects.filter(kind="matching.rematch_batch").update(state="failed")
        Rematch.objects.update(state="running", finished_at=None)
        Rematch.objects.get().batches.update(done_at=None)

    monkeypatch.setattr(match_all.time, "sleep", give_up)
    with pytest.raises(CommandError, match="1 batches could not be done"):
        run("--again", "--wait")
