"""Several workers at once: each pair and each version once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from events.models import Event
from listings.actions import lifecycle
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.models import Job
from matching.actions.matching import match_listing
from matching.models import Match, MatchRun
from matching.pipeline import delivery
from tests.listings.factories import organisation, published

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(*calls) -> list[object]:
    """Run the calls in threads that start together; their results. Any error fails the test."""
    gate = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)
    errors: list[BaseException] = []

    def run(place: int, call) -> None:
        try:
            gate.wait()
            results[place] = call()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
    return results


def index(*listings) -> None:
    """Words, without matching."""
    from listings.indexing import index_many

    index_many([listing.pk for listing in listings], meanings=False)
    Job.objects.all().delete()


def market(technologies: int = 3):
    """A need and some technologies, indexed and not matched."""
    need = published(organisation(), kind="need")
    made = [published(organisation()) for _number in range(technologies)]
    index(need, *made)
    return need, made


def test_same_listing_by_two_workers_is_matched_once():
    need, made = market()
    done = at_once(*[lambda: match_listing(listing_id=need.pk)] * 4)
    assert [result for result in done if result is not None] == [delivery.Delivered(3, 3)]
    assert Match.objects.filter(need=need).count() == len(made)
    assert Event.objects.filter(kind="match.found").count() == 1
    assert MatchRun.objects.count() == 1


def test_both_ends_of_a_pair_at_once_make_one_pair():
    need, made = market(6)
    everything = [need.pk, *(technology.pk for technology in made)]
    at_once(*[lambda pk=pk: match_listing(listing_id=pk) for pk in everything])
    assert Match.objects.count() == 6
    assert MatchRun.objects.count() == 7


def test_without_the_lock_a_version_is_matched_more_than_once(monkeypatch):
    """The race is real: it shows as soon as nobody looks under the lock."""
    need, _made = market()
    monkeypatch.setattr(delivery, "is_current", lambda *args: False)
    done = at_once(*[lambda: match_listing(listing_id=need.pk)] * 4)
    assert len([result for result in done if result is not None]) > 1


def test_change_during_a_run_is_not_overwritten(monkeypatch):
    need, made = market(1)
    original = delivery.store

    def slow(subject, pairs, **values):
        if subject.pk == need.pk:  # the technology changes while the need's run computes
            lifecycle.pause(actor=Actor.system(), listing_id=made[0].pk)
            jobs.drain()
        return original(subject, pairs, **values)

    monkeypatch.setattr("matching.pipeline.run.delivery.store", slow)
    match_listing(listing_id=need.pk)
    assert not Match.objects.exists()


def test_drained_by_two_workers_every_listing_is_matched_exactly_once():
    need, made = market(8)
    with transaction.atomic():
        lifecycle.changed([need.pk, *(technology.pk for technology in made)])

    def work() -> int:
        return jobs.drain()

    for _round in range(3):
        at_once(work, work)
    assert not Job.objects.exclude(error="").exists()
    assert MatchRun.objects.count() == 9
    assert Match.objects.count() == 8
    assert not Job.objects.filter(state="waiting", queue="matching").exists()
