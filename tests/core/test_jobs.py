"""The outbox: a row first, done at least once, never by two at once."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from marketplace.core import jobs
from marketplace.core.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch):
    """A kind of work that notes its payloads, and one that always fails."""
    seen: list[dict] = []

    def fail(payload):
        raise RuntimeError("the reason")

    monkeypatch.setattr(jobs, "ping", lambda queue, **more: None)
    monkeypatch.setitem(
        jobs.KINDS, "test.note", jobs.Kind("test.note", seen.append, "default", 3, jobs.LEASE, None)
    )
    monkeypatch.setitem(
        jobs.KINDS, "test.fail", jobs.Kind("test.fail", fail, "default", 2, jobs.LEASE, None)
    )
    return seen


def test_job_of_a_rolled_back_transaction_does_not_exist(ran):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue("test.note", {"n": 1})
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_second_waiting_job_with_the_same_key_is_not_added(ran):
    jobs.enqueue("test.note", {"n": 1}, key="a")
    jobs.enqueue("test.note", {"n": 2}, key="a")
    jobs.enqueue("test.note", {"n": 3}, key="b")
    jobs.drain()
    assert ran == [{"n": 1}, {"n": 3}]
    jobs.enqueue("test.note", {"n": 4}, key="a")
    jobs.drain()
    assert ran[-1] == {"n": 4}


def test_failing_job_waits_longer_and_then_stays_failed_with_its_reason(ran):
    jobs.enqueue("test.fail", {})
    jobs.drain()
    job = Job.objects.get()
    assert (job.state, job.tries, job.error) == ("waiting", 1, "RuntimeError: the reason")
    assert job.run_after > timezone.now()
    Job.objects.update(run_after=timezone.now())
    jobs.drain()
    job.refresh_from_db()
    assert (job.state, job.tries) == ("failed", 2)
    assert jobs.retry(job.pk)
    job.refresh_from_db()
    assert (job.state, job.tries) == ("waiting", 0)
    assert not jobs.retry(job.pk)


def test_job_of_a_dead_worker_is_taken_again_after_its_lease(ran):
    jobs.enqueue("test.note", {"n": 1})
    assert jobs.claim() is not None  # and the worker dies here
    assert jobs.claim() is None
    Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert jobs.drain() == 1
    assert ran == [{"n": 1}]
    assert Job.objects.get().tries == 2


def test_job_that_kills_every_worker_ends_as_failed(ran):
    jobs.enqueue("test.note", {"n": 1})
    for _try in range(3):
        assert jobs.claim() is not None
        Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert jobs.claim() is None
    assert Job.objects.get().state == "failed"
    assert ran == []


def test_clock_job_is_asked_for_once_per_period(ran, monkeypatch):
    kind = jobs.Kind("test.clock", ran.append, "default", 1, jobs.LEASE, dt.timedelta(hours=1))
    monkeypatch.setattr(jobs, "KINDS", {"test.clock": kind})
    jobs.enqueue_clock_jobs()
    jobs.drain()
    jobs.enqueue_clock_jobs()
    assert Job.objects.filter(kind="test.clock").count() == 1
    Job.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    jobs.enqueue_clock_jobs()
    assert Job.objects.filter(kind="test.clock").count() == 2


def test_broker_that_is_down_does_not_fail_the_request(settings, monkeypatch):
    from marketplace.core import tasks

    asked = []

    def refuse(*args, **kwargs):
        asked.append(kwargs["queue"])
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.drain_queue, "apply_async", refuse)
    jobs.ping("default")
    assert asked == ["default"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_job(ran):
    for number in range(40):
        jobs.enqueue("test.note", {"n": number})

    def work():
        try:
            jobs.drain()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row["n"] for row in ran) == list(range(40))
