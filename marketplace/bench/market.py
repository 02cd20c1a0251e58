"""The data that is measured on: a scratch database with the demo market, scaled."""

import os
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
_INDEXES = {
    "search_meaning_public": "meaning_public",
    "search_meaning_full": "meaning_full",
}


@contextmanager
def scratch_database() -> Iterator[str]:
    """Make a database of its own on the same server, use it in this process; yields its URL.

    It is dropped at the end; the market's own database is never written. Raises KeyError where
    the environment has no DATABASE_URL.
    """
    original = dict(settings.DATABASES["default"])
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{NAME}"')
    connection.close()
    connection.settings_dict["NAME"] = NAME
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{NAME}").geturl()
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original["NAME"]
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


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
def meanings_indexed_after() -> Iterator[None]:
    """Leave the indexes of meanings away while many rows come, and build them at the end: several
    times quicker than row by row, and what a large import should do, too."""
    with connection.cursor() as cursor:
        for name in _INDEXES:
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '2GB'")
        cursor.execute("SET max_parallel_maintenance_workers = 2")
        for name, column in _INDEXES.items():
            cursor.execute(
                f"CREATE INDEX {name} ON listings_searchentry "
                f"USING hnsw ({column} halfvec_cosine_ops) WITH (m = 16, ef_construction = 64)"
            )


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
