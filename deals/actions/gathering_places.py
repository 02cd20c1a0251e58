"""Places at a gathering: taking one, giving it back, the waiting list, who attended."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import own
from deals import event_kinds, notices
from deals import gathering_states as states
from deals.actions.gathering_access import locked, note, tell
from deals.models import Gathering, GatheringPlace, PlaceState
from deals.queries.gatherings import LIVE, place_of
from deals.rules import MOST_MARKS
from marketplace.core.actor import Actor
from marketplace.core.errors import Unauthenticated, field_error
from marketplace.core.gates import lock


@transaction.atomic
def take_place(*, actor: Actor, gathering_id: int, organisation: str = "") -> GatheringPlace:
    """A place for the actor itself, or one on the waiting list when all are taken; asked twice, the
    same. organisation: public id of one of the actor's own, for which it comes.

    The organising institution reads the name and the organisation; nobody else does. Raises
    NotFound, Conflict when it cannot be done now.
    """
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    row = locked(actor, gathering_id, "register")
    known = place_of(row, actor)
    if known is not None:
        return known
    chosen = None
    if organisation:
        chosen = own(actor).filter(public_id=organisation.replace("\x00", "")).first()
        if chosen is None:
            raise field_error("organisation", _("Choose one of your organisations."))
    place = GatheringPlace.objects.filter(gathering=row, person_id=actor.user_id).first()
    place = place or GatheringPlace(gathering=row, person_id=actor.user_id)
    free = _free(row)
    place.state = PlaceState.REGISTERED if free is None or free else PlaceState.WAITING
    place.organisation = chosen
    place.asked_at = timezone.now()
    place.save()
    note(
        row, event_kinds.GATHERING_PLACE_TAKEN, actor=actor,
        place=place.public_id, place_state=place.state,
    )  # fmt: skip
    return place


@transaction.atomic
def give_back(*, actor: Actor, gathering_id: int) -> GatheringPlace:
    """Give one's own place back, before the start; the first who waits moves up and is told."""
    row = locked(actor, gathering_id, "withdraw")
    place = place_of(row, actor)
    assert place is not None  # else the step was refused
    place.state = PlaceState.CANCELLED
    place.save(update_fields=["state", "updated_at"])
    note(
        row, event_kinds.GATHERING_PLACE_GIVEN_BACK, actor=actor,
        place=place.public_id, place_state=place.state,
    )  # fmt: skip
    move_up(row, actor=Actor.system())
    return place


def move_up(row: Gathering, *, actor: Actor) -> None:
    """Give free places to those who wait longest, and tell them. Under the lock of the gathering,
    in a transaction of the caller."""
    if row.phase() not in (states.COMING, states.RUNNING):
        return
    waiting = row.places.filter(state=PlaceState.WAITING, person__is_active=True)
    free = _free(row)
    rows = waiting.order_by("asked_at", "id")
    for place in rows if free is None else rows[:free]:
        place.state = PlaceState.REGISTERED
        place.save(update_fields=["state", "updated_at"])
        note(
            row, event_kinds.GATHERING_PLACE_MOVED_UP, actor=actor,
            place=place.public_id, place_state=place.state,
        )  # fmt: skip
        # asked_at tells this time from an earlier one of the same person
        tell(
            row, notices.GATHERING_MOVED_UP, people=[place.person_id or 0],
            key=f"moved-{place.public_id}-{place.asked_at:%Y%m%d%H%M%S%f}",
        )  # fmt: skip


@transaction.atomic
def mark_attendance(
    *, actor: Actor, gathering_id: int, marks: Mapping[str, bool | None],
    unmarked: Collection[str] = (),
) -> int:  # fmt: skip
    """Say who attended, from the start on. marks: public id of a place -> True, False, or None to
    take the mark back; at most MOST_MARKS. unmarked: those of them that were meant because nobody
    had marked them; what a colleague said meanwhile stays. Returns how many changed; places not
    named stay, and done again nothing changes. Raises Invalid for a place not registered here."""
    row = locked(actor, gathering_id, "mark")
    if len(marks) > MOST_MARKS:
        raise field_error("marks", _("At most %(most)s people in one step.") % {"most": MOST_MARKS})
    safe = [key for key in marks if "\x00" not in key]
    found = {
        one.public_id: one
        for one in row.places.filter(public_id__in=safe, state=PlaceState.REGISTERED)
    }
    if len(found) < len(marks):
        raise field_error(
            "marks", _("Somebody is not registered any more. Look at the register again.")
        )
    changed = [
        one for key, one in found.items()
        if one.attended is not marks[key] and (key not in unmarked or one.attended is None)
    ]  # fmt: skip
    now = timezone.now()
    for one in changed:
        one.attended = marks[one.public_id]
        one.marked_by_id = actor.user_id if one.attended is not None else None
        one.marked_at = now if one.attended is not None else None
        one.updated_at = now
    GatheringPlace.objects.bulk_update(
        changed, ["attended", "marked_by", "marked_at", "updated_at"]
    )
    if changed:
        note(row, event_kinds.GATHERING_ATTENDANCE, actor=actor, changed=len(changed))
    return len(changed)


def leave_all(user_id: int) -> None:
    """A person's account is closed: places of what comes are free again, what it attended stays a
    number without a name. In the transaction that closes the account."""
    rows = GatheringPlace.objects.filter(person_id=user_id)
    ids = rows.filter(state__in=LIVE, attended__isnull=True).values_list("gathering_id", flat=True)
    for gathering_id in sorted(set(ids)):  # locked in one order, whoever else closes an account
        row = lock(Gathering.objects.all(), gathering_id)
        rows.filter(gathering=row, attended__isnull=True).delete()
        move_up(row, actor=Actor.system())
    rows.filter(attended__isnull=True).delete()
    rows.exclude(attended__isnull=True).update(person=None, organisation=None)


# --- The clock -----------------------------------------------------------------------------------


def remind_of_gatherings(now: dt.datetime | None = None) -> int:
    """Tell whoever is registered, once, that it begins within a day. Returns how many gatherings;
    safe to run again, since a notice is known by its key."""
    now = now or timezone.now()
    rows = Gathering.objects.filter(
        state=states.PUBLISHED, starts_at__gt=now, starts_at__lte=now + dt.timedelta(days=1)
    )
    count = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = lock(Gathering.objects.all(), pk)  # nobody is reminded of what is called off
            if row.phase(now) != states.COMING:
                continue
            # moved to another time, it is another reminder
            tell(row, notices.GATHERING_SOON, key=f"soon-{row.starts_at:%Y%m%d%H%M}")
        count += 1
    return count


def _free(row: Gathering) -> int | None:
    """Places that nobody has, None for no bound."""
    if row.capacity is None:
        return None
    taken = row.places.filter(state=PlaceState.REGISTERED).count()
    return max(row.capacity - taken, 0)
