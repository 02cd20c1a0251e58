"""Workload and turnaround of a registration point, from the rows of its history."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from contracts import states
from contracts.models import Contract, ContractDecision
from contracts.queries import desk
from contracts.turnaround import DECIDED, Figures, buckets, days_taken
from marketplace.core.actor import Actor
from marketplace.core.errors import field_error

MOST_MONTHS = 24
Kind = ContractDecision.Kind
_COUNTED = (*DECIDED, Kind.RETURNED, Kind.SENT_BACK)
_CLOCK = (Kind.SUBMITTED, Kind.RETURNED)
WORDS_ONLY = ""  # a return without a remark at a fact


@dataclass(frozen=True)
class Period:
    """Whole months: the first day of the first and of the last one."""

    first: dt.date
    last: dt.date

    @property
    def months(self) -> list[dt.date]:
        found = [self.first]
        while found[-1] < self.last:
            found.append(_next(found[-1]))
        return found

    @property
    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        """From and before, in the time zone of the market."""
        return _midnight(self.first), _midnight(_next(self.last))


@dataclass
class Workload:
    """whole: of all registrars of the point; otherwise `total`, `months` and the reasons are the
    actor's own and there are no `people`. waiting and returned_waiting are the point's: every
    registrar sees that queue."""

    point: Organisation
    period: Period
    whole: bool
    waiting: Mapping[str, int]
    returned_waiting: int
    total: Figures = field(default_factory=Figures)
    months: dict[dt.date, Figures] = field(default_factory=dict)
    people: list[tuple[User, Figures]] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    grounds: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def waiting_total(self) -> int:
        return sum(self.waiting.values())


def period_of(first: str, last: str, today: dt.date) -> Period:
    """From `2026-01` and `2026-11`; left out: twelve months up to this one. Raises Invalid on
    `from` or `to`."""
    end = _month(last, "to") if last else today.replace(day=1)
    start = _month(first, "from") if first else _back(end, 11)
    if start > end:
        raise field_error("from", _("The first month lies after the last one."))
    period = Period(start, end)
    if start < _back(end, MOST_MONTHS - 1):
        raise field_error("from", _("At most %(most)s months at once.") % {"most": MOST_MONTHS})
    return period


def workload(point: Organisation, actor: Actor, period: Period) -> Workload:
    """Of a point at which the actor is a registrar: everything for its owners, who also set its
    days; its own figures for another registrar. Five queries at most.

    A file belongs to whoever examined it; a return to whoever returned it; a second review to who
    made it. Only what was done at this point counts.
    """
    whole = actor.can(point.pk, "owner")
    settings = desk.settings_of(point.pk)
    calendar = desk.calendar_of(settings)
    today = timezone.localdate()
    due, returned = _waiting(point)
    found = Workload(
        point, period, whole, buckets(due, today, calendar), returned,
        months={month: Figures() for month in period.months},
    )  # fmt: skip
    by_person: dict[int, Figures] = {}
    rows = list(_steps(point, period))
    clocks = _clocks(point, period)
    for row in rows:
        day = timezone.localdate(row["at"])
        month = found.months[day.replace(day=1)]
        examiner, doer = row["contract__examiner_id"], row["decided_by_id"]
        kind = row["kind"]
        if kind in DECIDED:
            steps = [step for step in clocks.get(row["contract_id"], []) if step[0] <= row["id"]]
            days = days_taken([(k, d) for _pk, k, d in steps], day, calendar)
            was_returned = any(k == Kind.RETURNED for _pk, k, _d in steps)
            for figures in _of(found, by_person, month, examiner, actor):
                figures.add_decision(kind, days, was_returned)
            if kind == Kind.REFUSED and (whole or examiner == actor.user_id):
                found.grounds[row["contract__rule_set"], row["reason"]] += 1
            if doer is not None and doer != examiner:  # the second person
                for figures in _of(found, by_person, month, doer, actor):
                    figures.second_reviews += 1
        elif kind == Kind.RETURNED:
            for figures in _of(found, by_person, month, doer, actor):
                figures.returns += 1
            if whole or doer == actor.user_id:
                found.remarks.update(list(row["remarks"]) or [WORDS_ONLY])
        elif kind == Kind.SENT_BACK:
            for figures in _of(found, by_person, month, doer, actor):
                figures.second_reviews += 1
    if whole:
        users = User.objects.in_bulk(sorted(by_person))
        people = [(users[pk], figures) for pk, figures in by_person.items()]
        found.people = sorted(people, key=lambda one: (-one[1].decided, one[0].pk))
    return found


def _of(
    found: Workload, by_person: dict[int, Figures], month: Figures, person: int | None, actor: Actor
) -> Sequence[Figures]:
    """The figures that a step of a person counts in."""
    if not found.whole:
        return (found.total, month) if person == actor.user_id else ()
    if person is None:
        return (found.total, month)
    return (found.total, month, by_person.setdefault(person, Figures()))


def _waiting(point: Organisation) -> tuple[dict[dt.date, int], int]:
    """Deadline -> files at the point, and how many lie with their parties."""
    rows = (
        Contract.objects.filter(
            registration_point=point, state__in=sorted(states.AT_THE_POINT | {states.RETURNED})
        )
        .order_by()
        .values_list("state", "due_on")
        .annotate(number=Count("pk"))
    )
    due: dict[dt.date, int] = {}
    returned = 0
    for state, day, number in rows:
        if state == states.RETURNED:
            returned += number
        elif day is not None:
            due[day] = due.get(day, 0) + number
    return due, returned


def _steps(point: Organisation, period: Period) -> Any:
    start, end = period.bounds
    return (
        ContractDecision.objects.filter(
            point=point, at__gte=start, at__lt=end, kind__in=_COUNTED
        )
        .order_by("at", "id")
        .values(
            "id", "contract_id", "kind", "at", "decided_by_id", "reason", "remarks",
            "contract__examiner_id", "contract__rule_set",
        )
    )  # fmt: skip


def _clocks(point: Organisation, period: Period) -> dict[int, list[tuple[int, str, dt.date]]]:
    """Submissions and returns at the point of the files decided there in the period."""
    start, end = period.bounds
    decided = ContractDecision.objects.filter(
        point=point, at__gte=start, at__lt=end, kind__in=DECIDED
    )
    rows = ContractDecision.objects.filter(
        contract_id__in=decided.order_by().values("contract_id"), point=point, kind__in=_CLOCK
    ).order_by("id")
    found: dict[int, list[tuple[int, str, dt.date]]] = {}
    for pk, contract_id, kind, at in rows.values_list("id", "contract_id", "kind", "at"):
        found.setdefault(contract_id, []).append((pk, kind, timezone.localdate(at)))
    return found


def _month(text: str, name: str) -> dt.date:
    try:
        found = dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        found = dt.date.min
    if not 2000 <= found.year <= 2200:
        raise field_error(name, _("Write a month as 2026-11."))
    return found


def _back(month: dt.date, months: int) -> dt.date:
    place = month.year * 12 + month.month - 1 - months
    return dt.date(place // 12, place % 12 + 1, 1)


def _next(month: dt.date) -> dt.date:
    return _back(month, -1)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
