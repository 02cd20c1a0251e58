"""The one door for reading reports of service figures: owners of the institution."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organisation
from deals import report_states as states
from deals.models import ServiceReport
from deals.models.service_reports import FIRST_YEAR
from deals.queries.service_counts import counted_of
from deals.service_figures import FIGURES, Line, declared_of, lines_of
from marketplace.core.actor import Actor

SHOWN_YEARS = 5


def own_institutions(actor: Actor) -> QuerySet[Organisation]:
    """Verified institutions that the actor owns."""
    ids = actor.ids_with() & actor.verified_ids
    return Organisation.objects.filter(pk__in=sorted(ids), kind="tti").order_by("id")


def visible_to(actor: Actor) -> QuerySet[ServiceReport]:
    """Reports of the institutions that the actor owns. Nobody else's, not an operator's: revenue
    leaves an institution only in public sums, and by a frame that it accepted."""
    if actor.is_system:
        return ServiceReport.objects.all()
    return ServiceReport.objects.filter(institution_id__in=sorted(actor.ids_with()))


def draft_of(institution_id: int, year: int) -> ServiceReport | None:
    return _of(institution_id, year).filter(state=states.DRAFT).first()


def submitted_of(institution_id: int, year: int) -> ServiceReport | None:
    """What holds: the newest version that was submitted."""
    return _of(institution_id, year).filter(state=states.SUBMITTED).first()


def versions_of(institution_id: int, year: int) -> list[ServiceReport]:
    """All versions of a year that were submitted, newest first."""
    rows = _of(institution_id, year).exclude(state=states.DRAFT)
    return list(rows.select_related("submitted_by").order_by("-number"))


def _of(institution_id: int, year: int) -> QuerySet[ServiceReport]:
    return ServiceReport.objects.filter(institution=institution_id, year=year)


def is_possible(year: int) -> bool:
    """Whether there may be figures of it: of no year to come."""
    return FIRST_YEAR <= year <= timezone.localdate().year


def is_over(year: int) -> bool:
    return year < timezone.localdate().year


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year of an institution in its list: its submitted report and its draft, if any."""

    year: int
    submitted: ServiceReport | None
    draft: ServiceReport | None


def years_of(institution: Organisation) -> list[YearRow]:
    """This year, the last ones, and each for which there is a report, newest first: one query."""
    today = timezone.localdate().year
    found: dict[int, dict[str, ServiceReport]] = {
        year: {} for year in range(today, today - SHOWN_YEARS, -1)
    }
    rows = ServiceReport.objects.filter(institution=institution).exclude(state=states.REPLACED)
    for row in rows:
        found.setdefault(row.year, {})[row.state] = row
    return [
        YearRow(year, found[year].get(states.SUBMITTED), found[year].get(states.DRAFT))
        for year in sorted(found, reverse=True)
    ]


def lines(institution_id: int, year: int, report: ServiceReport | None) -> list[Line]:
    """Every figure: counted now, declared in `report`, and both together."""
    declared = declared_of(report) if report else {}
    return lines_of(counted_of(institution_id, year), declared, FIGURES)
