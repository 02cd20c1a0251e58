"""Near-duplicates: listings whose words are almost the same.

A simhash of 64 bits over the words; two texts that differ in a few words differ in a few bits.
The four bands of 16 bits let an index find candidates: texts that differ in up to three bits
share at least one band, most that differ in up to MAX_DISTANCE do.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import Q

from listings import states
from listings.models import Listing
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.words import tokens

BITS = 64
BANDS = 4
MAX_DISTANCE = 8
MIN_WORDS = 8  # below that a text says too little to be compared


@lru_cache(maxsize=65_536)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def simhash(words: Sequence[str]) -> int:
    """The fingerprint as a signed 64-bit number (as PostgreSQL keeps it); 0 for too few words."""
    counts = Counter(words)
    if len(counts) < MIN_WORDS:
        return 0
    hashes = np.fromiter((_hash(word) for word in counts), dtype=">u8", count=len(counts))
    weights = np.sqrt(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))
    bits = np.unpackbits(hashes.view(np.uint8)).reshape(-1, BITS).astype(np.float64)
    score = weights @ (bits * 2 - 1)
    unsigned = int.from_bytes(np.packbits(score > 0).tobytes(), "big")
    return unsigned - (1 << BITS) if unsigned >= 1 << (BITS - 1) else unsigned


def bands_of(fingerprint: int) -> list[int]:
    """The bands, each marked with its place; none for a text too short to compare."""
    if fingerprint == 0:
        return []
    unsigned = fingerprint & ((1 << BITS) - 1)
    width = BITS // BANDS
    mask = (1 << width) - 1
    return [(place << width) | ((unsigned >> (place * width)) & mask) for place in range(BANDS)]


def distance(first: int, second: int) -> int:
    """How many bits differ."""
    return ((first ^ second) & ((1 << BITS) - 1)).bit_count()


def text_words(listing: Listing) -> list[str]:
    """The words that count: title, summary and body in both languages."""
    return tokens(
        "\n".join(
            (
                listing.title_en, listing.title_zh, listing.summary_en, listing.summary_zh,
                listing.body_en, listing.body_zh,
            )
        )
    )  # fmt: skip


def set_fingerprint(listing: Listing) -> None:
    """Compute and set (not save) fingerprint and bands."""
    listing.fingerprint = simhash(text_words(listing))
    listing.fingerprint_bands = bands_of(listing.fingerprint)


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    pk: int
    public_id: str
    kind: str
    title_en: str
    title_zh: str
    state: str
    is_own: bool


def near_duplicates(listing: Listing, actor: Actor, limit: int = 5) -> list[NearDuplicate]:
    """Published listings (and the poster's own drafts) that say almost the same, nearest first.

    Only what the actor may know of: about others' hidden listings nothing is said, not even that
    there is one.
    """
    if not listing.fingerprint_bands:
        return []
    near = (
        visible_to(actor)
        .filter(kind=listing.kind, fingerprint_bands__overlap=listing.fingerprint_bands)
        .filter(Q(state=states.PUBLISHED) | Q(owner_id=listing.owner_id))
        .exclude(pk__in=[listing.pk or 0, listing.revision_of_id or 0])
        .exclude(revision_of__isnull=False)
        .only(
            "public_id", "kind", "title_en", "title_zh", "state", "owner_id", "fingerprint",
        )
    )  # fmt: skip
    found = [(distance(row.fingerprint, listing.fingerprint), row) for row in near[: limit * 20]]
    close = sorted((d, row.pk, row) for d, row in found if d <= MAX_DISTANCE)
    return [
        NearDuplicate(
            row.pk, row.public_id, row.kind, row.title_en, row.title_zh, row.state,
            row.owner_id in actor.organisation_ids,
        )
        for _distance, _pk, row in close[:limit]
    ]  # fmt: skip
