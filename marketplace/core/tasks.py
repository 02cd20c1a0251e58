"""Celery's side of the outbox: it only carries the news that a queue has work."""

import time

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from marketplace.core import jobs
from marketplace.core.health import beat_seen
from marketplace.core.models import Job

TURN = 3.0  # seconds
# What a person waits for goes before what an import has left behind, and the market anew.
TURNS = {"backlog": 0.2, "rematch": 0.2}


@shared_task(name="core.drain_queue", ignore_result=True)  # type: ignore[untyped-decorator]
def drain_queue(queue: str) -> int:
    """Run what is due in one queue; a long row asks for another turn.

    Turns are short, since a worker that is told to stop first ends the one it is at.
    """
    started = time.monotonic()
    turn = TURNS.get(queue, TURN)
    done = jobs.drain(queue, limit=200, seconds=turn)
    if done >= 200 or time.monotonic() - started >= turn:
        jobs.ping(queue)
    return done


@shared_task(name="core.sweep", ignore_result=True, expires=30)  # type: ignore[untyped-decorator]
def sweep(started: bool = False) -> None:
    """Every few seconds: ping the queues that have due or abandoned work.

    started: a worker has just come up."""

    beat_seen()
    jobs.enqueue_clock_jobs(started=started)
    now = timezone.now()
    due = (
        Job.objects.filter(
            Q(state=Job.State.WAITING, run_after__lte=now)
            | Q(state=Job.State.RUNNING, lease_until__lt=now)
        )
        .order_by()
        .values_list("queue", flat=True)
        .distinct()
    )
    for queue in due:
        jobs.ping(queue)


@shared_task(name="core.forget_done", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_done() -> int:
    return jobs.forget_done()
