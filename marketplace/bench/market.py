"""The data that is measured on: a scratch database with the demo market, scaled."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, connections

from marketplace.demo import meanings

NAME = "yizhan_bench"
SEED = 7
# A made meaning is a real one (of an authored listing) with this much noise mixed in.
NOISE = 0.5
_FILLED = ("listings_listing", "listings_specification", "listings_searchentry")


@contextmanager
def scratch_database(name: str = NAME, *, keep: bool = False) -> Iterator[str]:
    """Make a database of its own on the same server, use it in this process; yields its URL.

    It is dropped at the end; the market's own database is never written. keep: it stays, and one
    that stayed from an earlier run is used as it is. Raises KeyError where the environment has no
    DATABASE_URL.
    """
    original = dict(settings.DATABASES["default"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not (keep and cursor.fetchone()):
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original["NAME"]
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class MadeMeanings:
    """Vectors for made listings: real ones (of authored texts) with noise.

    Encoding 100,000 texts would take hours on two cores; what is measured is the index, and for it
    the vectors must lie as real ones do.
    """

    def __init__(self) -> None:
        import numpy as np  # noqa: PLC0415

        with np.load(meanings.FILE) as kept:
            self.base = np.asarray(kept["vectors"], dtype="f4")
            self.name = str(kept["encoder"])
        self.dice = np.random.default_rng(SEED)
        self.scale = NOISE / np.sqrt(self.base.shape[1])

    def __call__(self, number: int) -> tuple[str, list[str]]:
        picks = self.base[self.dice.integers(0, len(self.base), number)]
        vectors = picks + self.dice.normal(0, self.scale, picks.shape)
        vectors /= (vectors**2).sum(axis=1, keepdims=True) ** 0.5
        return self.name, ["[" + ",".join(f"{x:.4f}" for x in row) + "]" for row in vectors]


@contextmanager
def indexed_after() -> Iterator[dict[str, float]]:
    """Leave the indexes away while many rows come, and build them at the end: several times quicker
    than row by row, and what a large import should do, too. What is unique stays.

    Yields a dict that afterwards holds the seconds that each index took. What was dropped is
    written down in the database, so that a run that was stopped can be taken up (--keep).
    """
    seconds: dict[str, float] = {}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_dropped (name text, definition text)")
        cursor.execute(
            "INSERT INTO bench_dropped SELECT c.relname, pg_get_indexdef(i.indexrelid)"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = ANY(%s::text[]::regclass[]) AND NOT i.indisunique"
            " ORDER BY c.relname",
            [list(_FILLED)],
        )
        cursor.execute("SELECT name, definition FROM bench_dropped")
        indexes = dict(cursor.fetchall())
        for name in indexes:
            cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
    yield seconds
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '2GB'")
        cursor.execute("SET max_parallel_maintenance_workers = 2")
        for name, definition in indexes.items():
            started = time.perf_counter()
            cursor.execute(definition)
            seconds[name] = round(time.perf_counter() - started, 1)
            cursor.execute("DELETE FROM bench_dropped WHERE name = %s", [name])


def is_indexed() -> bool:
    """Whether no index waits to be built since a run was stopped."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_dropped') IS NULL")
        if cursor.fetchone()[0]:
            return True
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM bench_dropped)")
        return bool(cursor.fetchone()[0])


def index_sizes() -> dict[str, float]:
    """Megabytes of the search table (with what lies outside its rows) and of its indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'rows', pg_relation_size('listings_searchentry') UNION ALL"
            " SELECT 'words and meanings', pg_table_size('listings_searchentry')"
            " - pg_relation_size('listings_searchentry') UNION ALL"
            " SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes"
            " WHERE relname = 'listings_searchentry'"
        )
        return {name: round(size / 1024 / 1024, 1) for name, size in cursor.fetchall()}


def settle() -> None:
    """What autovacuum would have done by now."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
