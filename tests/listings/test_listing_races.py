"""Two at once: first that the race is real where the lock is missing, then that the lock holds."""

import threading
from functools import partial

import pytest
from django.db import connection

from events.models import Event
from listings import states
from listings.actions import access, lifecycle
from listings.models import Listing, ListingVersion
from marketplace.core.errors import DomainError
from tests.listings import factories as f

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(works):
    """Run all at the same moment, each on its own connection; returns how many were refused."""
    gate, refused = threading.Barrier(len(works)), []

    def run(work):
        gate.wait(10)
        try:
            work()
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return len(refused)


def pausing_twice(monkeypatch, *, locked):
    listing = f.published()
    actor = f.member_of(listing.owner)
    both_read = threading.Barrier(2)
    if not locked:

        def read_only(queryset, pk):
            found = queryset.get(pk=pk)
            both_read.wait(10)
            return found

        monkeypatch.setattr(access, "lock", read_only)
    work = partial(lifecycle.pause, actor=actor, listing_id=listing.pk)
    refused = at_once([work, work])
    return refused, Event.objects.filter(kind="listing.paused").count()


def test_without_the_lock_one_listing_is_paused_twice(monkeypatch):
    assert pausing_twice(monkeypatch, locked=False) == (0, 2)


def test_with_the_lock_the_second_is_refused(monkeypatch):
    assert pausing_twice(monkeypatch, locked=True) == (1, 1)


def test_two_moderators_publish_one_version():
    owner = f.organisation()
    actor = f.member_of(owner)
    made = f.draft(owner, actor)
    lifecycle.submit(actor=actor, listing_id=made.pk)
    works = [partial(lifecycle.approve, actor=f.moderator(), listing_id=made.pk) for _ in range(4)]
    assert at_once(works) == 3
    assert Listing.objects.get().state == states.PUBLISHED
    assert ListingVersion.objects.count() == 1
