"""Putting failed work back."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from events.actions import record
from marketplace import event_kinds
from marketplace.core import jobs
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused
from marketplace.core.models import Job
from marketplace.operations.queries import jobs_visible_to, narrow

MANY = 1000


def retry_job(*, actor: Actor, job_id: int) -> Job:
    """Put one failed job back, with all its tries.

    Raises Refused for others than operators, NotFound, and Conflict for a job that has not failed
    or of which a second one already waits.
    """
    _check(actor)
    job = jobs_visible_to(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFound
    if not _put_back(job):
        job.refresh_from_db()
        if job.state != Job.State.FAILED:
            raise Conflict("not_failed", _("Only a failed job can be put back."))
        raise Conflict(
            "waits_already", _("The same work waits already: it will be done without this job.")
        )
    record(
        event_kinds.JOB_RETRIED, actor=actor, object_type="job", object_id=str(job.pk),
        data={"kind": job.kind},
    )  # fmt: skip
    job.refresh_from_db()
    return job


def retry_failed(*, actor: Actor, kind: str = "", queue: str = "") -> int:
    """Put failed jobs back, of one kind or queue or all, at most MANY at a time; returns how
    many. Those of which a second one waits stay as they are."""
    _check(actor)
    failed = narrow(Job.objects.filter(state=Job.State.FAILED), kind=kind, queue=queue)
    done = sum(_put_back(job) for job in list(failed.order_by("id")[:MANY]))
    if done:
        record(
            event_kinds.JOBS_RETRIED, actor=actor,
            data={"kind": kind, "queue": queue, "number": done},
        )  # fmt: skip
    return done


def _check(actor: Actor) -> None:
    if not (actor.is_operator or actor.is_system):
        raise Refused("operators_only", _("Only operators of the platform may do this."))


def _put_back(job: Job) -> bool:
    try:
        with transaction.atomic():
            return jobs.retry(job.pk)
    except IntegrityError:  # another job of this kind and key waits
        return False
