"""Fingerprints of texts: two that differ in a few words differ in a few of 64 bits.

Pure, without a model: importing processes compute them on the side.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

BITS = 64
BANDS = 4
MIN_WORDS = 8  # below that a text says too little to be compared
TWINS = 6  # bits: nearer ones are the same text again
FIGURES = r"[0-9.,]+"  # two titles that differ in figures only are the same title again


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


def is_same_text(first: int, second: int) -> bool:
    """Whether one says the other again; what is too short to compare says nothing again."""
    return bool(first and second) and distance(first, second) <= TWINS
