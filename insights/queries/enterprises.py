"""Enterprises that registered contracts as sellers: how many a year, and the largest."""

# ruff: noqa: S608 (statements are put together of names of ours alone)

from dataclasses import dataclass
from decimal import Decimal

from contracts.figures import sellers_of
from insights.queries.tables import FEN
from marketplace.core.replicas import reading_connection

MANY = 100  # contracts of one enterprise in a year
MUCH = 10_000_000_000  # fen: 100 million yuan
TOP = 20

# Kept sums and what waits for them, not yet added up, by the seller's key and name.
_COLUMNS = (
    "year, seller_key, seller_name, contracts, technology, open_contracts, open_amounts,"
    " open_technology"
)
_WHOLE = (
    f"SELECT {_COLUMNS} FROM contracts_figureseller WHERE year BETWEEN %(first)s AND %(last)s"
    f" UNION ALL SELECT {_COLUMNS} FROM ({sellers_of('contracts_figurechange')}) waiting"
    " WHERE year BETWEEN %(first)s AND %(last)s"
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


def enterprise_years(first: int, last: int, *, exact: bool) -> list[EnterpriseYear]:
    """Year by year; of the open reading, enterprises and contracts that the register names."""
    number, money = _columns(exact)
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "SELECT year, count(*), max(number), max(money),"
            f" count(*) FILTER (WHERE number >= {MANY}), count(*) FILTER (WHERE money >= {MUCH})"
            f" FROM (SELECT year, sum({number}) AS number, sum({money}) AS money"
            f" FROM ({_WHOLE}) a GROUP BY year, seller_key) b"
            " WHERE number > 0 GROUP BY year ORDER BY year",
            {"first": first, "last": last},
        )
        return [
            EnterpriseYear(year, found, int(most), Decimal(money) / FEN, many, much)
            for year, found, most, money, many, much in cursor.fetchall()
        ]


def top_enterprises(year: int, *, exact: bool, by: str = "technology") -> list[Enterprise]:
    """The TOP of a year, by technology amount or by contracts. Each by a name that a contract
    gives which counts now; of the open reading, one that the register shows."""
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
            {"first": year, "last": year},
        )
        return [
            Enterprise(name, int(number), int(amounts), Decimal(money) / FEN)
            for name, number, amounts, money in cursor.fetchall()
        ]


def _columns(exact: bool) -> tuple[str, str]:
    return ("contracts", "technology") if exact else ("open_contracts", "open_technology")
