"""Search by meaning: the question's vector against those of the listings, in either language.

Only public meanings are compared. Without an encoder, or while it does not answer, words find.
"""

import hashlib
from collections.abc import Sequence

import structlog
from django.core.cache import cache
from django.db.models import Q
from pgvector.django import CosineDistance

from listings.models import SearchEntry
from listings.queries.entries import entries_for
from marketplace.core.actor import Actor
from marketplace.core.encoder import Vector, encoder

log = structlog.get_logger(__name__)
KEPT_FOR = 24 * 3600  # seconds that a question's vector is kept
NEAREST = 100
# A vector this much farther than the nearest one, or this far at all, is another subject.
SPREAD = 0.05
FARTHEST = 0.185


def vector_of(text: str) -> Vector | None:
    """The meaning of a question, kept for a day under a hash of its words; None without one."""
    model = encoder()
    if model is None or not text.strip():
        return None
    digest = hashlib.sha256(text.encode()).hexdigest()
    key = f"listings:meaning:{model.name}:{digest}"
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
    vector: Sequence[float], actor: Actor, kind: str, where: Q, *, number: int = NEAREST
) -> list[tuple[int, float]]:
    """(listing id, cosine distance) of the nearest that the actor may find under the filters, the
    nearest first; what lies too far is left out. One query by the HNSW index."""
    rows = (
        entries_for(actor)
        .filter(where, kind=kind, meaning_public__isnull=False)
        .annotate(distance=CosineDistance("meaning_public", list(vector)))
        .order_by("distance")
        .values_list("pk", "distance")[:number]
    )
    found = sorted(rows, key=lambda row: row[1])  # the index gives them in a nearly right order
    if not found:
        return []
    limit = min(found[0][1] + SPREAD, FARTHEST)
    return [(pk, distance) for pk, distance in found if distance <= limit]


def stored(listing_id: int) -> Vector | None:
    """The public meaning of a listing."""
    entry = SearchEntry.objects.filter(pk=listing_id).only("meaning_public").first()
    if entry is None or entry.meaning_public is None:
        return None
    return list(entry.meaning_public.to_list())
