"""The data that is measured on: a scratch database with the demo market, scaled."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, connections

from listings.models import SearchEntry
from marketplace.core.encoder import encoder

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


def add_meanings() -> int:
    """Give every entry without one a meaning: real vectors of authored texts, with noise.

    Encoding 100,000 texts would take a quarter of an hour on two cores; what is measured is the
    index, and for it the vectors must lie as real ones do. Returns how many were added.
    """
    import numpy as np  # noqa: PLC0415

    model = encoder()
    if model is None:
        return 0
    rows: list[Any] = list(
        SearchEntry.objects.filter(meaning_full__isnull=False).values_list(
            "meaning_full", flat=True
        )
    )
    if not rows:
        texts = SearchEntry.objects.order_by("pk").select_related("listing")[:400]
        rows = model.passages(
            [f"{e.listing.title_en} {e.listing.title_zh} {e.listing.summary_en}" for e in texts]
        )
    base = np.array([getattr(row, "to_list", lambda r=row: r)() for row in rows[:2000]], dtype="f4")
    dice = np.random.default_rng(SEED)
    missing = SearchEntry.objects.filter(meaning_full__isnull=True).values_list("pk", flat=True)
    added = 0
    with connection.cursor() as cursor:
        for name in _INDEXES:
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        for keys in batched_keys(list(missing), 2000):
            picks = base[dice.integers(0, len(base), len(keys))]
            noise = dice.normal(0, NOISE / np.sqrt(base.shape[1]), picks.shape)
            vectors = picks + noise
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            texts_of = ["[" + ",".join(f"{x:.4f}" for x in row) + "]" for row in vectors]
            cursor.execute(
                "UPDATE listings_searchentry SET meaning_full = v.m::halfvec, "
                "meaning_public = v.m::halfvec, encoder = %s "
                "FROM unnest(%s::bigint[], %s::text[]) AS v(id, m) WHERE listing_id = v.id",
                [model.name, list(keys), texts_of],
            )
            added += len(keys)
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for name, column in _INDEXES.items():
            cursor.execute(
                f"CREATE INDEX {name} ON listings_searchentry "
                f"USING hnsw ({column} halfvec_cosine_ops) WITH (m = 16, ef_construction = 64)"
            )
    return added


def batched_keys(keys: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def settle() -> None:
    """What autovacuum would have done by now."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
