"""Rebuilding the figures of institutions of a year: nightly, and when a report is submitted."""

import datetime as dt
from decimal import Decimal
from statistics import median

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from contracts.queries.register import year_start
from deals import report_states
from deals.models import ServiceReport
from deals.queries.service_counts import counted
from deals.service_figures import FIGURES, MONEY, Value, declared_of
from insights.models import InstitutionCell, InstitutionFigure
from insights.withholding import LEAST, TOTAL
from marketplace.core.jobs import enqueue_many

JOB = "insights.renew_institutions"
YEARS = 5  # that are rebuilt every night
BATCH = 200  # institutions counted by one statement
INSTITUTIONS = "institutions"
NOTHING = Decimal(0)


def ask_due(today: dt.date | None = None) -> None:
    """Every night: the last years that are over, each a job of its own."""
    year = (today or timezone.localdate()).year
    enqueue_many(JOB, [(str(one), {"year": one}) for one in range(year - YEARS, year)])


@transaction.atomic
def rebuild(year: int) -> int:
    """Count a year anew and put it in the place of what was there; how many institutions it has.
    Of a year that is not over nothing is kept. Safe to run again, and by two at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"institutions-{year}"]
        )
    if year >= timezone.localdate().year:
        return 0
    before = list(InstitutionFigure.objects.filter(year=year))
    reports = {
        one.institution_id: one
        for one in ServiceReport.objects.filter(year=year, state=report_states.SUBMITTED)
    }
    institutions = Organisation.objects.filter(
        Q(verified_at__isnull=False, created_at__lt=year_start(year + 1)) | Q(pk__in=list(reports)),
        kind="tti",
    ).order_by("pk")  # fmt: skip
    rows: list[InstitutionFigure] = []
    types: dict[str, list[int]] = {}
    kept = list(institutions.values_list("pk", "tti_type"))
    for start in range(0, len(kept), BATCH):
        batch = kept[start : start + BATCH]
        numbers = counted([pk for pk, _type in batch], year, year, open_amounts=True)
        for pk, tti_type in batch:
            report = reports.get(pk)
            name = report.tti_type if report else tti_type
            types.setdefault(name, []).append(pk)
            rows += _figures(pk, year, name, numbers.get((pk, year), {}), report)
    rows = _held_back(before, rows)
    InstitutionFigure.objects.filter(year=year).delete()
    InstitutionCell.objects.filter(year=year).delete()
    InstitutionFigure.objects.bulk_create(rows, batch_size=2000)
    InstitutionCell.objects.bulk_create(_cells(year, types, rows, set(reports)))
    return len(kept)


def _figures(
    pk: int, year: int, tti_type: str, numbers: dict[str, Value], report: ServiceReport | None
) -> list[InstitutionFigure]:
    """Each figure that the institution has; one that reported has all of them."""
    declared = declared_of(report) if report else {}
    return [
        InstitutionFigure(
            year=year, institution_id=pk, tti_type=tti_type, code=code,
            counted=numbers.get(code, 0), declared=declared.get(code) or 0,
            is_reported=report is not None, is_named=bool(report and report.is_named),
        )
        for code in FIGURES
        if report is not None or numbers.get(code)
    ]  # fmt: skip


def _held_back(
    before: list[InstitutionFigure], rows: list[InstitutionFigure]
) -> list[InstitutionFigure]:
    """The rows, but with the old amounts of institutions that changed and are not named, as long as
    the change would tell of one or two: whoever reads a sum before and after has it by subtraction.
    They wait until at least LEAST changed with them; numbers do not wait."""
    old, new = _amounts(before), _amounts(rows)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    # sums that could be read before: of a type, and of all
    shown: dict[tuple[str, str], int] = {}
    for tti_type, code, _pk in old:
        for group in (tti_type, TOTAL):
            shown[group, code] = shown.get((group, code), 0) + 1
    waiting: set[int] = set()
    while True:
        groups: dict[tuple[str, str], set[int]] = {}
        for tti_type, code, pk in changed:
            for group in (tti_type, TOTAL):
                if pk not in waiting and shown.get((group, code), 0) >= LEAST:
                    groups.setdefault((group, code), set()).add(pk)
        few = {pk for pks in groups.values() if len(pks) < LEAST for pk in pks}
        if not few:
            break
        waiting |= few  # with all its amounts, which add up to each other
    held = {(row.institution_id, row.code): row.declared for row in before}
    for row in rows:
        if row.institution_id in waiting and row.code in MONEY and not row.is_named:
            declared = held.get((row.institution_id, row.code), NOTHING)
            row.is_waiting = row.declared != declared
            row.declared = declared
    return rows


def _amounts(rows: list[InstitutionFigure]) -> dict[tuple[str, str, int], Decimal]:
    """(type, code, institution) -> what is declared, of those that are not named. What is counted
    of amounts is public anyhow."""
    return {
        (row.tti_type, row.code, row.institution_id): Decimal(row.declared)
        for row in rows
        if row.code in MONEY and row.declared and not row.is_named
    }


def _cells(
    year: int, types: dict[str, list[int]], rows: list[InstitutionFigure], reported: set[int]
) -> list[InstitutionCell]:
    cells: dict[tuple[str, str], InstitutionCell] = {}
    totals: dict[tuple[str, str], list[Decimal]] = {}
    for name, pks in types.items():
        cells[name, INSTITUTIONS] = InstitutionCell(
            year=year, tti_type=name, code=INSTITUTIONS, counted=len(pks),
            declared=len(reported.intersection(pks)),
        )  # fmt: skip
    for row in rows:
        key = (row.tti_type, row.code)
        cell = cells.setdefault(
            key, InstitutionCell(year=year, tti_type=row.tti_type, code=row.code)
        )
        cell.counted += row.counted
        cell.declared += row.declared
        if not row.is_named:
            cell.unnamed_counted += row.counted != 0
            # who waits counts: a sum without it is not all that there is
            has_declared = row.declared != 0 or row.is_waiting
            cell.unnamed_declared += has_declared
            cell.unnamed += row.counted != 0 or has_declared
        if row.is_reported:
            totals.setdefault(key, []).append(Decimal(row.counted) + Decimal(row.declared))
    for key, values in totals.items():
        cells[key].reported = len(values)
        cells[key].median = median(values)
    return list(cells.values())
