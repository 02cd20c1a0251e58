"""Offers of a room as one reader may see them, and how two of them differ."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.codes import CONTRACT_TYPES, ROYALTY_BASES
from deals.models import DealRoom, Exclusivity, PriceKind, TermSheet
from deals.queries.rooms import RoomView
from marketplace.core.codes import CURRENCIES
from marketplace.core.formatting import amount_text, date_text, number_text

SHOWN = 3  # offers side by side


def sheets_for(view: RoomView) -> QuerySet[TermSheet]:
    """Made sheets for everybody whom the agreement lets in; drafts for their own side, and there
    only for those who write. Oldest first."""
    if not view.is_open:
        return TermSheet.objects.none()
    writing = [side for side, right in view.rights.items() if right != "read"]
    return (
        TermSheet.objects.filter(room=view.room)
        .filter(~Q(state="draft") | Q(side__in=writing))
        .select_related("answers", "written_by", "ended_by")
        .order_by("number", "id")
    )


def standing_of(room: DealRoom) -> TermSheet | None:
    """What is on the table by the row; the clock is the caller's."""
    return TermSheet.objects.filter(room=room, state="made").first()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a sheet says on one point; moved: otherwise than the sheet before it."""

    number: int | None
    text: str
    moved: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One point of the sheets, in their order."""

    name: str
    label: str
    cells: list[Cell]

    @property
    def has_moved(self) -> bool:
        return any(cell.moved for cell in self.cells)

    @property
    def last(self) -> Cell:
        return self.cells[-1]

    @property
    def before(self) -> Cell:
        return self.cells[-2] if len(self.cells) > 1 else self.cells[-1]


def labels() -> dict[str, str]:
    """Points of a sheet in the order in which they are read."""
    return {
        "type": _("Contract type"),
        "exclusivity": _("Exclusivity"),
        "field_of_use": _("Field of use"),
        "territory": _("Territory"),
        "term_months": _("Term"),
        "price_kind": _("Kind of price"),
        "total": _("Fixed sum"),
        "upfront": _("of it upfront"),
        "instalments": _("Instalments"),
        "royalty_base": _("Royalty on"),
        "royalty_rate": _("Royalty rate"),
        "minimum_per_year": _("Minimum a year"),
        "milestones": _("Milestones"),
        "equity_share": _("Equity share"),
        "sublicence_share": _("Share of sublicence income"),
        "valid_until": _("Valid until"),
        "words": _("In words"),
    }


def compare(sheets: Sequence[TermSheet]) -> list[Line]:
    """The given sheets point by point, oldest first; points on which none says anything are left
    out. What moved in whose favour is for the reader to judge."""
    lines = []
    for name, label in labels().items():
        texts = [told(sheet, name) for sheet in sheets]
        if not any(texts):
            continue
        cells = []
        for at, sheet in enumerate(sheets):
            before = sheets[at - 1] if at else None
            moved = before is not None and _moved(before, sheet, name)
            by = _by(before, sheet, name) if before is not None and moved else ""
            cells.append(Cell(sheet.number, texts[at], moved, by))
        lines.append(Line(name, label, cells))
    return lines


def _moved(before: TermSheet, after: TermSheet, name: str) -> bool:
    if name in ("total", "upfront", "minimum_per_year") and before.currency != after.currency:
        return True
    return bool(getattr(before, name) != getattr(after, name))


def _by(before: TermSheet, after: TermSheet, name: str) -> str:
    """By how much a figure moved, signed; "" where no difference can be told."""
    old: Any = getattr(before, name)
    new: Any = getattr(after, name)
    if not isinstance(old, Decimal | int) or not isinstance(new, Decimal | int):
        return ""
    gap = Decimal(new) - Decimal(old)
    sign = "+" if gap > 0 else "−"
    if name in ("total", "upfront", "minimum_per_year"):
        if before.currency != after.currency:
            return ""
        return sign + amount_text(abs(gap), after.currency, exact=True)
    if name == "term_months":
        return sign + _months(abs(int(gap)))
    return sign + _("%(number)s points") % {"number": number_text(abs(gap))}


def told(sheet: TermSheet, name: str) -> str:
    """One point of a sheet in words, "" when it says nothing."""
    value: Any = getattr(sheet, name)
    if value in (None, "", []):
        return ""
    if name in ("total", "upfront", "minimum_per_year"):
        return amount_text(value, sheet.currency, exact=True)
    if name in ("royalty_rate", "equity_share", "sublicence_share"):
        return f"{number_text(value)} %"
    return str(_WORDS.get(name, lambda _sheet, given: given)(sheet, value))


def _months(count: int) -> str:
    if count % 12 == 0:
        return _("%(count)s years") % {"count": count // 12} if count != 12 else _("1 year")
    return _("%(count)s months") % {"count": count} if count != 1 else _("1 month")


def _rows(sheet: TermSheet, value: list[dict[str, Any]]) -> str:
    lines = []
    for row in value:
        when = [date_text(dt.date.fromisoformat(row["due_on"]))] if row.get("due_on") else []
        when += [row[name] for name in ("event", "note") if row.get(name)]
        sum_text = amount_text(Decimal(row["amount"]), sheet.currency, exact=True)
        lines.append(pgettext("instalment", ": ").join([sum_text, " · ".join(when)]))
    return "\n".join(lines)


_WORDS: dict[str, Any] = {
    "type": lambda _sheet, value: CONTRACT_TYPES.label(value),
    "exclusivity": lambda _sheet, value: capfirst(str(Exclusivity(value).label)),
    "price_kind": lambda sheet, value: " · ".join(
        [capfirst(str(PriceKind(value).label)), CURRENCIES.label(sheet.currency)]
    ),
    "term_months": lambda _sheet, value: _months(value),
    "royalty_base": lambda _sheet, value: ROYALTY_BASES.label(value),
    "instalments": _rows,
    "milestones": lambda _sheet, value: "\n".join(value),
    "valid_until": lambda _sheet, value: date_text(value),
}  # fmt: skip
