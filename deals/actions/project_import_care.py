"""Looks after tables of foreign projects: what stands still, what is to be forgotten."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from deals import project_import_states as states
from deals.actions.project_imports import JOB, ask_turn, end
from deals.models import ProjectImport, ProjectImportRow
from deals.queries.foreign_projects import counts_of
from listings.actions.revisions import forget_files
from marketplace.core.actor import Actor
from marketplace.core.gates import lock
from marketplace.core.models import Job

STUCK = dt.timedelta(days=1)  # no step forward, although it was asked for again and again


def look_after_project_imports(now: dt.datetime | None = None) -> int:
    """Ask again for turns whose job was lost, end what did not move for a day and what nobody
    confirmed within IMPORT_WAIT_DAYS; delete uploads as old, and what is told of rows of imports
    that ended IMPORT_REPORT_DAYS ago. Returns how many were ended or forgotten."""
    now = now or timezone.now()
    waited = now - dt.timedelta(days=settings.IMPORT_WAIT_DAYS)
    done = sum(_revive(pk, now) for pk in _pks(state__in=sorted(states.WORKING)))
    done += sum(_expire(pk, waited) for pk in _pks(state=states.CHECKED, worked_at__lt=waited))
    for pk in _pks(created_at__lt=waited, file__gt=""):
        done += _forget_upload(pk)
    old = now - dt.timedelta(days=settings.IMPORT_REPORT_DAYS)
    ended = ProjectImport.objects.filter(
        Exists(ProjectImportRow.objects.filter(run=OuterRef("pk"))),
        finished_at__lt=old, counts={},
    ).exclude(state__in=sorted(states.OPEN))  # fmt: skip
    for pk in list(ended.order_by("pk").values_list("pk", flat=True)):
        done += _forget_report(pk)
    return done


def _pks(**wanted: object) -> list[int]:
    return list(ProjectImport.objects.filter(**wanted).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _revive(pk: int, now: dt.datetime) -> bool:
    run = lock(ProjectImport.objects.all(), pk)
    waiting = (Job.State.WAITING, Job.State.RUNNING)
    if run.state not in states.WORKING:
        return False
    if Job.objects.filter(kind=JOB, key=run.public_id, state__in=waiting).exists():
        return False
    if run.worked_at >= now - STUCK:
        ask_turn(run)
        return False
    end(run, "fail", "stuck", actor=Actor.system())
    return True


@transaction.atomic
def _expire(pk: int, waited: dt.datetime) -> bool:
    run = lock(ProjectImport.objects.all(), pk)
    if run.state != states.CHECKED or run.worked_at >= waited:
        return False
    end(run, "cancel", "expired", {"days": settings.IMPORT_WAIT_DAYS}, actor=Actor.system())
    return True


@transaction.atomic
def _forget_upload(pk: int) -> bool:
    run = lock(ProjectImport.objects.all(), pk)
    if not run.file or run.state == states.UPLOADED:
        return False
    forget_files([run.file.name])
    run.file.name = ""
    run.save(update_fields=["file"])
    return True


@transaction.atomic
def _forget_report(pk: int) -> bool:
    run = lock(ProjectImport.objects.all(), pk)
    if run.state in states.OPEN:
        return False
    run.counts = counts_of(run)
    run.save(update_fields=["counts"])
    run.outcomes.all().delete()
    return True
