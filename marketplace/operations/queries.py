"""Jobs and health as an operator sees them."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import Verification
from listings.models import Listing, Review
from marketplace.core import health, jobs
from marketplace.core.actor import Actor
from marketplace.core.models import Job
from marketplace.core.replica_lag import WATCH

COUNT_LIMIT = 10_000
PAGE_SIZE = 50
LATE = dt.timedelta(minutes=1)


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """All jobs for operators, none for anybody else."""
    if actor.is_operator or actor.is_system:
        return Job.objects.all()
    return Job.objects.none()


def narrow(rows: QuerySet[Job], *, state: str = "", kind: str = "", queue: str = "") -> Any:
    """By state, kind and queue; an unknown value finds nothing."""
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if queue:
        rows = rows.filter(queue=queue)
    return rows


def counts_by_state(rows: QuerySet[Job]) -> dict[str, int]:
    """State -> jobs, counted up to COUNT_LIMIT each so that a long history costs little."""
    return {
        state: rows.filter(state=state).order_by()[:COUNT_LIMIT].count()
        for state in Job.State.values
    }


def kinds() -> list[str]:
    """Every kind of job that this program knows."""
    return sorted(jobs.KINDS)


def queues() -> list[str]:
    return sorted({kind.queue for kind in jobs.KINDS.values()})


def payload_of(job: Job) -> dict[str, Any]:
    """What the job is about, as far as an operator should read it: ids and numbers. Texts may be
    a mail with a secret link in it."""
    return {
        name: value if _is_plain(value) else "…"
        for name, value in job.payload.items()
    }  # fmt: skip


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= 20 and all(_is_plain(item) for item in value)
    return value is None or isinstance(value, int | float)


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: what waits and is due, and since when the oldest of it."""

    name: str
    due: int
    oldest: dt.datetime | None

    @property
    def is_late(self) -> bool:
        return self.oldest is not None and timezone.now() - self.oldest > LATE


def queue_states() -> list[QueueState]:
    """Due work by queue, also of those that have none."""
    now = timezone.now()
    due = {
        row["queue"]: row
        for row in Job.objects.filter(state=Job.State.WAITING, run_after__lte=now)
        .order_by()
        .values("queue")
        .annotate(number=Count("pk"), oldest=Min("run_after"))
    }
    names = sorted({*queues(), *due})
    return [
        QueueState(name, due[name]["number"], due[name]["oldest"])
        if name in due
        else QueueState(name, 0, None)
        for name in names
    ]


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """A read replica as this web process sees it. lag: seconds that its data may be behind, at
    most; None while nothing is known of it."""

    name: str
    answers: bool
    lag: float | None


def replica_states() -> list[ReplicaState]:
    """The replicas named in the settings, measured now."""
    if settings.DATABASE_REPLICAS:
        WATCH.look()
    found = []
    for name in settings.DATABASE_REPLICAS:
        standing = WATCH.standing(name)
        lag = standing.lag
        found.append(
            ReplicaState(name, standing.is_fresh, round(lag, 1) if math.isfinite(lag) else None)
        )
    return found


@dataclass(frozen=True, slots=True)
class ClockJob:
    """A job that the clock asks for, and when it last did."""

    kind: str
    every: dt.timedelta
    last: dt.datetime | None
    state: str

    @property
    def state_label(self) -> str:
        return str(Job.State(self.state).label) if self.state else ""

    @property
    def every_text(self) -> str:
        """In the largest unit that fits."""
        seconds = int(self.every.total_seconds())
        if seconds % 86_400 == 0:
            days = seconds // 86_400
            return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
        if seconds % 3600 == 0:
            hours = seconds // 3600
            return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
        minutes = max(seconds // 60, 1)
        return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}


def clock_jobs() -> list[ClockJob]:
    """Every job that the clock asks for, by name."""
    asked = {name: kind.every for name, kind in jobs.KINDS.items() if kind.every is not None}
    last = {
        job.kind: job
        for job in Job.objects.filter(kind__in=asked).order_by("kind", "-id").distinct("kind")
    }
    return [
        ClockJob(name, every, last[name].created_at, last[name].state)
        if name in last
        else ClockJob(name, every, None, "")
        for name, every in sorted(asked.items())
    ]


@dataclass(frozen=True, slots=True)
class Health:
    """What an operator looks at first. parts: database, redis, worker."""

    parts: Mapping[str, bool]
    last_beat: dt.datetime | None
    failed_jobs: int
    verifications: int
    reviews: int
    database_version: str
    database_bytes: int
    django_version: str
    encoder: str
    mail: str

    @property
    def is_ready(self) -> bool:
        return all(self.parts.values())


def health_now() -> Health:
    """State of this instance; slow figures are a minute old at most."""
    version, size = _database()
    return Health(
        parts=health.parts(),
        last_beat=health.last_beat(),
        failed_jobs=Job.objects.filter(state=Job.State.FAILED).count(),
        verifications=Verification.objects.filter(state=Verification.State.WAITING).count(),
        reviews=Review.objects.filter(state=Review.State.WAITING).count(),
        database_version=version,
        database_bytes=size,
        django_version=django.get_version(),
        encoder=settings.ENCODER,
        mail=settings.EMAIL_BACKEND.rsplit(".", 2)[-2],
    )


def _database() -> tuple[str, int]:
    found = cache.get("operations:database")
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database())"
            )
            found = cursor.fetchone()
        cache.set("operations:database", found, 60)
    return str(found[0]), int(found[1])


# --- Figures for Prometheus --------------------------------------------------------------------


def job_figures() -> list[tuple[str, str, int]]:
    """(queue, state, number)."""
    rows = Job.objects.order_by().values_list("queue", "state").annotate(number=Count("pk"))
    return sorted(rows)


def listing_figures() -> list[tuple[str, str, int]]:
    """(kind, state, number); a minute old at most, since it reads the whole table."""

    def count() -> list[tuple[str, str, int]]:
        return sorted(
            Listing.objects.filter(revision_of__isnull=True)
            .order_by()
            .values_list("kind", "state")
            .annotate(number=Count("pk"))
        )

    found = cache.get_or_set("operations:listings", count, 60)
    return found if found is not None else count()
