"""From an accepted offer to a draft in the contract register, once."""

import calendar
import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.actions.drafts import draft_contract
from contracts.models import Contract
from contracts.rules import EDIT_ROLES
from deals import event_kinds
from deals import room_states as states
from deals.actions.room_access import lock_introduction_of, locked_room, note, touch
from deals.models import DealRoom, TermSheet
from deals.queries.term_sheets import labels, told
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict

_SUB_TYPES = {
    "exclusive": "exclusive_licence", "sole": "sole_licence", "ordinary": "ordinary_licence",
}  # fmt: skip
# What the register has no field for goes into the words on payment.
_IN_WORDS = ("field_of_use", "territory", "milestones", "equity_share", "sublicence_share", "words")
MAX_WORDS = 4000


@transaction.atomic
def draft_from_offer(*, actor: Actor, room_id: int, side: str = "") -> Contract:
    """The draft with type, parties, sums, instalments, royalty and term of the accepted offer;
    the one there is, when there is one. Raises Conflict while nothing is accepted."""
    lock_introduction_of(room_id)
    room, side = locked_room(actor, room_id, "draft_contract", side=side)
    if room.contract is not None:
        return room.contract
    sheet = room.sheets.filter(state="accepted").first()
    if sheet is None:
        raise Conflict("nothing_accepted", _("No offer has been accepted yet."))
    organisation_id = room.house_id(side)
    # who signs in the room may hold no role in the register: the room's table decides
    drafter = actor if actor.can(organisation_id, *EDIT_ROLES) else Actor.system()
    contract = draft_contract(
        actor=drafter, filed_by_id=organisation_id, facts=facts_for(room, sheet),
        parties=_parties(room), instalments=_instalments(sheet), royalty=_royalty(sheet),
        origin=_origin(room),
    )  # fmt: skip
    room.contract = contract
    touch(room, "contract")
    introduction = room.introduction
    if introduction is not None and introduction.contract_id is None:
        introduction.contract = contract
        introduction.save(update_fields=["contract", "updated_at"])
    note(
        event_kinds.ROOM_CONTRACT, room, actor=actor,
        data={"contract": contract.public_id, "offer": sheet.public_id, "type": contract.type},
    )  # fmt: skip
    return contract


def facts_for(room: DealRoom, sheet: TermSheet) -> dict[str, Any]:
    """What the register is told of the accepted sheet."""
    begins, ends = _term(sheet)
    facts: dict[str, Any] = {
        "type": sheet.type,
        "sub_type": _SUB_TYPES.get(sheet.exclusivity, "") if sheet.type == "licence" else "",
        "currency": sheet.currency,
        "total_amount": sheet.total if sheet.total is not None else sheet.upfront,
        "payment_mode": _mode(sheet),
        "payment_terms": _words(sheet),
        "valid_from": begins,
        "valid_to": ends,
        **_about(room),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _mode(sheet: TermSheet) -> str:
    if sheet.royalty_rate is not None:
        return "upfront_royalty" if sheet.upfront else "royalty"
    if sheet.instalments or sheet.upfront:
        return "instalments"
    return "lump_sum" if sheet.total is not None else ""


def _instalments(sheet: TermSheet) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "amount": Decimal(row["amount"]), "event": row["event"], "note": row["note"],
            "due_on": dt.date.fromisoformat(row["due_on"]) if row["due_on"] else None,
        }
        for row in sheet.instalments
    ]  # fmt: skip
    if sheet.royalty_rate is not None or not sheet.upfront:
        return rows  # the register keeps the upfront fee with the royalty
    signing = {"amount": sheet.upfront, "event": str(_("signing")), "note": "", "due_on": None}
    rest = (sheet.total or sheet.upfront) - sheet.upfront
    if not rows and rest > 0:
        rows = [{"amount": rest, "event": str(_("as agreed")), "note": "", "due_on": None}]
    return [signing, *rows]


def _royalty(sheet: TermSheet) -> dict[str, Any] | None:
    if sheet.royalty_rate is None:
        return None
    begins, ends = _term(sheet)
    return {
        "base": sheet.royalty_base, "entry_fee": sheet.upfront or None,
        "minimum_per_year": sheet.minimum_per_year, "runs_from": begins, "runs_to": ends,
        "steps": [{"rate": sheet.royalty_rate}],
    }  # fmt: skip


def _term(sheet: TermSheet) -> tuple[dt.date | None, dt.date | None]:
    """First and last day, counted from the day of acceptance."""
    if sheet.term_months is None or sheet.ended_at is None:
        return None, None
    begins = timezone.localdate(sheet.ended_at)
    year, month = divmod(begins.year * 12 + begins.month - 1 + sheet.term_months, 12)
    day = min(begins.day, calendar.monthrange(year, month + 1)[1])
    return begins, dt.date(year, month + 1, day) - dt.timedelta(days=1)


def _words(sheet: TermSheet) -> str:
    names = labels()
    parts = [f"{names[name]}: {text}" for name in _IN_WORDS if (text := told(sheet, name))]
    return "\n".join(parts)[:MAX_WORDS]


def _about(room: DealRoom) -> dict[str, Any]:
    """Title and field: of the technology, where the market shows it; else the room's title."""
    technology = room.introduction.technology if room.introduction else None
    if technology is None or technology.visibility == Tier.CONFIDENTIAL:
        is_chinese = any("\u3400" <= sign <= "\u9fff" for sign in room.title)
        return {"title_zh" if is_chinese else "title_en": room.title}
    return {
        "title_en": technology.title_en, "title_zh": technology.title_zh,
        "field": technology.field, "sub_field": technology.sub_field,
    }  # fmt: skip


def _parties(room: DealRoom) -> list[dict[str, Any]]:
    roles = {states.SUPPLIER: "seller", states.TAKER: "buyer", states.BROKER: "broker"}
    return [
        {"role": roles[side], "organisation_id": room.organisation_id_of(side)}
        for side in room.sides
    ]


def _origin(room: DealRoom) -> str:
    if room.introduction is not None:
        return f"introduction:{room.introduction.public_id}"
    return f"room:{room.public_id}"
