"""The refused rows of an import as a file like the one that was sent, with the reasons: to be
mended and sent again."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from listings.exports.writing import write_objects, write_table
from listings.imports.reading import Line
from listings.imports.taking_out import lines_from
from listings.imports.targets import place_of
from listings.models import ImportFault, ImportRun
from listings.models.exchange import Format


def write_report(run: ImportRun, path: Path) -> None:
    """In the format of the upload and the active language. Goes once through the rows and
    keeps one in memory."""
    if run.form == Format.JSONL:
        write_objects(path, _objects(run))
        return
    names = [str(column["name"]) for column in run.columns]
    header = [*names, _("Row"), _("Wrong column"), _("Reason")]
    write_table(path, run.form, header, _table(run, names))


def _table(run: ImportRun, names: list[str]) -> Iterator[list[str]]:
    for line, faults in _refused(run):
        row = (line.row if line else None) or {}
        yield [
            *(_text(row.get(name)) for name in names),
            str(faults[0].line or ""),
            "; ".join(
                dict.fromkeys(
                    name for fault in faults if (name := place_of(fault.column, fault.field))
                )
            ),
            " ".join(fault.reason for fault in faults),
        ]


def _objects(run: ImportRun) -> Iterator[dict[str, Any]]:
    for line, faults in _refused(run):
        yield {
            **((line.row if line else None) or {}),
            "_line": faults[0].line,
            "_reasons": [
                {
                    "column": place_of(fault.column, fault.field),
                    "field": fault.field,
                    "reason": fault.reason,
                }
                for fault in faults
            ],
        }


def _refused(run: ImportRun) -> Iterator[tuple[Line | None, list[ImportFault]]]:
    """Faulty rows in order; a listing that could not be withdrawn has no row."""
    faults = groupby(run.faults.order_by("line", "id").iterator(), key=lambda fault: fault.line)
    lines = (line for line, _end in lines_from(run, 0)) if run.rows else iter(())
    for number, found in faults:
        line = next((one for one in lines if one.number >= number), None) if number else None
        yield line, list(found)


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)
