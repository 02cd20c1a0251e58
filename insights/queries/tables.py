"""Tables of registered contracts: exact at every moment, from sums and what is not yet folded.

One statement a table. Registered means: today's editions, counted in the year of their number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from contracts.figures import cells_of
from marketplace.core import regions
from marketplace.core.replicas import reading_connection

FEN = Decimal(100)
ENTERPRISES = ("enterprise", "enterprise_hmt", "enterprise_foreign_funded")


@dataclass(frozen=True, slots=True)
class Kind:
    """A table: which sums it reads, and by which of their columns."""

    name: str
    cube: str
    key: str = ""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("years", "year"),
        Kind("types", "year", "type"),
        Kind("statistical-types", "year", "type"),
        Kind("fields", "year", "field"),
        Kind("regions", "year", "region"),
        Kind("sellers", "seller", "place"),
        Kind("buyers", "buyer", "place"),
        Kind("origins", "flow", "region"),
        Kind("destinations", "flow", "place"),
        Kind("flows", "flow", "region || '>' || place"),
        Kind("months", "month", "month::text"),
    )
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a table. first, last: years, both included. region: a province's code; of
    the tables of flows also a city's: where the sellers are. exact: see readings."""

    kind: Kind
    first: int
    last: int
    type: str = ""
    field: str = ""
    region: str = ""
    exact: bool = False

    def __post_init__(self) -> None:
        assert self.first <= self.last


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell. Amounts are CNY; of the open reading they are of `amounts` contracts only."""

    contracts: int = 0
    amounts: int = 0
    total: Decimal = Decimal(0)
    technology: Decimal = Decimal(0)
    large: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            self.contracts + other.contracts, self.amounts + other.amounts,
            self.total + other.total, self.technology + other.technology,
            self.large + other.large,
        )  # fmt: skip

    @property
    def average(self) -> Decimal | None:
        """Technology amount a contract; None where no amount is counted."""
        return self.technology / self.amounts if self.amounts else None


NOTHING = Figure()


@dataclass(frozen=True, slots=True)
class Row:
    """A key of a table in one year, with the year before beside it. Shares are of the table's
    total of that year; growth is None where there was nothing."""

    year: int
    key: str
    now: Figure
    before: Figure
    whole: Figure
    is_part: bool = False  # a sum of other rows, not counted in the total

    @property
    def share(self) -> Decimal | None:
        return _ratio(self.now.contracts, self.whole.contracts)

    @property
    def technology_share(self) -> Decimal | None:
        return _ratio(self.now.technology, self.whole.technology)

    @property
    def growth(self) -> Decimal | None:
        return _growth(self.now.contracts, self.before.contracts)

    @property
    def technology_growth(self) -> Decimal | None:
        return _growth(self.now.technology, self.before.technology)


@dataclass(frozen=True, slots=True)
class Table:
    asked: Asked
    rows: tuple[Row, ...]  # by year, then largest technology amount first
    totals: dict[int, Row]

    def of(self, year: int) -> list[Row]:
        return [row for row in self.rows if row.year == year]

    def row(self, year: int, key: str) -> Row | None:
        return next((row for row in self.rows if (row.year, row.key) == (year, key)), None)


def table(asked: Asked) -> Table:
    """Count a table, in one statement."""
    found = _grouped(asked, _sums(asked))
    years = range(asked.first, asked.last + 1)
    wholes = {
        year: sum((f for (y, _), f in found.items() if y == year), NOTHING)
        for year in (asked.first - 1, *years)
    }
    parts = _parts(asked, found)
    rows: list[Row] = []
    for year in years:
        keys = {key for y, key in found if y in (year, year - 1)}
        some = [_row(year, key, found, wholes[year]) for key in keys]
        some += [
            replace(_row(year, key, parts, wholes[year]), is_part=True)
            for y, key in parts
            if y == year
        ]
        rows += sorted(
            (row for row in some if row.now != NOTHING or row.before != NOTHING),
            key=lambda row: _order(asked, row),
        )
    totals = {year: Row(year, "", wholes[year], wholes[year - 1], wholes[year]) for year in years}
    return Table(asked, tuple(rows), totals)


def figure_of(asked: Asked, key: str | None) -> Figure:
    """One cell of the last year, for whoever opens it; key None: the total."""
    found = table(replace(asked, first=asked.last))
    if key is None:
        return found.totals[asked.last].now
    row = found.row(asked.last, key)
    return row.now if row else NOTHING


def _row(year: int, key: str, found: dict[tuple[int, str], Figure], whole: Figure) -> Row:
    return Row(
        year, key, found.get((year, key), NOTHING), found.get((year - 1, key), NOTHING), whole
    )


def _order(asked: Asked, row: Row) -> tuple[Any, ...]:
    if asked.kind.cube == "month":
        return (int(row.key),)
    return (-row.now.technology, -row.now.contracts, row.key)


def _grouped(asked: Asked, sums: Iterable[tuple[Any, ...]]) -> dict[tuple[int, str], Figure]:
    found: dict[tuple[int, str], Figure] = {}
    for year, key, contracts, amounts, total, technology, large in sums:
        if asked.kind.name == "statistical-types" and key == "licence":
            key = "transfer"  # statistics count a licence as a transfer
        figure = Figure(
            int(contracts), int(amounts), Decimal(total) / FEN, Decimal(technology) / FEN,
            int(large),
        )  # fmt: skip
        if figure != NOTHING:
            found[year, key] = found.get((year, key), NOTHING) + figure
    return found


def _parts(asked: Asked, found: dict[tuple[int, str], Figure]) -> dict[tuple[int, str], Figure]:
    """Sums of several rows that readers look for: all enterprises, all that went abroad."""
    parts: dict[tuple[int, str], Figure] = {}
    for (year, key), figure in found.items():
        if asked.kind.cube in ("seller", "buyer") and key in ENTERPRISES:
            name = "enterprises"
        elif asked.kind.name == "destinations" and len(key) == 2:
            name = "abroad"
        else:
            continue
        parts[year, name] = parts.get((year, name), NOTHING) + figure
    return parts


def _sums(asked: Asked) -> list[tuple[Any, ...]]:
    """(year, key, contracts, amounts, total, technology, large) from the year before the first."""
    cube, key = asked.kind.cube, asked.kind.key or "''"
    if cube == "flow" and asked.region and regions.prefix(asked.region) != asked.region[:2]:
        cube = "city"
    elif cube == "flow" and not (asked.type or asked.field):
        cube = "route"
    columns = (
        "contracts, contracts, total, technology, large"
        if asked.exact
        else "open_contracts, open_amounts, open_total, open_technology, open_large"
    )
    summed = ", ".join(f"sum({name.strip()})" for name in columns.split(","))
    where = "cube = %(cube)s AND year BETWEEN %(first)s AND %(last)s"
    for name in ("type", "field", "region"):
        if getattr(asked, name):
            where += f" AND {name} = %({name})s"
    needed = f"cube, year, type, field, region, place, month, {_once(columns)}"
    with reading_connection().cursor() as cursor:
        cursor.execute(
            f"SELECT year, {key}, {summed} FROM ("  # noqa: S608 (names of ours alone)
            f"SELECT {needed} FROM contracts_figurecell WHERE {where} UNION ALL"
            f" SELECT {needed} FROM ({cells_of('contracts_figurechange')}) waiting WHERE {where}"
            ") sums GROUP BY 1, 2",
            {
                "cube": cube, "first": asked.first - 1, "last": asked.last,
                "type": asked.type, "field": asked.field, "region": asked.region,
            },
        )  # fmt: skip
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _once(columns: str) -> str:
    return ", ".join(dict.fromkeys(name.strip() for name in columns.split(",")))


def _ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None


def _growth(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    return Decimal(now) / Decimal(before) - 1 if before else None
