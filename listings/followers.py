"""Who wants to know that what can be found of a listing has changed.

A room above registers the name of a job of its own in its AppConfig.ready; listings never
imports it. The job gets {"listing": id} after the listing's search entry was written or removed.
"""

from listings import news
from marketplace.core import jobs

_JOBS: list[str] = []


def on_change(job_name: str) -> None:
    """Register a job kind to be enqueued after every change of a listing's search entry."""
    if job_name not in _JOBS:
        _JOBS.append(job_name)


def enqueue_all(listing_ids: list[int], *, queue: str = "") -> None:
    """In the caller's transaction: one job per follower and listing; queue: see enqueue_many."""
    for name in _JOBS:
        jobs.enqueue_many(name, [(str(pk), {"listing": pk}) for pk in listing_ids], queue=queue)
    news.note(listing_ids)
