"""How a list or board of cases is narrowed and sorted; read from an address, by pages and API."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership
from deals import case_states as states
from deals.foreign.columns import key_of
from deals.models import (
    Case,
    CaseClient,
    CaseOrigin,
    CaseOutcome,
    CaseReason,
    CaseState,
    CaseTask,
    ForeignProject,
)
from deals.models.cases import MAX_VALUE
from deals.pipelines import Pipeline, all_pipelines, pipeline
from deals.queries.foreign_projects import (
    NONE,
    asked_year,
    codes_from,
    ever_in,
    of_country,
    of_field,
)
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.codes.lists import FIELDS

SORTS: dict[str, tuple[Any, ...]] = {
    "docket": ("year", "number"),
    "title": ("title", "id"),
    "value": (F("value").asc(nulls_first=True), "id"),
    "due": (F("next_action_on").asc(nulls_last=True), "id"),
    "age": (F("stage_since").desc(), "id"),
    "updated": ("updated_at", "id"),
}
DEFAULT_SORT = "-docket"
ME, GONE = "me", "gone"  # besides public ids: who asks; people who left
LIVE = "live"  # besides the states: open or deferred
STATES = (*CaseState.values, LIVE, "all")
MAX_WORDS = 100


@dataclass(frozen=True, slots=True)
class WantedCases:
    """What is asked for; "" and None: anything. Values that mean nothing are left out."""

    q: str = ""
    tti: str = ""
    pipeline: str = ""
    stage: str = ""
    responsible: str = ""
    client: str = ""
    overdue: bool = False
    state: str = states.OPEN
    outcome: str = ""
    reason: str = ""
    origin: str = ""
    value_min: Decimal | None = None
    value_max: Decimal | None = None
    year: int | None = None  # of the docket number
    field: str = ""  # of a project from abroad, like the country; NONE: nothing is said
    country: str = ""
    reached: str = ""  # a stage of the pipeline in which a case is or once was, or behind it
    sort: str = DEFAULT_SORT

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order differs from what one sees at first."""
        return WantedCases(sort=self.sort, pipeline=self.pipeline) != self

    @property
    def is_folded(self) -> bool:
        """Whether what is narrowed can be seen without the filters: marks above the list say it."""
        mine = ME if self.responsible == ME else ""
        return (
            WantedCases(
                sort=self.sort, pipeline=self.pipeline, responsible=mine, overdue=self.overdue
            )
            == self
        )


NAMES = tuple(one.name for one in dataclass_fields(WantedCases))  # of parameters in addresses


def wanted_from(query: Mapping[str, Any]) -> WantedCases:
    """From a query string (or the facts of the API)."""

    def text(name: str) -> str:
        return str(query.get(name) or "").replace("\x00", "").strip()[:MAX_WORDS]

    line = pipeline(text("pipeline")) if text("pipeline") in all_pipelines() else None
    stage = text("stage")
    if line is None and stage:
        line, stage = _by_stage(stage)
    state = text("state")
    sort = text("sort")
    chosen = {
        "outcome": CaseOutcome.values, "reason": CaseReason.values, "origin": CaseOrigin.values,
    }  # fmt: skip
    known = {name: text(name) if text(name) in values else "" for name, values in chosen.items()}
    if state not in STATES:
        state = CaseState.CLOSED.value if known["outcome"] or known["reason"] else states.OPEN
    return WantedCases(
        q=text("q"), tti=text("tti"), pipeline=line.code if line else "",
        stage=stage if line and line.stage(stage) else "", responsible=text("responsible"),
        client=text("client"), overdue=text("overdue") in ("1", "true"), state=state,
        value_min=_amount(text("value_min")), value_max=_amount(text("value_max")),
        year=asked_year(text("year")), field=_one_of(text("field"), FIELDS),
        country=_one_of(text("country").upper(), _countries()),
        reached=text("reached") if line and line.stage(text("reached")) else "",
        sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT, **known,
    )  # fmt: skip


def _by_stage(text: str) -> tuple[Pipeline | None, str]:
    """The pipeline of a stage that is asked for without one: "otl.marketing" says it, else it is
    the first that has such a stage."""
    code, dot, stage = text.partition(".")
    if dot:
        return all_pipelines().get(code), stage
    return next((one for one in all_pipelines().values() if one.stage(text)), None), text


def _one_of(text: str, known: Container[str]) -> str:
    return NONE if text.lower() == NONE else text if text in known else ""


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(code for code, _name in regions.countries("en"))


def _amount(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value < MAX_VALUE:
        return None
    return value.quantize(Decimal("0.01"))  # the database takes no more than 16,383 decimals


def narrowed(queryset: QuerySet[Case], wanted: WantedCases, actor: Actor) -> QuerySet[Case]:
    """The cases that are asked for, of those in the queryset; unsorted."""
    if wanted.state == LIVE:
        queryset = queryset.exclude(state=states.CLOSED)
    elif wanted.state != "all":
        queryset = queryset.filter(state=wanted.state)
    equal = {
        "organisation__public_id": wanted.tti, "pipeline": wanted.pipeline, "stage": wanted.stage,
        "outcome": wanted.outcome, "reason": wanted.reason, "origin": wanted.origin,
    }  # fmt: skip
    queryset = queryset.filter(**{name: value for name, value in equal.items() if value})
    if wanted.value_min is not None:
        queryset = queryset.filter(value__gte=wanted.value_min)
    if wanted.value_max is not None:
        queryset = queryset.filter(value__lte=wanted.value_max)
    if wanted.year is not None:
        queryset = queryset.filter(year=wanted.year)
    if wanted.field:
        queryset = queryset.filter(of_field(wanted.field))
    if wanted.country:
        queryset = queryset.filter(of_country(wanted.country))
    line = pipeline(wanted.pipeline) if wanted.reached else None
    if line and (stage := line.stage(wanted.reached)):
        queryset = queryset.filter(ever_in(codes_from(line, stage)))
    if wanted.overdue:
        queryset = queryset.filter(is_overdue())
    queryset = _of_person(queryset, wanted.responsible, actor)
    if wanted.client:
        queryset = queryset.filter(_has_client(wanted.client))
    if wanted.q:
        queryset = queryset.filter(_words(wanted.q))
    return queryset


def is_overdue() -> Q:
    """An open case whose next action, or one of whose tasks, was due before today."""
    today = timezone.localdate()
    late = CaseTask.objects.filter(case=OuterRef("pk"), done_at__isnull=True, due_on__lt=today)
    return Q(state=states.OPEN) & (Q(next_action_on__lt=today) | Q(Exists(late)))


def has_left() -> Q:
    """A case whose responsible person is no broker of the institution any more, or nobody."""
    there = Membership.objects.filter(
        user_id=OuterRef("responsible_id"), organisation_id=OuterRef("organisation_id"),
        roles__overlap=["owner", "broker"], user__is_active=True,
    )  # fmt: skip
    return Q(responsible__isnull=True) | ~Q(Exists(there))


def _of_person(queryset: QuerySet[Case], person: str, actor: Actor) -> QuerySet[Case]:
    if person == ME:
        return queryset.filter(responsible_id=actor.user_id)
    if person == GONE:
        return queryset.filter(has_left())
    return queryset.filter(responsible__public_id=person) if person else queryset


def _has_client(text: str) -> Q:
    """By the public id of an organisation or by part of a name."""
    rows = CaseClient.objects.filter(case=OuterRef("pk")).filter(
        Q(organisation__public_id=text) | Q(name__icontains=text)
        | Q(organisation__name_en__icontains=text) | Q(organisation__name_zh__icontains=text)
    )  # fmt: skip
    return Q(Exists(rows))


def _words(text: str) -> Q:
    """In the title, the next action, a client's name, a docket number, or what is known of a
    project from abroad."""
    abroad = ForeignProject.objects.filter(case=OuterRef("pk")).filter(
        Q(key=key_of(text)) | Q(other_title__icontains=text) | Q(owner_name__icontains=text)
    )
    found = Q(title__icontains=text) | Q(next_action__icontains=text) | _has_client(text)
    found |= Q(Exists(abroad))
    year, dash, number = text.partition("-")
    digits = (year + number).isascii() and (year + number).isdigit()
    if dash and year and digits and len(year) <= 4 and 0 < len(number) <= 8:
        found |= Q(year=int(year), number=int(number))
    return found


def in_order(queryset: QuerySet[Case], sort: str) -> QuerySet[Case]:
    """sort: a key of SORTS, "-" before it for the other way round."""
    fields = SORTS[sort.removeprefix("-")]
    ordered = queryset.order_by(*fields)
    return ordered.reverse() if sort.startswith("-") else ordered
