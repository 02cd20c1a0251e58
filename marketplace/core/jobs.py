"""The outbox: work is a row first, Celery does it soon, a sweeper makes sure.

Promises:
- a job enqueued in a transaction exists exactly if that transaction commits;
- every due job is run at least once, also when the broker, a worker or the machine dies;
- one job is never run by two workers at once while its lease holds, so handlers that are
  idempotent (they must be) have exactly-once effects.
"""

import datetime as dt
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from marketplace.core.metrics import JOB_RUNS, JOB_SECONDS
from marketplace.core.models import Job

log = structlog.get_logger(__name__)
Handler = Callable[[dict[str, Any]], None]
# Longer than any short job takes; after it a dead worker's job is taken by another.
LEASE = dt.timedelta(minutes=2)
MANY = 8  # workers that are told of many jobs at once; the sweeper tells one more at a time
KEEP_DONE = dt.timedelta(days=7)


@dataclass(frozen=True)
class Kind:
    name: str
    handler: Handler
    queue: str
    max_tries: int
    lease: dt.timedelta
    every: dt.timedelta | None
    at_start: bool = False


KINDS: dict[str, Kind] = {}


def job(
    name: str,
    *,
    queue: str = "default",
    max_tries: int = 8,
    lease: dt.timedelta = LEASE,
    every: dt.timedelta | None = None,
    at_start: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler `(payload) -> None` in an app's jobs.py under `room.verb_noun`.

    every: the sweeper also enqueues it whenever that long has passed since the last one; at_start:
    and whenever a worker has come up.
    """

    def register(handler: Handler) -> Handler:
        KINDS[name] = Kind(name, handler, queue, max_tries, lease, every, at_start)
        return handler

    return register


def enqueue(name: str, payload: dict[str, Any], *, key: str = "", delay: float = 0) -> None:
    """Write the job in the current transaction and ping a worker after commit.

    key: while a job of this kind and key waits, no second one is added (it will see the newest
    data when it runs). delay: seconds.
    """
    kind = KINDS[name]
    run_after = timezone.now() + dt.timedelta(seconds=delay)
    created = Job.objects.bulk_create(
        [
            Job(
                kind=name, key=key, payload=payload, queue=kind.queue,
                max_tries=kind.max_tries, run_after=run_after,
            )
        ],
        ignore_conflicts=bool(key),
    )  # fmt: skip
    if delay <= 0 and created:
        transaction.on_commit(lambda: ping(kind.queue))


def enqueue_many(name: str, items: list[tuple[str, dict[str, Any]]], *, queue: str = "") -> None:
    """`enqueue` for many (key, payload) pairs in one statement.

    queue: instead of the kind's own, where many of them must not keep single ones waiting.
    """
    kind = KINDS[name]
    queue = queue or kind.queue
    now = timezone.now()
    Job.objects.bulk_create(
        [
            Job(
                kind=name, key=key, payload=payload, queue=queue,
                max_tries=kind.max_tries, run_after=now,
            )
            for key, payload in items
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )  # fmt: skip
    transaction.on_commit(lambda: ping(queue, workers=min(len(items), MANY)))


def ping(queue: str, *, workers: int = 1) -> None:
    """Tell workers that the queue has work. A broker that is down costs nothing: see sweep."""
    from marketplace.core.tasks import drain_queue  # noqa: PLC0415 (tasks import this module)

    try:
        for _ in range(workers):
            drain_queue.apply_async(args=[queue], queue=queue, retry=False, expires=60)
    except Exception as error:  # any broker fault: the row is safe and the sweeper will come
        log.warning("job_ping_failed", queue=queue, error=type(error).__name__)


_DUE = "state = 'waiting' AND run_after <= %(now)s"
_ABANDONED = "state = 'running' AND lease_until < %(now)s"


def claim(queue: str | None = None) -> Job | None:
    """Take the next due job under a lease, or one whose worker died; None when there is none.

    SKIP LOCKED, so claiming workers never wait for each other. Two statements rather than an OR,
    so that each walks its own partial index however many jobs wait.
    """
    with transaction.atomic():
        taken = _lock_next(_DUE, "run_after, id", queue) or _lock_next(
            _ABANDONED, "lease_until", queue
        )
        if taken is None:
            return None
        now = timezone.now()
        kind = KINDS.get(taken.kind)
        taken.state = Job.State.RUNNING
        taken.tries += 1
        taken.lease_until = now + (kind.lease if kind else LEASE)
        if taken.tries > taken.max_tries:  # it took its worker down every time
            taken.state = Job.State.FAILED
            taken.error = taken.error or "The worker died on every try."
            taken.finished_at = now
        taken.save(update_fields=["state", "tries", "lease_until", "error", "finished_at"])
    return claim(queue) if taken.state == Job.State.FAILED else taken


def _lock_next(condition: str, order: str, queue: str | None) -> Job | None:
    in_queue = "AND queue = %(queue)s" if queue else ""
    rows = Job.objects.raw(
        f"SELECT * FROM core_job WHERE {condition} {in_queue} "  # noqa: S608 (literals above)
        f"ORDER BY {order} LIMIT 1 FOR UPDATE SKIP LOCKED",
        {"now": timezone.now(), "queue": queue},
    )
    return next(iter(rows), None)


def run(taken: Job) -> bool:
    """Run a claimed job and store how it ended. Returns whether it succeeded."""
    kind = KINDS.get(taken.kind)
    started = timezone.now()
    try:
        if kind is None:
            raise LookupError(f"no handler for {taken.kind}")
        kind.handler(taken.payload)
    except Exception as error:
        _store_failure(taken, error)
        JOB_RUNS.labels(taken.kind, "failed").inc()
        log.exception("job_failed", job=taken.pk, kind=taken.kind, tries=taken.tries)
        return False
    Job.objects.filter(pk=taken.pk).update(
        state=Job.State.DONE, finished_at=timezone.now(), lease_until=None, error=""
    )
    JOB_RUNS.labels(taken.kind, "done").inc()
    JOB_SECONDS.labels(taken.kind).observe((timezone.now() - started).total_seconds())
    return True


def _store_failure(taken: Job, error: Exception) -> None:
    """Back to waiting with a doubling delay, or failed for good after the last try."""
    final = taken.tries >= taken.max_tries
    text = f"{type(error).__name__}: {error}"[:2000]
    with transaction.atomic():
        waits_already = (
            bool(taken.key)
            and Job.objects.filter(kind=taken.kind, key=taken.key, state=Job.State.WAITING).exists()
        )
        Job.objects.filter(pk=taken.pk).update(
            state=Job.State.FAILED if final or waits_already else Job.State.WAITING,
            error=text,
            lease_until=None,
            finished_at=timezone.now() if final or waits_already else None,
            run_after=timezone.now() + dt.timedelta(seconds=min(2**taken.tries, 3600)),
        )


def drain(queue: str | None = None, *, limit: int = 500, seconds: float = math.inf) -> int:
    """Run due jobs until none is left or a limit is reached; returns how many were run.

    No job is begun after `seconds`.
    """
    done = 0
    give_up = time.monotonic() + seconds
    while done < limit and time.monotonic() < give_up and (taken := claim(queue)):
        run(taken)
        done += 1
    return done


def retry(job_id: int) -> bool:
    """Put a failed job back (an operator's button). Returns whether it was failed."""
    with transaction.atomic():
        changed = Job.objects.filter(pk=job_id, state=Job.State.FAILED).update(
            state=Job.State.WAITING, tries=0, run_after=timezone.now(), finished_at=None
        )
        if changed:
            queue = Job.objects.values_list("queue", flat=True).get(pk=job_id)
            transaction.on_commit(lambda: ping(queue))
    return bool(changed)


def enqueue_clock_jobs(*, started: bool = False) -> None:
    """Enqueue the jobs with `every` whose time has come; called by the sweeper.

    started: a worker has just come up, so those `at_start` are due, too."""
    now = timezone.now()
    for kind in KINDS.values():
        if kind.every is None:
            continue
        last = Job.objects.filter(kind=kind.name).order_by("-id").first()
        is_due = last is None or last.created_at <= now - kind.every
        if is_due or (started and kind.at_start):
            with transaction.atomic():
                enqueue(kind.name, {}, key="clock")


def withdraw(name: str, prefix: str) -> int:
    """Take back the waiting jobs of a kind whose key begins so; returns how many. Those that run
    go on. In a transaction."""
    removed, _ = Job.objects.filter(
        kind=name, key__startswith=prefix, state=Job.State.WAITING
    ).delete()
    return removed


def forget_done() -> int:
    """Delete finished jobs older than a week; failed ones stay for a person to look at."""
    removed, _ = Job.objects.filter(
        state=Job.State.DONE, finished_at__lt=timezone.now() - KEEP_DONE
    ).delete()
    return removed
