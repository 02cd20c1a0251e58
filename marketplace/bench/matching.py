"""One need held against the market, timed in this process: all stages but the storing."""

from collections.abc import Callable
from functools import partial
from typing import Any

from listings.indexing import meanings_of, texts_of_meaning
from listings.models import Listing
from listings.models.listings import Kind, State, Tier
from marketplace.core.encoder import encoder
from matching.actions.matching import take_stock
from matching.pipeline import candidates, subjects
from matching.pipeline.model import current
from matching.pipeline.run import background_of, compared
from matching.pipeline.score import score

NEEDS = 20


def benches() -> dict[str, list[Callable[[], Any]]]:
    """Name -> calls to be timed, each on its own."""
    take_stock()  # what the hourly job does
    rows = Listing.objects.filter(
        kind=Kind.NEED, state=State.PUBLISHED, visibility=Tier.PUBLIC,
        search_entry__meaning_public__isnull=False,
    ).order_by("-pk")[:NEEDS]  # fmt: skip
    needs = list(rows)
    found: dict[str, list[Callable[[], Any]]] = {}
    found["match one need"] = [partial(_matched, need.pk) for need in needs]
    if encoder() is not None:
        found["match one need, its meaning computed"] = [partial(_anew, need) for need in needs]
    return found


def _matched(listing_id: int) -> list[int]:
    subject = subjects.load(listing_id)
    if subject is None:
        return []
    model, background = current(), background_of(subject)
    found = candidates.find(subject, *background)
    pairs = compared(subject, found.ids, background, model)
    return sorted(score(pair.features, model) for pair in pairs)


def _anew(listing: Listing) -> list[int]:
    model = encoder()
    if model is not None:
        meanings_of([texts_of_meaning(listing, Tier.PUBLIC)], model)
    return _matched(listing.pk)
