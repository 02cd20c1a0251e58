"""Who wants to know that an institution has submitted its figures of a year.

A room above registers the name of a job of its own in its AppConfig.ready; deals never imports it.
The job gets {"year": ...}, enqueued in the transaction of the submission.
"""

from marketplace.core import jobs

_JOBS: list[str] = []


def on_report_submitted(job_name: str) -> None:
    """Register a job kind to be enqueued when a report is submitted."""
    if job_name not in _JOBS:
        _JOBS.append(job_name)


def enqueue_all(year: int) -> None:
    """In the caller's transaction: one job per follower and year."""
    for name in _JOBS:
        jobs.enqueue(name, {"year": year}, key=str(year))
