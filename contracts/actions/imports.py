"""Bring many contracts in from one file: each row becomes a draft of the importer's organisation.

Work is done in turns of some seconds. A batch of drafts, what is told of them and the position in
the file are stored in one transaction: a worker that is killed loses nothing, and nothing is done
twice. What is not a draft any more, or was changed by a person, is never touched.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from decimal import DecimalException
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import DataError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.queries import actor_for
from contracts import notices, states
from contracts.actions.drafts import change_contract, draft_contract
from contracts.imports.columns import ID, name_of, place_of, read_row, unknown_columns
from contracts.models import Contract, ContractImport, ContractImportRow, ImportedContract
from contracts.queries.imports import TAKEN
from contracts.queries.visibility import registration_points
from contracts.rules import EDIT_ROLES
from events.actions import notify
from listings.imports.reading import Line
from listings.imports.reasons import both
from listings.imports.taking_out import FileRefused, lines_from, take_out
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import (
    Conflict,
    DomainError,
    Message,
    Refused,
    TooLarge,
    Unauthenticated,
    field_error,
)
from marketplace.core.gates import lock
from marketplace.core.jobs import enqueue

JOB = "contracts.import_turn"
TURN = 5.0  # seconds
BATCH = 25
MAX_OPEN = 3  # files of an organisation that are at work
_FORMS = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl"}
State = ContractImport.State
Outcome = ContractImportRow.Outcome
log = structlog.get_logger(__name__)

# What odd cells make of code that expects another shape: JSON in a cell may be of any.
_ODD_CELL = (TypeError, ValueError, AttributeError, OverflowError, DecimalException, DataError)
_ODD = _("A cell of this row cannot be read. The empty table shows how each is written.")


@transaction.atomic
def start_contract_import(
    *, actor: Actor, owner_id: int, source: str, upload: "UploadedFile[Any]", is_dry: bool = False
) -> ContractImport:
    """Take a file (CSV, XLSX, JSONL); its rows are drafted in the background.

    source: a short name, the same each time: ids in the file are known by it. is_dry: every row is
    checked and nothing is drafted; contracts.actions.import_runs goes on from there. Raises
    Invalid by field, TooLarge, Refused without a role, Conflict while too many are at work.
    """
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    if not actor.can(owner_id, *EDIT_ROLES):
        raise Refused(
            "role_missing",
            _("Only editors, brokers and owners of an organisation draft its contracts."),
        )
    owner = lock(Organisation.objects.all(), owner_id)
    name, source = _line(upload.name or "", "file")[-150:], _line(source, "source")
    if not source or len(source) > 60:
        raise field_error("source", _("Give a name of at most 60 characters."))
    form = _FORMS.get(PurePath(name).suffix.lower())
    if form is None:
        raise field_error("file", _("Upload an Excel file (.xlsx), CSV or JSONL."))
    if not upload.size:
        raise field_error("file", _("The file is empty."))
    if upload.size > settings.IMPORT_MAX_BYTES:
        cap = settings.IMPORT_MAX_BYTES >> 20
        text = _("The file is larger than %(cap)d MB.") % {"cap": cap}
        raise TooLarge("file_too_large", text, fields={"file": [text]})
    working = ContractImport.objects.filter(
        owner=owner, state__in=(State.UPLOADED, State.RUNNING, State.CHECKED)
    )
    if working.count() >= MAX_OPEN:
        raise Conflict(
            "too_many_imports",
            _("Some of your files are still at work, or checked and not yet imported. Finish or "
              "stop one of them first."),
        )  # fmt: skip
    run = ContractImport(
        owner=owner, person_id=actor.user_id, language=actor.language, source=source, form=form,
        name=name, is_dry=is_dry,
    )  # fmt: skip
    run.file.save(f"{run.public_id}.{form}", upload, save=False)  # the name tells nothing
    run.save()
    ask_turn(run)
    return run


def take_turn(public_id: str, *, seconds: float = TURN) -> None:
    """Read the file, or draft rows for some seconds, and ask for the next turn."""
    run = ContractImport.objects.select_related("owner", "person").get(public_id=public_id)
    if not run.is_working:
        return
    with override(run.language):
        actor = actor_for(run.person, run.language)
        if not actor.can(run.owner_id, *EDIT_ROLES):
            end_import(run, State.FAILED, "role_missing")
        elif run.state == State.UPLOADED:
            _read(run)
        else:
            _draft_some(run, actor, time.monotonic() + seconds)


def ask_turn(run: ContractImport) -> None:
    """Work on it is a job from here on."""
    enqueue(JOB, {"run": run.public_id}, key=run.public_id)


def _read(run: ContractImport) -> None:
    run.rows.name = run.rows.field.generate_filename(
        run, f"{run.public_id}-{secrets.token_hex(4)}.rows"
    )
    is_wanted = ContractImport.objects.filter(pk=run.pk, state=State.UPLOADED).exists
    try:
        found = take_out(run, is_wanted)
    except FileRefused as error:
        run.rows.name = ""
        end_import(run, State.FAILED, error.code, error.about)
        return
    if found is None:
        return
    with transaction.atomic():
        known = lock(ContractImport.objects.all(), run.pk)
        if known.state != State.UPLOADED:  # another worker was quicker: its rows count
            run.rows.storage.delete(run.rows.name)
            return
        known.rows.name, known.total = run.rows.name, found.total
        known.unknown_columns = unknown_columns(str(one["name"]) for one in found.columns)
        known.state, known.worked_at = State.RUNNING, timezone.now()
        known.save()
        ask_turn(known)


def _draft_some(run: ContractImport, actor: Actor, until: float) -> None:
    own = {
        "organisation": run.owner.public_id, "code": run.owner.registration_code,
        "names": {name for name in (run.owner.name_zh, run.owner.name_en) if name},
    }  # fmt: skip
    points = _points()
    lines = lines_from(run, run.position)
    while batch := list(islice(lines, BATCH)):
        with transaction.atomic():
            known = lock(ContractImport.objects.all(), run.pk)
            if known.state != State.RUNNING or known.position != run.position:
                return  # another worker is at it
            told = [_draft(run, actor, line, own, points) for line, _end_at in batch]
            ContractImportRow.objects.bulk_create(told)
            run.position, run.seen = batch[-1][1], known.seen + len(batch)
            run.worked_at = timezone.now()
            run.save(update_fields=["position", "seen", "worked_at"])
        if time.monotonic() > until:
            ask_turn(run)
            return
    end_import(run, State.CHECKED if run.is_dry else State.DONE)


def _draft(
    run: ContractImport, actor: Actor, line: Line, own: Mapping[str, Any], points: Mapping[str, str]
) -> ContractImportRow:
    """Deal with one row; what it refuses stands in its place of the report."""
    row = ContractImportRow(run=run, line=line.number, outcome=Outcome.REFUSED)
    if line.error is not None or line.row is None:
        if line.error is not None:
            row.reason_en, row.reason_zh = line.error.en, line.error.zh
            row.reason_en = f"{line.column}: {row.reason_en}" if line.column else row.reason_en
            row.reason_zh = f"{line.column}：{row.reason_zh}" if line.column else row.reason_zh
        return row
    try:
        row.external_id, row.title = (
            text[:limit].replace("\x00", "")
            for text, limit in zip(name_of(line.row), (120, 200), strict=True)
        )
        given = read_row(line.row, own)
    except DomainError:
        return _said(row, partial(_unread, line.row, own))
    except _ODD_CELL as error:
        return _odd(run, row, error)
    facts = given["facts"]
    if point := facts.get("registration_point"):
        facts["registration_point"] = points.get(str(point).lower(), point)
    given.pop(ID)
    if not row.external_id:
        return _said(row, partial(str, _("Give every row an ID of its own in the ID column.")))
    try:
        return _kept(run, actor, row, given)
    except _ODD_CELL as error:
        return _odd(run, row, error)


def _odd(run: ContractImport, row: ContractImportRow, error: Exception) -> ContractImportRow:
    """One row is refused, the others go on."""
    log.warning("contract_row_refused", run=run.public_id, error=type(error).__name__)
    row.outcome, row.contract = Outcome.REFUSED, None
    row.title = row.external_id = ""
    return _said(row, lambda: _ODD)


def _kept(
    run: ContractImport, actor: Actor, row: ContractImportRow, given: dict[str, Any]
) -> ContractImportRow:
    """The draft of a row that was read, made or renewed; whatever fails leaves nothing behind."""
    text = json.dumps(given, ensure_ascii=True, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = (
        ImportedContract.objects.select_related("contract")
        .filter(owner=run.owner, source=run.source, external_id=row.external_id)
        .first()
    )
    try:
        with transaction.atomic():
            row.outcome, row.contract = _store(run, actor, given, known, digest, row.external_id)
            if run.is_dry:
                raise _OnlyChecked
    except _OnlyChecked:
        row.contract = known.contract if known else None
    except DomainError:
        row.outcome = Outcome.REFUSED
        again = partial(_store, run, actor, given, known, digest, row.external_id)
        return _said(row, partial(_refused, again, given))
    if row.outcome == Outcome.LEFT:
        assert row.contract is not None
        is_draft = row.contract.state == states.DRAFT
        return _said(row, lambda: _LEFT_CHANGED if is_draft else _LEFT_STATE)
    return row


class _OnlyChecked(Exception):
    pass


def _unread(cells: Mapping[str, Any], own: Mapping[str, Any]) -> Message:
    """What a cell that cannot be read is told, in the active language."""
    try:
        read_row(cells, own)
    except DomainError as error:
        return _why(error)
    return ""


def _refused(store: Callable[[], Any], given: Mapping[str, Any]) -> Message:
    """Why the contract's rules refuse a row, in the active language. They are asked anew: deep in
    them a text is put together when it is raised. Leaves nothing behind."""
    try:
        with transaction.atomic():
            store()
            raise _OnlyChecked
    except _OnlyChecked:
        return ""
    except DomainError as error:
        return _why(error, given)


_LEFT_CHANGED = _("Somebody changed this draft after the last import, so it was left alone.")
_LEFT_STATE = _("This contract is no draft any more, so it was left alone.")


def _store(
    run: ContractImport, actor: Actor, given: Mapping[str, Any], known: ImportedContract | None,
    digest: str, external_id: str,
) -> tuple[str, Contract]:  # fmt: skip
    if known is None:
        contract = draft_contract(
            actor=actor, filed_by_id=run.owner_id, origin=f"import:{run.public_id}", **given
        )
        ImportedContract.objects.create(
            owner=run.owner, source=run.source, external_id=external_id, contract=contract,
            version=contract.version, sha256=digest,
        )  # fmt: skip
        return Outcome.CREATED, contract
    contract = known.contract
    if contract.state != states.DRAFT:
        return Outcome.LEFT, contract
    if known.sha256 == digest:
        return Outcome.SAME, contract
    if contract.version != known.version:
        return Outcome.LEFT, contract
    contract = change_contract(
        actor=actor, contract_id=contract.pk, expected_version=known.version, **given
    )
    known.version, known.sha256 = contract.version, digest
    known.save(update_fields=["version", "sha256"])
    return Outcome.CHANGED, contract


def _said(row: ContractImportRow, say: Any) -> ContractImportRow:
    reason = both(say)
    row.reason_en, row.reason_zh = reason.en[:2000], reason.zh[:2000]
    return row


def _why(error: DomainError, given: Mapping[str, Any] | None = None) -> Message:
    """Every column with what is wrong there. given: what was read of the row."""
    if not error.fields:
        return error.message
    return " · ".join(
        gettext("Column “%(column)s”: %(what)s")
        % {"column": place_of(name, given or {}), "what": " ".join(map(str, texts))}
        for name, texts in error.fields.items()
    )


def _points() -> dict[str, str]:
    """Public id or name of a registration point, in lower case -> public id."""
    return {
        name.lower(): point.public_id
        for point in registration_points()
        for name in (point.public_id, point.name_zh, point.name_en)
        if name
    }


def end_import(
    run: ContractImport, state: str, code: str = "", about: Mapping[str, Any] | None = None
) -> None:
    """The last move, or the end of a check: who began it is told. The files go, unless the rows
    that were checked may yet be imported; what came of the rows stays."""
    with transaction.atomic():
        known = lock(ContractImport.objects.select_related("owner"), run.pk)
        if not (known.is_working or known.state == State.CHECKED):
            return
        was_working = known.is_working
        known.state, known.finished_at = state, timezone.now()
        known.reason_code, known.reason_about = code, dict(about or {})
        gone = [known.file.name] if state == State.CHECKED else [known.file.name, known.rows.name]
        known.file.name = ""
        known.rows.name = known.rows.name if state == State.CHECKED else ""
        known.save()
        storage = known.file.storage
        for name in filter(None, gone):
            transaction.on_commit(partial(storage.delete, name))
        if was_working and state != State.CANCELLED:
            _tell(known)


def _tell(run: ContractImport) -> None:
    counts = dict(run.outcomes.order_by().values_list("outcome").annotate(Count("id")))
    notice = {
        State.DONE: notices.IMPORT_DONE, State.CHECKED: notices.IMPORT_CHECKED,
    }.get(State(run.state), notices.IMPORT_FAILED)  # fmt: skip
    if run.state == State.DONE and not any(counts.get(one) for one in TAKEN):
        notice = notices.IMPORT_EMPTY
    notify(
        [run.person_id], notice, url=f"/contracts/import/{run.public_id}/",
        params={
            "name": run.name, "seen": run.seen,
            **{name: counts.get(name, 0) for name in ("created", "changed", "refused")},
        },
        key=f"{notice}-{run.pk}-{run.worked_at.timestamp()}",
    )  # fmt: skip


def _line(text: str, field: str) -> str:
    try:
        return clean_text(text).replace("\n", " ")
    except ValidationError as error:
        raise field_error(field, error.messages[0]) from None
