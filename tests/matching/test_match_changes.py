"""What has changed since a cursor: in order, none missed, none told to who never knew."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from listings.models import Listing
from matching.actions.answers import answer
from matching.models import Match, MatchGone
from matching.queries import changes as feed
from tests.listings.factories import member_of, organisation, published
from tests.matching.factories import match_of, pair

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/matches/changes/"


@pytest.fixture
def sides():
    return organisation(), organisation()


@pytest.fixture
def reader(sides):
    return member_of(sides[0])


def told(found) -> list[tuple[str, str]]:
    return [(row.kind, row.public_id) for row in found.rows]


def test_first_all_that_there_is_then_only_what_changed(sides, reader):
    one, two = (match_of(*pair(*sides)) for _number in range(2))
    first = feed.changes(reader)
    assert told(first) == [("new", one.public_id), ("new", two.public_id)]
    assert told(feed.changes(reader, first.cursor)) == []

    answer(actor=member_of(sides[1]), match_id=one.pk, answer="interested")
    second = feed.changes(reader, first.cursor)
    assert told(second) == [("answered", one.public_id)]

    Match.objects.filter(pk=two.pk).update(level="weak", version=2)
    third = feed.changes(reader, second.cursor)
    assert told(third) == [("rescored", two.public_id)]

    Match.objects.filter(pk=one.pk).delete()
    assert told(feed.changes(reader, third.cursor)) == [("gone", one.public_id)]
    # who has no copy has nothing to remove
    assert told(feed.changes(reader)) == [("rescored", two.public_id)]


def test_what_the_sides_are_not_told_is_no_change(sides, reader):
    one = match_of(*pair(*sides))
    cursor = feed.changes(reader).cursor
    Match.objects.filter(pk=one.pk).update(
        need_seen_at=timezone.now(), scored_at=timezone.now(), features={"words": 0.5}
    )
    assert told(feed.changes(reader, cursor)) == []


def test_matching_again_without_another_level_is_no_change(run_jobs):
    from matching.pipeline.run import match_listing

    need = published(organisation(), kind="need")
    published(organisation())
    run_jobs()
    reader = member_of(need.owner)
    first = feed.changes(reader)
    assert [kind for kind, _id in told(first)] == ["new"]
    assert match_listing(need.pk, repeat_before=timezone.now() + dt.timedelta(hours=1))
    assert told(feed.changes(reader, first.cursor)) == []


def test_pages_go_on_where_they_ended_also_inside_one_transaction(sides, reader):
    with transaction.atomic():
        made = [match_of(*pair(*sides)).public_id for _number in range(7)]
    found: list[str] = []
    cursor, more = "", True
    while more:
        page = feed.changes(reader, cursor, limit=3)
        assert len(page.rows) <= 3
        found += [row.public_id for row in page.rows]
        cursor, more = page.cursor, page.more
    assert found == made
    Match.objects.filter(public_id__in=made).delete()
    gone: list[str] = []
    more = True
    while more:
        page = feed.changes(reader, cursor, limit=3)
        gone += [row.public_id for row in page.rows]
        cursor, more = page.cursor, page.more
    assert sorted(gone) == sorted(made)


@pytest.mark.race
def test_what_commits_late_is_not_missed(sides, reader):
    """A transaction that began first and commits last: a reader in between waits at it."""
    begun, may_commit = threading.Event(), threading.Event()
    made: dict[str, str] = {}
    late_pair, soon_pair = pair(*sides), pair(*sides)

    def slow() -> None:
        try:
            with transaction.atomic():
                made["late"] = match_of(*late_pair).public_id
                begun.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    made["soon"] = match_of(*soon_pair).public_id
    between = feed.changes(reader)
    may_commit.set()
    thread.join()
    after = feed.changes(reader, between.cursor)
    seen = [row.public_id for row in (*between.rows, *after.rows)]
    assert sorted(seen) == sorted(made.values())


@pytest.mark.race
def test_nothing_is_missed_under_many_writers(sides, reader):
    pairs = [pair(*sides) for _number in range(24)]
    found: list[str] = []
    done = threading.Event()

    def write(mine) -> None:
        try:
            for one in mine:
                with transaction.atomic():
                    match_of(*one)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(pairs[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    cursor = ""
    while not done.is_set():
        if not any(thread.is_alive() for thread in threads):
            done.set()
        page = feed.changes(reader, cursor, limit=5)
        cursor = page.cursor
        found += [row.public_id for row in page.rows]
    while (page := feed.changes(reader, cursor, limit=5)).rows:
        cursor = page.cursor
        found += [row.public_id for row in page.rows]
    assert sorted(found) == sorted(Match.objects.values_list("public_id", flat=True))


# --- Who is told ----------------------------------------------------------------------------------


def test_others_are_told_nothing(sides, reader):
    match_of(*pair(*sides))
    stranger = member_of(organisation())
    assert told(feed.changes(stranger)) == []
    cursor = feed.changes(stranger).cursor
    Match.objects.all().delete()
    assert told(feed.changes(stranger, cursor)) == []


@pytest.mark.parametrize(
    ("visibility", "answered", "verified", "is_told"),
    [
        ("public", "", False, True), ("members", "", True, True), ("members", "", False, False),
        ("confidential", "", True, False), ("confidential", "interested", True, True),
    ],
)  # fmt: skip
def test_only_who_knew_of_a_pair_is_told_that_it_is_gone(visibility, answered, verified, is_told):
    owner = organisation(verified=verified)
    reader = member_of(owner)
    match = match_of(
        *pair(owner, organisation(), technology={"visibility": visibility}),
        technology_answer=answered,
    )
    first = feed.changes(reader)
    assert bool(first.rows) is is_told
    Match.objects.filter(pk=match.pk).delete()
    assert bool(feed.changes(reader, first.cursor).rows) is is_told


def test_listings_that_go_take_their_pairs_and_it_is_told(sides, reader):
    match = match_of(*pair(*sides))
    cursor = feed.changes(reader).cursor
    Listing.objects.filter(pk=match.technology_id).delete()
    assert told(feed.changes(reader, cursor)) == [("gone", match.public_id)]


# --- Cursors --------------------------------------------------------------------------------------


def test_altered_foreign_and_old_cursors_are_refused(cast, monkeypatch):
    match_of(*pair(cast.home, cast.outside))
    cursor = cast.owner.api.get(ADDRESS).json()["cursor"]
    cast.owner.api.get(ADDRESS, {"cursor": cursor})
    changed = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for player, given in (
        (cast.owner, changed), (cast.owner, "x"), (cast.owner, cursor[:-1]), (cast.owner, "é"),
        (cast.outsider, cursor), (cast.colleague, cursor),
    ):  # fmt: skip
        refused = player.api.get(ADDRESS, {"cursor": given})
        assert refused.status_code == 400, given
        assert [one["field"] for one in refused.json()["errors"]] == ["cursor"]
    monkeypatch.setattr(feed, "KEPT_DAYS", -1)
    assert cast.owner.api.get(ADDRESS, {"cursor": cursor}).status_code == 400


def test_joining_an_organisation_ends_the_cursor(cast):
    from accounts.models import Membership

    cursor = cast.owner.api.get(ADDRESS).json()["cursor"]
    Membership.objects.create(
        user=cast.owner.user, organisation=organisation(), roles=["editor"]
    )  # fmt: skip
    assert cast.owner.api.get(ADDRESS, {"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("limit", ["0", "501", "x", "-1", "١"])
def test_limit_is_checked(cast, limit):
    assert cast.owner.api.get(ADDRESS, {"limit": limit}).status_code == 400


def test_a_change_shows_the_match_as_it_is_read(cast):
    match = match_of(*pair(cast.home, cast.outside), score=83, need_score=70)
    found = cast.owner.api.get(ADDRESS).json()
    [row] = found["results"]
    assert (row["id"], row["change"]) == (match.public_id, "new")
    assert (row["match"]["level"], row["match"]["score"]) == ("strong", None)
    assert found["cursor"] and found["more"] is False


def test_fixed_number_of_queries(sides, reader, django_assert_num_queries):
    match_of(*pair(*sides))
    with django_assert_num_queries(3):
        feed.changes(reader)
    for _number in range(5):
        match_of(*pair(*sides))
    with django_assert_num_queries(3):
        feed.changes(reader)


# --- Housekeeping ---------------------------------------------------------------------------------


def test_what_is_gone_is_forgotten_in_time(sides, reader):
    match_of(*pair(*sides))
    Match.objects.all().delete()
    assert feed.forget_gone() == 0
    MatchGone.objects.update(gone_at=timezone.now() - dt.timedelta(days=feed.KEPT_DAYS + 2))
    assert feed.forget_gone() == 1


def test_after_a_restore_numbers_from_the_future_are_mended(sides, reader):
    match = match_of(*pair(*sides))
    assert feed.renumber_restored() == 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE matching_match DISABLE TRIGGER matching_match_change")
        cursor.execute("UPDATE matching_match SET changed_in = 9000000000")
        cursor.execute("ALTER TABLE matching_match ENABLE TRIGGER matching_match_change")
    assert told(feed.changes(reader)) == []
    assert feed.renumber_restored() == 1
    assert told(feed.changes(reader)) == [("new", match.public_id)]


@pytest.mark.parametrize("limit", ["501", "000000500999999", "9" * 30, "9" * 5000, "0", "-1", "a"])
def test_a_limit_out_of_range_is_refused(cast, limit):
    answer = cast.owner.api.get("/api/v1/matches/changes/", {"limit": limit})
    assert answer.status_code == 400, answer.content
    assert [one["field"] for one in answer.json()["errors"]] == ["limit"]
