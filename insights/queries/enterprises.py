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

# A kept sum with what waits for it, and what waits alone; each branch can be narrowed by year.
_WHOLE = """
SELECT s.year, s.seller_key, s.seller_name, s.open_name,
  s.contracts + coalesce(w.contracts, 0) AS contracts,
  s.technology + coalesce(w.technology, 0) AS technology,
  s.open_contracts + coalesce(w.open_contracts, 0) AS open_contracts,
  s.open_amounts + coalesce(w.open_amounts, 0) AS open_amounts,
  s.open_technology + coalesce(w.open_technology, 0) AS open_technology
FROM contracts_figureseller s LEFT JOIN waiting w USING (year, seller_key)
WHERE s.year BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT w.year, w.seller_key, w.seller_name, w.open_name, w.contracts, w.technology,
  w.open_contracts, w.open_amounts, w.open_technology
FROM waiting w WHERE w.year BETWEEN %(first)s AND %(last)s AND NOT EXISTS (SELECT 1
  FROM contracts_figureseller s WHERE s.year = w.year AND s.seller_key = w.seller_key)
"""
_WITH = f"WITH waiting AS MATERIALIZED ({sellers_of('contracts_figurechange')})"


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
            f"{_WITH} SELECT year, count(*), max({number}), max({money}),"
            f" count(*) FILTER (WHERE {number} >= {MANY}),"
            f" count(*) FILTER (WHERE {money} >= {MUCH})"
            f" FROM ({_WHOLE}) a WHERE {number} > 0 GROUP BY year ORDER BY year",
            {"first": first, "last": last},
        )
        return [
            EnterpriseYear(year, found, most, Decimal(money) / FEN, many, much)
            for year, found, most, money, many, much in cursor.fetchall()
        ]


def top_enterprises(year: int, *, exact: bool, by: str = "technology") -> list[Enterprise]:
    """The TOP of a year, by technology amount or by contracts."""
    number, money = _columns(exact)
    name = "seller_name" if exact else "open_name"
    amounts = "contracts" if exact else "open_amounts"
    first, second = (money, number) if by == "technology" else (number, money)
    with reading_connection().cursor() as cursor:
        cursor.execute(
            f"{_WITH} SELECT {name}, {number}, {amounts}, {money} FROM ({_WHOLE}) a"
            f" WHERE {number} > 0 ORDER BY {first} DESC, {second} DESC, {name} LIMIT {TOP}",
            {"first": year, "last": year},
        )
        return [
            Enterprise(name, number, amounts, Decimal(money) / FEN)
            for name, number, amounts, money in cursor.fetchall()
        ]


def _columns(exact: bool) -> tuple[str, str]:
    return ("contracts", "technology") if exact else ("open_contracts", "open_technology")
