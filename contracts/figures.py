"""Statements that keep the sums of the register: fold what changed, count anew, compare.

Everything is said once, in SQL: the facts of a contract (`FACT`, columns of the view of migration
0004), how they fall into cells (`_FALLS`), how a seller's row is summed (`_SELLERS`). Folding,
rebuilding and checking use the same words, so what is checked is what is kept.
"""

# ruff: noqa: S608 (statements are put together of names of ours alone)
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

BATCH = 20_000
# 10 million yuan of technology, in fen.
LARGE = 1_000_000_000
_LOCK = "contracts.figures"
_MARK = "contracts:figures:mark:{}"

FACT = (
    "contract_id", "year", "month", "type", "field", "region", "seller_kind", "buyer_kind",
    "origin", "destination", "seller_key", "seller_name", "shows_parties", "shows_amount",
    "total", "technology",
)  # fmt: skip
_SELLER = "year, seller_key, seller_name"
_KEY = "cube, year, month, type, field, region, place"
_SUMS = (
    "contracts", "total", "technology", "large", "large_technology", "open_contracts",
    "open_amounts", "open_total", "open_technology", "open_large",
)  # fmt: skip
_SELLER_SUMS = (
    "contracts", "total", "technology", "open_contracts", "open_amounts", "open_technology"
)  # fmt: skip
_ENTERPRISES = "('enterprise', 'enterprise_hmt', 'enterprise_foreign_funded')"

# One row of facts, {facts}, as the rows of all cubes that count it.
_FALLS = f"""
SELECT v.cube, f.year, v.month, v.type, v.field, v.region, v.place,
  f.sign AS contracts, f.sign * f.total AS total, f.sign * f.technology AS technology,
  CASE WHEN f.technology >= {LARGE} THEN f.sign ELSE 0 END AS large,
  CASE WHEN f.technology >= {LARGE} THEN f.sign * f.technology ELSE 0 END AS large_technology,
  CASE WHEN v.shown THEN f.sign ELSE 0 END AS open_contracts,
  CASE WHEN v.shown AND f.shows_amount THEN f.sign ELSE 0 END AS open_amounts,
  CASE WHEN v.shown AND f.shows_amount THEN f.sign * f.total ELSE 0 END AS open_total,
  CASE WHEN v.shown AND f.shows_amount THEN f.sign * f.technology ELSE 0 END AS open_technology,
  CASE WHEN v.shown AND f.technology >= {LARGE} THEN f.sign ELSE 0 END AS open_large
FROM {{facts}} f CROSS JOIN LATERAL (VALUES
  ('year', 0, f.type, f.field, f.region, '', true),
  ('month', f.month::int, f.type, f.field, f.region, '', true),
  ('seller', 0, f.type, f.field, f.region, f.seller_kind, f.shows_parties),
  ('buyer', 0, f.type, f.field, f.region, f.buyer_kind, f.shows_parties),
  ('route', 0, '', '', figure_province(f.origin), figure_province(f.destination),
    f.shows_parties),
  ('flow', 0, f.type, f.field, figure_province(f.origin), figure_province(f.destination),
    f.shows_parties),
  ('city', 0, f.type, f.field, f.origin,
    CASE WHEN figure_province(f.origin) = figure_province(f.destination)
    THEN f.destination ELSE figure_province(f.destination) END, f.shows_parties)
) AS v(cube, month, type, field, region, place, shown)
"""
_SELLERS = f"""
SELECT f.year, f.seller_key, f.seller_name,
  sum(f.sign) AS contracts, sum(f.sign * f.total) AS total,
  sum(f.sign * f.technology) AS technology,
  sum(CASE WHEN f.shows_parties THEN f.sign ELSE 0 END) AS open_contracts,
  sum(CASE WHEN f.shows_parties AND f.shows_amount THEN f.sign ELSE 0 END) AS open_amounts,
  sum(CASE WHEN f.shows_parties AND f.shows_amount THEN f.sign * f.technology ELSE 0 END)
    AS open_technology
FROM {{facts}} f WHERE f.seller_kind IN {_ENTERPRISES}
GROUP BY f.year, f.seller_key, f.seller_name
"""


def cells_of(facts: str) -> str:
    """Statement: rows of cells, not summed, of a table or CTE with the columns FACT and sign."""
    return _FALLS.format(facts=facts)


def sellers_of(facts: str) -> str:
    """Statement: the enterprises' rows, summed by year, key and name."""
    return _SELLERS.format(facts=facts)


def _adding(facts: str) -> str:
    """Two CTEs that add the facts to what is kept."""
    sums = ", ".join(f"sum({name})" for name in _SUMS)
    more = ", ".join(f"{name} = k.{name} + excluded.{name}" for name in _SUMS)
    theirs = ", ".join(f"{name} = k.{name} + excluded.{name}" for name in _SELLER_SUMS)
    return (
        f"added AS (INSERT INTO contracts_figurecell AS k ({_KEY}, {', '.join(_SUMS)})"
        f" SELECT {_KEY}, {sums} FROM ({cells_of(facts)}) falls GROUP BY {_KEY}"
        " ON CONFLICT (cube, region, year, type, field, place, month)"
        f" DO UPDATE SET {more} RETURNING 1),"
        " sold AS (INSERT INTO contracts_figureseller AS k"
        f" ({_SELLER}, {', '.join(_SELLER_SUMS)})"
        f" {sellers_of(facts)} ON CONFLICT ({_SELLER}) DO UPDATE SET {theirs} RETURNING 1)"
    )


def fold(limit: int = BATCH) -> int:
    """Fold waiting changes into the sums; returns how many there were.

    One statement: a change is gone exactly when it is summed, so a killed worker loses nothing and
    counts nothing twice.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _wait(cursor)
        cursor.execute(
            "WITH taken AS MATERIALIZED (DELETE FROM contracts_figurechange WHERE id IN"
            " (SELECT id FROM contracts_figurechange ORDER BY id LIMIT %s) RETURNING *),"
            f" {_adding('taken')} SELECT count(*) FROM taken",
            [limit],
        )
        return int(cursor.fetchone()[0])


def fold_all() -> int:
    """Fold until nothing waits; returns how many changes were folded."""
    changed = waiting_years()
    done = 0
    while folded := fold():
        done += folded
    renew_marks(changed)
    return done


def waiting_years() -> list[int]:
    """Years with changes that are not folded yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT year FROM contracts_figurechange")
        return [row[0] for row in cursor.fetchall()]


def mark_of(year: int) -> str:
    """Stays the same while the kept sums of the year do; for what is worked out of them."""
    return str(cache.get_or_set(_MARK.format(year), lambda: uuid.uuid4().hex, None))


def renew_marks(changed: Iterable[int]) -> None:
    cache.set_many({_MARK.format(year): uuid.uuid4().hex for year in changed}, None)


def years() -> list[int]:
    """Years that the register or the sums know, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT left(number, 4)::int FROM contracts_contract WHERE state = "
            "'registered' UNION SELECT DISTINCT year FROM contracts_figurecell"
            " UNION SELECT DISTINCT year FROM contracts_figurechange ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def rebuild(year: int) -> int:
    """Count a year anew from its contracts; returns how many. Registering goes on meanwhile: the
    one statement that counts also drops the changes that it has seen, and no others."""
    with transaction.atomic(), connection.cursor() as cursor:
        _wait(cursor)
        cursor.execute("DELETE FROM contracts_figurecell WHERE year = %s", [year])
        cursor.execute("DELETE FROM contracts_figureseller WHERE year = %s", [year])
        cursor.execute(
            f"WITH facts AS MATERIALIZED (SELECT 1 AS sign, * FROM contracts_figurefact"
            " WHERE state = 'registered' AND number >= %s AND number < %s),"
            " gone AS (DELETE FROM contracts_figurechange WHERE year = %s RETURNING 1),"
            f" {_adding('facts')} SELECT count(*) FROM facts",
            [f"{year:04d}", f"{year + 1:04d}", year],
        )
        counted = int(cursor.fetchone()[0])
    renew_marks([year])
    return counted


def differences(year: int) -> int:
    """How many sums of a year differ from a count of its contracts; 0 is what should be."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in _SUMS)
    theirs = ", ".join(f"sum({name}) AS {name}" for name in _SELLER_SUMS)
    kept = f"SELECT {_KEY}, {', '.join(_SUMS)} FROM contracts_figurecell WHERE year = %(year)s"
    sellers = f"{_SELLER}, {', '.join(_SELLER_SUMS)}"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH facts AS MATERIALIZED (SELECT 1 AS sign, * FROM contracts_figurefact"
            " WHERE state = 'registered' AND number >= %(from)s AND number < %(to)s),"
            " waiting AS (SELECT * FROM contracts_figurechange WHERE year = %(year)s),"
            f" counted AS (SELECT {_KEY}, {sums} FROM ({cells_of('facts')}) a GROUP BY {_KEY}),"
            f" summed AS (SELECT {_KEY}, {sums} FROM ({kept} UNION ALL {cells_of('waiting')}) b"
            f" GROUP BY {_KEY} HAVING sum(contracts) <> 0),"
            f" sold AS (SELECT {sellers} FROM ({sellers_of('facts')}) c),"
            f" held AS (SELECT {_SELLER}, {theirs} FROM (SELECT {sellers} FROM"
            f" contracts_figureseller WHERE year = %(year)s UNION ALL SELECT {sellers} FROM"
            f" ({sellers_of('waiting')}) w) d GROUP BY {_SELLER} HAVING sum(contracts) <> 0)"
            " SELECT (SELECT count(*) FROM (TABLE counted EXCEPT TABLE summed) e)"
            " + (SELECT count(*) FROM (TABLE summed EXCEPT TABLE counted) e)"
            " + (SELECT count(*) FROM (TABLE sold EXCEPT TABLE held) e)"
            " + (SELECT count(*) FROM (TABLE held EXCEPT TABLE sold) e)",
            {"from": f"{year:04d}", "to": f"{year + 1:04d}", "year": year},
        )
        return int(cursor.fetchone()[0])


def count_wrong_years() -> list[int]:
    """Rebuild the years whose sums differ from their contracts; returns them. Each year is a
    transaction of its own: stopped and run again, it goes on with what is left."""
    wrong = [year for year in years() if differences(year)]
    for year in wrong:
        rebuild(year)
    return wrong


def use_zone() -> None:
    """Months are those of TIME_ZONE; the database keeps its name. For after a change of it."""
    with connection.cursor() as cursor:
        cursor.execute(zone_statement())


def zone_statement() -> str:
    """Statement: the function that names the register's time zone."""
    name = settings.TIME_ZONE.replace("'", "''")
    return (
        "CREATE OR REPLACE FUNCTION figure_zone() RETURNS text LANGUAGE sql IMMUTABLE"
        f" AS $zone$ SELECT '{name}' $zone$"
    )


def _wait(cursor: object) -> None:
    """One folds or rebuilds at a time; registering never waits for it."""
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK]
    )
