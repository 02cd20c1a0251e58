"""Rows of a JSONL or CSV file, plain or gzipped, one at a time."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from listings.imports.reasons import Reason

MAX_LINE = 5_000_000


class Line(NamedTuple):
    """number: of the line in the file; row: what it holds, or None with what is wrong.

    With an error and a row, the row is for a report only; column: where the error is, if known.
    """

    number: int
    row: Mapping[str, Any] | None
    error: Reason | None = None
    column: str = ""


class Unreadable(ValueError):
    """The file as a whole cannot be read; the message says why."""


def format_of(path: Path) -> str:
    """jsonl or csv by the name; "" when it does not tell."""
    name = path.name.removesuffix(".gz").lower()
    return (
        "csv" if name.endswith(".csv") else "jsonl" if name.endswith((".jsonl", ".ndjson")) else ""
    )


def lines_of(path: Path, form: str, encoding: str = "utf-8-sig") -> Iterator[Line]:
    """All rows of the file. Raises Unreadable."""
    if not path.is_file():
        raise Unreadable(f"{path} is no file")
    try:
        with _opened(path) as stream:
            yield from _jsonl(stream, encoding) if form == "jsonl" else _csv(stream, encoding)
    except (OSError, EOFError) as error:
        raise Unreadable(f"{path.name} cannot be read: {error}") from error


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _jsonl(stream: IO[bytes], encoding: str) -> Iterator[Line]:
    for number, raw in enumerate(stream, 1):
        if not raw.strip():
            continue
        if len(raw) > MAX_LINE:
            yield Line(number, None, _said("the line is longer than 5 MB"))
            continue
        try:
            row = json.loads(raw.decode(encoding))
        except UnicodeDecodeError:
            yield Line(number, None, _said(f"the line is not {encoding}"))
        except (ValueError, RecursionError) as error:
            yield Line(number, None, _said(f"no JSON: {str(error)[:120]}"))
        else:
            if isinstance(row, dict):
                yield Line(number, row)
            else:
                yield Line(number, None, _said("the line is no JSON object"))


def _csv(stream: IO[bytes], encoding: str) -> Iterator[Line]:
    csv.field_size_limit(MAX_LINE)
    reader = csv.DictReader(_decoded(stream, encoding))
    try:
        for row in reader:
            if None in row:
                yield Line(reader.line_num, None, _said("the row has more cells than the header"))
            else:
                yield Line(reader.line_num, row)
    except csv.Error as error:
        raise Unreadable(f"no CSV at line {reader.line_num}: {error}") from error


def _said(text: str) -> Reason:
    """By the command, which speaks English."""
    return Reason(text, text)


def _decoded(stream: IO[bytes], encoding: str) -> Iterator[str]:
    for number, raw in enumerate(stream, 1):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            raise Unreadable(
                f"line {number} is not {encoding}; name the file's encoding, for example gb18030"
            ) from None
        yield text.replace("\x00", "")
