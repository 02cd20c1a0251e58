"""How far the market has been matched again, and by which weights it was."""

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from marketplace.core.actor import Actor
from marketplace.core.models import Job
from matching.models import MatchRun, Rematch
from matching.pipeline.model import model_version

LATELY = dt.timedelta(minutes=5)
KEPT_FOR = 15  # seconds; counting reads all runs


@dataclass(frozen=True, slots=True)
class RematchProgress:
    """Listings of a rematch: all that are known to be matched again, those done (handed_on of them
    failed and have jobs of their own), and how many a minute of late (of all, once it has ended).
    failed: batches whose job was given up."""

    rematch: Rematch
    total: int
    done: int
    handed_on: int
    per_minute: float
    failed: int

    @property
    def is_running(self) -> bool:
        return self.rematch.state == Rematch.State.RUNNING

    @property
    def is_counting(self) -> bool:
        """Whether the total still grows."""
        return self.is_running and self.rematch.planned_at is None

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def minutes_left(self) -> int | None:
        """At the pace of late, rounded up; None when nothing moves or not all is counted."""
        if not self.per_minute or self.is_counting:
            return None
        return -int(-self.left // self.per_minute)


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights in force here, and how many listings were matched by them and by others."""

    version: str
    current: int
    others: int


def visible_to(actor: Actor) -> QuerySet[Rematch]:
    """All for operators, none for anybody else; newest first."""
    rows = Rematch.objects.order_by("-pk")
    return rows if actor.is_operator or actor.is_system else rows.none()


def latest() -> RematchProgress | None:
    """The one that runs, which is the newest, or else the last; None when there never was one."""
    rematch = Rematch.objects.order_by("-pk").first()
    return progress_of(rematch) if rematch is not None else None


def progress_of(rematch: Rematch) -> RematchProgress:
    """As it stands now, in two queries."""
    until = rematch.finished_at or timezone.now()
    since = rematch.begun_at if rematch.finished_at else max(rematch.begun_at, until - LATELY)
    sums = rematch.batches.aggregate(
        total=Sum("size", default=0),
        done=Sum("size", default=0, filter=Q(done_at__isnull=False)),
        handed_on=Sum("handed_on", default=0),
        lately=Sum("size", default=0, filter=Q(done_at__gte=since)),
    )
    failed = Job.objects.filter(
        kind="matching.rematch_batch", key__startswith=f"{rematch.pk}-", state=Job.State.FAILED
    ).count()
    minutes = max((until - since).total_seconds(), 1) / 60
    return RematchProgress(
        rematch, sums["total"], sums["done"], sums["handed_on"], sums["lately"] / minutes, failed
    )


def weights() -> Weights:
    """Of the whole market, as it was at most KEPT_FOR seconds ago."""
    counted = cache.get_or_set("matching:weights", _count, KEPT_FOR) or _count()
    mine = model_version()
    return Weights(mine, counted.get(mine, 0), sum(counted.values()) - counted.get(mine, 0))


def _count() -> dict[str, int]:
    rows = MatchRun.objects.order_by().values_list("model_version").annotate(number=Count("pk"))
    return dict(rows)
