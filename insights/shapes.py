"""A table as the API and files give it: long, one row a year and key."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from insights.naming import row_name
from insights.queries.tables import Row, Table

COLUMNS = (
    "year", "key", "name", "is_part", "contracts", "contracts_share", "contracts_growth",
    "technology", "technology_share", "technology_growth", "total", "average", "amounts", "large",
)  # fmt: skip
# In files growth is an index (the year before = 100): a cell that begins with a minus could be
# taken for a formula.
FILE_COLUMNS = (
    "year", "key", "name", "is_part", "contracts", "contracts_percent", "contracts_index",
    "technology", "technology_percent", "technology_index", "total", "average", "amounts", "large",
)  # fmt: skip
_RATIO, _CENT = Decimal("0.000001"), Decimal("0.01")


def rows_of(table: Table) -> Iterator[dict[str, Any]]:
    """Rows and, with key "total", the total of each year; ratios to six places, CNY to the fen."""
    for row in _all(table):
        name = str(row.year) if row.key == "total" else row_name(table.asked, row)
        yield {
            "year": row.year, "key": row.key, "name": name, "is_part": row.is_part,
            "contracts": row.now.contracts,
            "contracts_share": _round(row.share, _RATIO),
            "contracts_growth": _round(row.growth, _RATIO),
            "technology": _round(row.now.technology, _CENT),
            "technology_share": _round(row.technology_share, _RATIO),
            "technology_growth": _round(row.technology_growth, _RATIO),
            "total": _round(row.now.total, _CENT),
            "average": _round(row.now.average, _CENT),
            "amounts": row.now.amounts, "large": row.now.large,
        }  # fmt: skip


def lines_of(table: Table) -> Iterator[Sequence[Any]]:
    """Rows of a file, under FILE_COLUMNS."""
    for row in rows_of(table):
        yield [
            row["year"], row["key"], row["name"], int(row["is_part"]), row["contracts"],
            _percent(row["contracts_share"]), _index(row["contracts_growth"]),
            row["technology"], _percent(row["technology_share"]),
            _index(row["technology_growth"]), row["total"], row["average"], row["amounts"],
            row["large"],
        ]  # fmt: skip


def _all(table: Table) -> Iterator[Row]:
    for year in range(table.asked.first, table.asked.last + 1):
        yield from table.of(year)
        whole = table.totals[year]
        if table.asked.kind.name != "years":
            yield Row(year, "total", whole.now, whole.before, whole.whole)


def _percent(ratio: Decimal | None) -> Decimal | None:
    return None if ratio is None else ratio * 100


def _index(growth: Decimal | None) -> Decimal | None:
    return None if growth is None else (growth + 1) * 100


def _round(value: Decimal | None, step: Decimal) -> Decimal | None:
    return None if value is None else value.quantize(step, rounding=ROUND_HALF_UP)
