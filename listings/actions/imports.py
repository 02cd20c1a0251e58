"""Bringing a file in: what its people do. What follows by itself is in import_turns."""

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from events.actions import record
from listings import event_kinds, run_states
from listings.actions.import_files import ends, make_room
from listings.imports.mapping import BadMapping, mapping_from_data
from listings.models import ImportedId, ImportFault, ImportRun, ImportSource
from listings.models.exchange import Format
from listings.models.listings import Kind
from listings.queries.exchange import imports_visible_to
from listings.rules import EDIT_ROLES, MAX_REVIEWED_ROWS
from listings.sources import MAX_NAME
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    Refused,
    TooLarge,
    Unauthenticated,
    field_error,
)
from marketplace.core.gates import lock
from marketplace.core.jobs import enqueue

_ENDINGS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl",
            ".ndjson": "jsonl"}  # fmt: skip
# How many files of an organisation may wait or work at once: each costs a worker's time.
MAX_OPEN = 5


@transaction.atomic
def start_import(
    *, actor: Actor, owner_id: int, kind: str, source: str, upload: "UploadedFile[Any]",
    mapping: Mapping[str, Any] | None = None, proceed: str = "", withdraw_missing: bool = False,
    submit: bool = True,
) -> ImportRun:  # fmt: skip
    """Take a file; its rows are read in the background.

    mapping: see listings.imports.mapping.mapping_from_data. proceed: what follows by itself, with
    a mapping: "check" or "run". Raises Invalid by field, TooLarge, Refused, NotFound, Conflict.
    """
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    owner = _importable(owner_id, actor)
    if kind not in Kind.values:
        raise field_error("kind", _("Post a technology or a need."), code="unknown_kind")
    source = _source_name(source)
    name, form = _checked(upload)
    if proceed and mapping is None:
        raise field_error("mapping", _("Say which column means what."), code="mapping_missing")
    run = ImportRun(
        owner=owner, person_id=actor.user_id, language=actor.language, source=source, kind=kind,
        form=form, name=name, size=upload.size or 0, proceed=proceed,
        withdraw_missing=withdraw_missing, submit=submit,
    )  # fmt: skip
    if mapping is not None:
        run.mapping = _judged(mapping)
    if proceed == "run":
        _may_publish(run)
    working = ImportRun.objects.filter(owner=owner, state__in=run_states.WORKING).count()
    if working >= MAX_OPEN:
        raise Conflict(
            "too_many_imports",
            _("%(count)s files of this organisation are at work. Wait until one of them is done.")
            % {"count": working},
        )
    make_room(owner, run.size)
    # a stored name says nothing: neither the owner nor what is in it
    run.file.save(f"{run.public_id}.{form}", upload, save=False)
    run.save()
    _record(event_kinds.IMPORT_STARTED, run, actor)
    _enqueue(run)
    return run


@transaction.atomic
def check_import(
    *, actor: Actor, run_id: int, mapping: Mapping[str, Any], withdraw_missing: bool = False,
    submit: bool = True,
) -> ImportRun:  # fmt: skip
    """Name the columns and check every row; nothing is changed but what is remembered of the
    source. Raises Invalid on `mapping`, Conflict."""
    run = locked_run(run_id, actor)
    target = run_states.IMPORT.target("check", run.state)
    run.mapping = _judged(mapping, run.columns)
    run.withdraw_missing, run.submit = withdraw_missing, submit
    remember(run)
    begin(run, target)
    return run


@transaction.atomic
def run_import(*, actor: Actor, run_id: int) -> ImportRun:
    """Store the rows, after a check or without one. Raises Conflict."""
    run = locked_run(run_id, actor)
    target = run_states.IMPORT.target("run", run.state)
    if not run.mapping:
        raise field_error("mapping", _("Say which column means what."), code="mapping_missing")
    _may_publish(run)
    remember(run)
    begin(run, target)
    return run


@transaction.atomic
def cancel_import(*, actor: Actor, run_id: int) -> ImportRun:
    """Stop it: a reader within a second or two, storing between two batches. What is stored already
    stays; the file is deleted, but for the rows of a report of what was refused."""
    run = locked_run(run_id, actor)
    before = run.state
    run.state = run_states.IMPORT.target("cancel", run.state)
    ends(run)
    run.save()
    _record(event_kinds.IMPORT_CANCELLED, run, actor, before)
    return run


# --- shared with import_turns ---------------------------------------------------------------------


def begin(run: ImportRun, target: str) -> None:
    """Go through the rows from the first one, checking or storing; the caller holds the lock."""
    run.state = target
    run.is_dry = target == run_states.CHECKING
    run.seen = run.position = 0
    run.created = run.changed = run.same = run.refused = run.withdrawn = 0
    run.started_at = run.heartbeat = timezone.now()
    run.expires_at = None
    run.reason_code, run.reason_about = "", {}
    ImportFault.objects.filter(run=run).delete()
    ImportedId.objects.filter(run=run).delete()
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        raise Conflict("import_running", _("This source is being imported already.")) from None
    _enqueue(run)


def _enqueue(run: ImportRun) -> None:
    """One job an organisation waits, whatever the number of its files: turns go round among
    organisations."""
    name = "listings.read_import" if run.state == run_states.UPLOADED else "listings.import_turn"
    enqueue(name, {"owner": run.owner_id}, key=run.owner.public_id)


def remember(run: ImportRun) -> None:
    """The mapping, for the next file of the source."""
    ImportSource.objects.update_or_create(
        owner=run.owner, source=run.source, kind=run.kind, defaults={"mapping": run.mapping}
    )


def remembered(run: ImportRun) -> dict[str, Any]:
    """How the last file of this source was mapped; {} for a new one."""
    found = ImportSource.objects.filter(owner=run.owner, source=run.source, kind=run.kind).first()
    return dict(found.mapping) if found else {}


def publishes_at_once(run: ImportRun) -> bool:
    """Whether its rows go out without a moderator."""
    return run.submit and run.owner.is_trusted and run.owner.is_verified


def may_publish(run: ImportRun) -> None:
    """Raises Conflict with what stands against handing so many rows in."""
    _may_publish(run)


def _may_publish(run: ImportRun) -> None:
    if not run.submit:
        return
    if not run.owner.is_verified:
        raise Conflict(
            "not_verified",
            _("Your organisation is not verified yet. Import the rows as drafts, or ask for "
              "verification first."),
        )  # fmt: skip
    if not run.owner.is_trusted and run.total > MAX_REVIEWED_ROWS:
        raise Conflict(
            "too_many_to_review",
            _("A moderator reads each listing of your organisation, so at most %(limit)s rows can "
              "be handed in at once. Split the file, import it as drafts, or ask the operator to "
              "trust your organisation.") % {"limit": MAX_REVIEWED_ROWS},
        )  # fmt: skip


def locked_run(run_id: int, actor: Actor) -> ImportRun:
    """The run under lock, for who may edit in its organisation."""
    run = lock(imports_visible_to(actor), run_id)
    if not actor.can(run.owner_id, *EDIT_ROLES):
        raise NotFound
    return run


def _importable(owner_id: int, actor: Actor) -> Organisation:
    if not actor.can(owner_id, *EDIT_ROLES):
        if owner_id in actor.organisation_ids:
            raise Refused("role_missing", _("You need the role of an editor or a broker there."))
        raise NotFound
    return lock(Organisation.objects.all(), owner_id)


def _source_name(source: str) -> str:
    try:
        source = clean_text(source)
    except ValidationError as error:
        raise field_error("source", error.messages[0]) from None
    if not source or len(source) > MAX_NAME or "\n" in source:
        raise field_error(
            "source",
            _("Give the source a short name of up to %(limit)s characters, and the same each time.")
            % {"limit": MAX_NAME},
        )
    return source


def _checked(upload: "UploadedFile[Any]") -> tuple[str, str]:
    """(clean name, format). What is in the file is read by a program apart."""
    try:
        name = clean_text(PurePath((upload.name or "file").replace("\x00", "")).name)[-150:]
    except ValidationError as error:
        raise field_error("file", error.messages[0]) from None
    form = _ENDINGS.get(PurePath(name).suffix.lower())
    if form is None:
        raise field_error(
            "file",
            _("Files of this kind are not accepted. Accepted: %(kinds)s.")
            % {"kinds": ".csv, .xlsx, .jsonl"},
            code="file_kind",
        )
    if not upload.size:
        raise field_error("file", _("The file is empty."), code="file_empty")
    if upload.size > settings.IMPORT_MAX_BYTES:
        raise TooLarge(
            "file_too_large",
            _("The file is larger than %(cap)d MB.") % {"cap": settings.IMPORT_MAX_BYTES >> 20},
            fields={"file": [_("Choose a smaller file.")]},
        )
    assert form in Format.values
    return name, form


def _judged(mapping: Any, columns: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The mapping as it is stored. columns: those of the file, once they are known."""
    try:
        # half a character, a zero byte or a number without end could not be stored
        text = json.dumps(mapping, ensure_ascii=False, allow_nan=False)
        if "\\u0000" in text or not text.encode():
            raise ValueError
    except (ValueError, RecursionError):
        raise field_error(
            "mapping",
            _("The mapping holds a character or a number that cannot be kept."),
            code="bad_mapping",
        ) from None
    try:
        made = mapping_from_data(mapping)
    except BadMapping as error:
        raise field_error("mapping", str(error), code="bad_mapping") from None
    fields = {
        target: [found] if isinstance(found, str) else list(found)
        for target, found in made.fields.items()
    }
    if columns is not None:
        known = {column["name"] for column in columns}
        named = {made.external_id, *(name for names in fields.values() for name in names)}
        if lost := sorted(named - known):
            raise Invalid(
                "unknown_column",
                _("The file has no column “%(name)s”.") % {"name": lost[0][:80]},
                fields={
                    "mapping": [_("The file has no column “%(name)s”.") % {"name": lost[0][:80]}]
                },
            )
    return {**dict(mapping), "fields": fields}


def _record(kind: str, run: ImportRun, actor: Actor, before: str = "") -> None:
    record(
        kind, actor=actor, obj=run, organisation_ids=[run.owner_id],
        before={"state": before} if before else {}, after={"state": run.state},
        data={"kind": run.kind, "form": run.form, "size": run.size},
    )  # fmt: skip
