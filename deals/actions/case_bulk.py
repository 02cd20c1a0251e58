"""One step for many cases: each is done on its own, and what was not is reported."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from deals.actions.case_endings import close_case
from deals.actions.cases import change_case, move_case
from deals.models import Case
from deals.queries.cases import visible_to
from deals.rules import MOST_CASES
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Message, NotFound, field_error


@dataclass(frozen=True)
class MarkedCase:
    """version: the one that was seen, None for any."""

    public_id: str
    version: int | None = None


@dataclass(frozen=True)
class NotDone:
    """case: None where the actor may not know of it."""

    public_id: str
    case: Case | None
    code: str
    message: Message


@dataclass(frozen=True)
class BulkReport:
    done: list[Case]
    refused: list[NotDone]


STEPS = ("responsible", "next_action_on", "stage", "close")


def change_many(
    *, actor: Actor, marked: Sequence[MarkedCase], step: str, responsible: int | None = None,
    next_action_on: dt.date | None = None, stage: str = "", outcome: str = "", reason: str = "",
) -> BulkReport:  # fmt: skip
    """One of STEPS for up to MOST_CASES cases. Every case is a transaction of its own, so one
    refusal undoes nothing else. Raises Invalid when nothing or too much is marked."""
    if step not in STEPS:
        raise field_error("step", _("Choose what to do."), code="unknown_code")
    if step == "next_action_on" and next_action_on is None:
        raise field_error("next_action_on", _("Choose the day."), code="required")
    if not marked:
        raise field_error("cases", _("Mark at least one case."), code="nothing_marked")
    if len(marked) > MOST_CASES:
        raise field_error("cases", _("Mark at most 200 cases at a time."), code="too_many")
    acts: dict[str, Callable[[dict[str, Any]], Case]] = {
        "responsible": lambda one: change_case(facts={"responsible": responsible}, **one),
        "next_action_on": lambda one: change_case(facts={"next_action_on": next_action_on}, **one),
        "stage": lambda one: move_case(stage=stage, **one),
        "close": lambda one: close_case(outcome=outcome, reason=reason, **one),
    }
    found = {
        case.public_id: case
        for case in visible_to(actor).filter(public_id__in=[one.public_id for one in marked])
    }
    done: list[Case] = []
    refused: list[NotDone] = []
    for one in dict.fromkeys(marked):
        case = found.get(one.public_id)
        try:
            if case is None:
                raise NotFound
            given: dict[str, Any] = {
                "actor": actor,
                "case_id": case.pk,
                "expected_version": one.version,
            }
            done.append(acts[step](given))
        except DomainError as error:
            refused.append(NotDone(one.public_id, case, error.code, _told(error)))
    return BulkReport(done, refused)


def _told(error: DomainError) -> Message:
    """The sentence about the field, where there is one."""
    return next((texts[0] for texts in error.fields.values() if texts), error.message)
