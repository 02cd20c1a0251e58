"""Matching of one listing, of all of them, and what keeps it true."""

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from listings import indexing, states
from listings.models import Listing
from marketplace.core import jobs
from marketplace.core.encoder import encoder
from matching.models import MatchRun
from matching.pipeline import bearings, rarity, run
from matching.pipeline.delivery import Delivered
from matching.pipeline.model import model_version

BATCH = 500
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


def queue_all(
    *, kind: str = "", repeat_before: dt.datetime | None = None
) -> Iterator[tuple[int, int]]:
    """Queue matching of every published listing that lacks a run of its version and this model.

    repeat_before: also of those that have one from before then. Yields (looked at, queued) after
    each batch, which is committed: whoever stops it and starts again queues only what is left.
    """
    last = looked_at = queued = 0
    while True:
        rows = Listing.objects.filter(pk__gt=last, state=states.PUBLISHED, revision_of=None)
        if kind:
            rows = rows.filter(kind=kind)
        batch = list(
            rows.order_by("pk").values_list(
                "pk", "version", "match_run__listing_version", "match_run__model_version",
                "match_run__matched_at",
            )[:BATCH]
        )  # fmt: skip
        if not batch:
            return
        due = [
            pk
            for pk, version, run_version, model, matched_at in batch
            if (run_version, model) != (version, model_version())
            or (repeat_before is not None and matched_at < repeat_before)
        ]
        payload = {"before": repeat_before.isoformat()} if repeat_before else {}
        with transaction.atomic():
            jobs.enqueue_many(
                "matching.match_listing", [(str(pk), {"listing": pk, **payload}) for pk in due],
                queue=indexing.BACKLOG,
            )  # fmt: skip
        last = batch[-1][0]
        looked_at += len(batch)
        queued += len(due)
        yield looked_at, queued


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
