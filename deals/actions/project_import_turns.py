"""The work on tables of foreign projects: read, check, open cases.

Done in turns of some seconds. What is told of a batch, its cases and how far the work is are stored
in one transaction, so that a worker that is killed loses nothing and does nothing twice.
"""

import secrets
import time
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from accounts.queries import actor_for
from deals import event_kinds, notices
from deals import project_import_states as states
from deals.actions.case_tasks import make_tasks_of
from deals.actions.numbering import lock_dockets, next_dockets
from deals.actions.project_imports import ask_turn, end, forget_rows_file
from deals.foreign.columns import (
    REFERENCE,
    code_of,
    fault,
    key_of,
    missing_columns,
    named,
    read_row,
    repeated_columns,
)
from deals.foreign.refusals import MOST_ROWS
from deals.models import (
    Case,
    CaseContact,
    CaseOrigin,
    ForeignProject,
    ProjectImport,
    ProjectImportRow,
)
from deals.pipelines import Pipeline, pipeline
from deals.queries.cases import own_institutions
from deals.queries.centres import takings_of
from deals.queries.foreign_projects import PIPELINE, counts_of, known_projects
from events.actions import notify, record
from listings.imports.reading import Line
from listings.imports.taking_out import FileRefused, lines_from, take_out
from marketplace.core.actor import Actor
from marketplace.core.errors import Message
from marketplace.core.gates import lock

TURN = 5.0  # seconds
CHECKED_BATCH = 200
OPENED_BATCH = 50  # so long others of the institution wait for their docket number
Outcome = ProjectImportRow.Outcome


def take_turn(public_id: str, *, seconds: float = TURN) -> None:
    """Read the file, check rows or open cases for some seconds, and ask for the next turn."""
    run = ProjectImport.objects.select_related("owner", "person").get(public_id=public_id)
    if run.state not in states.WORKING:
        return
    with override(run.language):
        actor = actor_for(run.person, run.language)
        line = pipeline(PIPELINE)
        if not own_institutions(actor).filter(pk=run.owner_id).exists():
            _fail(run, actor, "role_missing")
        elif line is None:
            _fail(run, actor, "no_pipeline")
        elif run.state == states.UPLOADED:
            _read(run, actor)
        elif run.state == states.CHECKING:
            _check_some(run, actor, time.monotonic() + seconds)
        else:
            _open_some(run, actor, line, time.monotonic() + seconds)


# --- Reading and checking ------------------------------------------------------------------------


@transaction.atomic
def _name_rows(pk: int) -> str:
    """The name that the rows will have, stored before they are: what a worker that was killed had
    written goes with the next try. Empty when nobody wants them any more."""
    known = lock(ProjectImport.objects.all(), pk)
    if known.state != states.UPLOADED:
        return ""
    forget_rows_file(known)
    name = f"{known.public_id}-{secrets.token_hex(4)}.rows"
    known.rows.name = known.rows.field.generate_filename(known, name)
    known.worked_at = timezone.now()
    known.save(update_fields=["rows", "worked_at"])
    return str(known.rows.name)


def _read(run: ProjectImport, actor: Actor) -> None:
    run.rows.name = _name_rows(run.pk)
    if not run.rows.name:
        return
    is_wanted = ProjectImport.objects.filter(
        pk=run.pk, state=states.UPLOADED, rows=run.rows.name
    ).exists
    try:
        found = take_out(run, is_wanted)
    except FileRefused as error:
        _fail(run, actor, error.code, error.about)
        return
    if found is None:
        run.rows.storage.delete(run.rows.name)
        return
    columns = [str(one["name"]) for one in found.columns]
    code, about = _against(columns, found.total)
    with transaction.atomic():
        known = lock(ProjectImport.objects.all(), run.pk)
        if known.state != states.UPLOADED or known.rows.name != run.rows.name:
            run.rows.storage.delete(run.rows.name)  # another worker took over, or it was stopped
            return
        known.total = found.total
        known.unknown_columns = [name for name in columns if code_of(name) is None]
        if code:
            _ended(known, actor, "fail", code, about)
            return
        known.state = states.TRANSITIONS.target("check", known.state)
        known.worked_at = timezone.now()
        known.save()
        ask_turn(known)


def _against(columns: Sequence[str], total: int) -> tuple[str, dict[str, Any]]:
    """What speaks against the table as a whole: a code of deals.foreign.refusals, or ""."""
    if total > MOST_ROWS:
        return "too_many_rows", {"limit": MOST_ROWS}
    if lost := missing_columns(columns):
        return "column_missing", {"columns": lost}
    if twice := repeated_columns(columns):
        return "column_repeated", {"columns": twice}
    return ("", {}) if total else ("no_rows", {})


def _check_some(run: ProjectImport, actor: Actor, until: float) -> None:
    lines = lines_from(run, run.position)
    while batch := list(islice(lines, CHECKED_BATCH)):
        with transaction.atomic():
            known = lock(ProjectImport.objects.all(), run.pk)
            if known.state != states.CHECKING or known.position != run.position:
                return  # another worker is at it
            told = _judged(known, [line for line, _end_at in batch])
            ProjectImportRow.objects.bulk_create(told)
            run.position = known.position = batch[-1][1]
            known.seen += len(batch)
            known.worked_at = timezone.now()
            known.save(update_fields=["position", "seen", "worked_at"])
        if time.monotonic() > until:
            ask_turn(run)
            return
    with transaction.atomic():
        known = lock(ProjectImport.objects.all(), run.pk)
        if known.state != states.CHECKING or known.position != run.position:
            return
        known.state = states.TRANSITIONS.target("wait", known.state)
        known.worked_at = timezone.now()
        forget_rows_file(known)
        known.save()
        _tell(known)


def _judged(run: ProjectImport, lines: Sequence[Line]) -> list[ProjectImportRow]:
    """What would come of some rows: three queries."""
    rows = [_row(run, line) for line in lines]
    keys = [row.key for row in rows if row.key]
    there = known_projects(run.owner_id, keys)
    taken = run.outcomes.filter(key__in=keys).exclude(outcome=Outcome.REFUSED)
    before = dict(taken.order_by("-line").values_list("key", "line"))
    for row in rows:
        if not row.key:
            continue
        if row.key in before:
            row.outcome, row.facts = Outcome.REFUSED, {}
            row.faults.append(fault(REFERENCE, partial(_twice, before[row.key])))
            continue
        if row.outcome == Outcome.REFUSED:
            continue  # for another fault: its reference is still to be had
        before[row.key] = row.line
        if row.outcome == Outcome.NEW and row.key in there:
            row.outcome, row.case_id, row.facts = Outcome.THERE, there[row.key], {}
    return rows


def _row(run: ProjectImport, line: Line) -> ProjectImportRow:
    row = ProjectImportRow(run=run, line=line.number, outcome=Outcome.REFUSED)
    row.reference, row.title = named(line.row or {})
    row.key = key_of(row.reference)
    if line.error is not None:
        column = code_of(line.column) or line.column
        row.faults = [{"column": column, "text_en": line.error.en, "text_zh": line.error.zh}]
        return row
    facts, row.faults = read_row(line.row or {})
    if not row.faults:
        row.outcome, row.facts = Outcome.NEW, facts
    return row


def _twice(line: int) -> Message:
    return gettext("This reference stands in row %(row)s already.") % {"row": line}


# --- Opening -------------------------------------------------------------------------------------


def _open_some(run: ProjectImport, actor: Actor, line: Pipeline, until: float) -> None:
    fits = run.person_id in takings_of(run.owner_id).ids  # it may have decided otherwise
    while True:
        with transaction.atomic():
            known = lock(ProjectImport.objects.select_related("owner"), run.pk)
            if known.state != states.RUNNING:
                return  # stopped, or another worker came to the end
            batch = list(known.outcomes.filter(outcome=Outcome.NEW).order_by("line")[:OPENED_BATCH])
            if not batch:
                _ended(known, actor, "finish")
                return
            _open(known, batch, actor, line, known.person_id if fits else None)
            known.seen += len(batch)
            known.worked_at = timezone.now()
            known.save(update_fields=["seen", "worked_at"])
            is_late = time.monotonic() > until
            if is_late:
                ask_turn(known)
        if is_late:
            return


def _open(
    run: ProjectImport, batch: Sequence[ProjectImportRow], actor: Actor, line: Pipeline,
    responsible_id: int | None,
) -> None:  # fmt: skip
    """The cases of some rows. A reference that somebody brought in meanwhile is there already."""
    now = timezone.now()
    year = timezone.localdate(now).year
    lock_dockets(run.owner_id, year)  # before looking which are there: nobody comes between
    there = known_projects(run.owner_id, [row.key for row in batch])
    fresh = [row for row in batch if row.key not in there]
    for row in batch:
        if row.key in there:
            row.outcome, row.case_id = Outcome.THERE, there[row.key]
    stage = line.stages[0]
    numbers = next_dockets(run.owner_id, year, len(fresh)) if fresh else range(0)
    cases = Case.objects.bulk_create(
        Case(
            organisation_id=run.owner_id,
            year=year,
            number=number,
            title=row.facts["title"],
            origin=CaseOrigin.IMPORT,
            pipeline=line.code,
            stage=stage.code,
            stage_since=now,
            probability=stage.probability,
            responsible_id=responsible_id,
            opened_by_id=run.person_id,
        )
        for row, number in zip(fresh, numbers, strict=True)
    )
    ForeignProject.objects.bulk_create(
        _project(case, row) for case, row in zip(cases, fresh, strict=True)
    )
    CaseContact.objects.bulk_create(
        CaseContact(case=case, **row.facts["contact"])
        for case, row in zip(cases, fresh, strict=True)
        if "contact" in row.facts
    )
    make_tasks_of(cases, stage)
    for case, row in zip(cases, fresh, strict=True):
        row.outcome, row.case = Outcome.OPENED, case
        record(
            event_kinds.CASE_OPENED, actor=actor, obj=case, organisation_ids=[run.owner_id],
            after={"state": case.state, "stage": case.stage},
            data={"version": case.version, "pipeline": case.pipeline, "origin": case.origin},
        )  # fmt: skip
    for row in batch:
        row.facts = {}
    ProjectImportRow.objects.bulk_update(batch, ["outcome", "case", "facts"])


def _project(case: Case, row: ProjectImportRow) -> ForeignProject:
    facts = row.facts
    texts = ("other_title", "owner_name", "country", "field", "summary", "programme", "website")
    return ForeignProject(
        case=case, organisation_id=case.organisation_id, reference=row.reference, key=row.key,
        trl=facts.get("trl"), **{name: facts.get(name, "") for name in texts},
    )  # fmt: skip


# --- Endings -------------------------------------------------------------------------------------


@transaction.atomic
def _fail(run: ProjectImport, actor: Actor, code: str, about: Any = None) -> None:
    known = lock(ProjectImport.objects.all(), run.pk)
    if known.state in states.WORKING:
        _ended(known, actor, "fail", code, about)


def _ended(run: ProjectImport, actor: Actor, move: str, code: str = "", about: Any = None) -> None:
    end(run, move, code, about, actor=actor)
    _tell(run)


def _tell(run: ProjectImport) -> None:
    """Whoever uploaded it, or said that cases be opened."""
    counts = dict.fromkeys(Outcome.values, 0) | counts_of(run)
    notice = {
        states.CHECKED: notices.PROJECTS_CHECKED, states.DONE: notices.PROJECTS_IMPORTED,
    }.get(run.state, notices.PROJECTS_FAILED)  # fmt: skip
    notify(
        [run.person_id], notice, url=run.get_absolute_url(),
        params={"name": run.name, **counts}, key=f"{run.public_id}-{run.state}",
    )  # fmt: skip
