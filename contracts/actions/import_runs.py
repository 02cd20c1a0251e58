"""Go on with an import, stop it, and look after those that stand still."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.actions.imports import JOB, ask_turn, end_import
from contracts.models import ContractImport, ContractImportRow
from contracts.queries.imports import IMPORTABLE, counts_of, imports_visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.gates import lock
from marketplace.core.models import Job

KEPT = dt.timedelta(days=7)  # a checked table waits for its import
STUCK = dt.timedelta(days=1)  # no step forward, although it was asked for again and again
State = ContractImport.State


@transaction.atomic
def run_checked_import(*, actor: Actor, run_id: int) -> ContractImport:
    """Import the rows that were checked; the report begins anew.

    Raises NotFound, Conflict unless it was checked and some row could be taken.
    """
    run = _locked(actor, run_id)
    if run.state != State.CHECKED:
        raise Conflict("wrong_state", _("Only a table that was checked can be imported."))
    if not run.outcomes.filter(outcome__in=IMPORTABLE).exists():
        raise Conflict(
            "nothing_to_import",
            _("No row of this table would make or renew a draft. Correct the table by the reasons, "
              "then upload it again."),
        )  # fmt: skip
    run.outcomes.all().delete()
    run.state, run.is_dry, run.position, run.seen = State.RUNNING, False, 0, 0
    run.worked_at, run.finished_at = timezone.now(), None
    run.save()
    ask_turn(run)
    return run


@transaction.atomic
def cancel_import(*, actor: Actor, run_id: int) -> ContractImport:
    """Stop it where it is; what was drafted stays. Raises NotFound, Conflict when it has ended."""
    run = _locked(actor, run_id)
    if not (run.is_working or run.state == State.CHECKED):
        raise Conflict("wrong_state", _("This import has ended already."))
    end_import(run, State.CANCELLED)
    run.refresh_from_db()
    return run


def look_after_imports(now: dt.datetime | None = None) -> int:
    """Ask again for turns whose job was lost or gave up, end what did not move for a day, delete
    checked tables that nobody imported. Returns how many were ended."""
    now = now or timezone.now()
    ended = 0
    for run in ContractImport.objects.filter(state__in=(State.UPLOADED, State.RUNNING)):
        waiting = (Job.State.WAITING, Job.State.RUNNING)
        if Job.objects.filter(kind=JOB, key=run.public_id, state__in=waiting).exists():
            continue
        if run.worked_at < now - STUCK:
            end_import(run, State.FAILED, "stuck")
            ended += 1
        else:
            ask_turn(run)
    for run in ContractImport.objects.filter(state=State.CHECKED, worked_at__lt=now - KEPT):
        end_import(run, State.CANCELLED)
        ended += 1
    return ended


def forget_reports(now: dt.datetime | None = None) -> int:
    """Delete what is told of the rows of imports that ended IMPORT_REPORT_DAYS ago; their numbers
    by outcome stay. Which contract an id at the source belongs to stays, too: the next import of
    the table goes by it. Returns how many reports were deleted."""
    now = now or timezone.now()
    kept = now - dt.timedelta(days=settings.IMPORT_REPORT_DAYS)
    old = ContractImport.objects.filter(
        Exists(ContractImportRow.objects.filter(run=OuterRef("pk"))), finished_at__lt=kept
    ).exclude(state__in=(State.UPLOADED, State.RUNNING, State.CHECKED))
    done = 0
    for pk in old.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():  # each by itself: stopped and run again, it goes on
            run = lock(ContractImport.objects.all(), pk)
            if not run.has_ended:
                continue
            run.counts = counts_of(run)
            run.save(update_fields=["counts"])
            run.outcomes.all().delete()
        done += 1
    return done


def _locked(actor: Actor, run_id: int) -> ContractImport:
    if not imports_visible_to(actor).filter(pk=run_id).exists():
        raise NotFound
    return lock(ContractImport.objects.all(), run_id)
