"""Two at once: one of them does it, the other is told, and it is done once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from marketplace.core.errors import DomainError

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Run the tasks in threads that start together; their results, or the DomainError they met."""
    gate = threading.Barrier(len(tasks))
    results: list[Any] = [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            results[place] = task()
        except DomainError as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_two_publish_at_once(cast):
    from listings.actions.lifecycle import submit
    from listings.models import Listing, ListingVersion
    from marketplace.core.actor import Actor
    from marketplace.core.models import Job
    from tests.listings import factories

    made = factories.draft(cast.home)
    done = at_once(*[lambda: submit(actor=Actor.system(), listing_id=made.pk)] * 2)
    assert sorted(isinstance(one, DomainError) for one in done) == [False, True]
    assert Listing.objects.get().published_version == 1
    assert ListingVersion.objects.count() == 1
    assert Job.objects.filter(kind="listings.index_listing").count() == 1


def test_two_approve_at_once(cast):
    from listings.actions.lifecycle import approve, submit
    from listings.models import ListingVersion
    from tests.listings import factories

    made = factories.draft(cast.home)
    submit(actor=cast.owner.actor, listing_id=made.pk)
    actor = cast.moderator.actor
    done = at_once(*[lambda: approve(actor=actor, listing_id=made.pk)] * 2)
    assert sorted(isinstance(one, DomainError) for one in done) == [False, True]
    assert ListingVersion.objects.count() == 1


def test_one_key_sent_twice_at_once_makes_one_draft(cast, live_server):
    """Two copies of one request, as an impatient client sends them."""
    from listings.models import Listing
    from tests.faults.publishing import post_once

    body = {"owner": cast.home.public_id, "title_en": "One draft", "field": "new_energy"}
    done = at_once(*[
        lambda: post_once(f"{live_server.url}/api/v1/technologies/", body, cast.owner.secret, "k")
    ] * 4)  # fmt: skip
    assert Listing.objects.count() == 1
    assert set(done) <= {201, 409} and 201 in done


def test_both_sides_answer_at_once(cast, run_jobs, settings):
    """One introduction, whoever was first."""
    from deals.models import Introduction
    from marketplace.core.encoder import encoder
    from matching.actions.answers import answer
    from matching.models import Match
    from tests.listings import factories

    settings.ENCODER = "none"
    encoder.cache_clear()
    factories.published(cast.home)
    factories.published(cast.outside, "need")
    run_jobs()
    match = Match.objects.get()
    sides = [cast.owner.actor, cast.outsider.actor]
    at_once(*[
        lambda actor=actor: answer(actor=actor, match_id=match.pk, answer="interested")
        for actor in (*sides, *sides)
    ])  # fmt: skip
    run_jobs()
    match.refresh_from_db()
    assert match.both_interested
    assert Introduction.objects.filter(match=match).count() == 1
    encoder.cache_clear()
