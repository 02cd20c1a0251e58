"""Reading what is done in a case: its assessment, its protection, its marketing."""

from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from deals.assessing import Result, Template, current, result, templates, weighted_mean
from deals.models import Approach, ApproachOutcome, Case, CaseScorecard, IncomeAccount, IpEvent
from deals.queries import income
from deals.queries.cases import visible_to
from marketplace.core.actor import Actor


def ip_events_visible_to(actor: Actor) -> QuerySet[IpEvent]:
    """Protection of the cases that the actor sees."""
    return IpEvent.objects.filter(case__in=visible_to(actor))


def approaches_visible_to(actor: Actor) -> QuerySet[Approach]:
    """Contacts made in the cases that the actor sees."""
    return Approach.objects.filter(case__in=visible_to(actor))


def ip_events_of(case: Case) -> QuerySet[IpEvent]:
    """What is still to be done by its deadline, then the rest, newest first."""
    return case.ip_events.select_related("booked__account").order_by(
        F("done_on").asc(nulls_first=True), F("deadline").asc(nulls_last=True), "-happened_on",
        "-id",
    )  # fmt: skip


def costs_of(case: Case) -> list[tuple[str, object]]:
    """(currency, sum) of what protection has cost, by currency: one query."""
    rows = case.ip_events.exclude(cost=None).values("currency").annotate(sum=Sum("cost"))
    return [(row["currency"], row["sum"]) for row in rows.order_by("currency")]


def accounts_for(actor: Actor, row: IpEvent) -> list[IncomeAccount]:
    """Incomes in which its cost can be entered."""
    found = income.visible_to(actor).filter(currency=row.currency)
    return list(found.select_related("contract").order_by("-id")[:50])


def outcomes_of(case: Case) -> list[tuple[str, object, int]]:
    """(code, label, how many) for each outcome of contacts, in order: one query."""
    rows = case.approaches.values("outcome").annotate(number=Count("pk")).order_by()
    found = {row["outcome"]: row["number"] for row in rows}
    return [(one.value, one.label, found.get(one.value, 0)) for one in ApproachOutcome]


@dataclass(frozen=True, slots=True)
class Assessment:
    """cards: with the assessor's own mean, None when it knows nothing."""

    template: Template
    cards: list[tuple[CaseScorecard, object]]
    result: Result


def assessment_of(case: Case) -> Assessment:
    """The cards of a case and what they come to: two queries."""
    rows = list(
        case.scorecards.select_related("assessor").prefetch_related("scores").order_by("id")
    )
    known = templates().get(rows[0].template) if rows else None
    template = known or current(timezone.localdate())
    cards = [{one.criterion: one.score for one in row.scores.all()} for row in rows]
    return Assessment(
        template,
        [(row, weighted_mean(template, card)) for row, card in zip(rows, cards, strict=True)],
        result(template, cards),
    )
