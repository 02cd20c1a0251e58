"""The registrar's desk: queue, counts, what is behind a contract."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Organisation
from contracts import states
from contracts.models import (
    Contract,
    ContractAnswer,
    ContractQuestion,
    ContractVersion,
    PointSettings,
    Side,
)
from contracts.working_days import Calendar
from marketplace.core.actor import Actor

# tab -> (states, narrowed to the actor's own)
TABS: Mapping[str, tuple[frozenset[str], bool]] = {
    "waiting": (frozenset({states.SUBMITTED}), False),
    "mine": (frozenset({states.UNDER_EXAMINATION}), True),
    "others": (frozenset({states.UNDER_EXAMINATION}), False),
    "second": (frozenset({states.SECOND_REVIEW}), False),
    "returned": (frozenset({states.RETURNED}), False),
    "decided": (states.NUMBERED | {states.REFUSED}, False),
}


ASKED = ("open", "answered")


def points_of(actor: Actor) -> QuerySet[Organisation]:
    """Registration points at which the actor is a registrar."""
    return Organisation.objects.filter(
        pk__in=sorted(actor.ids_with("registrar")), is_registration_point=True
    ).order_by("id")


def at_points(actor: Actor) -> QuerySet[Contract]:
    """Everything that was ever submitted to the actor's points."""
    if actor.is_system:
        return Contract.objects.filter(submitted_at__isnull=False)
    return Contract.objects.filter(
        registration_point_id__in=sorted(actor.ids_with("registrar")),
        registration_point__is_registration_point=True,
        submitted_at__isnull=False,
    )


def in_tab(queryset: QuerySet[Contract], tab: str, actor: Actor) -> QuerySet[Contract]:
    """One tab of the desk, the most urgent first, decided ones newest first."""
    wanted, own = TABS[tab]
    queryset = queryset.filter(state__in=sorted(wanted))
    if own:
        queryset = queryset.filter(examiner_id=actor.user_id)
    elif tab == "others":
        queryset = queryset.exclude(examiner_id=actor.user_id)
    if tab == "decided":
        return queryset.order_by("-updated_at", "-id")
    return queryset.order_by("due_on", "id")


def with_questions(queryset: QuerySet[Contract]) -> QuerySet[Contract]:
    """With `asks` (a side that was asked has not answered) and `was_answered` (all have)."""
    answers = ContractAnswer.objects.filter(question=OuterRef("pk"))
    silent: Any = Q(registrants__len__gt=0) & ~Exists(answers.filter(side=Side.REGISTRANT))
    silent |= Q(others__len__gt=0) & ~Exists(answers.filter(side=Side.OTHER))
    asked = ContractQuestion.objects.filter(contract=OuterRef("pk"))
    asks = Exists(asked.filter(silent))
    return queryset.annotate(asks=asks, was_answered=Exists(asked) & ~asks)


def by_questions(queryset: QuerySet[Contract], asked: str) -> QuerySet[Contract]:
    """asked: open or answered, else all; of what is not decided."""
    if asked not in ASKED:
        return queryset
    found = queryset.filter(state__in=sorted(states.AT_THE_POINT))
    found = found if "asks" in found.query.annotations else with_questions(found)
    wanted = "asks" if asked == "open" else "was_answered"
    return found.filter(**{wanted: True})


def counts(queryset: QuerySet[Contract], actor: Actor, today: dt.date) -> dict[str, int]:
    """Contracts in each tab, and `late`: past their day, in one query."""

    def of(tab: str) -> Count:
        wanted, own = TABS[tab]
        condition = Q(state__in=sorted(wanted))
        if own:
            condition &= Q(examiner_id=actor.user_id)
        elif tab == "others":
            condition &= ~Q(examiner_id=actor.user_id)
        return Count("pk", filter=condition)

    late = Count("pk", filter=Q(state__in=sorted(states.AT_THE_POINT), due_on__lt=today))
    return queryset.aggregate(late=late, **{tab: of(tab) for tab in TABS})


def settings_of(point_id: int) -> PointSettings | None:
    return PointSettings.objects.filter(point_id=point_id).first()


def calendar_of(settings: PointSettings | None) -> Calendar:
    """The point's working days; Monday to Friday while it has stated none."""
    if settings is None:
        return Calendar()
    return Calendar(frozenset(settings.closed_days), frozenset(settings.opened_days))


def last_versions(contract: Contract, count: int = 2) -> list[ContractVersion]:
    """The newest versions, newest first."""
    return list(contract.versions.all()[:count])
