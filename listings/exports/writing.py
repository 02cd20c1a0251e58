"""Files of rows: CSV, Excel and JSONL. Written row by row; memory does not grow with them."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from listings.exports.cells import (
    NARROWEST,
    WIDEST,
    harmless,
    text_of,
    value_of,
    width_of,
)

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson; charset=utf-8",
}
_MEASURED = 50  # rows by which the widths of columns are set
BOM = "\ufeff"  # without it Excel takes Chinese in a CSV for something else


def write_table(
    path: Path, form: str, header: Sequence[str], rows: Iterable[Sequence[Any]],
    *, sheet: str = "", more: Sequence[tuple[str, Iterable[Sequence[Any]]]] = (),
) -> None:  # fmt: skip
    """A CSV or Excel file. In Excel figures and days are cells of their kind. sheet: its name.
    more: further sheets, as (name, rows with the header first)."""
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(csv_lines(header, rows))
        return
    from openpyxl import Workbook  # noqa: PLC0415 (half a second, for who needs it)
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    for name, given in ((sheet, _with(header, rows)), *more):
        lines = iter(given)
        page = book.create_sheet(name[:31] or None)
        first = list(islice(lines, _MEASURED))
        # before the rows: they are written as they come
        page.freeze_panes = "A2"
        for place, width in enumerate(_widths(first), 1):
            page.column_dimensions[get_column_letter(place)].width = width
        for line in chain(first, lines):
            page.append([_cell(page, value) for value in line])
    book.save(path)


def _widths(lines: Sequence[Sequence[Any]]) -> Iterator[int]:
    for column in zip_longest(*lines, fillvalue=""):
        yield min(max(NARROWEST, *map(width_of, column)) + 2, WIDEST)


def _with(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield header
    yield from rows


def _cell(page: Any, value: Any) -> Any:
    """Never a formula: what begins with = is a text."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    value = value_of(value)
    cell = WriteOnlyCell(page, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of a CSV file, the first with its mark of UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    for line in _with(header, rows):
        writer.writerow([harmless(text_of(value)) for value in line])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_objects(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """A JSONL file."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
