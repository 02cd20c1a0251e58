"""The rows of an uploaded file, taken out once by a program of its own within bounds."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File

from listings.imports import unpacking
from listings.imports.reading import Line
from listings.imports.refusals import file_reason, row_reason
from listings.models import ImportRun
from marketplace.core.errors import Invalid

PROGRAM = (sys.executable, "-P", "-m", unpacking.__name__)
# All that the program gets to know of this process.
ENVIRONMENT = {"PYTHONPATH": str(Path(unpacking.__file__).parents[2])}
MEMORY = 1_500_000_000  # bytes of address space
SECONDS = 120  # of a processor, and twice that by the clock
_PIECE = 1 << 20


@dataclass(frozen=True)
class TakenOut:
    """columns: names with their first values, as JSON."""

    columns: list[dict[str, Any]]
    encoding: str
    total: int


def take_out(run: ImportRun) -> TakenOut:
    """Write `run.rows` (in storage; the caller saves the run). Raises Invalid with the reason."""
    with tempfile.TemporaryDirectory(prefix="yizhan-import-") as folder:
        source, target = Path(folder, "in"), Path(folder, "out")
        with run.file.open("rb") as stored, source.open("wb") as copy:
            shutil.copyfileobj(stored, copy, _PIECE)
        answer = _ask(run.form, source, target)
        with target.open("rb") as rows:
            run.rows.save(f"{run.public_id}.rows", File(rows), save=False)
    return TakenOut(answer["columns"], answer["encoding"], answer["total"])


def _ask(form: str, source: Path, target: Path) -> dict[str, Any]:
    command = [*PROGRAM, form, str(source), str(target), str(MEMORY), str(SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603 (our own program; the form is one of three)
            command, capture_output=True, timeout=2 * SECONDS, check=False, env=ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        raise _refused("too_large", {}) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:  # ended by its bounds, before it could say so
        raise _refused("too_large", {}) from None
    if "error" in answer:
        raise _refused(answer["error"], answer["about"])
    return answer


def _refused(code: str, about: dict[str, Any]) -> Invalid:
    return Invalid(code, file_reason(code, about), fields={"file": [file_reason(code, about)]})


def lines_from(run: ImportRun, position: int) -> Iterator[tuple[Line, int]]:
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
        return Line(data["n"], data.get("row"), row_reason(data["error"]), column)
    return Line(data["n"], data["row"])
