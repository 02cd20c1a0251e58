"""Fetch a deal room under lock for an action, and tell the people inside."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from deals import room_states as states
from deals.models import DealRoom, Introduction
from deals.queries.room_people import people_of
from deals.queries.rooms import (
    acceptances_of,
    in_force,
    rights_in,
    visible_to,
    with_sides,
)
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Message, NotFound, Refused, Stale
from marketplace.core.gates import lock

_WORDS: dict[str, Message] = {
    "side": _("This is for another side of the deal room to do."),
    "right": _("Your right in this room does not go so far. Somebody of your side who may sign can "
               "give you more."),
    "state": _("The deal room has moved on: this can no longer be done in it."),
    "nda": _("The non-disclosure agreement must be accepted first, by both parties and by your "
             "side."),
}  # fmt: skip


def lock_introduction_of(room_id: int) -> None:
    """First the introduction, then its room: the order in which a broker's steps take both. For
    actions that write to both."""
    Introduction.objects.select_for_update(of=("self",)).filter(room=room_id).first()


def locked_room(
    actor: Actor, room_id: int, action: str, *, side: str = "", expected_version: int | None = None
) -> tuple[DealRoom, str]:
    """The room, locked until the transaction ends, and the side for which the actor acts.

    action: of room_states.RULES. side: of several that the actor speaks for. Raises NotFound for
    whoever is not inside now, Refused and Conflict by the table, Stale for an older version.
    """
    if not visible_to(actor).filter(pk=room_id).exists():
        raise NotFound
    lock(DealRoom.objects.all(), room_id)
    room = with_sides(DealRoom.objects.filter(pk=room_id)).get()
    rights = rights_in(room, actor)
    if not rights:  # taken out while it waited for the lock
        raise NotFound
    accepted = acceptances_of(room)
    reasons = {
        one: states.refusal(
            action, side=one, right=right, state=room.present_state,
            is_open=in_force(accepted) and one in accepted,
        )
        for one, right in rights.items()
        if side in ("", one)
    }  # fmt: skip
    chosen = next((one for one, reason in reasons.items() if not reason), None)
    if chosen is None:
        reason = next(iter(reasons.values()), "side")
        if reason in ("side", "right"):
            raise Refused(f"room_{reason}", _WORDS[reason])
        raise Conflict(f"room_{reason}", _WORDS[reason])
    if expected_version is not None and expected_version != room.version:
        raise Stale(
            "stale_version",
            _("The deal room has changed since you opened it. Reload it, then try again."),
        )
    return room, chosen


def touch(room: DealRoom, *names: str) -> None:
    """Store changed fields and raise the version."""
    room.version += 1
    room.save(update_fields=["version", "updated_at", *names])


def note(
    kind: str, room: DealRoom, *, actor: Actor, sides: Iterable[str] | None = None,
    before: str = "", data: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the event, for the organisations of these sides (all, unless given). before: the
    room's state, where it changed."""
    record(
        kind, actor=actor, obj=room,
        organisation_ids=[room.organisation_id_of(side) for side in (sides or room.sides)],
        before={"state": before} if before else None,
        after={"state": room.state} if before else None, data=data,
    )  # fmt: skip


def tell(
    room: DealRoom, kind: str, sides: Iterable[str], *, actor: Actor, key: str = "",
    skip: frozenset[int] = frozenset(), params: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Notify the people of these sides who are inside, but for the actor."""
    people: set[int] = set()
    for side in sides:
        if room.organisation_id_of(side) is not None:
            people |= people_of(room, side)
    notify(
        people - {actor.user_id or 0} - skip, kind, url=room.get_absolute_url(), key=key,
        params={"title_en": room.title, "title_zh": room.title, **(params or {})},
    )  # fmt: skip


def others(room: DealRoom, side: str) -> list[str]:
    return [one for one in room.sides if one != side]


def across(side: str) -> str:
    """The party across the table."""
    return states.TAKER if side == states.SUPPLIER else states.SUPPLIER
