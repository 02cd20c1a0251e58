"""Who wants to know that both sides of a match are interested.

A room above registers the name of a job of its own in its AppConfig.ready; matching never imports
it. The job gets {"match": id}, enqueued in the transaction of the second "interested".
"""

from collections.abc import Callable

from django.db.models import Exists

from marketplace.core import jobs

_JOBS: list[str] = []


def on_both_interested(job_name: str) -> None:
    """Register a job kind to be enqueued when the second side says that it is interested."""
    if job_name not in _JOBS:
        _JOBS.append(job_name)


def enqueue_all(match_id: int) -> None:
    """In the caller's transaction: one job per follower."""
    for name in _JOBS:
        jobs.enqueue(name, {"match": match_id}, key=str(match_id))


# --- Pairs that a broker has already -------------------------------------------------------------

_TAKEN: list[Callable[[], Exists]] = []


def on_taken(condition: Callable[[], Exists]) -> None:
    """Register a condition on matches: pairs that have a broker in a room above."""
    if condition not in _TAKEN:
        _TAKEN.append(condition)


def taken() -> list[Exists]:
    return [condition() for condition in _TAKEN]
