"""Opening an introduction: once per pair, by the right people, with the others told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deals.actions.closing import close
from deals.actions.opening import open_by_hand, open_for_match
from deals.models import Introduction, Origin, State
from deals.rules import MAX_ASKED
from events.models import Event, Notification
from listings.actions.lifecycle import withdraw
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.deals import factories
from tests.listings.factories import published

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def told(kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_both_interested_open_one_introduction_however_often_the_job_runs(
    cast: Cast, run_jobs: Callable[..., int]
) -> None:
    match = factories.match(cast.home, cast.outside)
    for _ in range(3):
        jobs.enqueue("deals.open_introduction", {"match": match.pk}, key=str(match.pk))
        run_jobs(check=False)

    [made] = Introduction.objects.all()
    assert (made.match, made.origin, made.state) == (match, Origin.BOTH_INTERESTED, State.OPEN)
    assert (made.need_party, made.technology_party) == (cast.home, cast.outside)
    assert Event.objects.filter(kind="introduction.opened").count() == 1
    assert told("introduction.opened") == {
        cast.owner.user.pk, cast.colleague.user.pk, cast.outsider.user.pk,
    }  # fmt: skip


def test_the_matching_room_enqueues_our_job() -> None:
    from matching import followers

    assert "deals.open_introduction" in followers._JOBS


@pytest.mark.parametrize("gone", ["unanswered", "withdrawn", "no match"])
def test_nothing_opens_when_the_interest_or_a_listing_is_gone(cast: Cast, gone: str) -> None:
    match = factories.match(cast.home, cast.outside, answered=gone != "unanswered")
    if gone == "withdrawn":
        withdraw(actor=Actor.system(), listing_id=match.need_id)

    assert open_for_match(match.pk if gone != "no match" else 10**9) is None
    assert not Introduction.objects.exists()


def test_a_late_run_of_the_job_does_not_reopen_what_was_closed(cast: Cast) -> None:
    match = factories.match(cast.home, cast.outside)
    made = open_for_match(match.pk)
    assert made is not None
    close(actor=cast.owner.actor, introduction_id=made.pk, outcome="lapsed")

    again = open_for_match(match.pk)

    assert again is not None and again.pk == made.pk
    assert Introduction.objects.count() == 1


def test_a_notice_names_the_readers_own_listing_only(cast: Cast) -> None:
    factories.introduced(
        cast, need={"title_en": "Our own problem"}, technology={"title_en": "Their own claim"}
    )

    mine = Notification.objects.get(recipient=cast.owner.user)
    theirs = Notification.objects.get(recipient=cast.outsider.user)
    assert "Our own problem" in str(mine.params) and "Their own claim" not in str(mine.params)
    assert "Their own claim" in str(theirs.params) and "Our own problem" not in str(theirs.params)


def test_one_side_asks_and_only_the_other_is_told(cast: Cast) -> None:
    made = factories.asked(cast)

    assert made.origin == Origin.BY_HAND and made.opened_by == cast.owner.user
    assert told("introduction.asked") == {cast.outsider.user.pk}


def test_asking_twice_gives_the_same_introduction(cast: Cast) -> None:
    made = factories.asked(cast)

    again, is_new = open_by_hand(
        actor=cast.outsider.actor, need_id=made.need_id, technology_id=made.technology_id
    )

    assert (again.pk, is_new) == (made.pk, False)


def test_a_closed_pair_can_be_introduced_anew(cast: Cast) -> None:
    made = factories.asked(cast)
    close(actor=cast.outsider.actor, introduction_id=made.pk, outcome="not_agreed", reason="funds")

    again, is_new = open_by_hand(
        actor=cast.owner.actor, need_id=made.need_id, technology_id=made.technology_id
    )

    assert is_new and again.pk != made.pk


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("rival", Refused), ("newcomer", Refused), ("visitor", Refused), ("operator", Refused),
        ("moderator", Refused), ("registrar", Refused),
    ],
)  # fmt: skip
def test_a_stranger_to_both_listings_cannot_open(
    cast: Cast, who: str, error: type[Exception]
) -> None:
    need, technology = published(cast.home, kind="need"), published(cast.outside)

    with pytest.raises(error):
        open_by_hand(actor=getattr(cast, who).actor, need_id=need.pk, technology_id=technology.pk)
    assert not Introduction.objects.exists()


def test_a_broker_brings_a_pair_together_and_carries_it(cast: Cast) -> None:
    need, technology = published(cast.home, kind="need"), published(cast.outside)

    made, _ = open_by_hand(actor=cast.broker.actor, need_id=need.pk, technology_id=technology.pk)

    assert (made.state, made.broker, made.broker_organisation) == (
        State.WITH_BROKER, cast.broker.user, cast.tti,
    )  # fmt: skip
    assert told("introduction.asked") == {
        cast.owner.user.pk, cast.colleague.user.pk, cast.outsider.user.pk,
    }  # fmt: skip


def test_a_broker_does_not_take_over_what_the_parties_have_opened(cast: Cast) -> None:
    made = factories.asked(cast)

    with pytest.raises(Conflict):
        open_by_hand(
            actor=cast.broker.actor, need_id=made.need_id, technology_id=made.technology_id
        )
    made.refresh_from_db()
    assert made.broker_organisation is None


def test_hidden_and_wrong_listings_are_absent(cast: Cast) -> None:
    need = published(cast.home, kind="need")
    technology = published(cast.outside, visibility="confidential")
    own = published(cast.home)

    with pytest.raises(NotFound):
        open_by_hand(actor=cast.owner.actor, need_id=need.pk, technology_id=technology.pk)
    with pytest.raises(NotFound):
        open_by_hand(actor=cast.owner.actor, need_id=need.pk, technology_id=10**9)
    with pytest.raises(Invalid):
        open_by_hand(actor=cast.owner.actor, need_id=own.pk, technology_id=need.pk)
    with pytest.raises(Conflict):
        open_by_hand(actor=cast.owner.actor, need_id=need.pk, technology_id=own.pk)
    assert not Introduction.objects.exists()


def test_an_organisation_asks_for_so_many_and_no_more(cast: Cast) -> None:
    technology = published(cast.outside)
    for _ in range(MAX_ASKED):
        need = published(cast.home, kind="need")
        open_by_hand(actor=cast.owner.actor, need_id=need.pk, technology_id=technology.pk)
    one_more = published(cast.home, kind="need")

    with pytest.raises(Conflict):
        open_by_hand(actor=cast.owner.actor, need_id=one_more.pk, technology_id=technology.pk)
    assert Introduction.objects.count() == MAX_ASKED


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_run_the_job_at_once_open_one_introduction(cast: Cast) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    match = factories.match(cast.home, cast.outside)

    def work(_number: int) -> int:
        try:
            made = open_for_match(match.pk)
            assert made is not None
            return made.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        opened = set(pool.map(work, range(8)))

    assert len(opened) == 1 and Introduction.objects.count() == 1
