"""What is stored of imports: room for it, and when it goes away."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings import run_states
from listings.actions.revisions import forget_files
from listings.models import ImportedId, ImportFault, ImportRun
from marketplace.core.errors import Conflict
from marketplace.core.gates import lock
from marketplace.core.models import Job

# How long the refused rows of an import that ended can be downloaded.
REPORT = dt.timedelta(days=30)
# What has not moved for so long, and has no job any more, does not move again.
STUCK = dt.timedelta(days=1)
_JOBS = ("listings.read_import", "listings.import_turn")


def make_room(owner: Organisation, size: int) -> None:
    """Room for a file of so many bytes; the caller has locked the organisation. Files that wait or
    work are in nobody's way but their own organisation's; reports of what has ended give way, the
    oldest first. Raises Conflict."""
    waiting, ended = _stored(owner)
    if len(waiting) >= settings.IMPORT_WAITING_FILES:
        raise Conflict(
            "too_many_import_files",
            _("%(count)s files of this organisation wait to be imported already. Import or cancel "
              "some of them first.") % {"count": len(waiting)},
        )  # fmt: skip
    left = settings.IMPORT_STORED_BYTES - size - sum(map(stored_bytes, waiting))
    if left < 0:
        raise Conflict("import_space", no_room(sum(map(stored_bytes, waiting))))
    _give_way(ended, left)


def make_room_for_rows(owner: Organisation, run: ImportRun, rows_size: int) -> bool:
    """Room for the rows of a file in place of its upload, by the same rule; False, and nothing
    gives way, where there is none. The caller has locked the organisation, then the run."""
    waiting, ended = _stored(owner)
    taken = sum(stored_bytes(one) for one in waiting if one.pk != run.pk)
    left = settings.IMPORT_STORED_BYTES - rows_size - taken
    if left < 0:
        return False
    _give_way(ended, left)
    return True


def _give_way(ended: Sequence[ImportRun], left: int) -> None:
    """Reports go, the oldest first, until the others fit into what is left."""
    kept = sum(map(stored_bytes, ended))
    for run in ended:
        if kept <= left:
            break
        kept -= stored_bytes(run)
        _forget(lock(ImportRun.objects.all(), run.pk))


def no_room(taken: int) -> str:
    """In the active language."""
    return str(
        _("Files of this organisation that wait to be imported take %(taken)d of %(limit)d MB, and "
          "this one does not fit in. Import or cancel some of them first.")
    ) % {"taken": taken >> 20, "limit": settings.IMPORT_STORED_BYTES >> 20}  # fmt: skip


def stored_bytes(run: ImportRun) -> int:
    """Bytes of its upload and of its rows, as far as they are there."""
    return (run.size if run.file else 0) + (run.rows_size if run.rows else 0)


def _stored(owner: Organisation) -> tuple[list[ImportRun], list[ImportRun]]:
    """(waiting or working, ended), the oldest first."""
    runs = list(
        ImportRun.objects.filter(owner=owner)
        .exclude(file="", rows="")
        .only("state", "size", "rows_size", "file", "rows")
        .order_by("pk")
    )
    ended = [run for run in runs if run.state in run_states.ENDED]
    return [run for run in runs if run.state not in run_states.ENDED], ended


def waits(run: ImportRun) -> None:
    """Set (not save) until when the file waits for its people."""
    run.expires_at = timezone.now() + dt.timedelta(days=settings.IMPORT_WAIT_DAYS)


def ends(run: ImportRun) -> None:
    """Set (not save) what is left of a run that ended just now: its rows only if the refused ones
    of an import can be downloaded. The caller holds the lock."""
    has_faults = ImportFault.objects.filter(run=run).exists()
    run.finished_at = timezone.now()
    run.expires_at = run.finished_at + REPORT if has_faults else None
    _delete(run, rows=run.is_dry or not has_faults)
    ImportedId.objects.filter(run=run).delete()


def forget_imports(now: dt.datetime | None = None) -> int:
    """Give up files that nobody imported within their days, and what stands still without a job;
    delete reports whose days are over. Returns how many."""
    now = now or timezone.now()
    done = 0
    for pk in _pks(ImportRun.objects.filter(expires_at__lte=now)):
        with transaction.atomic():
            run = lock(ImportRun.objects.all(), pk)
            if run.expires_at is None or run.expires_at > now or run.state in run_states.WORKING:
                continue
            if run.state not in run_states.ENDED:
                run.state = run_states.IMPORT.target("cancel", run.state)
                run.reason_code = "expired"
                run.reason_about = {"days": settings.IMPORT_WAIT_DAYS}
                run.finished_at = now
            _forget(run)
            done += 1
    for pk in _pks(ImportRun.objects.filter(state__in=run_states.WORKING)):
        done += _give_up(pk, now)
    return done


@transaction.atomic
def _give_up(pk: int, now: dt.datetime) -> bool:
    run = lock(ImportRun.objects.select_related("owner"), pk)
    if run.state not in run_states.WORKING or (run.heartbeat or run.created_at) > now - STUCK:
        return False
    open_states = (Job.State.WAITING, Job.State.RUNNING)
    keys = (run.owner.public_id, run.public_id)
    if Job.objects.filter(kind__in=_JOBS, key__in=keys, state__in=open_states).exists():
        return False
    run.state = run_states.IMPORT.target("fail", run.state)
    run.reason_code = "stuck"
    ends(run)
    run.save()
    return True


def _pks(runs: QuerySet[ImportRun]) -> Sequence[int]:
    return list(runs.order_by("pk").values_list("pk", flat=True))


def _forget(run: ImportRun) -> None:
    """Files, faults and samples go; counts, mapping and names of columns stay."""
    _delete(run, rows=True)
    run.columns = [{"name": column["name"], "samples": []} for column in run.columns]
    run.expires_at = None
    run.save()
    ImportFault.objects.filter(run=run).delete()
    ImportedId.objects.filter(run=run).delete()


def _delete(run: ImportRun, *, rows: bool) -> None:
    forget_files([run.file.name, run.rows.name if rows else ""])
    run.file.name = ""
    if rows:
        run.rows.name, run.rows_size = "", 0
