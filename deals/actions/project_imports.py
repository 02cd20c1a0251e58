"""A table of foreign projects: what its people do. What follows by itself is in
deals.actions.project_import_turns."""

import hashlib
from functools import partial
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals import event_kinds
from deals import project_import_states as states
from deals.actions.cases import refuse_who_may_not_take
from deals.models import ProjectImport, ProjectImportRow
from deals.queries.cases import own_institutions
from deals.queries.foreign_projects import counts_of, imports_visible_to
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import (
    Conflict,
    NotFound,
    Refused,
    TooLarge,
    Unauthenticated,
    field_error,
)
from marketplace.core.gates import lock
from marketplace.core.jobs import enqueue

JOB = "deals.project_import_turn"
MAX_OPEN = 3  # tables of an institution that are at work or wait
MAX_BYTES = 20 * 1024 * 1024  # 5,000 rows with every text full have 15 MB
_FORMS = {".csv": "csv", ".xlsx": "xlsx"}
_PIECE = 1 << 20


@transaction.atomic
def start_project_import(
    *, actor: Actor, organisation_id: int | None, upload: "UploadedFile[Any]"
) -> tuple[ProjectImport, bool]:
    """Take a table (CSV, XLSX), which is checked in the background; nothing else is written until
    `run_project_import`. Returns it and whether it is new: the same file that is at work or waits
    is returned as it is.

    organisation_id: the only one of the actor unless named. Raises Refused without an institution,
    Invalid on `file`, TooLarge, Conflict while too many are at work.
    """
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    found = own_institutions(actor)
    if organisation_id is not None:
        found = found.filter(pk=organisation_id)
    owner_id = found.values_list("pk", flat=True).first()
    if owner_id is None:
        raise Refused(
            "no_institution",
            _("Cases are for brokers and editors of a verified technology transfer institution."),
        )
    name, form = _checked(upload)
    owner = lock(Organisation.objects.all(), owner_id)
    digest = hashlib.sha256()
    for piece in upload.chunks(_PIECE):
        digest.update(piece)
    upload.seek(0)
    at_work = ProjectImport.objects.filter(owner=owner, state__in=sorted(states.OPEN))
    seen = imports_visible_to(actor).filter(pk__in=at_work)  # not one that a colleague keeps apart
    same = seen.filter(sha256=digest.hexdigest()).first()
    if same is not None:
        return same, False
    if at_work.count() >= MAX_OPEN:
        raise Conflict(
            "too_many_imports",
            _("%(count)s tables of your institution are at work or wait for your word. Finish or "
              "stop one of them first.") % {"count": MAX_OPEN},
        )  # fmt: skip
    run = ProjectImport(
        owner=owner, person_id=actor.user_id, language=actor.language, form=form, name=name,
        sha256=digest.hexdigest(),
    )  # fmt: skip
    run.file.save(f"{run.public_id}.{form}", upload, save=False)  # the name tells nothing
    run.save()
    record(
        event_kinds.PROJECTS_STARTED, actor=actor, obj=run, organisation_ids=[owner.pk],
        after={"state": run.state}, data={"form": form, "size": upload.size},
    )  # fmt: skip
    ask_turn(run)
    return run, True


@transaction.atomic
def run_project_import(*, actor: Actor, run_id: int) -> ProjectImport:
    """Open the cases that the check promised, in the background.

    Raises NotFound, Refused for who may not take cases there, Conflict unless it was checked and
    some case would be opened.
    """
    run = _locked(actor, run_id)
    refuse_who_may_not_take(actor, run.owner_id)
    if run.state != states.CHECKED:
        raise Conflict("wrong_state", _("Only a table that was checked can be imported."))
    if not run.outcomes.filter(outcome=ProjectImportRow.Outcome.NEW).exists():
        raise Conflict(
            "nothing_to_import",
            _("No row of this table would open a case. Correct it by the reasons, then upload it "
              "again."),
        )  # fmt: skip
    before, run.state = run.state, states.TRANSITIONS.target("run", run.state)
    run.person_id = actor.user_id or run.person_id  # who says so is who opens the cases
    run.worked_at, run.finished_at = timezone.now(), None
    run.seen = run.outcomes.exclude(outcome=ProjectImportRow.Outcome.NEW).count()
    run.save()
    record(
        event_kinds.PROJECTS_CONFIRMED, actor=actor, obj=run, organisation_ids=[run.owner_id],
        before={"state": before}, after={"state": run.state},
    )  # fmt: skip
    ask_turn(run)
    return run


@transaction.atomic
def cancel_project_import(*, actor: Actor, run_id: int) -> ProjectImport:
    """Stop it where it is; cases that were opened stay. Raises NotFound, Conflict once it has
    ended."""
    run = _locked(actor, run_id)
    if run.state not in states.OPEN:
        raise Conflict("wrong_state", _("This import has ended already."))
    end(run, "cancel", actor=actor)
    return run


def ask_turn(run: ProjectImport) -> None:
    """Work on it is a job from here on."""
    enqueue(JOB, {"run": run.public_id}, key=run.public_id)


def end(run: ProjectImport, move: str, code: str = "", about: Any = None, *, actor: Actor) -> None:
    """The last move, under the caller's lock; the rows taken out of the file go, and what the rows
    that were not opened say of projects."""
    before, run.state = run.state, states.TRANSITIONS.target(move, run.state)
    run.finished_at = timezone.now()
    run.reason_code, run.reason_about = code, dict(about or {})
    forget_rows_file(run)
    run.save()
    run.outcomes.exclude(facts={}).update(facts={})
    record(
        event_kinds.PROJECTS_ENDED, actor=actor, obj=run, organisation_ids=[run.owner_id],
        before={"state": before}, after={"state": run.state},
        data={"rows": counts_of(run), "reason": code},
    )  # fmt: skip


def forget_rows_file(run: ProjectImport) -> None:
    """Set (not save) that the rows are read; the file goes with the transaction."""
    if name := run.rows.name:
        transaction.on_commit(partial(run.rows.storage.delete, name))
        run.rows.name = ""


def _locked(actor: Actor, run_id: int) -> ProjectImport:
    if not imports_visible_to(actor).filter(pk=run_id).exists():
        raise NotFound
    return lock(ProjectImport.objects.all(), run_id)


def _checked(upload: "UploadedFile[Any]") -> tuple[str, str]:
    """(clean name, format). What is in the file is read by a program apart."""
    try:
        name = clean_text(PurePath(upload.name or "file").name).replace("\n", " ")[-150:]
    except ValidationError as error:
        raise field_error("file", error.messages[0]) from None
    form = _FORMS.get(PurePath(name).suffix.lower())
    if form is None:
        raise field_error(
            "file", _("Upload an Excel file (.xlsx) or a CSV file."), code="file_kind"
        )
    if not upload.size:
        raise field_error("file", _("The file is empty."), code="file_empty")
    most = min(MAX_BYTES, settings.IMPORT_MAX_BYTES)
    if upload.size > most:
        text = _("The file is larger than %(cap)d MB.") % {"cap": most >> 20}
        raise TooLarge("file_too_large", text, fields={"file": [text]})
    return name, form
