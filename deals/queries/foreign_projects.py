"""Tables of foreign projects that an actor may see, and the figures of the programme."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)
from django.utils.translation import get_language, pgettext

from accounts.models import Organisation
from deals import event_kinds
from deals.foreign.columns import column_name
from deals.models import Case, ForeignProject, ProjectImport, ProjectImportRow
from deals.pipelines import Pipeline, Stage, pipeline
from deals.queries.cases import closed_to, owned_by, visible_to
from deals.rules import CASE_ROLES
from events.models import Event
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.codes.lists import FIELDS
from marketplace.core.errors import NotFound
from marketplace.core.regions import country_name

PIPELINE = "cross_border"
NONE = "none"  # in addresses: of no field, of no country


# --- Imports -------------------------------------------------------------------------------------


def imports_visible_to(actor: Actor) -> QuerySet[ProjectImport]:
    """Those of institutions in which the actor is owner, editor or broker; where people read their
    own cases only, those that the actor let run, or brought in and nobody let run yet. Nobody
    else's."""
    if actor.is_system:
        return ProjectImport.objects.all()
    ids = actor.ids_with(*CASE_ROLES)
    found = ProjectImport.objects.filter(owner_id__in=sorted(ids))
    if ids <= owned_by(actor):
        return found
    closed = closed_to(actor).filter(organisation=OuterRef("owner"))
    return found.filter(~Exists(closed) | Q(person_id=actor.user_id or 0))


def counts_of(run: ProjectImport) -> dict[str, int]:
    """How many rows came to which outcome, also when the rows are no longer told one by one."""
    if run.counts:
        return dict(run.counts)
    return dict(run.outcomes.order_by().values_list("outcome").annotate(Count("id")))


def rows_of(run: ProjectImport, actor: Actor) -> QuerySet[ProjectImportRow]:
    """What comes of each row, in their order. `case` is None where the actor does not read it: that
    a reference is there already does not tell with whom."""
    return run.outcomes.prefetch_related(Prefetch("case", queryset=visible_to(actor)))


def report_of(run: ProjectImport, actor: Actor) -> QuerySet[ProjectImportRow]:
    """The same. Raises NotFound once that is forgotten."""
    if run.is_report_gone:
        raise NotFound
    return rows_of(run, actor)


def faults_of(row: ProjectImportRow) -> list[tuple[str, str]]:
    """(column, what is wrong there) in the active language."""
    return [
        (column_name(one.get("column", "")), pick(one, "text", get_language()).value)
        for one in row.faults
    ]


def known_projects(organisation_id: int, keys: Iterable[str]) -> dict[str, int]:
    """Keys of references that the institution has -> the case of each: one query."""
    rows = ForeignProject.objects.filter(organisation_id=organisation_id, key__in=list(keys))
    return dict(rows.values_list("key", "case_id"))


# --- Ever reached --------------------------------------------------------------------------------


def codes_from(line: Pipeline, stage: Stage) -> list[str]:
    """Codes of a stage and of those behind it."""
    return [one.code for one in line.stages if one.place >= stage.place]


def ever_in(codes: Sequence[str]) -> Q:
    """Cases that are in one of these stages or, by what was recorded, once were: a project that was
    linked and then closed or moved back stays linked."""
    moved = Event.objects.filter(
        object_type="case", object_id=OuterRef("public_id"), after__stage__in=list(codes),
        kind__in=[event_kinds.CASE_OPENED, event_kinds.CASE_MOVED],
    )  # fmt: skip
    return Q(stage__in=list(codes)) | Q(Exists(moved))


def of_field(code: str) -> Q:
    return _of("field", code)


def of_country(code: str) -> Q:
    return _of("country", code)


def _of(name: str, code: str) -> Q:
    if code == NONE:
        return Q(project__isnull=True) | Q(**{f"project__{name}": ""})
    return Q(**{f"project__{name}": code})


# --- Figures -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Row:
    """counts: how many cases ever reached each stage, in the order of the stages. code: of a field
    or a country, NONE where nothing is said, "" for all."""

    code: str
    name: str
    counts: list[int]

    @property
    def rates_of_all(self) -> list[Decimal | None]:
        """Each count as a share of the first, 0 to 1."""
        first = self.counts[0]
        return [Decimal(one) / first if first else None for one in self.counts]

    @property
    def rates(self) -> list[Decimal | None]:
        """The same without the first, which is the whole."""
        return self.rates_of_all[1:]


@dataclass(slots=True)
class Figures:
    """fields, countries: most cases first, those without one last."""

    line: Pipeline
    year: int | None
    years: list[int]
    total: Row
    fields: list[Row] = field(default_factory=list)
    countries: list[Row] = field(default_factory=list)


def programme_cases(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Those of the cross-border pipeline."""
    return rows.filter(pipeline=PIPELINE)


def figures(rows: QuerySet[Case], year: int | None) -> Figures:
    """What came of the projects that were taken up in a year (of the docket number; None: all),
    by stage, field and country. rows: the cases that count. Two queries, however many there are.
    Raises NotFound without the pipeline."""
    line = pipeline(PIPELINE)
    if line is None:
        raise NotFound
    mine = programme_cases(rows).order_by()
    years = sorted(mine.values_list("year", flat=True).distinct(), reverse=True)
    if year is not None:
        mine = mine.filter(year=year)
    later = line.stages[1:]
    for stage in later:
        mine = mine.annotate(**{f"reached_{stage.place}": _flag(codes_from(line, stage))})
    counted: Any = mine.values("project__field", "project__country").annotate(
        number=Count("pk"),
        **{
            f"number_{stage.place}": Count("pk", filter=Q(**{f"reached_{stage.place}": True}))
            for stage in later
        },
    )
    total = Row("", "", [0] * len(line.stages))
    fields: dict[str, Row] = {}
    countries: dict[str, Row] = {}
    language = get_language() or "en"
    unsaid = pgettext("field or country of a project", "not said")
    for found in counted:
        counts = [found["number"], *(found[f"number_{stage.place}"] for stage in later)]
        about = found["project__field"] or NONE, found["project__country"] or NONE
        places = (
            (fields, about[0], FIELDS.label(about[0], language)),
            (countries, about[1], country_name(about[1], language)),
        )
        _add(total, counts)
        for group, code, name in places:
            row = group.setdefault(
                code, Row(code, unsaid if code == NONE else name, [0] * len(counts))
            )
            _add(row, counts)
    return Figures(line, year, years, total, _sorted(fields), _sorted(countries))


def _flag(codes: Sequence[str]) -> Any:
    return ExpressionWrapper(ever_in(codes), output_field=BooleanField())


def _add(row: Row, counts: Sequence[int]) -> None:
    row.counts = [one + other for one, other in zip(row.counts, counts, strict=True)]


def _sorted(rows: dict[str, Row]) -> list[Row]:
    return sorted(rows.values(), key=lambda row: (row.code == NONE, -row.counts[0], row.name))


def institutions_of(actor: Actor) -> QuerySet[Organisation]:
    """Those whose cases the actor works with or has worked with."""
    ids = actor.ids_with(*CASE_ROLES)
    return Organisation.objects.filter(pk__in=sorted(ids), kind="tti").order_by("id")


def asked_year(text: str) -> int | None:
    """A year as it stands in an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None
