"""The one door for reading deal rooms, and what a reader may do in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from deals import room_states as states
from deals.models import (
    DealRoom,
    Introduction,
    RoomSeat,
    Side,
    TermSheet,
)
from deals.nda import NdaText
from deals.queries.nda import text_of
from deals.queries.room_people import Member, members_by_room, members_of
from deals.room_steps import RoomFacts, RoomStep, room_steps
from deals.rules import BROKER_ROLES
from marketplace.core.actor import Actor
from marketplace.core.gates import get_visible

# the side of an introduction that a party of the room is
SIDE_IN_INTRODUCTION = {states.SUPPLIER: Side.TECHNOLOGY.value, states.TAKER: Side.NEED.value}


def owned_by(actor: Actor) -> frozenset[int]:
    """Organisations that the actor owns."""
    return actor.ids_with()


def visible_to(actor: Actor) -> QuerySet[DealRoom]:
    """Rooms of organisations that the actor owns, that it carries as a broker, and in which it has
    a seat for an organisation that it still belongs to. Operators see none."""
    if actor.is_system:
        return DealRoom.objects.all()
    if not actor.is_authenticated:
        return DealRoom.objects.none()
    owned = sorted(owned_by(actor))
    seats = RoomSeat.objects.filter(
        user_id=actor.user_id or 0, ended_at__isnull=True,
        organisation_id__in=sorted(actor.organisation_ids),
    )  # fmt: skip
    return DealRoom.objects.filter(
        Q(supplier_id__in=owned)
        | Q(taker_id__in=owned)
        | Q(broker_organisation_id__in=owned)
        | Q(
            broker_id=actor.user_id,
            broker_organisation_id__in=sorted(actor.ids_with(*BROKER_ROLES)),
        )
        | Q(pk__in=seats.values("room_id"))
    )


def rights_in(
    room: DealRoom, actor: Actor, seats: Iterable[RoomSeat] | None = None
) -> dict[str, str]:
    """Side -> right of the actor, parties first. Owners and the broker who carries it may sign.

    seats: the live ones of the room, where they are known already.
    """
    if actor.is_system:
        return dict.fromkeys(room.sides, states.SIGN)
    found: dict[str, str] = {}
    owned = owned_by(actor)
    for side in room.sides:
        if room.organisation_id_of(side) in owned:
            found[side] = states.SIGN
    if room.broker_id == actor.user_id and actor.can(room.broker_organisation_id, *BROKER_ROLES):
        found[states.BROKER] = states.SIGN
    if seats is None:
        seats = room.seats.filter(user_id=actor.user_id or 0, ended_at__isnull=True)
    for seat in seats:
        is_there = (
            seat.user_id == actor.user_id
            and seat.organisation_id == room.organisation_id_of(seat.side)
        )
        if is_there and seat.organisation_id in actor.organisation_ids:
            found.setdefault(seat.side, seat.right)
    return {side: found[side] for side in states.SIDES if side in found}


@dataclass(frozen=True, slots=True)
class Signed:
    """One side's acceptance of the present text."""

    side: str
    name: str
    at: object


def acceptances_of(room: DealRoom) -> dict[str, Signed]:
    """Side -> its acceptance of the very text that the room names. What the parties accepted in
    the introduction holds here too."""
    text = text_of(room.nda_version)
    found: dict[str, Signed] = {}
    for row in room.acceptances.all():
        if row.text_hash == text.hash and row.organisation_id == room.organisation_id_of(row.side):
            found[row.side] = Signed(row.side, row.name, row.accepted_at)
    if room.introduction is not None:
        sides = {there: here for here, there in SIDE_IN_INTRODUCTION.items()}
        for kept in room.introduction.nda_acceptances.all():
            if kept.text_hash == text.hash:
                found[sides[kept.side]] = Signed(sides[kept.side], kept.name, kept.accepted_at)
    return found


def in_force(accepted: dict[str, Signed]) -> bool:
    """Whether both parties have accepted."""
    return set(accepted) >= set(states.PARTIES)


@dataclass
class RoomView:
    """A room as one reader may use it."""

    room: DealRoom
    rights: dict[str, str]
    signed: dict[str, Signed]
    side: str  # for whom the reader acts; "" never reaches a page
    standing: TermSheet | None = None
    steps: list[RoomStep] = field(default_factory=list)
    people: list[Member] | None = None  # read with others for a list

    @cached_property
    def members(self) -> list[Member]:
        """Everybody inside, by side."""
        return self.people if self.people is not None else members_of(self.room)

    @property
    def right(self) -> str:
        return self.rights.get(self.side, "")

    @property
    def houses(self) -> set[int]:
        """The organisations that the reader speaks for in this room."""
        return {self.room.house_id(side) for side in self.rights}

    @property
    def nda_text(self) -> NdaText:
        return text_of(self.room.nda_version)

    @property
    def nda_in_force(self) -> bool:
        return in_force(self.signed)

    @property
    def is_open(self) -> bool:
        """Whether the reader may see what lies behind the agreement."""
        return self.nda_in_force and any(side in self.signed for side in self.rights)

    def may(self, action: str) -> bool:
        return states.may(
            action, side=self.side, right=self.right, state=self.room.present_state,
            is_open=self.nda_in_force and self.side in self.signed,
        )  # fmt: skip

    @cached_property
    def can(self) -> dict[str, bool]:
        """Action -> whether the reader may do it now, for templates."""
        return {action: self.may(action) for action in states.RULES}

    @property
    def my_turn(self) -> list[RoomStep]:
        return [step for step in self.steps if step.side in self.rights]

    @property
    def others_turn(self) -> list[RoomStep]:
        return [step for step in self.steps if step.side not in self.rights]


def view_of(room: DealRoom, actor: Actor, side: str = "") -> RoomView:
    """side: of several that the reader speaks for."""
    rights = rights_in(room, actor)
    view = RoomView(
        room, rights, acceptances_of(room), side if side in rights else next(iter(rights), "")
    )
    if view.is_open:
        view.standing = room.sheets.filter(state="made").first()
    return _stepped(view)


def views_of(rooms: Sequence[DealRoom], actor: Actor) -> list[RoomView]:
    """Rooms of `with_sides`, as `view_of` tells each: six queries for all of them."""
    prefetch_related_objects(
        list(rooms),
        Prefetch("sheets", TermSheet.objects.filter(state="made"), to_attr="on_the_table"),
        Prefetch(
            "seats",
            RoomSeat.objects.filter(user_id=actor.user_id or 0, ended_at__isnull=True),
            to_attr="seats_of_reader",
        ),
        "acceptances", "introduction__nda_acceptances",
    )  # fmt: skip
    people = members_by_room(rooms)
    views = []
    for room in rooms:
        rights = rights_in(room, actor, room.seats_of_reader)  # type: ignore[attr-defined]
        view = RoomView(
            room, rights, acceptances_of(room), next(iter(rights), ""), people=people[room.pk]
        )
        if view.is_open:
            view.standing = next(iter(room.on_the_table), None)  # type: ignore[attr-defined]
        views.append(_stepped(view))
    return views


def _stepped(view: RoomView) -> RoomView:
    """With what is on the table by the clock, and who has to do what."""
    standing = view.standing
    if standing is not None and standing.is_over:
        standing = view.standing = None
    room = view.room
    view.steps = room_steps(
        RoomFacts(
            state=room.present_state,
            accepted=frozenset(view.signed),
            has_broker=room.broker_organisation_id is not None,
            offer_of=standing.side if standing else "",
            is_binding=standing is None or standing.is_binding,
            sees_offers=view.is_open,
            has_contract=room.contract_id is not None,
        )
    )
    return view


def with_sides(queryset: QuerySet[DealRoom]) -> QuerySet[DealRoom]:
    return queryset.select_related(
        "supplier", "taker", "broker_organisation", "broker", "introduction", "contract"
    )


def seen_room(actor: Actor, public_id: str) -> DealRoom:
    """Raises NotFound."""
    return get_visible(with_sides(visible_to(actor)), public_id=public_id)


def openable(introduction: Introduction) -> bool:
    """Whether a room may be opened from it now."""
    return introduction.is_live and not hasattr(introduction, "room")
