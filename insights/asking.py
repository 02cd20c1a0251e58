"""What a reader asks of the tables, read from an address; refusals name the parameter."""

from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contracts.codes import CONTRACT_TYPES, PARTY_KIND_GROUPS
from contracts.queries.behind import Cell
from insights.institutions import last_due
from insights.queries.cells import place_of
from insights.queries.readings import reads_every_amount, reads_exactly
from insights.queries.tables import KINDS, Asked
from marketplace.core import regions
from marketplace.core.codes import FIELDS
from marketplace.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from marketplace.core.actor import Actor

SHOWN = 5  # years when none are asked for
MOST = 40
FIRST, LAST = 1985, 2200
FLOWS = ("origins", "destinations", "flows")


class _Reader:
    """Reads parameters one by one and keeps what was wrong with them."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.wrong: dict[str, list[str | Promise]] = {}

    def text(self, name: str) -> str:
        return self.query.get(name, "").replace("\x00", "").strip()[:40]

    def refuse(self, name: str, message: str | Promise) -> None:
        self.wrong.setdefault(name, []).append(message)

    def number(self, name: str, low: int, high: int, default: int) -> int:
        text = self.text(name)
        if not text:
            return default
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.refuse(
            name, _("A number from %(low)s to %(high)s.") % {"low": low, "high": high}
        )  # fmt: skip
        return default

    def code(self, name: str, known: object) -> str:
        text = self.text(name)
        if text and text not in known:  # type: ignore[operator]
            self.refuse(name, _("Choose one of the list."))
            return ""
        return text

    def place(self, name: str, *, city: bool = False, country: bool = False) -> str:
        """A province, with `city` also a city; a district counts as what it lies in."""
        text = self.text(name)
        if country and len(text) == 2 and text.isascii() and text.isalpha():
            return text.upper()
        if not text:
            return ""
        if regions.get(text) is None:
            self.refuse(name, _("This is not a region code."))
            return ""
        if city and text[:2] not in ("11", "12", "31", "50"):
            return f"{text[:4]}00"
        return f"{text[:2]}0000"

    def done(self) -> None:
        if self.wrong:
            raise Invalid("invalid", _("Please correct what is marked below."), fields=self.wrong)


def read_asked(name: str, query: QueryDict, actor: "Actor") -> Asked:
    """Raises NotFound for a table that does not exist, Invalid with every wrong parameter."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound
    reader = _Reader(query)
    last = reader.number("to", FIRST, LAST, timezone.localdate().year)
    shown = 2 if kind.cube == "month" else SHOWN
    first = reader.number("from", FIRST, LAST, max(FIRST, last - shown + 1))
    if first > last:
        reader.refuse("from", _("The first year lies after the last."))
    elif last - first >= MOST:
        reader.refuse("from", _("At most %(years)s years at once.") % {"years": MOST})
    asked_type = reader.code("type", CONTRACT_TYPES)
    field = reader.code("field", FIELDS)
    region = reader.place("region", city=name in FLOWS)
    reader.done()
    return Asked(kind, first, last, asked_type, field, region, reads_exactly(actor))


def read_cell(query: QueryDict, actor: "Actor") -> Cell:
    """The cell whose contracts are asked for. Raises Invalid, also for what no table
    counts: only what a table counts is listed, so that no list has to be counted."""
    reader = _Reader(query)
    groups = {entry.code for entry in PARTY_KIND_GROUPS} | {"enterprises"}
    types = tuple(dict.fromkeys(code for code in query.getlist("type") if code in CONTRACT_TYPES))
    destination = (
        "abroad"
        if reader.text("buyer_place") == "abroad"
        else reader.place("buyer_place", city=True, country=True)
    )
    cell = Cell(
        year=reader.number("year", FIRST, LAST, timezone.localdate().year),
        month=reader.number("month", 1, 12, 0), types=types,
        field=reader.code("field", FIELDS), region=reader.place("region"),
        seller=reader.code("seller", groups), buyer=reader.code("buyer", groups),
        origin=reader.place("seller_place", city=True, country=True), destination=destination,
        large=reader.text("large") == "1", exact=reads_every_amount(actor),
    )  # fmt: skip
    reader.done()
    if place_of(cell) is None:
        raise Invalid("no_such_figure", _("No table has a figure of this."))
    return cell


def read_years(query: QueryDict) -> tuple[int, int]:
    """First and last year of the figures of institutions: of years that are over, by default up to
    the last one that is public. Raises Invalid with every wrong parameter."""
    reader = _Reader(query)
    over = timezone.localdate().year - 1
    last = reader.number("to", FIRST, over, last_due())
    first = reader.number("from", FIRST, over, max(FIRST, last - SHOWN + 1))
    if not reader.text("to"):
        last = max(first, last)
    if first > last:
        reader.refuse("from", _("The first year lies after the last."))
    elif last - first >= MOST:
        reader.refuse("from", _("At most %(years)s years at once.") % {"years": MOST})
    reader.done()
    return first, last
