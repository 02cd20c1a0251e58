"""How far the market has been matched again, and by which weights it was."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from marketplace.core.actor import Actor
from marketplace.core.models import Job
from matching.models import MatchRun, Rematch, RematchBatch
from matching.pipeline.model import model_version, problems

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
    def pace(self) -> int:
        return max(1, round(self.per_minute))

    @property
    def minutes_left(self) -> int | None:
        """At the pace of late, rounded up; None when nothing moves or not all is counted."""
        if not self.per_minute or self.is_counting:
            return None
        return -int(-self.left // self.per_minute)


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights in force here, and how many listings were matched by them and by others.
    problems: what is wrong with newer files, which therefore are not in force."""

    version: str
    current: int
    others: int
    problems: Sequence[str]


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
    return progress_of_many([rematch])[rematch.pk]


def progress_of_many(rows: Sequence[Rematch]) -> dict[int, RematchProgress]:
    """By id, in two queries however many."""
    now = timezone.now()
    sums = {
        row["rematch_id"]: row
        for row in RematchBatch.objects.filter(rematch__in=[one.pk for one in rows])
        .values("rematch_id")
        .annotate(
            total=Sum("size", default=0),
            done=Sum("size", default=0, filter=Q(done_at__isnull=False)),
            given=Sum("handed_on", default=0),
            lately=Sum("size", default=0, filter=Q(done_at__gte=now - LATELY)),
        )
    }
    given_up = Counter(
        int(key.split("-")[0])
        for key in Job.objects.filter(
            kind="matching.rematch_batch", state=Job.State.FAILED
        ).values_list("key", flat=True)
    )
    nothing = {"total": 0, "done": 0, "given": 0, "lately": 0}
    found = {}
    for one in rows:
        figures = sums.get(one.pk, nothing)
        passed = (one.finished_at or now) - one.begun_at
        if one.finished_at is None:
            number, passed = figures["lately"], min(passed, LATELY)
        else:
            number = figures["done"]
        found[one.pk] = RematchProgress(
            one, figures["total"], figures["done"], figures["given"],
            number / (max(passed.total_seconds(), 1) / 60), given_up[one.pk],
        )  # fmt: skip
    return found


def weights() -> Weights:
    """Of the whole market, as it was at most KEPT_FOR seconds ago."""
    counted = cache.get_or_set("matching:weights", _count, KEPT_FOR) or {}
    try:
        mine = model_version()
    except ValueError:  # no file can be read; the problems say why
        mine = ""
    return Weights(
        mine, counted.get(mine, 0), sum(counted.values()) - counted.get(mine, 0), problems()
    )


def _count() -> dict[str, int]:
    rows = MatchRun.objects.order_by().values_list("model_version").annotate(number=Count("pk"))
    return dict(rows)
