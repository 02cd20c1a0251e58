"""Tasks of a case: made by hand or by a stage, done, undone, reminded of once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import case_states as states
from deals import event_kinds, notices
from deals.actions.case_access import keep, locked_for
from deals.models import Case, CaseTask
from deals.pipelines import Stage
from deals.queries.cases import colleagues_of, tasks_visible_to
from deals.rules import CASE_ROLES
from events.actions import notify
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.errors import Conflict, NotFound, Stale, field_error
from marketplace.core.forms import invalid_from

MOST_TASKS = 200


def make_stage_tasks(case: Case, stage: Stage) -> None:
    """The stage's tasks for the responsible person; those that it made before are not made again,
    however often the case comes back. In the caller's transaction."""
    today = timezone.localdate()
    CaseTask.objects.bulk_create(
        [
            CaseTask(
                case=case, stage=stage.code, template=one.code, title_en=one.title_en,
                title_zh=one.title_zh, assignee_id=case.responsible_id,
                due_on=today + dt.timedelta(days=one.days),
            )
            for one in stage.tasks
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def make_tasks_of(cases: Sequence[Case], stage: Stage) -> None:
    """The same for cases that were opened together, but for nobody yet: hundreds of tasks that are
    due on one day would bury what else their person has to do. In the caller's transaction."""
    today = timezone.localdate()
    CaseTask.objects.bulk_create(
        CaseTask(
            case=case, stage=stage.code, template=one.code, title_en=one.title_en,
            title_zh=one.title_zh, due_on=today + dt.timedelta(days=one.days),
        )
        for case in cases
        for one in stage.tasks
    )  # fmt: skip


def hand_over(case: Case, before: int | None) -> None:
    """What was still to be done by the person before, goes with the case; tasks of others stay
    theirs. In the caller's transaction, which tells the new person of the case."""
    if before is not None:
        case.tasks.filter(assignee_id=before, done_at__isnull=True).update(
            assignee_id=case.responsible_id, version=F("version") + 1
        )


@transaction.atomic
def add_task(*, actor: Actor, case_id: int, facts: Mapping[str, Any]) -> CaseTask:
    """facts: title, assignee (a user's id or None for nobody), due_on or None."""
    case = locked_for(actor, case_id)
    if case.tasks.count() >= MOST_TASKS:
        raise Conflict("too_many_tasks", _("A case holds at most 200 tasks."))
    task = CaseTask(case=case, stage=case.stage)
    _set(task, facts, actor)
    task.save()
    _told(case, task, actor, "added")
    return task


@transaction.atomic
def change_task(
    *, actor: Actor, task_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> CaseTask:
    """Change what is named of title, assignee, due_on."""
    task = _locked(actor, task_id, expected_version)
    assignee = task.assignee_id
    _set(task, facts, actor)
    task.version += 1
    task.save()
    _told(task.case, task, actor, "changed", tell=task.assignee_id != assignee)
    return task


@transaction.atomic
def finish_task(*, actor: Actor, task_id: int, done: bool = True) -> CaseTask:
    """Mark a task as done, or as not done after all; again changes nothing."""
    task = _locked(actor, task_id, None)
    if (task.done_at is not None) == done:
        return task
    task.done_at = timezone.now() if done else None
    task.done_by_id = actor.user_id if done else None
    task.version += 1
    task.save(update_fields=["done_at", "done_by", "version"])
    _told(task.case, task, actor, "done" if done else "undone", tell=False)
    return task


def _locked(actor: Actor, task_id: int, expected_version: int | None) -> CaseTask:
    """The task, its case locked: everybody who changes something of a case waits at the case."""
    case_id = tasks_visible_to(actor).filter(pk=task_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = locked_for(actor, case_id)
    task = CaseTask.objects.filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if expected_version is not None and expected_version != task.version:
        raise Stale("stale_version", _("The task has changed since you opened it. Look again."))
    task.case = case
    return task


def _set(task: CaseTask, facts: Mapping[str, Any], actor: Actor) -> None:
    if "title" in facts:
        title = (facts["title"] or "").strip()
        if not title:
            raise field_error("title", _("Say what is to be done."), code="required")
        chinese = is_chinese(actor.language)
        task.title_zh, task.title_en = (title, "") if chinese else ("", title)
    if "assignee" in facts:
        _set_assignee(task, facts["assignee"])
    if "due_on" in facts:
        day = facts["due_on"]
        if day and day != task.due_on and day < timezone.localdate():
            raise field_error("due_on", _("This day has gone by. Choose today or later."), "past")
        task.due_on = day
    try:
        task.clean_fields()
    except ValidationError as error:
        raise invalid_from(error) from None


def _set_assignee(task: CaseTask, user_id: int | None) -> None:
    is_new = user_id is not None and user_id != task.assignee_id
    if is_new and user_id not in {one.pk for one in colleagues_of(task.case.organisation_id)}:
        raise field_error(
            "assignee", _("This person does not work in the institution."), "not_a_colleague"
        )
    task.assignee_id = user_id


def _told(case: Case, task: CaseTask, actor: Actor, step: str, *, tell: bool = True) -> None:
    keep(
        case, event_kinds.CASE_TASK, actor=actor,
        data={"task": task.public_id, "step": step, "template": task.template},
    )  # fmt: skip
    if tell and task.assignee_id and task.assignee_id != actor.user_id:
        notify(
            [task.assignee_id], notices.TASK_GIVEN, url=case.get_absolute_url(),
            params={"docket": case.docket}, key=f"{task.public_id}-{task.version}",
        )  # fmt: skip


def remind_of_tasks(today: dt.date | None = None) -> int:
    """Tell people once of each task that is due today or tomorrow, or was while nobody looked, in
    the last week; run by the clock. Returns how many were looked at; safe to run again, since a
    notice is known by its key. Who left the institution is told nothing."""
    today = today or timezone.localdate()
    due = (
        CaseTask.objects.filter(
            done_at__isnull=True, assignee__isnull=False, case__state=states.OPEN,
            due_on__lte=today + dt.timedelta(days=1), due_on__gte=today - dt.timedelta(days=7),
            assignee__memberships__organisation_id=F("case__organisation_id"),
            assignee__memberships__roles__overlap=["owner", *CASE_ROLES],
        )
        .select_related("case").distinct()
    )  # fmt: skip
    number = 0
    for task in due.iterator():
        notify(
            [task.assignee_id or 0], notices.TASK_DUE, url=task.case.get_absolute_url(),
            params={"docket": task.case.docket, "due": str(task.due_on)},
            key=f"{task.public_id}-{task.due_on}",
        )  # fmt: skip
        number += 1
    return number
