"""Write the files of a year. Memory does not grow with the register: rows come by a cursor of the
database and go into a compressed file one by one."""

import csv
import gzip
import io
import json
from pathlib import Path

from django.db import transaction
from django.http import QueryDict
from django.utils import translation

from contracts.api.serializers import RegisterEntrySerializer
from contracts.queries import register
from insights import shapes
from insights.asking import read_asked
from insights.queries.tables import table
from marketplace.core.actor import Actor

CHUNK = 1000
TABLES = ("types", "fields", "months", "regions")


def write_entries(path: Path, year: int) -> dict[str, int]:
    """Each entry of the year as a line of JSON, as the API shows it to a visitor. Returns counts by
    state. The same register gives the same bytes."""
    counts: dict[str, int] = {}
    rows = register.narrow(register.registered(), years=[year]).order_by("number")
    shape = RegisterEntrySerializer()
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as lines,
        transaction.atomic(),  # the cursor lives in it
    ):
        for contract in rows.iterator(chunk_size=CHUNK):
            entry = register.entry_of(contract)
            counts[entry.state] = counts.get(entry.state, 0) + 1
            lines.write(json.dumps(shape.to_representation(entry), ensure_ascii=False) + "\n")
    return counts


def write_figures(path: Path, year: int) -> int:
    """The public figures, as a visitor reads them, with codes and English names. Returns rows."""
    query = QueryDict(f"from={year}&to={year}")
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file, translation.override("en"):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("table", *shapes.FILE_COLUMNS))
        for name in TABLES:
            for line in shapes.lines_of(table(read_asked(name, query, Actor.visitor()))):
                writer.writerow((name, *("" if value is None else value for value in line)))
                number += 1
    return number
