"""The lines of a run as a file for accounting."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from deals.models import DistributionRun
from listings.exports.cells import harmless
from listings.exports.writing import BOM

COLUMNS = (
    "run", "state", "approved_on", "reverses", "contract_number", "scheme", "up_to", "position",
    "kind", "code", "name_en", "name_zh", "currency", "amount",
)  # fmt: skip


def write_lines(path: Path, run: DistributionRun) -> None:
    """A CSV of COLUMNS, one row for each line; needs the run with its account and `reverses`."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(BOM)
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(run))


def _rows(run: DistributionRun) -> Iterator[list[str]]:
    """Amounts with two places and a plain minus, so that a reversal is a figure: only what people
    typed could be taken for a formula."""
    day = timezone.localdate(run.approved_at).isoformat() if run.approved_at else ""
    reverses = str(run.reverses.number) if run.reverses else ""
    for line in run.lines.all():
        yield [
            str(run.number or ""), run.state, day, reverses, run.account.number, run.scheme,
            run.up_to.isoformat(), str(line.position), line.kind, line.code,
            harmless(line.name_en), harmless(line.name_zh), run.currency, f"{line.amount:.2f}",
        ]  # fmt: skip
