"""The service figures of an institution: their codes, and where each comes from.

Counted: from rows of the platform (deals.queries.service_counts). Declared: from the institution's
report, of what it did outside the platform or alone knows. The two are shown apart; a total is
always "counted + declared outside the platform".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from marketplace.core.codes import IP_KINDS

Value = Decimal | int
INCOME = ("income_technical", "income_programme", "income_business", "income_other")
IP_PREFIX = "ip_"


@dataclass(frozen=True, slots=True)
class Figure:
    """column: of ServiceReport, "" where nothing is declared; parts: codes it is the sum of."""

    code: str
    label: str | Promise
    is_counted: bool = False
    column: str = ""
    is_money: bool = False  # CNY
    parts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """In the reader's language."""
        if self.code.startswith(IP_PREFIX):
            return IP_KINDS[self.code.removeprefix(IP_PREFIX)].name(get_language())
        return str(self.label)


_IP = tuple(f"{IP_PREFIX}{one.code}" for one in IP_KINDS)
_ROWS = (
    Figure("deals", gettext_lazy("Technology deals brokered"), True, "other_deals"),
    Figure("deal_amount", gettext_lazy("Their technology transaction amount"), True, "other_amount",
           is_money=True),
    Figure("activities", gettext_lazy("Technology trading activities held"), True,
           "other_activities"),
    Figure("trainings", gettext_lazy("Technology transfer trainings held"), True,
           "other_trainings"),
    Figure("enterprises", gettext_lazy("Enterprises served"), True, "other_enterprises"),
    Figure("needs", gettext_lazy("Needs taken up"), True, "other_needs"),
    Figure("requests", gettext_lazy("Requests for help answered"), True),
    Figure("commissions", gettext_lazy("Fees of brokerage approved"), True, is_money=True),
    Figure("income", gettext_lazy("Revenue"), is_money=True, parts=INCOME),
    Figure("income_technical", gettext_lazy("Technical revenue"), column="income_technical",
           is_money=True),
    Figure("income_programme", gettext_lazy("Programme and project allocations"),
           column="income_programme", is_money=True),
    Figure("income_business", gettext_lazy("Business expense allocations"),
           column="income_business", is_money=True),
    Figure("income_other", gettext_lazy("Other revenue"), column="income_other", is_money=True),
    Figure("expenditure", gettext_lazy("Expenditure"), column="expenditure", is_money=True),
    Figure("staff_brokers", gettext_lazy("Full-time brokers"), column="staff_brokers"),
    Figure("staff_others", pgettext_lazy("staff", "Other staff"), column="staff_others"),
    Figure("ip", gettext_lazy("Intellectual property acquired"), parts=_IP),
    *(Figure(code, "") for code in _IP),
)  # fmt: skip
FIGURES: dict[str, Figure] = {one.code: one for one in _ROWS}
COUNTED = tuple(one.code for one in _ROWS if one.is_counted)
MONEY = frozenset(one.code for one in _ROWS if one.is_money)
# what a person fills in, step by step; `ip` stands for one field of each kind
SECTIONS: dict[str, tuple[str, ...]] = {
    "income": (*INCOME, "expenditure"),
    "people": ("staff_brokers", "staff_others"),
    "ip": _IP,
    "outside": ("deals", "deal_amount", "activities", "trainings", "enterprises", "needs"),
}
SECTION_NAMES: dict[str, str | Promise] = {
    "income": gettext_lazy("Revenue and expenditure"),
    "people": gettext_lazy("Staff"),
    "ip": gettext_lazy("Intellectual property acquired"),
    "outside": gettext_lazy("Outside the platform"),
}


def column_of(code: str) -> str:
    """Where a report keeps what is declared: a column, or "ip.<kind>" inside `ip_acquired`."""
    if code.startswith(IP_PREFIX):
        return f"ip.{code.removeprefix(IP_PREFIX)}"
    return FIGURES[code].column


def declared_of(report: Any) -> dict[str, Value | None]:
    """Code -> what the report declares; None where it says nothing yet. Kinds of IP that are not
    named are none acquired."""
    found: dict[str, Value | None] = {}
    for one in _ROWS:
        if one.code.startswith(IP_PREFIX):
            found[one.code] = int(report.ip_acquired.get(one.code.removeprefix(IP_PREFIX), 0))
        elif one.column:
            found[one.code] = getattr(report, one.column)
    for one in _ROWS:
        if one.parts:
            found[one.code] = summed(found.get(part) for part in one.parts)
    return found


def summed(values: Iterable[Value | None]) -> Value | None:
    """The sum of what is known; None where nothing is."""
    known = [one for one in values if one is not None]
    return sum(known[1:], known[0]) if known else None


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of one institution and year. total: counted + declared outside the platform."""

    figure: Figure
    counted: Value | None
    declared: Value | None

    @property
    def total(self) -> Value | None:
        return summed((self.counted, self.declared))


def lines_of(
    counted: Mapping[str, Value], declared: Mapping[str, Value | None],
    codes: Iterable[str] = tuple(FIGURES),
) -> list[Line]:  # fmt: skip
    """A line for each code, in their order here."""
    wanted = frozenset(codes)
    return [
        Line(
            one,
            counted.get(one.code, Decimal(0) if one.is_money else 0) if one.is_counted else None,
            declared.get(one.code),
        )
        for one in _ROWS
        if one.code in wanted
    ]
