"""Who is inside a deal room: owners, the broker in charge, people with seats."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Membership, User
from deals import room_states as states
from deals.models import DealRoom, RoomSeat


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody inside. seat: None for an owner and for the broker who carries the room."""

    user: User
    side: str
    right: str
    seat: RoomSeat | None = None


def members_of(room: DealRoom) -> list[Member]:
    """Everybody inside, by side: two queries."""
    return members_by_room([room])[room.pk]


def members_by_room(rooms: Sequence[DealRoom]) -> dict[int, list[Member]]:
    """Room -> everybody inside, by side: two queries for all of them."""
    seats: dict[int, list[RoomSeat]] = defaultdict(list)
    for seat in (
        RoomSeat.objects.filter(room__in=rooms, ended_at__isnull=True, user__is_active=True)
        .select_related("user")
        .order_by("pk")
    ):
        seats[seat.room_id].append(seat)
    houses: dict[int, list[Membership]] = defaultdict(list)
    wanted = {seat.user_id for found in seats.values() for seat in found}
    wanted |= {room.broker_id for room in rooms if room.broker_id is not None}
    for row in (
        Membership.objects.filter(
            Q(roles__contains=["owner"]) | Q(user_id__in=wanted),
            organisation_id__in={room.house_id(side) for room in rooms for side in room.sides},
            user__is_active=True,
        )
        .select_related("user")
        .order_by("user_id")
    ):
        houses[row.organisation_id].append(row)
    return {
        room.pk: [
            member
            for side in room.sides
            for member in _of_side(room, side, seats[room.pk], houses[room.house_id(side)])
        ]
        for room in rooms
    }


def _of_side(
    room: DealRoom, side: str, seats: Iterable[RoomSeat], belonging: Sequence[Membership]
) -> list[Member]:
    """seats: live ones of the room; belonging: people of the side's organisation."""
    fixed = {row.user_id: row.user for row in belonging if "owner" in row.roles}
    there = {row.user_id: row.user for row in belonging}
    if side == states.BROKER and room.broker_id in there:
        fixed[room.broker_id] = there[room.broker_id]
    found = [Member(user, side, states.SIGN) for user in fixed.values()]
    return found + [
        Member(seat.user, side, seat.right, seat)
        for seat in seats
        if seat.side == side
        and seat.organisation_id == room.organisation_id_of(side)
        and seat.user_id in there
        and seat.user_id not in fixed
    ]


def people_of(room: DealRoom, side: str) -> set[int]:
    """Whom a notice for a side goes to; of an institution those who carry the room alone."""
    members = [member for member in members_of(room) if member.side == side]
    if side == states.BROKER and room.broker_id is not None:
        return {room.broker_id} | {one.user.pk for one in members if one.seat is not None}
    return {one.user.pk for one in members}
