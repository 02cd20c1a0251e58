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
NEAREST = 40  # of each language
# Two texts in two languages lie this much farther apart than the same two in one.
CROSSING = 0.05
# What is this much farther than the nearest is another subject.
SPREAD = 0.08


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
    *, number: int = 0,
) -> list[int]:  # fmt: skip
    """Ids of the nearest that the actor may find under the filters, the nearest first, without
    those that are much farther than the first.

    language: of the question. Those in it and those that are not are looked for apart: in one list
    the question's own language would take every place. number: of each, in place of NEAREST. Two
    queries by the HNSW index.
    """
    found: list[tuple[float, int]] = []
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
    found.sort()
    return [pk for distance, pk in found if distance <= found[0][0] + SPREAD]


def stored(listing_id: int) -> Vector | None:
    """The public meaning of a listing."""
    entry = SearchEntry.objects.filter(pk=listing_id).only("meaning_public").first()
    if entry is None or entry.meaning_public is None:
        return None
    return list(entry.meaning_public)
