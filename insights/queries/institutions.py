"""The public figures of institutions by type and year: sums of at least three institutions that are
not named, and single ones of those that agreed (insights.withholding)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q

from accounts.models import Organisation
from deals import report_states
from deals.models import ServiceReport
from deals.service_figures import FIGURES, MONEY
from insights.institutions import INSTITUTIONS, NOTHING
from insights.models import InstitutionCell, InstitutionFigure
from insights.withholding import LEAST, TOTAL, withheld
from marketplace.core.codes import TTI_TYPES

# codes that are told in public; staff and fees are the institutions' own
IP = tuple(code for code in FIGURES if code.startswith("ip_"))
REVENUE = ("income_technical", "income_programme", "income_business", "income_other")
CODES = (
    INSTITUTIONS, "deals", "deal_amount", "activities", "trainings", "enterprises", "needs", "ip",
    *IP, "income", *REVENUE, "expenditure",
)  # fmt: skip
# tables of amounts, each withheld as a whole; the sources of revenue where revenue is, at least
_AMOUNTS, _MONEY, _SOURCES = ("deal_amount",), ("income", "expenditure"), REVENUE
COMPARED = (
    "deals", "deal_amount", "activities", "trainings", "enterprises", "needs", "ip", "income",
    "income_technical", "expenditure", "staff_brokers", "staff_others",
)  # fmt: skip
MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Sum:
    """One cell. All three are None where it is withheld."""

    counted: Decimal | None = NOTHING
    declared: Decimal | None = NOTHING

    @property
    def is_withheld(self) -> bool:
        return self.counted is None

    @property
    def total(self) -> Decimal | None:
        if self.counted is None or self.declared is None:
            return None
        return self.counted + self.declared


WITHHELD = Sum(None, None)


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type of institutions in a year, or all of them (`type` is TOTAL)."""

    year: int
    type: str
    sums: dict[str, Sum]

    def of(self, code: str) -> Sum:
        return self.sums.get(code, Sum())

    def share(self, code: str, whole: str) -> Decimal | None:
        """Of another sum of the row, 0 to 1."""
        part, all_of_it = self.of(code).total, self.of(whole).total
        return part / all_of_it if part is not None and all_of_it else None


def type_rows(first: int, last: int) -> dict[int, list[TypeRow]]:
    """Year -> a row for each type, then the total: one statement. A year of which nothing was
    rebuilt has no rows."""
    cells: dict[int, dict[str, dict[str, InstitutionCell]]] = {}
    rows = InstitutionCell.objects.filter(year__gte=first, year__lte=last, code__in=CODES)
    for cell in rows:
        cells.setdefault(cell.year, {}).setdefault(cell.tti_type, {})[cell.code] = cell
    return {
        year: _rows_of(year, by_type) if (by_type := cells.get(year)) else []
        for year in range(first, last + 1)
    }


def _rows_of(year: int, by_type: dict[str, dict[str, InstitutionCell]]) -> list[TypeRow]:
    types = [one.code for one in TTI_TYPES]
    found = {name: _sums([by_type.get(name, {})]) for name in types}
    found[TOTAL] = _sums(by_type.values())

    def contributors(block: Iterable[str]) -> dict[str, dict[str, int]]:
        return {name: _contributors(by_type.get(name, {}), block) for name in types}

    money = withheld(contributors(_MONEY))
    for block, hidden in (
        (_AMOUNTS, withheld(contributors(_AMOUNTS))), (_MONEY, money),
        (_SOURCES, withheld(contributors(_SOURCES), money)),
    ):  # fmt: skip
        for name in hidden:
            found[name] |= dict.fromkeys(block, WITHHELD)
    return [TypeRow(year, name, sums) for name, sums in found.items()]


def _sums(cells: Iterable[dict[str, InstitutionCell]]) -> dict[str, Sum]:
    found = dict.fromkeys(CODES, Sum())
    for one in cells:
        for code, cell in one.items():
            before = found[code]
            found[code] = Sum(
                (before.counted or NOTHING) + cell.counted,
                (before.declared or NOTHING) + cell.declared,
            )
    return found


def _contributors(cells: dict[str, InstitutionCell], codes: Iterable[str]) -> dict[str, int]:
    """Column -> institutions that are not named; counted and declared are columns of their own."""
    found: dict[str, int] = {}
    for code in codes:
        cell = cells.get(code)
        found[f"{code}-counted"] = cell.unnamed_counted if cell else 0
        found[f"{code}-declared"] = cell.unnamed_declared if cell else 0
        found[code] = cell.unnamed if cell else 0
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """An institution that agreed to be named, with its own figures: code -> counted + declared."""

    organisation: Organisation
    tti_type: str
    totals: dict[str, Decimal]

    @property
    def technical_share(self) -> Decimal | None:
        whole = self.totals.get("income", NOTHING)
        return self.totals.get("income_technical", NOTHING) / whole if whole else None


def named(year: int) -> list[Named]:
    """Largest revenue first, in two statements. Who has taken its agreement back is gone at once,
    not only after the next rebuilding."""
    agreed = ServiceReport.objects.filter(
        year=year, state=report_states.SUBMITTED, is_named=True,
        institution__verified_at__isnull=False,
    )  # fmt: skip
    rows = InstitutionFigure.objects.filter(
        Q(code__in=CODES), year=year, is_named=True, institution__in=agreed.values("institution")
    ).select_related("institution")[: MOST_NAMED * len(CODES)]
    found: dict[int, Named] = {}
    for row in rows:
        one = found.setdefault(row.institution_id, Named(row.institution, row.tti_type, {}))
        one.totals[row.code] = row.counted + row.declared
    return sorted(
        found.values(),
        key=lambda one: (-one.totals.get("income", NOTHING), one.organisation.public_id),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """An own figure beside the middle one of the type; median is None below LEAST reports."""

    code: str
    own: Decimal
    median: Decimal | None
    reported: int

    @property
    def name(self) -> str:
        return FIGURES[self.code].name

    @property
    def is_money(self) -> bool:
        return self.code in MONEY


def compared(institution_id: int, year: int) -> list[Compared]:
    """For the institution's own page: two statements; empty until it has reported the year. Middle
    amounts are rounded to two figures: the middle one of three is somebody's."""
    own = {
        row.code: row
        for row in InstitutionFigure.objects.filter(
            year=year, institution=institution_id, is_reported=True
        )
    }
    if not own:
        return []
    tti_type = next(iter(own.values())).tti_type
    cells = {
        cell.code: cell
        for cell in InstitutionCell.objects.filter(
            year=year, tti_type=tti_type, code__in=COMPARED, reported__gte=LEAST
        )
    }
    return [
        Compared(
            code,
            own[code].counted + own[code].declared,
            _middle(cells[code]) if code in cells else None,
            cells[code].reported if code in cells else 0,
        )
        for code in COMPARED
        if code in own
    ]


def _middle(cell: InstitutionCell) -> Decimal | None:
    if cell.median is None or cell.code not in MONEY or not cell.median:
        return cell.median
    step = Decimal(1).scaleb(cell.median.adjusted() - 1)
    return (cell.median / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
