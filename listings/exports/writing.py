"""Files of rows: CSV, Excel and JSONL. Written row by row; memory does not grow with them."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from listings.exports.cells import fitting, harmless

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson; charset=utf-8",
}
BOM = "\ufeff"  # without it Excel takes Chinese in a CSV for something else


def write_table(
    path: Path, form: str, header: Sequence[str], rows: Iterable[Sequence[str]],
    *, sheet: str = "", more: Sequence[tuple[str, Iterable[Sequence[str]]]] = (),
) -> None:  # fmt: skip
    """A CSV or Excel file. more: further sheets of an Excel file, as (name, rows)."""
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(csv_lines(header, rows))
        return
    from openpyxl import Workbook  # noqa: PLC0415 (half a second, for who needs it)

    book = Workbook(write_only=True)
    for name, lines in ((sheet, _with(header, rows)), *more):
        page = book.create_sheet(name[:31] or None)
        for line in lines:
            page.append([_cell(page, text) for text in line])
    book.save(path)


def _with(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield header
    yield from rows


def _cell(page: Any, text: str) -> Any:
    """Always a text: what begins with = is no formula."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    cell = WriteOnlyCell(page, value=fitting(text))
    cell.data_type = "s"
    return cell


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a CSV file, the first with its mark of UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    for line in _with(header, rows):
        writer.writerow([harmless(text) for text in line])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_objects(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """A JSONL file."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
