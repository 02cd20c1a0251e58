"""The public figures of institutions, as their edition of a year holds them: sums by type, single
ones of those that agreed, and what an institution reads beside its own."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Aggregate, Count, F, FloatField

from accounts.models import Organisation
from deals import report_states
from deals.models import ServiceReport
from deals.service_figures import FIGURES, MONEY
from insights.institutions import CODES, NOTHING
from insights.models import InstitutionCell, InstitutionEdition, InstitutionFigure
from insights.withholding import LEAST, TOTAL
from marketplace.core.codes import TTI_TYPES

# staff is nobody else's to know, not even as a middle one
COMPARED = (
    "deals", "deal_amount", "activities", "trainings", "enterprises", "needs", "ip", "income",
    "income_technical", "expenditure",
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


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type of institutions in a year, or all of them (`type` is TOTAL)."""

    year: int
    type: str
    made_on: dt.date
    sums: dict[str, Sum]

    def of(self, code: str) -> Sum:
        return self.sums.get(code, Sum())

    def share(self, code: str, whole: str) -> Decimal | None:
        """Of another sum of the row, 0 to 1."""
        part, all_of_it = self.of(code).total, self.of(whole).total
        return part / all_of_it if part is not None and all_of_it else None


def type_rows(first: int, last: int) -> dict[int, list[TypeRow]]:
    """Year -> a row for each type, then the total: one statement. A year without an edition has no
    rows."""
    found: dict[int, dict[str, TypeRow]] = {year: {} for year in range(first, last + 1)}
    cells = InstitutionCell.objects.filter(
        edition__year__gte=first, edition__year__lte=last
    ).select_related("edition")  # fmt: skip
    for cell in cells:
        year = cell.edition.year
        row = found[year].setdefault(
            cell.tti_type, TypeRow(year, cell.tti_type, cell.edition.made_on, {})
        )
        row.sums[cell.code] = Sum(cell.counted, cell.declared)
    places = {name: place for place, name in enumerate(one.code for one in TTI_TYPES)}
    return {
        year: sorted(
            rows.values(),
            key=lambda row: (row.type == TOTAL, places.get(row.type, len(places)), row.type),
        )
        for year, rows in found.items()
    }


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


def named(year: int, limit: int = MOST_NAMED) -> list[Named]:
    """At most `limit`, largest revenue first, in two statements. Who has taken its agreement back
    since the edition is gone at once."""
    agreed = ServiceReport.objects.filter(
        year=year, state=report_states.SUBMITTED, is_named=True,
        institution__verified_at__isnull=False,
    )  # fmt: skip
    shown = InstitutionFigure.objects.filter(
        edition__year=year, is_named=True, institution__in=agreed.values("institution")
    )
    # each of them has reported, and so has all figures
    largest = (
        shown.filter(code="income").select_related("institution")
        .order_by(-(F("counted") + F("declared")), "institution__public_id")[:limit]
    )  # fmt: skip
    found = {row.institution_id: Named(row.institution, row.tti_type, {}) for row in largest}
    rows = shown.filter(institution__in=list(found), code__in=CODES)
    for row in rows:
        found[row.institution_id].totals[row.code] = row.counted + row.declared
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """An own figure beside the middle one of others of the type that are not named, and how many
    they are; None and 0 below LEAST."""

    code: str
    own: Decimal
    median: Decimal | None
    others: int

    @property
    def name(self) -> str:
        return FIGURES[self.code].name

    @property
    def is_money(self) -> bool:
        return self.code in MONEY


@dataclass(frozen=True, slots=True)
class OwnEdition:
    """What the edition of a year holds of an institution. made_on is None before it is made; rows
    are empty if the institution reported later."""

    made_on: dt.date | None = None
    tti_type: str = ""
    is_named: bool = False
    rows: tuple[Compared, ...] = ()


class _Median(Aggregate):
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def own_edition(institution_id: int, year: int) -> OwnEdition:
    """For the institution's own page: three statements at most. Middle ones are rounded to two
    figures: the middle one of three is somebody's."""
    edition = InstitutionEdition.objects.filter(year=year).first()
    if edition is None:
        return OwnEdition()
    own = {
        row.code: row
        for row in InstitutionFigure.objects.filter(
            edition=edition, institution=institution_id, is_reported=True
        )
    }
    if not own:
        return OwnEdition(edition.made_on)
    one = next(iter(own.values()))
    middles = {
        row["code"]: row
        for row in InstitutionFigure.objects.filter(
            edition=edition, tti_type=one.tti_type, code__in=COMPARED, is_reported=True,
            is_named=False,
        )
        .exclude(institution=institution_id)
        .values("code")
        .annotate(others=Count("pk"), median=_Median(F("counted") + F("declared")))
        .filter(others__gte=LEAST)
    }  # fmt: skip
    rows = [
        Compared(
            code,
            own[code].counted + own[code].declared,
            _rounded(middles[code]["median"]) if code in middles else None,
            middles[code]["others"] if code in middles else 0,
        )
        for code in COMPARED
        if code in own
    ]
    return OwnEdition(edition.made_on, one.tti_type, one.is_named, tuple(rows))


def _rounded(median: float) -> Decimal:
    """To two figures. A half of small numbers stays a half."""
    value = Decimal(str(median))
    if not value:
        return NOTHING
    step = Decimal(1).scaleb(value.adjusted() - 1)
    rounded = (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    return Decimal(f"{rounded:f}")  # 230000, not 2.3E+5
