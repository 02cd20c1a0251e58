"""Opening and closing a deal room, its agreement, and who is let in."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from deals import event_kinds, notices, room_states, states
from deals.actions.access import locked_for
from deals.actions.drafting import require_names
from deals.actions.nda import accept_nda, require_text, signature
from deals.actions.room_access import lock_introduction_of, locked_room, note, others, tell, touch
from deals.actions.room_brokers import broker_for
from deals.models import DealRoom, Introduction, Right, RoomAcceptance, RoomSeat
from deals.queries.nda import asked_by
from deals.queries.pairs import pair_of, with_people
from deals.queries.room_people import members_of
from deals.queries.rooms import SIDE_IN_INTRODUCTION, acceptances_of, visible_to
from deals.queries.visibility import brokering_organisations
from deals.rules import PARTY_ROLES
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Message, Refused, field_error
from marketplace.core.gates import get_visible

MAX_SEATS = 50  # of one room
MAX_UNANSWERED = 30  # rooms of an institution that no party has taken up: nobody is flooded


@transaction.atomic
def open_room(*, actor: Actor, introduction_id: int) -> tuple[DealRoom, bool]:
    """The deal room of an introduction in talks, and whether it is new: there is one.

    The agreement as far as accepted holds in it. Raises Conflict before talks have begun and while
    a party's name is withheld, since in a room everybody is known; Refused for whoever speaks in
    the introduction but is not inside the room that there is.
    """
    introduction, _side = locked_for(actor, introduction_id, may_be_closed=True)
    found = DealRoom.objects.filter(introduction=introduction).first()
    if found is not None:
        if not visible_to(actor).filter(pk=found.pk).exists():
            raise Refused(
                "not_inside",
                _("This introduction has a deal room, and you are not inside. An owner of your "
                  "organisation can let you in."),
            )  # fmt: skip
        return found, False
    if introduction.state != states.IN_TALKS:
        raise Conflict(
            "not_in_talks",
            _("A deal room opens once both sides have written or accepted the agreement."),
        )
    require_names(
        pair_of(with_people(Introduction.objects.filter(pk=introduction.pk)).get(), actor)
    )
    house, broker = broker_for(introduction)
    room = DealRoom.objects.create(
        introduction=introduction, title=_title_of(introduction),
        supplier_id=introduction.technology_party_id, taker_id=introduction.need_party_id,
        broker_organisation_id=house, broker_id=broker, nda_version=introduction.nda_version,
        opened_by_id=actor.user_id,
    )  # fmt: skip
    _begin(room, actor)
    return room, True


@transaction.atomic
def open_room_between(
    *, actor: Actor, supplier_id: int, taker_id: int, title: str,
    organisation_id: int | None = None,
) -> DealRoom:  # fmt: skip
    """A room that a broker of a verified institution opens between two verified organisations.

    title: stands in mails too. organisation_id: of several institutions. Raises Refused for
    everybody else, Invalid on `supplier`, `taker` or `title`.
    """
    institutions = {one.pk: one for one in brokering_organisations(actor)}
    tti = institutions.get(organisation_id or next(iter(institutions), 0))
    if tti is None:
        raise Refused(
            "not_a_broker",
            _("Rooms without an introduction are opened by brokers of verified technology transfer "
              "institutions. From an introduction, use “Open the deal room” on its page."),
        )  # fmt: skip
    verified = Organisation.objects.filter(verified_at__isnull=False)
    for name, pk in (("supplier", supplier_id), ("taker", taker_id)):
        if not verified.filter(pk=pk).exists():
            raise field_error(name, _("Choose a verified organisation."), code="unknown_code")
        if pk == tti.pk:
            raise field_error(name, _("A broker’s institution is no party of the room."))
    if supplier_id == taker_id:
        raise field_error("taker", _("A room has two different parties."))
    unanswered = DealRoom.objects.filter(
        broker_organisation=tti, introduction__isnull=True, state=room_states.OPEN
    ).exclude(acceptances__side__in=room_states.PARTIES)
    if unanswered.count() >= MAX_UNANSWERED:
        raise Conflict(
            "too_many_rooms",
            _("In many rooms of your institution no party has accepted the agreement yet. Ask them "
              "to take up or close some, then open more."),
        )  # fmt: skip
    room = DealRoom.objects.create(
        title=_line("title", title, 200), supplier_id=supplier_id, taker_id=taker_id,
        broker_organisation=tti, broker_id=actor.user_id, opened_by_id=actor.user_id,
        nda_version=asked_by(tti.pk, timezone.localdate()).version,
    )  # fmt: skip
    _begin(room, actor)
    return room


def open_room_of_sale(
    *, actor: Actor, supplier_id: int, taker_id: int, title: str,
    broker_organisation_id: int | None = None,
) -> DealRoom:  # fmt: skip
    """A room of the seller and the winner of a tender or auction; the caller has asked whether the
    actor sells. broker_organisation_id: the institution for which the actor sells by mandate."""
    room = DealRoom.objects.create(
        title=_line("title", title, 200), supplier_id=supplier_id, taker_id=taker_id,
        broker_organisation_id=broker_organisation_id, opened_by_id=actor.user_id,
        broker_id=actor.user_id if broker_organisation_id else None,
        nda_version=asked_by(broker_organisation_id, timezone.localdate()).version,
    )  # fmt: skip
    _begin(room, actor)
    return room


def _begin(room: DealRoom, actor: Actor) -> None:
    """Seat the people who deal for the parties: owners are in anyway, and may take seats back."""
    for side in room_states.PARTIES:
        organisation_id = room.house_id(side)
        people = Membership.objects.filter(
            organisation_id=organisation_id, roles__overlap=list(PARTY_ROLES),
            user__is_active=True,
        ).exclude(roles__contains=["owner"])  # fmt: skip
        taken = set(room.seats.values_list("user_id", flat=True))
        RoomSeat.objects.bulk_create(
            RoomSeat(
                room=room, side=side, organisation_id=organisation_id, user_id=pk,
                right=Right.WRITE, given_by_id=actor.user_id,
            )
            for pk in people.order_by("pk").values_list("user_id", flat=True).distinct()
            if pk not in taken
        )  # fmt: skip
    note(
        event_kinds.ROOM_OPENED, room, actor=actor,
        data={"introduction": room.introduction.public_id if room.introduction else ""},
    )  # fmt: skip
    tell(room, notices.ROOM_OPENED, room.sides, actor=actor, key=f"room-{room.public_id}")


def _title_of(introduction: Introduction) -> str:
    """The title of a listing that the market shows; a confidential one is not named."""
    for listing in (introduction.technology, introduction.need):
        if listing.visibility != Tier.CONFIDENTIAL:
            return (listing.title_zh or listing.title_en)[:200]
    return introduction.public_id


# --- The agreement -------------------------------------------------------------------------------


@transaction.atomic
def accept_agreement(
    *, actor: Actor, room_id: int, text_hash: str, name: str, side: str = ""
) -> DealRoom:
    """Accept for one's side, by name, the very text that was read.

    A party of an introduction accepts it there, so that it holds in both. Raises Stale for
    another text, Conflict the second time, Invalid without a name.
    """
    lock_introduction_of(room_id)
    room, side = locked_room(actor, room_id, "accept_nda", side=side)
    text = require_text(room.nda_version, text_hash)
    if actor.user_id is None:
        raise Refused("nobody", _("Only a person can accept an agreement."))
    if side in acceptances_of(room):
        raise Conflict("nda_accepted", _("Your side has already accepted this agreement."))
    there = SIDE_IN_INTRODUCTION.get(side)
    introduction = room.introduction
    if introduction is not None and there and _may_accept_there(introduction, there, actor):
        accept_nda(
            actor=actor, introduction_id=introduction.pk, text_hash=text_hash, name=name, side=there
        )
    else:
        RoomAcceptance.objects.create(
            room=room, side=side, organisation_id=room.house_id(side),
            nda_version=text.version, text_hash=text.hash, accepted_by_id=actor.user_id,
            name=signature(name),
        )  # fmt: skip
    touch(room)
    note(
        event_kinds.ROOM_NDA_ACCEPTED, room, actor=actor,
        data={"side": side, "version": text.version, "hash": text.hash},
    )  # fmt: skip
    tell(room, notices.ROOM_NDA, others(room, side), actor=actor)
    return room


def _may_accept_there(introduction: Introduction, side: str, actor: Actor) -> bool:
    """A signer of the room may hold no role in introductions; then the room keeps it."""
    return introduction.is_live and actor.can(introduction.party_id(side), *PARTY_ROLES)


# --- People --------------------------------------------------------------------------------------


@transaction.atomic
def give_seat(*, actor: Actor, room_id: int, user_id: int, right: str, side: str = "") -> RoomSeat:
    """Let somebody of one's own organisation in, or change the right of somebody inside.

    Raises Invalid on `user` for a person of another organisation, on `right`.
    """
    room, side = locked_room(actor, room_id, "change_seats", side=side)
    if right not in Right.values:
        raise field_error("right", _("Choose what the person may do."), code="unknown_code")
    organisation_id = room.house_id(side)
    belongs = Membership.objects.filter(
        organisation_id=organisation_id, user_id=user_id, user__is_active=True
    )
    if not belongs.exists():
        raise field_error("user", _("Only people of your own organisation can be let in."))
    if any(one.user.pk == user_id and one.seat is None for one in members_of(room)):
        raise field_error(
            "user", _("Owners of an organisation, and the broker in charge, are always inside.")
        )
    seat = room.seats.filter(user_id=user_id, ended_at__isnull=True).first()
    if seat is not None and (seat.side, seat.organisation_id) != (side, organisation_id):
        raise field_error("user", _("This person sits on another side of the room."))
    if seat is None and room.seats.filter(ended_at__isnull=True).count() >= MAX_SEATS:
        raise field_error("user", _("At most %(limit)s people.") % {"limit": MAX_SEATS})
    if seat is None:
        seat = RoomSeat(room=room, side=side, organisation_id=organisation_id, user_id=user_id)
    seat.right = right
    seat.given_by_id = actor.user_id
    seat.save()
    touch(room)
    note(
        event_kinds.ROOM_SEAT_GIVEN, room, actor=actor, sides=[side],
        data={"seat": seat.public_id, "right": right},
    )  # fmt: skip
    _tell_one(room, user_id, actor, seat)
    return seat


def _tell_one(room: DealRoom, user_id: int, actor: Actor, seat: RoomSeat) -> None:
    everybody = {one.user.pk for one in members_of(room)}
    tell(
        room, notices.ROOM_SEAT, room.sides, actor=actor, key=f"seat-{seat.public_id}",
        skip=frozenset(everybody - {user_id}),
    )  # fmt: skip


@transaction.atomic
def end_seat(*, actor: Actor, room_id: int, seat_public_id: str) -> DealRoom:
    """Take somebody of one's own side out; from now on the person sees nothing of the room.

    Raises NotFound for a seat that is none or not of one's side.
    """
    room, side = locked_room(actor, room_id, "change_seats")
    seat = get_visible(room.seats.filter(ended_at__isnull=True), public_id=seat_public_id)
    if seat.side != side:  # somebody who signs for several sides, or for another one
        room, side = locked_room(actor, room_id, "change_seats", side=seat.side)
    seat.ended_at = timezone.now()
    seat.ended_by_id = actor.user_id
    seat.save(update_fields=["ended_at", "ended_by"])
    touch(room)
    note(
        event_kinds.ROOM_SEAT_ENDED, room, actor=actor, sides=[side], data={"seat": seat.public_id}
    )
    return room


# --- The end -------------------------------------------------------------------------------------


@transaction.atomic
def close_room(*, actor: Actor, room_id: int, expected_version: int | None = None) -> DealRoom:
    """End the talks in the room; what is in it stays readable to who is inside. An offer on the
    table is off it."""
    room, side = locked_room(actor, room_id, "close_room", expected_version=expected_version)
    before = room.state
    room.state = room_states.TRANSITIONS.target("close", before)
    room.closed_at = timezone.now()
    room.sheets.filter(state="made").update(
        state="withdrawn", ended_at=room.closed_at, ended_by_id=actor.user_id
    )
    touch(room, "state", "closed_at")
    note(event_kinds.ROOM_CLOSED, room, actor=actor, before=before, data={"side": side})
    tell(room, notices.ROOM_CLOSED, others(room, side), actor=actor)
    return room


def _line(name: str, value: str, limit: int) -> str:
    message: Message
    try:
        text = clean_text(value) if isinstance(value, str) else ""
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None
    if not text:
        raise field_error(name, _("Enter text."), code="required")
    if len(text) > limit:
        message = _("At most %(limit)s characters.") % {"limit": limit}
        raise field_error(name, message, code="too_long")
    return " ".join(text.split())
