"""Jobs and the queues that workers serve."""

from django.conf import settings

from marketplace.core import jobs


def test_every_job_goes_to_a_queue_that_is_served() -> None:
    assert jobs.KINDS
    strays = {kind.name for kind in jobs.KINDS.values() if kind.queue not in settings.JOB_QUEUES}
    assert not strays
