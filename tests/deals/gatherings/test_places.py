"""Places: the last one, the waiting list, giving back, marks, closing an account, reminders."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions.people import close_account
from accounts.personal_data import READERS
from deals.actions import gathering_places as places
from deals.actions import gatherings as actions
from deals.models import Gathering, GatheringPlace
from deals.queries.gatherings import held_counts
from events.models import Event, Notification
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Unauthenticated
from tests.accounts.factories import person_in
from tests.deals.gatherings import factories
from tests.deals.gatherings.factories import DAY, HOUR

if TYPE_CHECKING:
    from marketplace.core.actor import Actor
    from tests.cast import Cast


def states_of(row: Gathering) -> dict[int, str]:
    return dict(row.places.values_list("person_id", "state"))


def at_once(*acts: object) -> list[str]:
    """What each was told, all begun together: a state, or the code of a refusal."""
    told: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: object) -> None:
        start.wait()
        try:
            told.append(act().state)  # type: ignore[operator]
        except DomainError as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


@pytest.mark.django_db(transaction=True)
def test_two_people_and_one_place(cast: Cast) -> None:
    for _round in range(3):
        row = factories.published(cast, capacity=1)
        people: list[Actor] = [cast.owner.actor, cast.outsider.actor]
        told = at_once(*(lambda one=one, row=row: factories.registered(row, one) for one in people))
        assert told == ["registered", "waiting"]
        assert sorted(states_of(row).values()) == ["registered", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_of_one_person(cast: Cast) -> None:
    row = factories.published(cast, capacity=2)
    one = cast.owner.actor
    told = at_once(*(lambda: factories.registered(row, one) for _click in range(4)))
    assert told == ["registered"] * 4
    assert row.places.count() == 1
    assert Event.objects.filter(kind="gathering.place_taken").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_place_is_given_back_while_another_asks(cast: Cast) -> None:
    for _round in range(3):
        row = factories.published(cast, capacity=1)
        factories.registered(row, cast.owner.actor)
        factories.registered(row, cast.outsider.actor)  # waits
        at_once(
            lambda row=row: places.give_back(actor=cast.owner.actor, gathering_id=row.pk),
            lambda row=row: factories.registered(row, cast.rival.actor),
        )
        found = states_of(row)
        # who waited first has it, whoever was quicker
        assert found[cast.outsider.user.pk] == "registered"  # type: ignore[union-attr]
        assert found[cast.rival.user.pk] == "waiting"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_who_waits_longest_moves_up_and_is_told_only_the_time(cast: Cast) -> None:
    row = factories.published(cast, capacity=1)
    for player in (cast.owner, cast.outsider, cast.rival):
        factories.registered(row, player.actor)
    places.give_back(actor=cast.owner.actor, gathering_id=row.pk)
    told = Notification.objects.get()
    assert told.recipient == cast.outsider.user and set(told.params) == {"when"}
    # back again, it is last
    factories.registered(row, cast.owner.actor)
    places.give_back(actor=cast.outsider.actor, gathering_id=row.pk)
    found = states_of(row)
    assert found[cast.rival.user.pk] == "registered"  # type: ignore[union-attr]
    assert found[cast.owner.user.pk] == "waiting"  # type: ignore[union-attr]
    with pytest.raises(Conflict) as refused:  # two clicks
        places.give_back(actor=cast.outsider.actor, gathering_id=row.pk)
    assert refused.value.code == "no_place"


@pytest.mark.django_db
def test_one_comes_for_ones_own_organisation(cast: Cast) -> None:
    row = factories.published(cast)
    for wrong in (cast.tti.public_id, "NOSUCHONE0", "a\x00b"):
        with pytest.raises(Invalid) as refused:
            factories.registered(row, cast.owner.actor, organisation=wrong)
        assert "organisation" in refused.value.fields
    place = factories.registered(row, cast.owner.actor, organisation=cast.home.public_id)
    assert place.organisation == cast.home
    with pytest.raises(Unauthenticated):
        factories.registered(row, cast.visitor.actor)
    with pytest.raises(NotFound):
        places.take_place(actor=cast.owner.actor, gathering_id=0)


@pytest.mark.django_db
def test_marks_are_idempotent_and_of_registered_people(cast: Cast) -> None:
    row = factories.published(cast, capacity=2)
    first, second, waits = (
        factories.registered(row, one.actor).public_id
        for one in (cast.owner, cast.outsider, cast.rival)
    )
    one = {"actor": cast.broker.actor, "gathering_id": row.pk}
    with pytest.raises(Conflict) as early:
        places.mark_attendance(**one, marks={first: True})
    assert early.value.code == "wrong_state"
    factories.running(row)
    marks: dict[str, bool | None] = {first: True, second: False}
    assert places.mark_attendance(**one, marks=marks) == 2
    marked = GatheringPlace.objects.get(public_id=first)
    assert marked.marked_by == cast.broker.user and marked.marked_at
    assert places.mark_attendance(**one, marks=marks) == 0
    assert GatheringPlace.objects.get(public_id=first).marked_at == marked.marked_at
    assert Event.objects.filter(kind="gathering.attendance_marked").count() == 1
    assert places.mark_attendance(**one, marks={second: None}) == 1
    assert GatheringPlace.objects.get(public_id=second).marked_at is None
    other = factories.registered(factories.published(cast), cast.owner.actor).public_id
    for wrong in (waits, other, "NOSUCHONE0", "a\x00b", "x" * 500):
        with pytest.raises(Invalid):
            places.mark_attendance(**one, marks={wrong: True, second: True})
    assert GatheringPlace.objects.get(public_id=second).attended is None
    with pytest.raises(Invalid):
        places.mark_attendance(**one, marks={str(number): True for number in range(501)})


@pytest.mark.django_db
def test_a_closed_account_leaves_a_number_and_frees_its_places(cast: Cast) -> None:
    leaver = person_in(cast.home, "editor")
    from accounts.queries import actor_for

    actor = actor_for(leaver, "en")
    coming = factories.published(cast, capacity=1)
    factories.registered(coming, actor, organisation=cast.home.public_id)
    factories.registered(coming, cast.outsider.actor)
    held = factories.held(cast, actor, cast.owner.actor)
    exported = READERS["cases"](leaver.pk)["gatherings"]
    assert {row["gathering__public_id"] for row in exported} == {coming.public_id, held.public_id}
    assert {row["attended"] for row in exported} == {None, True}
    close_account(actor=actor)
    assert not GatheringPlace.objects.filter(person=leaver).exists()
    assert states_of(coming) == {cast.outsider.user.pk: "registered"}  # type: ignore[union-attr]
    day = timezone.localdate()
    counts = held_counts([cast.tti.pk], day.replace(month=1, day=1), day)
    assert counts[cast.tti.pk, timezone.localtime(held.starts_at).year].attended["training"] == 2
    left = held.places.get(person=None)
    assert left.organisation is None and left.attended
    page = cast.broker.client.get(f"{held.get_absolute_url()}register/").content.decode()
    assert str(leaver.public_id) not in page


@pytest.mark.django_db
def test_registered_people_are_reminded_once_a_day_before(cast: Cast) -> None:
    row = factories.published(cast, capacity=1)
    factories.registered(row, cast.owner.actor)
    factories.registered(row, cast.outsider.actor)  # waits
    off = factories.published(cast)
    factories.registered(off, cast.owner.actor)
    actions.cancel_gathering(actor=cast.broker.actor, gathering_id=off.pk, reason="Storm")
    Notification.objects.all().delete()
    assert places.remind_of_gatherings() == 0
    before = row.starts_at - DAY + HOUR
    for _twice in range(2):
        assert places.remind_of_gatherings(before) == 1
    told = Notification.objects.get()
    assert (told.recipient, told.kind) == (cast.owner.user, "gathering.soon")
    assert places.remind_of_gatherings(row.starts_at) == 0


@pytest.mark.django_db
def test_a_failure_leaves_no_half(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = factories.published(cast, capacity=1)
    factories.registered(row, cast.owner.actor)
    factories.registered(row, cast.outsider.actor)

    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(places, "tell", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        places.give_back(actor=cast.owner.actor, gathering_id=row.pk)
    assert states_of(row)[cast.owner.user.pk] == "registered"  # type: ignore[union-attr]
