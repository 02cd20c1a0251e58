"""Matching of one listing, and what keeps it true. Of all of them: see rematching."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from listings import indexing
from marketplace.core.encoder import encoder
from matching.models import MatchRun
from matching.pipeline import bearings, rarity, run
from matching.pipeline.delivery import Delivered

# A listing whose meaning has not come in this time has a faulty encoder behind it.
PATIENCE = dt.timedelta(minutes=10)


def match_listing(*, listing_id: int, repeat_before: dt.datetime | None = None) -> Delivered | None:
    """Match one listing with the market (see matching.pipeline.run); by the system only."""
    return run.match_listing(listing_id, repeat_before=repeat_before)


def take_stock() -> None:
    """Count how rare words are, when it is due, and measure where meanings lie."""
    rarity.count_words()
    model = encoder()
    if model is not None:
        bearings.measure(model.name[:60])


def complete_runs() -> int:
    """Ask again for meanings that did not come, so that pairs found by words alone are redone.

    Returns for how many listings. The index job matches again when it has the meaning.
    """
    if encoder() is None:
        return 0
    waiting = list(
        MatchRun.objects.filter(
            Q(listing__search_entry__meaning_public__isnull=True),
            encoder="", matched_at__lt=timezone.now() - PATIENCE,
        )
        .order_by("matched_at")
        .values_list("pk", flat=True)[: 10 * indexing.EMBED_BATCH]
    )  # fmt: skip
    if waiting:
        with transaction.atomic():
            indexing.queue_meanings(sorted(waiting))
    return len(waiting)
