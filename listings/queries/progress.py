"""How far the listings have been read by machines: their words, and their meaning."""

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from listings.indexing import EMBED_BATCH, lacks_meaning
from listings.models import SearchEntry
from marketplace.core.encoder import encoder
from marketplace.core.models import Job

KEPT_FOR = 15  # seconds; counting reads the whole table
LATELY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Progress:
    """Published listings, and how many of them wait: for their words, and for their meaning (none
    where there is no encoder). per_minute: meanings added lately, by all workers together."""

    total: int
    words_waiting: int
    meanings_waiting: int
    per_minute: float

    @property
    def meanings_done(self) -> int:
        return self.total - self.meanings_waiting

    @property
    def minutes_left(self) -> int | None:
        """At the pace of late; None when nothing moves."""
        return round(self.meanings_waiting / self.per_minute) if self.per_minute else None


def progress() -> Progress:
    """Of the whole market, as it was at most KEPT_FOR seconds ago."""
    found: Progress | None = cache.get_or_set("listings:progress", _progress, KEPT_FOR)
    return found if found is not None else _progress()


def _progress() -> Progress:
    model = encoder()
    lacking = lacks_meaning(model) if model is not None else Q(pk=None)
    counted = SearchEntry.objects.aggregate(
        total=Count("pk"),
        words=Count("pk", filter=Q(words_public=None)),
        meanings=Count("pk", filter=lacking),
    )
    done = Job.objects.filter(
        state=Job.State.DONE, finished_at__gte=timezone.now() - LATELY, kind="listings.embed_batch"
    ).count()
    return Progress(
        counted["total"], counted["words"], counted["meanings"],
        done * EMBED_BATCH / (LATELY.total_seconds() / 60),
    )  # fmt: skip
