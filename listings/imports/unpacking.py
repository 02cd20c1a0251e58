"""The program that takes the rows out of one uploaded file:
`python -m listings.imports.unpacking FORM IN OUT MEMORY SECONDS`.

A program of its own, within bounds of memory and time, since a small file may be made so that its
reader needs gigabytes or hours. Imports nothing of the market but listings.imports.sheets. OUT gets
one JSON line a row: {"n": number, "row": {...}} or {"n": number, "error": code, "about": {...}}.
Standard output gets what the file is, {"columns", "encoding", "total"}, or
{"error": code, "about": {...}}.
"""

import codecs
import contextlib
import csv
import ctypes
import json
import re
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MAX_COLUMNS = 200
MAX_ROWS = 200_000
MAX_ROW = 1_000_000  # characters; a listing with every text full has 130,000
MAX_UNPACKED = 800_000_000  # bytes of an Excel file
MAX_RATIO = 200  # unpacked to packed; tables of real texts have 5 to 30
MAX_PARTS = 2_000
MAX_WRITTEN = 50  # bytes of rows to those of the file; real tables give 1 to 12
_LEAST_WRITTEN = 20_000_000
MAX_GAP = 10_000  # empty rows in a row
SAMPLES = 3
SAMPLE = 120
_CHUNK = 1 << 20
_PR_SET_PDEATHSIG = 1
# A cell that an export made harmless (listings.exports.cells) comes back as it was.
_HARMLESS = re.compile("'(?=[=+\\-@\t\r\n＝＋－＠])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = re.compile(r"[-+]?\d[\d.,:/\s-]*%?")


class Refused(Exception):
    """The file as a whole: a code of listings.imports.refusals, and what it is about."""

    def __init__(self, code: str, **about: Any) -> None:
        super().__init__(code)
        self.code, self.about = code, about


class Bad(Exception):
    """One row."""

    def __init__(self, code: str, **about: Any) -> None:
        super().__init__(code)
        self.code, self.about = code, about


Row = dict[str, Any]
Found = tuple[int, Row | None, Bad | None]


def main() -> int:
    """0 when all rows stand in OUT, 3 when the file is refused."""
    form, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    memory, seconds = int(sys.argv[4]), int(sys.argv[5])
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    most = most_written(source)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most + _CHUNK, most + _CHUNK))
    try:
        answer, code = unpack(form, source, target), 0
    except Refused as refused:
        answer, code = {"error": refused.code, "about": refused.about}, 3
    except MemoryError:
        answer, code = {"error": "too_large", "about": {}}, 3
    sys.stdout.write(json.dumps(answer))
    return code


def _die_with_parent() -> None:
    """A worker that is killed leaves no reader behind (Linux; elsewhere the bounds end it)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def unpack(form: str, source: Path, target: Path) -> dict[str, Any]:
    """Write the rows; returns what the file is. Raises Refused."""
    encoding, names, rows = READERS[form](source)
    samples: dict[str, list[str]] = {name: [] for name in names}
    total = written = 0
    most = most_written(source)
    with target.open("w", encoding="ascii") as out:
        for number, row, bad in rows:
            total += 1
            if total > MAX_ROWS:
                raise Refused("too_many_rows", limit=MAX_ROWS)
            line: dict[str, Any] = {"n": number}
            if bad is not None:
                line |= {"error": bad.code, "about": bad.about}
            if row is not None:
                line["row"] = row
                _sample(samples, row)
            text = json.dumps(line) + "\n"
            written += len(text)
            if written > most:
                raise Refused("too_much_to_unpack")
            out.write(text)
    if not total:
        raise Refused("no_rows")
    columns = [{"name": name, "samples": found} for name, found in samples.items()]
    return {"columns": columns, "encoding": encoding, "total": total}


def most_written(source: Path) -> int:
    """Bytes that the rows of a file may take: a cell that is named once and used a thousand times
    makes a small file a large one. A Chinese character is written as six bytes."""
    return _LEAST_WRITTEN + MAX_WRITTEN * source.stat().st_size


def _sample(samples: dict[str, list[str]], row: Row) -> None:
    for name, value in row.items():
        if name not in samples:  # JSONL: each line may bring new names
            if len(samples) >= MAX_COLUMNS:
                raise Refused("too_many_columns", limit=MAX_COLUMNS)
            samples[name] = []
        found = samples[name]
        if len(found) < SAMPLES and value not in (None, "", []):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            text = _CONTROL.sub(" ", " ".join(text[: 4 * SAMPLE].split()))[:SAMPLE]
            if text not in found:
                found.append(text)


# --- CSV and JSONL: encoding, lines --------------------------------------------------------------


def _encoding_of(source: Path) -> str:
    """UTF-8, UTF-16 by its mark, or GB18030, by trying the whole file."""
    with source.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\x00" in head or head.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise Refused("not_text")
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for name in candidates:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            with source.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    if "\x00" in decoder.decode(chunk):
                        raise Refused("not_text")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise Refused("encoding")


def _lines(stream: IO[str], *, whole: bool) -> Iterator[str]:
    """Lines, none longer than the bound. whole: a longer one is given as its beginning (too long
    by one) and the rest is passed over; else the file is refused, since the rows go over lines."""
    number = 0
    while line := stream.readline(MAX_ROW + 1):
        number += 1
        if len(line) > MAX_ROW:
            if not whole:
                raise Refused("row_too_long", row=number)
            rest = line
            while rest and not rest.endswith("\n"):
                rest = stream.readline(MAX_ROW)
        yield line


def _csv(source: Path) -> tuple[str, list[str], Iterator[Found]]:
    encoding = _encoding_of(source)
    with source.open(encoding=encoding, newline="") as stream:
        head = stream.read(64_000)
    delimiter = _delimiter_of(head)
    csv.field_size_limit(MAX_ROW)

    def records() -> Iterator[tuple[int, list[str]]]:
        with source.open(encoding=encoding, newline="") as stream:
            reader = csv.reader(_lines(stream, whole=False), delimiter=delimiter, strict=True)
            number = 0
            try:
                for cells in reader:
                    number += 1
                    if sum(map(len, cells)) > MAX_ROW:
                        raise Refused("row_too_long", row=number)
                    yield number, cells
            except csv.Error as error:
                code = "row_too_long" if "limit" in str(error) else "not_csv"
                raise Refused(code, row=number + 1) from error

    names, rows = _table((number, [(text, "") for text in cells]) for number, cells in records())
    return encoding, names, rows


def _delimiter_of(head: str) -> str:
    """Which sign stands most often in the first line, outside of quotes."""
    line = next((one for one in head.splitlines() if one.strip()), "")
    bare = re.sub(r'"[^"]*"', "", line)
    best = max(",;\t|，", key=bare.count)
    return best if bare.count(best) else ","


def _jsonl(source: Path) -> tuple[str, list[str], Iterator[Found]]:
    encoding = _encoding_of(source)
    with source.open(encoding=encoding) as stream:
        if stream.read(200).lstrip().startswith("["):
            raise Refused("json_array")

    def rows() -> Iterator[Found]:
        with source.open(encoding=encoding, newline="\n") as stream:
            for number, line in enumerate(_lines(stream, whole=True), 1):
                if line.strip():
                    try:
                        yield number, _object(line), None
                    except Bad as bad:
                        yield number, None, bad

    return encoding, [], rows()


def _object(line: str) -> Row:
    if len(line) > MAX_ROW:
        raise Bad("row_long")
    try:
        row = json.loads(line, parse_constant=_no_constant)
        json.dumps(row, ensure_ascii=False).encode()  # half characters stop here
    except (ValueError, RecursionError):
        raise Bad("not_json") from None
    if not isinstance(row, dict):
        raise Bad("not_object")
    if any(_CONTROL.search(name) or len(name) > 200 for name in row):
        raise Bad("column_name")
    return row


def _no_constant(name: str) -> None:
    raise ValueError(name)


# --- Excel ---------------------------------------------------------------------------------------


def _xlsx(source: Path) -> tuple[str, list[str], Iterator[Found]]:
    _check_archive(source)
    from listings.imports import sheets  # noqa: PLC0415 (only the reader that is needed is loaded)

    def records() -> Iterator[tuple[int, list[tuple[str, str]]]]:
        last = 0
        try:
            with sheets.opened(source, most_written(source)) as sheet:
                for number, cells in sheet.rows():
                    if len(cells) > 4 * MAX_COLUMNS:
                        raise Refused("too_many_columns", limit=MAX_COLUMNS)
                    if cells:
                        if number - last > MAX_GAP:
                            raise Refused("too_many_rows", limit=MAX_ROWS)
                        last = number
                    yield number, cells
        except (Refused, MemoryError):
            raise
        except sheets.TooMuch:
            raise Refused("too_much_to_unpack") from None
        except Exception as error:
            raise _refused_by(error, sheets.Unsafe) from None

    names, rows = _table(records())
    return "", names, rows


def _refused_by(error: BaseException, *unsafe: type[Exception]) -> Refused:
    """The refusal for an error of the reader, which wraps that of the guard in its own."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    found: BaseException | None = error
    while found is not None:
        if isinstance(found, (DefusedXmlException, *unsafe)):
            return Refused("xml_entities")
        found = found.__cause__ or found.__context__
    return Refused("not_xlsx")


def _check_archive(source: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Refused("not_xlsx") from None
    if not any(one.filename.startswith("xl/") for one in parts):
        raise Refused("not_xlsx")
    if any(one.flag_bits & 1 for one in parts):
        raise Refused("locked")
    unpacked = sum(one.file_size for one in parts)
    if (
        len(parts) > MAX_PARTS
        or unpacked > MAX_UNPACKED
        or unpacked > 10_000_000 + MAX_RATIO * source.stat().st_size
    ):
        raise Refused("too_much_to_unpack")


# --- Tables --------------------------------------------------------------------------------------


def _table(
    records: Iterator[tuple[int, list[tuple[str, str]]]],
) -> tuple[list[str], Iterator[Found]]:
    """The names in the first filled row, and the rows below it."""
    names: list[str] = []
    for _number, cells in records:
        if any(text.strip() for text, _wrong in cells):
            names = _names([text for text, _wrong in cells])
            break
    if not names:
        raise Refused("no_rows")

    def rows() -> Iterator[Found]:
        for number, cells in records:
            if not any(text.strip() for text, _wrong in cells):
                continue
            yield _row(number, names, cells)

    return names, rows()


def _names(header: list[str]) -> list[str]:
    names = [" ".join(text.split()) for text in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise Refused("too_many_columns", limit=MAX_COLUMNS)
    filled = [name for name in names if name]
    if any(_CONTROL.search(name) for name in filled):
        raise Refused("column_name")
    numbers = sum(1 for name in filled if _NUMBER.fullmatch(name))
    if any(len(name) > 200 for name in filled) or 2 * numbers > len(filled):
        raise Refused("no_header")
    twice = sorted({name for name in filled if filled.count(name) > 1})
    if twice:
        raise Refused("twice", names=", ".join(twice[:5]))
    return [name or f"#{place}" for place, name in enumerate(names, 1)]


def _row(number: int, names: list[str], cells: list[tuple[str, str]]) -> Found:
    row = {
        name: text[1:] if _HARMLESS.match(text) else text
        for name, (text, _wrong) in zip(names, cells, strict=False)
    }
    for name, (text, wrong) in zip(names, cells, strict=False):
        if wrong or text.startswith("="):
            return number, row, Bad(wrong or "formula", column=name)
    if any(text.strip() for text, _wrong in cells[len(names) :]):
        return number, row, Bad("more_cells")
    if sum(map(len, row.values())) > MAX_ROW:
        return number, None, Bad("row_long")
    return number, row, None


READERS = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx}

if __name__ == "__main__":
    sys.exit(main())
