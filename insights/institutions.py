"""Making the public figures of institutions of a year: once, and never again."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from contracts.queries.register import year_start
from deals import report_states
from deals.models import ServiceReport
from deals.queries.service_counts import counted
from deals.service_figures import FIGURES, INCOME, Value, declared_of
from insights.models import InstitutionCell, InstitutionEdition, InstitutionFigure
from insights.withholding import TOTAL, withheld
from marketplace.core.codes import TTI_TYPES
from marketplace.core.jobs import enqueue_many

# Month and day of the following year: public institutions have closed and audited their accounts by
# the end of June, so that few corrections come after it.
MADE_FROM = (7, 1)
JOB = "insights.publish_institutions"
YEARS = 5  # that are looked back upon: an edition that was missed is made up for
BATCH = 200  # institutions counted by one statement
INSTITUTIONS = "institutions"
NOTHING = Decimal(0)
ZERO = (NOTHING, NOTHING)

IP = tuple(code for code in FIGURES if code.startswith("ip_"))
# what is told in public; staff and fees are the institutions' own
CODES = (
    INSTITUTIONS, "deals", "deal_amount", "activities", "trainings", "enterprises", "needs", "ip",
    *IP, "income", *INCOME, "expenditure",
)  # fmt: skip
# tables of amounts, each told or withheld as a whole; numbers are told of every type
TABLES = (("deal_amount",), ("income", *INCOME, "expenditure"))

Sums = dict[tuple[str, str], tuple[Decimal, Decimal]]  # type, code -> counted, declared


def made_from(year: int) -> dt.date:
    """The first day on which the figures of a year are made public."""
    return dt.date(year + 1, *MADE_FROM)


def last_due(today: dt.date | None = None) -> int:
    """The last year whose figures are due."""
    today = today or timezone.localdate()
    return today.year - 1 if today >= made_from(today.year - 1) else today.year - 2


def ask_due(today: dt.date | None = None) -> None:
    """Every night: the years whose figures are due and not public yet, each a job of its own."""
    last = last_due(today)
    there = InstitutionEdition.objects.filter(year__gt=last - YEARS)
    missing = set(range(last - YEARS + 1, last + 1)) - set(there.values_list("year", flat=True))
    enqueue_many(JOB, [(str(year), {"year": year}) for year in sorted(missing)])


@transaction.atomic
def publish(year: int, today: dt.date | None = None) -> InstitutionEdition | None:
    """Make the figures of a year public, from what is submitted and counted now. An edition that is
    there stays as it is, so this is safe to run again, and by two at once. None before the day, and
    of a year in which there was no institution."""
    today = today or timezone.localdate()
    if today < made_from(year):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"institutions-{year}"]
        )
    edition = InstitutionEdition.objects.filter(year=year).first()
    if edition is not None:
        return edition
    reports = {
        one.institution_id: one
        for one in ServiceReport.objects.filter(year=year, state=report_states.SUBMITTED)
    }
    institutions = Organisation.objects.filter(
        Q(verified_at__isnull=False, created_at__lt=year_start(year + 1)) | Q(pk__in=list(reports)),
        kind="tti",
    ).order_by("pk")  # fmt: skip
    kept = list(institutions.values_list("pk", "tti_type"))
    if not kept:
        return None
    edition = InstitutionEdition.objects.create(year=year, made_on=today)
    rows: list[InstitutionFigure] = []
    sums: Sums = {}
    for start in range(0, len(kept), BATCH):
        batch = kept[start : start + BATCH]
        numbers = counted([pk for pk, _type in batch], year, year, open_amounts=True)
        for pk, tti_type in batch:
            report = reports.get(pk)
            name = report.tti_type if report else tti_type
            rows += _figures(edition, pk, name, numbers.get((pk, year), {}), report)
            _add(sums, (name, INSTITUTIONS), 1, int(report is not None))
    for row in rows:
        _add(sums, (row.tti_type, row.code), row.counted, row.declared)
    InstitutionFigure.objects.bulk_create(rows, batch_size=2000)
    InstitutionCell.objects.bulk_create(_cells(edition, sums, rows))
    return edition


def _figures(
    edition: InstitutionEdition, pk: int, tti_type: str, numbers: Mapping[str, Value],
    report: ServiceReport | None,
) -> list[InstitutionFigure]:  # fmt: skip
    """Each figure that the institution has; one that reported has all of them."""
    declared = declared_of(report) if report else {}
    return [
        InstitutionFigure(
            edition=edition, institution_id=pk, tti_type=tti_type, code=code,
            counted=numbers.get(code, 0), declared=declared.get(code) or 0,
            is_reported=report is not None, is_named=bool(report and report.is_named),
        )
        for code in FIGURES
        if report is not None or numbers.get(code)
    ]  # fmt: skip


def _add(sums: Sums, key: tuple[str, str], counted: Value, declared: Value) -> None:
    before = sums.get(key, ZERO)
    sums[key] = (before[0] + counted, before[1] + declared)


def _cells(
    edition: InstitutionEdition, sums: Sums, rows: Iterable[InstitutionFigure]
) -> list[InstitutionCell]:
    """Every public sum of each type and of all, without those that are withheld."""
    known = [one.code for one in TTI_TYPES]
    types = known + sorted({name for name, _code in sums} - set(known))
    rows = list(rows)
    hidden = {
        (name, code)
        for table in TABLES
        for name in withheld(_contributors(types, rows, table))
        for code in table
    }
    cells = []
    for code in CODES:
        of_type = {name: sums.get((name, code), ZERO) for name in types}
        whole = ZERO
        for number, declared in of_type.values():
            whole = (whole[0] + number, whole[1] + declared)
        for name, (number, declared) in [*of_type.items(), (TOTAL, whole)]:
            is_told = (name, code) not in hidden
            cells.append(InstitutionCell(
                edition=edition, tti_type=name, code=code,
                counted=number if is_told else None, declared=declared if is_told else None,
            ))  # fmt: skip
    return cells


def _contributors(
    types: Iterable[str], rows: Iterable[InstitutionFigure], table: Iterable[str]
) -> dict[str, dict[str, int]]:
    """Of one table, for `withheld`: counted and declared are told apart, so each is a column. One
    more stands for the table itself: that all who reported have nothing tells of each of them."""
    found: dict[str, dict[str, set[int]]] = {name: {} for name in types}
    codes = frozenset(table)
    for row in rows:
        if row.code not in codes:
            continue
        columns = [f"{row.code}-{part}" for part in ("counted", "declared") if getattr(row, part)]
        for column in ("", *columns):
            contributors = found[row.tti_type].setdefault(column, set())
            if columns and not row.is_named:
                contributors.add(row.institution_id)
    return {
        name: {column: len(pks) for column, pks in columns.items()}
        for name, columns in found.items()
    }
