"""Bringing a file in: its rows are taken out, in the background, and go on as was asked."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Organisation
from listings import run_states
from listings.actions.import_files import make_room_for_rows, waits
from listings.actions.import_turns import fail, serve
from listings.actions.imports import begin, may_publish, remember
from listings.actions.revisions import forget_files
from listings.imports.taking_out import FileRefused, TakenOut, take_out
from listings.models import ImportRun
from marketplace.core.errors import DomainError
from marketplace.core.gates import lock


def read_next(owner_id: int) -> None:
    """Read the organisation's file that came first and was not tried yet, or was tried longest ago;
    the next one in another job."""
    serve(owner_id, "listings.read_import", (run_states.UPLOADED,), read_import)


def read_import(public_id: str) -> None:
    """Take the rows out of the file, then wait for a mapping or go on with the one given."""
    run = _to_read(public_id)
    if run is None:
        return
    with override(run.language):
        try:
            found = take_out(run, lambda: _is_to_read(run))
        except FileRefused as error:
            forget_files([run.rows.name])
            fail(run.pk, error.code, error.about)
            return
        if found is None or not _is_read(run, found):
            forget_files([run.rows.name])
            return
        if run.proceed:
            _go_on(run)


@transaction.atomic
def _to_read(public_id: str) -> ImportRun | None:
    """The run with the name that its rows will have: one that a worker stored before it was killed
    is known, and goes away with the next try."""
    found = ImportRun.objects.select_for_update(of=("self",)).filter(public_id=public_id)
    run = found.select_related("owner").first()
    if run is None or run.state != run_states.UPLOADED:
        return None
    forget_files([run.rows.name])
    name = f"{run.public_id}-{secrets.token_hex(4)}.rows"
    run.rows.name = run.rows.field.generate_filename(run, name)
    run.heartbeat = timezone.now()
    run.save(update_fields=["rows", "heartbeat"])
    return run


def _is_to_read(run: ImportRun) -> bool:
    """Whether it is neither cancelled nor taken over by another worker."""
    return ImportRun.objects.filter(
        pk=run.pk, state=run_states.UPLOADED, rows=run.rows.name
    ).exists()


@transaction.atomic
def _is_read(run: ImportRun, found: TakenOut) -> bool:
    """Store what was found; False when nobody wants it any more."""
    owner = lock(Organisation.objects.all(), run.owner_id)  # before the run, as an upload does
    known = lock(ImportRun.objects.select_related("owner"), run.pk)
    if known.state != run_states.UPLOADED or known.rows.name != run.rows.name:
        return False
    known.columns, known.encoding, known.total = found.columns, found.encoding, found.total
    known.rows_size = found.size
    known.heartbeat = timezone.now()
    if not make_room_for_rows(owner, known, found.size):
        known.save()
        fail(run.pk, "import_space", {"limit": settings.IMPORT_STORED_BYTES >> 20})
        return True
    known.state = run_states.IMPORT.target("read", known.state)
    waits(known)
    forget_files([known.file.name])  # all that is in it stands in the rows
    known.file.name = ""
    known.save()
    return True


def _go_on(run: ImportRun) -> None:
    """What was asked for with the upload."""
    try:
        with transaction.atomic():
            run = lock(ImportRun.objects.select_related("owner"), run.pk)
            if run.state != run_states.READ:
                return
            if run.proceed == "run":
                may_publish(run)
            begin(run, run_states.IMPORT.target(run.proceed, run.state))
            remember(run)
    except DomainError as error:
        fail(run.pk, error.code)
