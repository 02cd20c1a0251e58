"""The board: stages with exact counts and sums and their first cards; rows of the list."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals import case_states as states
from deals.models import Case, CaseClient, CaseOutcome, CaseReason, CaseTask
from deals.pipelines import Pipeline, Stage, pipeline
from deals.rules import COLUMN
from marketplace.core.bilingual import pick


@dataclass(frozen=True, slots=True)
class Card:
    """A case on the board or in the list. days: in this stage; late: since when it is overdue."""

    case: Case
    days: int
    late: dt.date | None
    clients: list[str]
    stage_name: str
    # said here and not in the template: a full board says each of them hundreds of times
    days_text: str
    late_text: str
    mark_text: str


@dataclass(slots=True)
class Column:
    """sums: currency -> amount, of all its cases, not only of those shown; expected: each value
    times its probability."""

    stage: Stage
    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    expected: dict[str, Decimal] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Cases that are not shown."""
        return self.count - len(self.cards)


def totals(rows: QuerySet[Case], line: Pipeline) -> list[Column]:
    """Counts and sums of the cases of one pipeline by stage: one query."""
    columns = {stage.code: Column(stage) for stage in line.stages}
    mine = rows.filter(pipeline=line.code, stage__in=list(columns))
    counted = mine.order_by().values("stage", "currency").annotate(
        number=Count("pk"), total=Sum("value"), likely=Sum(F("value") * F("probability") / 100)
    )  # fmt: skip
    for row in counted:
        column = columns[row["stage"]]
        column.count += row["number"]
        if row["total"]:
            column.sums[row["currency"]] = row["total"]
            column.expected[row["currency"]] = row["likely"]
    return list(columns.values())


def board(rows: QuerySet[Case], line: Pipeline, language: str) -> list[Column]:
    """The same with the first cards of each: five queries, however many there are. In a column
    those come first whose next action is due first."""
    columns = {column.stage.code: column for column in totals(rows, line)}
    mine = rows.filter(pipeline=line.code, stage__in=list(columns))
    first = Window(
        RowNumber(), partition_by=[F("stage")],
        order_by=[F("next_action_on").asc(nulls_last=True), F("id").desc()],
    )  # fmt: skip
    # the places are counted over ids alone; whole rows are read of the few that are shown
    places = mine.order_by().annotate(place=first).filter(place__lte=COLUMN).values("pk", "place")
    order = {row["pk"]: row["place"] for row in places}
    shown = Case.objects.filter(pk__in=order).select_related("responsible")
    found = sorted(shown, key=lambda case: order[case.pk])
    for card in cards(found, language):
        columns[card.case.stage].cards.append(card)
    return list(columns.values())


def cards(rows: Iterable[Case], language: str) -> list[Card]:
    """With clients and what is late: two queries."""
    rows = list(rows)
    pks = [row.pk for row in rows]
    today, now = timezone.localdate(), timezone.now()
    clients: dict[int, list[str]] = defaultdict(list)
    for client in (
        CaseClient.objects.filter(case__in=pks).select_related("organisation").order_by("id")
    ):
        clients[client.case_id].append(client_name(client, language))
    late: dict[int, dt.date] = dict(
        CaseTask.objects.filter(case__in=pks, done_at__isnull=True, due_on__lt=today)
        .order_by().values("case_id").annotate(first=Min("due_on"))
        .values_list("case_id", "first")
    )  # fmt: skip
    found = []
    overdue, mark = _("overdue since %(day)s"), _("Mark %(docket)s")
    for row in rows:
        line = pipeline(row.pipeline)
        days = [day for day in (row.next_action_on, late.get(row.pk)) if day and day < today]
        late_on = min(days) if days and row.state == states.OPEN else None
        age = (now - row.stage_since).days
        found.append(
            Card(
                row, age, late_on, clients.get(row.pk, []),
                line.stage_name(row.stage) if line else row.stage,
                ngettext("%(days)s day", "%(days)s days", age) % {"days": age},
                overdue % {"day": late_on.isoformat()} if late_on else "",
                mark % {"docket": row.docket},
            )
        )  # fmt: skip
    return found


def client_name(client: CaseClient, language: str) -> str:
    """In the reader's language."""
    if client.organisation is None:
        return client.name
    return pick(client.organisation, "name", language).value


def sums(rows: QuerySet[Case]) -> dict[str, Decimal]:
    """Currency -> what all of them are worth together."""
    return {
        row["currency"]: row["total"]
        for row in rows.order_by().values("currency").annotate(total=Sum("value"))
        if row["total"]
    }


def stages_of(rows: QuerySet[Case]) -> dict[str, int]:
    """Pipeline -> how many cases, for choosing one."""
    return {
        row["pipeline"]: row["number"]
        for row in rows.order_by().values("pipeline").annotate(number=Count("pk"))
    }


# --- Why cases come to nothing ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Barriers:
    """years: newest first; rows: (reason, its label, counts by those years, all)."""

    years: list[int]
    rows: list[tuple[str, Any, list[int], int]]
    total: int


def barriers(rows: QuerySet[Case]) -> Barriers:
    """Cases that were lost or declined, by reason and the year in which they were closed."""
    counts: dict[tuple[str, int], int] = {}
    closed = rows.filter(
        state=states.CLOSED, outcome__in=[CaseOutcome.LOST, CaseOutcome.DECLINED]
    ).order_by()  # fmt: skip
    for row in closed.values("reason", "closed_at__year").annotate(number=Count("pk")):
        counts[row["reason"], row["closed_at__year"]] = row["number"]
    years = sorted({year for _reason, year in counts}, reverse=True)
    table = []
    for reason in CaseReason:
        line = [counts.get((reason.value, year), 0) for year in years]
        if sum(line):
            table.append((reason.value, reason.label, line, sum(line)))
    table.sort(key=lambda one: -one[3])
    return Barriers(years, table, sum(one[3] for one in table))
