"""Offers of a deal room: drafted, made, answered; under the lock of the room's row."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from deals import event_kinds, notices
from deals import room_states as states
from deals.actions.offer_contracts import draft_from_offer
from deals.actions.room_access import (
    across,
    lock_introduction_of,
    locked_room,
    note,
    others,
    tell,
    touch,
)
from deals.actions.sheet_facts import FACTS, apply_facts, check_whole
from deals.models import DealRoom, SheetState, TermSheet
from deals.queries.rooms import acceptances_of, rights_in
from deals.queries.term_sheets import standing_of
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Refused, Stale
from marketplace.core.gates import get_visible, lock

log = structlog.get_logger(__name__)
MAX_DRAFTS = 10  # of one side in one room
MAX_SHEETS = 200  # of one room
ROWS_EXPIRED_AT_ONCE = 200


@transaction.atomic
def write_offer(
    *, actor: Actor, room_id: int, facts: Mapping[str, Any], side: str = "",
    sheet_public_id: str = "", expected_version: int | None = None, answers: str | None = None,
) -> TermSheet:  # fmt: skip
    """Start a draft, or change one of one's own side: nobody else sees it.

    facts: names of sheet_facts.FACTS. It answers what the other side has on the table now;
    answers: the id of what the writer saw there, "" for nothing. Raises Conflict when that is
    another one now, Invalid with field messages (`instalments.0.amount`), Stale.
    """
    room, side = locked_room(actor, room_id, "write_offer", side=side)
    answered = _to_answer(room, side)
    if answers is not None and answers != (answered.public_id if answered else ""):
        raise Conflict("another_offer", _ANOTHER)
    if sheet_public_id:
        sheet = _own_draft(room, sheet_public_id, side)
        if expected_version is not None and expected_version != sheet.version:
            raise Stale(
                "stale_version",
                _("A colleague has changed this draft. Reload it, then repeat your change."),
            )
        sheet.version += 1
    else:
        if room.sheets.filter(side=side, state="draft").count() >= MAX_DRAFTS:
            raise Conflict("too_many_drafts", _("Your side has as many drafts as it may."))
        sheet = TermSheet(room=room, side=side)
    sheet.written_by_id = actor.user_id
    sheet.answers = answered
    apply_facts(sheet, facts)
    sheet.save()
    return sheet


@transaction.atomic
def discard_offer(*, actor: Actor, room_id: int, sheet_public_id: str) -> DealRoom:
    """Throw a draft of one's own side away."""
    room, side = locked_room(actor, room_id, "write_offer")
    _own_draft(room, sheet_public_id, side).delete()
    return room


@transaction.atomic
def make_offer(*, actor: Actor, room_id: int, sheet_public_id: str, side: str = "") -> TermSheet:
    """Put a draft on the table. It counters the other side's offer, and takes the place of one's
    own.

    Raises Invalid for what is missing, Conflict when the other side has made another offer since
    the draft was written: it is kept, and writing it again takes that offer into account.
    """
    room, side = locked_room(actor, room_id, "make_offer", side=side)
    sheet = _own_draft(room, sheet_public_id, side)
    answered = _to_answer(room, side)
    if (answered.pk if answered else None) != sheet.answers_id:
        raise Conflict(
            "another_offer",
            _("What you answer is no longer what is on the table. Your draft is kept: compare, "
              "save it again, then make it."),
        )  # fmt: skip
    check_whole(sheet, answered)
    numbered = room.sheets.filter(number__isnull=False).count()
    if numbered >= MAX_SHEETS:
        raise Conflict("too_many_offers", _("This room holds as many offers as it may."))
    standing = standing_of(room)
    if standing is not None:
        move = "expire" if standing.is_over else "counter" if answered else "withdraw"
        _end(standing, move, actor)
        if move == "counter":
            note(event_kinds.ROOM_OFFER_COUNTERED, room, actor=actor, data=_told(standing))
    sheet.state = states.SHEET_MOVES.target("make", sheet.state)
    sheet.number = numbered + 1
    sheet.made_at = timezone.now()
    sheet.written_by_id = actor.user_id
    sheet.version += 1
    sheet.save()
    touch(room)
    note(event_kinds.ROOM_OFFER_MADE, room, actor=actor, data=_told(sheet))
    tell(room, notices.ROOM_OFFER, [across(side)], actor=actor)
    _tell_answer(room, sheet, [states.BROKER], actor)
    return sheet


@transaction.atomic
def accept_offer(*, actor: Actor, room_id: int, sheet_public_id: str, side: str = "") -> TermSheet:
    """Accept what the other side has on the table: once, never one's own, never what is off it,
    never what is only indicative.

    The contract is drafted at once; where the register refuses, it can be drafted from the room.
    """
    lock_introduction_of(room_id)  # the contract is kept there, too
    room, side = locked_room(actor, room_id, "accept_offer", side=side)
    if actor.user_id is None and not actor.is_system:
        raise Refused("nobody", _("Only a person can accept an offer."))
    sheet = _of_others(room, sheet_public_id, actor)
    if not sheet.is_binding:
        raise Conflict(
            "offer_indicative",
            _("This offer is indicative: it says where one stands and binds nobody. Ask the other "
              "side for a firm or floor one, or write a counter-offer."),
        )  # fmt: skip
    _end(sheet, "accept", actor)
    before = room.state
    room.state = states.TRANSITIONS.target("agree", before)
    touch(room, "state")
    note(event_kinds.ROOM_OFFER_ACCEPTED, room, actor=actor, before=before, data=_told(sheet))
    _tell_answer(room, sheet, others(room, side), actor)
    try:
        with transaction.atomic():
            draft_from_offer(actor=actor, room_id=room.pk, side=side)
    except DomainError as refusal:
        log.warning("room_contract_refused", code=refusal.code, room=room.public_id)
    return sheet


@transaction.atomic
def decline_offer(*, actor: Actor, room_id: int, sheet_public_id: str, side: str = "") -> TermSheet:
    """Say no to what the other side has on the table; the talks go on."""
    room, side = locked_room(actor, room_id, "decline_offer", side=side)
    sheet = _of_others(room, sheet_public_id, actor)
    _end(sheet, "decline", actor)
    touch(room)
    note(event_kinds.ROOM_OFFER_DECLINED, room, actor=actor, data=_told(sheet))
    _tell_answer(room, sheet, others(room, side), actor)
    return sheet


@transaction.atomic
def withdraw_offer(*, actor: Actor, room_id: int, sheet_public_id: str) -> TermSheet:
    """Take one's own offer off the table."""
    room, side = locked_room(actor, room_id, "withdraw_offer")
    sheet = _made(room, sheet_public_id)
    if sheet.side not in rights_in(room, actor):
        raise Refused("not_your_offer", _("Only the side that made an offer withdraws it."))
    _refuse_unless_on_the_table(sheet)
    _end(sheet, "withdraw", actor)
    touch(room)
    note(event_kinds.ROOM_OFFER_WITHDRAWN, room, actor=actor, data=_told(sheet))
    _tell_answer(room, sheet, others(room, side), actor)
    return sheet


def expire_offers() -> int:
    """End what is over, room by room; how many. Run by the clock, may run twice."""
    over = TermSheet.objects.filter(
        state="made", valid_until__lt=timezone.localdate()
    ).values_list("room_id", flat=True)[:ROWS_EXPIRED_AT_ONCE]  # fmt: skip
    return sum(_expire_in(pk) for pk in list(over))


@transaction.atomic
def _expire_in(room_id: int) -> int:
    room = lock(DealRoom.objects.all(), room_id)
    sheet = standing_of(room)
    if sheet is None or not sheet.is_over:
        return 0
    system = Actor.system()
    _end(sheet, "expire", system)
    touch(room)
    note(event_kinds.ROOM_OFFER_EXPIRED, room, actor=system, data=_told(sheet))
    _tell_answer(room, sheet, [sheet.side, across(sheet.side)], system)
    return 1


# --- Shared --------------------------------------------------------------------------------------


def facts_of(sheet: TermSheet) -> dict[str, Any]:
    """What a sheet says, as write_offer takes it: where a counter-offer begins."""
    return {name: getattr(sheet, name) for name in FACTS}


def _to_answer(room: DealRoom, side: str) -> TermSheet | None:
    standing = standing_of(room)
    if standing is None or standing.side == side or standing.is_over:
        return None
    return standing


def _own_draft(room: DealRoom, public_id: str, side: str) -> TermSheet:
    found = get_visible(room.sheets.filter(side=side), public_id=public_id)
    states.SHEET_MOVES.target("make", found.state)
    return found


def _made(room: DealRoom, public_id: str) -> TermSheet:
    """Drafts are nobody's business: not found."""
    return get_visible(room.sheets.exclude(state="draft"), public_id=public_id)


def _of_others(room: DealRoom, public_id: str, actor: Actor) -> TermSheet:
    sheet = _made(room, public_id)
    if sheet.side in rights_in(room, actor) and not actor.is_system:
        raise Refused("own_offer", _("This is your own side’s offer. The other side answers it."))
    _refuse_unless_on_the_table(sheet)
    return sheet


_ANOTHER = _(
    "What is on the table has changed while you wrote. Nothing is lost: compare it with what you "
    "wrote, then save or make it again."
)
_GONE = {
    "countered": _("This offer was answered by another one. Reload to see what is on the table."),
    "accepted": _("This offer has been accepted already."),
    "declined": _("This offer has been declined already."),
    "withdrawn": _("This offer was withdrawn."),
    "expired": _("This offer has expired. Ask the other side to make it again, or write one."),
}


def _refuse_unless_on_the_table(sheet: TermSheet) -> None:
    if not sheet.is_on_the_table:
        raise Conflict(f"offer_{sheet.shown_state}", _GONE[sheet.shown_state])


def _end(sheet: TermSheet, move: str, actor: Actor) -> None:
    sheet.state = states.SHEET_MOVES.target(move, sheet.state)
    sheet.ended_at = timezone.now()
    sheet.ended_by_id = actor.user_id
    sheet.version += 1
    sheet.save(update_fields=["state", "ended_at", "ended_by", "version", "updated_at"])


def _told(sheet: TermSheet) -> dict[str, Any]:
    return {"offer": sheet.public_id, "number": sheet.number, "side": sheet.side}


def _tell_answer(room: DealRoom, sheet: TermSheet, sides: list[str], actor: Actor) -> None:
    """Where an offer stands now, to those sides whom the agreement lets see offers."""
    named = {}
    accepted = acceptances_of(room)
    for code, language in (("en", "en"), ("zh", "zh-hans")):
        with override(language):
            named[f"state_{code}"] = str(SheetState(sheet.state).label)
    tell(
        room, notices.ROOM_ANSWER, [side for side in sides if side in accepted], actor=actor,
        params=named,
    )  # fmt: skip
