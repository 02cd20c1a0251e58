"""Enterprises that registered contracts as sellers: how many a year, and the largest."""

# ruff: noqa: S608 (statements are put together of names of ours alone)

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.core.cache import cache

from contracts.figures import mark_of, sellers_of, waiting_years
from insights.queries.tables import FEN
from marketplace.core.replicas import reading_connection

MANY = 100  # contracts of one enterprise in a year
MUCH = 10_000_000_000  # fen: 100 million yuan
TOP = 20
LONG = 0.05  # seconds: a year of few enterprises is worked out each time
KEPT = 600  # seconds: a reader of a replica that lags far behind may have kept what is old
KEPT_WAITING = 45  # seconds, where contracts of the year are being registered
T = TypeVar("T")

# Kept sums and what waits for them, not yet added up, by the seller's key and name.
_COLUMNS = (
    "year, seller_key, seller_name, contracts, technology, open_contracts, open_amounts,"
    " open_technology"
)
_WHOLE = (
    f"SELECT {_COLUMNS} FROM contracts_figureseller WHERE year = ANY(%(years)s)"
    f" UNION ALL SELECT {_COLUMNS} FROM ({sellers_of('contracts_figurechange')}) waiting"
    " WHERE year = ANY(%(years)s)"
)


@dataclass(frozen=True, slots=True)
class EnterpriseYear:
    """many: enterprises with MANY contracts and more; much: with 100 million yuan and more."""

    year: int
    enterprises: int
    most_contracts: int
    most_technology: Decimal
    many: int
    much: int


@dataclass(frozen=True, slots=True)
class Enterprise:
    """technology: CNY; of the open reading, of `amounts` contracts only."""

    name: str
    contracts: int
    amounts: int
    technology: Decimal


@dataclass(frozen=True, slots=True)
class Enterprises:
    """largest: by technology amount; busiest: by contracts."""

    years: list[EnterpriseYear]
    largest: list[Enterprise]
    busiest: list[Enterprise]


def enterprises(first: int, last: int, *, exact: bool) -> Enterprises:
    """All that is told of them: of the years, and of the last one who is at the top."""
    waiting = waiting_years()
    return Enterprises(
        years=enterprise_years(first, last, exact=exact, waiting=waiting),
        largest=top_enterprises(last, exact=exact, waiting=waiting),
        busiest=top_enterprises(last, exact=exact, by="contracts", waiting=waiting),
    )


def enterprise_years(
    first: int, last: int, *, exact: bool, waiting: Collection[int] | None = None
) -> list[EnterpriseYear]:
    """Year by year; of the open reading, enterprises and contracts that the register names.

    waiting: years with changes that are not folded yet, where that is known already."""
    found = _worked_out(
        "years", range(first, last + 1), lambda years: _enterprise_years(years, exact),
        exact=exact, waiting=waiting,
    )  # fmt: skip
    return [one for year in sorted(found) if (one := found[year]) is not None]


def _enterprise_years(years: Sequence[int], exact: bool) -> dict[int, EnterpriseYear | None]:
    number, money = _columns(exact)
    found: dict[int, EnterpriseYear | None] = dict.fromkeys(years)
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "SELECT year, count(*), max(number), max(money),"
            f" count(*) FILTER (WHERE number >= {MANY}), count(*) FILTER (WHERE money >= {MUCH})"
            f" FROM (SELECT year, sum({number}) AS number, sum({money}) AS money"
            f" FROM ({_WHOLE}) a GROUP BY year, seller_key) b"
            " WHERE number > 0 GROUP BY year",
            {"years": list(years)},
        )
        for year, enterprises, most, amount, many, much in cursor.fetchall():
            found[year] = EnterpriseYear(
                year, enterprises, int(most), Decimal(amount) / FEN, many, much
            )
    return found


def top_enterprises(
    year: int, *, exact: bool, by: str = "technology", waiting: Collection[int] | None = None
) -> list[Enterprise]:
    """The TOP of a year, by technology amount or by contracts. Each by a name that a contract
    gives which counts now; of the open reading, one that the register shows."""
    return _worked_out(
        f"top-{by}", [year], lambda years: {year: _top(year, exact, by)}, exact=exact,
        waiting=waiting,
    )[year]  # fmt: skip


def _top(year: int, exact: bool, by: str) -> list[Enterprise]:
    number, money = _columns(exact)
    amounts = "contracts" if exact else "open_amounts"
    order = "money DESC, number DESC" if by == "technology" else "number DESC, money DESC"
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "SELECT max(seller_name) FILTER (WHERE number > 0) AS name, sum(number) AS number,"
            " sum(amounts) AS amounts, sum(money) AS money FROM (SELECT seller_key, seller_name,"
            f" sum({number}) AS number, sum({amounts}) AS amounts, sum({money}) AS money"
            f" FROM ({_WHOLE}) a GROUP BY seller_key, seller_name) b"
            f" GROUP BY seller_key HAVING sum(number) > 0 ORDER BY {order}, name LIMIT {TOP}",
            {"years": [year]},
        )
        return [
            Enterprise(name, int(number), int(amounts), Decimal(money) / FEN)
            for name, number, amounts, money in cursor.fetchall()
        ]


def _worked_out(
    name: str, years: Iterable[int], work: Callable[[list[int]], dict[int, T]], *, exact: bool,
    waiting: Collection[int] | None,
) -> dict[int, T]:  # fmt: skip
    """What is worked out of all enterprises of a year, for some years. Where that took long it is
    kept: while the sums of the year stay the same, and for KEPT_WAITING while some are registered.
    """
    waiting = waiting_years() if waiting is None else waiting
    keys = {
        year: f"insights:enterprises:{name}:{exact}:{year}:"
        + ("waiting" if year in waiting else mark_of(year))
        for year in years
    }
    known = cache.get_many(keys.values())
    rest = [year for year, key in keys.items() if key not in known]
    found: dict[int, T] = {year: known[key] for year, key in keys.items() if key in known}
    if not rest:
        return found
    started = time.perf_counter()
    fresh = work(rest)
    if time.perf_counter() - started > LONG:
        for year, answer in fresh.items():
            cache.set(keys[year], answer, KEPT_WAITING if year in waiting else KEPT)
    return found | fresh


def _columns(exact: bool) -> tuple[str, str]:
    return ("contracts", "technology") if exact else ("open_contracts", "open_technology")
