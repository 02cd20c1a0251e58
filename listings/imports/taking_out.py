"""The rows of an uploaded file, taken out once by a program of its own within bounds."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.core.files import File
from django.db.models.fields.files import FieldFile

from listings.imports import unpacking
from listings.imports.reading import Line
from listings.imports.reasons import both
from listings.imports.refusals import file_reason, row_reason
from marketplace.core.errors import Invalid

PROGRAM = (sys.executable, "-P", "-m", unpacking.__name__)
# All that the program gets to know of this process.
ENVIRONMENT = {"PYTHONPATH": str(Path(unpacking.__file__).parents[2])}
MEMORY = 1_500_000_000  # bytes of address space
SECONDS = 120  # of a processor, and twice that by the clock
LOOK = 1.0  # seconds; how often it is seen whether anybody still wants the rows
_PIECE = 1 << 20


class Stored(Protocol):
    """What is needed of a run, of this room or of one above."""

    form: str

    @property
    def file(self) -> FieldFile: ...

    @property
    def rows(self) -> FieldFile: ...


@dataclass(frozen=True)
class TakenOut:
    """columns: names with their first values, as JSON. size: bytes of the rows as stored."""

    columns: list[dict[str, Any]]
    encoding: str
    total: int
    size: int


class FileRefused(Invalid):
    """The file as a whole; `code` and `about` are those of listings.imports.refusals."""

    def __init__(self, code: str, about: Mapping[str, Any]) -> None:
        reason = file_reason(code, about)
        super().__init__(code, reason, fields={"file": [reason]})
        self.about = dict(about)


def take_out(run: Stored, is_wanted: Callable[[], bool]) -> TakenOut | None:
    """Write the rows into the storage under the name `run.rows` has. is_wanted is asked every
    second; None, and nothing is stored, when it says no. Raises FileRefused."""
    with tempfile.TemporaryDirectory(prefix="yizhan-import-") as folder:
        source, target = Path(folder, "in"), Path(folder, "out")
        with run.file.open("rb") as stored, source.open("wb") as copy:
            shutil.copyfileobj(stored, copy, _PIECE)
        answer = _ask(run.form, source, target, is_wanted)
        if answer is None or not is_wanted():
            return None
        with target.open("rb") as rows:
            run.rows.name = run.rows.storage.save(run.rows.name, File(rows))
        size = target.stat().st_size
    return TakenOut(answer["columns"], answer["encoding"], answer["total"], size)


def _ask(
    form: str, source: Path, target: Path, is_wanted: Callable[[], bool]
) -> dict[str, Any] | None:
    """The program's answer; None when it was ended because nobody wants it any more."""
    command = [*PROGRAM, form, str(source), str(target), str(MEMORY), str(SECONDS)]
    give_up = time.monotonic() + 2 * SECONDS
    with subprocess.Popen(  # noqa: S603 (our own program; the form is one of three)
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    ) as program:
        try:
            while True:
                try:
                    said, _nothing = program.communicate(timeout=LOOK)
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() > give_up:
                        raise FileRefused("too_large", {}) from None
                    if not is_wanted():
                        return None
        finally:
            program.kill()
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:  # ended by its bounds, before it could say so
        raise FileRefused("too_large", {}) from None
    if "error" in answer:
        raise FileRefused(answer["error"], answer["about"])
    return answer


def lines_from(run: Stored, position: int) -> Iterator[tuple[Line, int]]:
    """Rows from a byte position on, each with the position after it."""
    with run.rows.open("rb") as stream:
        stream.seek(position)
        while raw := stream.readline():
            position += len(raw)
            yield line_of(raw), position


def line_of(raw: bytes) -> Line:
    """One stored line. A row with a fault keeps what it holds, for the report."""
    data = json.loads(raw)
    if "error" in data:
        column = str(data["about"].get("column", ""))
        return Line(data["n"], data.get("row"), both(lambda: row_reason(data["error"])), column)
    return Line(data["n"], data["row"])
