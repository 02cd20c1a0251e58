"""Rows of the first visible sheet of an Excel file, one at a time, in memory that does not grow.

Part of the program listings.imports.unpacking: imports nothing of the market. openpyxl reads the
book's structure and its formats; the sheet and its table of texts, which may have a million
entries, go through a plain parser: the texts wait in a file, and of the sheet one row is held.
"""

import contextlib
import datetime as dt
import math
import os
import re
import tempfile
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

_CHUNK = 1 << 18
MAX_CELL = 1_000_000  # characters of a cell or a row; what is longer is refused anyway
LAST_COLUMN = 16_384
LAST_ROW = 1_048_576
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Cells = list[tuple[str, str]]
"""(text, what is wrong: "" or a code of listings.imports.refusals) of a row."""


class Unsafe(Exception):
    """The file declares a document type, which no table program writes: it wants something else."""


class TooMuch(Exception):
    """The texts of the book take more than a file of its size may."""


class Sheet:
    """The first visible sheet of a book. Raises TooMuch, Unsafe, and what openpyxl raises for a
    broken one."""

    def __init__(self, stream: IO[bytes], folder: Path, most: int) -> None:
        """folder: where the texts of the book wait. most: how many bytes of them."""
        os.environ["OPENPYXL_LXML"] = "False"  # defusedxml guards the other parser
        from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 (only who needs it)
        from openpyxl.styles.stylesheet import apply_stylesheet  # noqa: PLC0415
        from openpyxl.utils.datetime import from_excel  # noqa: PLC0415
        from openpyxl.xml import DEFUSEDXML  # noqa: PLC0415
        from openpyxl.xml.constants import SHARED_STRINGS  # noqa: PLC0415

        if not DEFUSEDXML:
            raise RuntimeError("defusedxml is not installed")
        reader = ExcelReader(stream, read_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        self._archive = reader.archive
        self._part = next(
            rel.target
            for sheet, rel in reader.parser.find_sheets()
            if sheet.state == "visible" and "chartsheet" not in rel.Type
        )
        book: Any = reader.wb
        self._days, self._spans, self._epoch = (
            book._date_formats, book._timedelta_formats, book.epoch
        )  # fmt: skip
        self._from_excel: Callable[..., Any] = from_excel
        part = reader.package.find(SHARED_STRINGS)
        self._texts = _Texts(folder, most)
        if part is not None:
            with self._archive.open(part.PartName[1:]) as source:
                self._texts.read(source)

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """(number, cells) of the rows that stand in the file, in rising order."""
        found: list[tuple[int, dict[int, tuple[str, str]]]] = []
        parser = _SheetParser(self._text, found.append)
        with self._archive.open(self._part) as source:
            while chunk := source.read(_CHUNK):
                parser.feed(chunk)
                for number, cells in found:
                    yield number, _in_order(cells)
                found.clear()
            parser.feed(b"", is_last=True)

    def _text(self, kind: str, style: str, value: str) -> tuple[str, str]:
        """A cell's value as text. kind, style: as the file has them."""
        if kind == "s":
            try:
                return self._texts[int(value)], ""
            except (ValueError, IndexError):
                return value[:200], "cell_error"
        if kind in ("inlineStr", "str"):
            return _unescaped(value), ""
        if kind == "b":
            return ("false" if value in ("0", "false") else "true"), ""
        if kind == "e":
            return value[:200], "cell_error"
        if kind == "d":
            return _iso_day(value)
        if style and (number := _number(style)) in self._days:
            return self._day(value, is_span=number in self._spans)
        return _figure(value)

    def _day(self, value: str, *, is_span: bool) -> tuple[str, str]:
        """A number under a format of dates. One that no day has is wrong for its row alone."""
        try:
            found = self._from_excel(float(value), self._epoch, timedelta=is_span)
        except (ValueError, OverflowError, ArithmeticError):
            return value[:200], "cell_date"
        return _written(found), ""


def _in_order(cells: dict[int, tuple[str, str]]) -> Cells:
    if not cells:
        return []
    return [cells.get(place, ("", "")) for place in range(max(cells) + 1)]


def _number(style: str) -> int:
    return int(style) if style.isdecimal() else 0


def _figure(value: str) -> tuple[str, str]:
    """A number as people write it: 2.0 is 2."""
    if not value or _WHOLE.fullmatch(value):
        return value, ""
    try:
        number = float(value)
        if not math.isfinite(number):
            return value[:200], "cell_error"
        return (str(int(number)) if number.is_integer() else repr(number)), ""
    except ValueError:
        return value[:200], "cell_error"


def _iso_day(value: str) -> tuple[str, str]:
    try:
        return _written(dt.datetime.fromisoformat(value)), ""
    except ValueError:
        return value[:200], "cell_date"


def _written(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return (value.date() if value.time() == dt.time() else value).isoformat()
    return "" if value is None else str(value)


def _unescaped(text: str) -> str:
    """_x000D_ and its like are characters that XML cannot hold, _xD83D__xDE00_ is one in halves.
    A half that stands alone cannot be stored and becomes �, as in any other text."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Texts:
    """The texts that cells share, in a file; numbered from 0."""

    def __init__(self, folder: Path, most: int) -> None:
        self._most = most
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (open as long as this is)
        self._ends = array("Q", [0])

    def read(self, source: IO[bytes]) -> None:
        """Take all of them from the part of the book."""
        parser = _TextsParser(self._append)
        while chunk := source.read(_CHUNK):
            parser.feed(chunk)
        parser.feed(b"", is_last=True)
        self._file.flush()

    def _append(self, text: str) -> None:
        data = _unescaped(text).encode()
        end = self._ends[-1] + len(data)
        if end > self._most:  # before the system says so, whose word would be for a broken file
            raise TooMuch
        self._file.write(data)
        self._ends.append(end)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(number)
        start, end = self._ends[number], self._ends[number + 1]
        return os.pread(self._file.fileno(), end - start, start).decode()


# --- The parsers ----------------------------------------------------------------------------------


class _Parser:
    """What both share: names without their namespace, texts in pieces, no document type."""

    def __init__(self) -> None:
        self._expat = expat.ParserCreate(namespace_separator="}")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._names: dict[str, str] = {}
        self._pieces: list[str] = []
        self._length = 0

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Raises expat.ExpatError, Unsafe."""
        self._expat.Parse(chunk, is_last)

    def _local(self, name: str) -> str:
        if name not in self._names:
            self._names[name] = name.rpartition("}")[2]
        return self._names[name]

    def _listen(self, on: bool) -> None:
        self._expat.CharacterDataHandler = self._hear if on else None

    def _hear(self, text: str) -> None:
        if self._length <= MAX_CELL:  # one piece beyond it is kept, so that it is seen too long
            self._pieces.append(text)
        self._length += len(text)

    def _take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return text

    @staticmethod
    def _doctype(*_about: Any) -> None:
        raise Unsafe

    def _start(self, name: str, about: dict[str, str]) -> None:
        raise NotImplementedError

    def _end(self, name: str) -> None:
        raise NotImplementedError


class _TextsParser(_Parser):
    """<si> with one <t>, or with several in runs; those of phonetic signs (<rPh>) are left out."""

    def __init__(self, found: Callable[[str], None]) -> None:
        super().__init__()
        self._found = found
        self._phonetic = False

    def _start(self, name: str, about: dict[str, str]) -> None:
        local = self._local(name)
        if local == "rPh":
            self._phonetic = True
        elif local == "t" and not self._phonetic:
            self._listen(True)

    def _end(self, name: str) -> None:
        local = self._local(name)
        if local == "t":
            self._listen(False)
        elif local == "rPh":
            self._phonetic = False
        elif local == "si":
            self._found(self._take())


class _SheetParser(_Parser):
    """<row r="7"><c r="B7" s="3" t="s"><v>12</v></c></row>, also <f> and <is>."""

    def __init__(
        self, text: Callable[[str, str, str], tuple[str, str]],
        found: Callable[[tuple[int, dict[int, tuple[str, str]]]], None],
    ) -> None:  # fmt: skip
        super().__init__()
        self._text, self._found = text, found
        self._row = self._column = self._filled = 0
        self._cells: dict[int, tuple[str, str]] = {}
        self._kind = self._style = self._formula = ""
        self._has_formula = self._phonetic = False
        self._columns: dict[str, int] = {}

    def _start(self, name: str, about: dict[str, str]) -> None:
        local = self._local(name)
        if local == "c":
            self._kind, self._style = about.get("t", ""), about.get("s", "")
            self._has_formula = False
            self._column = self._place(about["r"]) if "r" in about else self._column + 1
        elif local in ("v", "f") or (local == "t" and not self._phonetic):
            self._listen(True)
        elif local == "rPh":
            self._phonetic = True
        elif local == "row":
            told = about.get("r", "")
            number = int(told) if told.isdecimal() and len(told) < 9 else 0
            self._row = number if number > self._row else self._row + 1
            if self._row > LAST_ROW:
                raise ValueError("no such row")
            self._cells, self._column, self._filled = {}, 0, 0

    def _end(self, name: str) -> None:
        local = self._local(name)
        if local in ("v", "t"):
            self._listen(False)
        elif local == "f":
            self._listen(False)
            self._has_formula, self._formula = True, self._take()
        elif local == "rPh":
            self._phonetic = False
        elif local == "c":
            value = self._take()
            if self._filled > MAX_CELL:  # too long already: the rest of the row is passed over
                return
            if self._has_formula:
                self._cells[self._column - 1] = (f"={self._formula}"[:200], "formula")
            elif value:
                found = self._text(self._kind, self._style, value)
                self._cells[self._column - 1] = found
                self._filled += len(found[0])
        elif local == "row":
            self._found((self._row, self._cells))

    def _place(self, name: str) -> int:
        """B7 is 2. Raises ValueError."""
        letters = name.rstrip("0123456789")
        if letters not in self._columns:
            number = 0
            for letter in letters.upper():
                if not "A" <= letter <= "Z" or number > LAST_COLUMN:
                    raise ValueError("no such column")
                number = 26 * number + ord(letter) - 64
            if not 0 < number <= LAST_COLUMN:
                raise ValueError("no such column")
            self._columns[letters] = number
        return self._columns[letters]


@contextlib.contextmanager
def opened(source: Path, most: int) -> Iterator[Sheet]:
    """The sheet of a file; what waits beside it, `most` bytes, is gone afterwards."""
    with source.open("rb") as stream:  # by name it would want an ending
        yield Sheet(stream, source.parent, most)
