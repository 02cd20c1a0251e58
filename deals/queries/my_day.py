"""What a person has to do today: next actions and tasks, by when; what waits for others."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from deals import case_states as states
from deals.models import Case, CaseTask, IpEvent
from deals.queries.cases import visible_to
from marketplace.core.actor import Actor

SOON = 7  # days
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Item:
    """A next action (task and deadline are None), a task, or a deadline of protection."""

    day: dt.date
    case: Case
    task: CaseTask | None
    deadline: IpEvent | None = None


@dataclass(slots=True)
class MyDay:
    overdue: list[Item] = field(default_factory=list)
    today: list[Item] = field(default_factory=list)
    soon: list[Item] = field(default_factory=list)
    others: list[Item] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.overdue or self.today or self.soon or self.others)


def my_actions(actor: Actor) -> QuerySet[Case]:
    """Open cases of the actor with a dated next action, the first due first."""
    return visible_to(actor).filter(
        state=states.OPEN, responsible_id=actor.user_id, next_action_on__isnull=False
    ).order_by("next_action_on", "id")  # fmt: skip


def my_tasks(actor: Actor) -> QuerySet[CaseTask]:
    """Open dated tasks of the actor in open cases, the first due first."""
    return CaseTask.objects.filter(
        case__in=visible_to(actor).filter(state=states.OPEN), assignee_id=actor.user_id,
        done_at__isnull=True, due_on__isnull=False,
    ).select_related("case").order_by("due_on", "id")  # fmt: skip


def my_deadlines(actor: Actor) -> QuerySet[IpEvent]:
    """Open deadlines of protection in the actor's cases, deferred ones too: an office does not
    wait. The first due first."""
    return IpEvent.objects.filter(
        case__in=visible_to(actor).filter(state__in=states.LIVE, responsible_id=actor.user_id),
        done_on__isnull=True, deadline__isnull=False,
    ).select_related("case").order_by("deadline", "id")  # fmt: skip


def my_day(actor: Actor) -> MyDay:
    """Overdue, today, the next days, and tasks of the actor's cases that others do: four
    queries."""
    today = timezone.localdate()
    until = today + dt.timedelta(days=SOON)
    items: list[Item] = [
        Item(one.next_action_on or today, one, None)
        for one in my_actions(actor).filter(next_action_on__lte=until)[:SHOWN]
    ]
    items += [
        Item(one.due_on or today, one.case, one)
        for one in my_tasks(actor).filter(due_on__lte=until)[:SHOWN]
    ]
    items += [
        Item(one.deadline or today, one.case, None, one)
        for one in my_deadlines(actor).filter(deadline__lte=until)[:SHOWN]
    ]
    found = MyDay()
    for item in sorted(items, key=_day):
        place = found.overdue if item.day < today else found.soon
        (found.today if item.day == today else place).append(item)
    theirs = (
        CaseTask.objects.filter(
            case__in=visible_to(actor).filter(state=states.OPEN, responsible_id=actor.user_id),
            done_at__isnull=True, due_on__isnull=False, assignee__isnull=False,
        )
        .exclude(assignee_id=actor.user_id)
        .select_related("case", "assignee").order_by("due_on", "id")[:SHOWN]
    )  # fmt: skip
    found.others = [Item(one.due_on or today, one.case, one) for one in theirs]
    return found


def _day(item: Item) -> Any:
    return item.day
