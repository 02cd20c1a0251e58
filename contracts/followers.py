"""Who wants to know that the public register shows less of a number than before.

A room above registers the name of a job of its own in its AppConfig.ready; contracts never imports
it. The job gets {"year": of the number}, enqueued in the transaction in which an edition was
replaced (its parties may have closed a fact), cancelled or revoked.
"""

import datetime as dt

from django.utils import timezone

from contracts.models import Contract
from marketplace.core import jobs
from marketplace.core.models import Job

# Between two renewals of a year, each of which takes minutes at the scale of a country. The first
# one waits for nothing: what a party closes is to be gone.
PAUSE = dt.timedelta(minutes=10)

_JOBS: list[str] = []


def on_less_shown(job_name: str) -> None:
    """Register a job kind to be enqueued when a registered edition ends."""
    if job_name not in _JOBS:
        _JOBS.append(job_name)


def enqueue_all(contract: Contract) -> None:
    """In the caller's transaction: one job per follower and year, however many editions end."""
    assert contract.numbered_at is not None
    year = timezone.localdate(contract.numbered_at).year
    for name in _JOBS:
        last = Job.objects.filter(kind=name, key=str(year)).order_by("-id").first()
        wait = last.run_after + PAUSE - timezone.now() if last else dt.timedelta()
        jobs.enqueue(name, {"year": year}, key=str(year), delay=max(wait.total_seconds(), 0))
