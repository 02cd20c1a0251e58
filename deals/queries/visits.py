"""The one door for reading visits: people of the institution that made them."""

from django.db.models import Count, QuerySet

from deals.models import Finding, Visit
from deals.queries.cases import own_institutions
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor
from matching.models import Mandate


def visible_to(actor: Actor) -> QuerySet[Visit]:
    """Visits of the institutions in which the actor is owner, editor or broker. Nobody else's, not
    the visited organisation's and not an operator's."""
    if actor.is_system:
        return Visit.objects.all()
    return Visit.objects.filter(institution_id__in=sorted(actor.ids_with(*CASE_ROLES)))


def findings_visible_to(actor: Actor) -> QuerySet[Finding]:
    return Finding.objects.filter(visit__in=visible_to(actor))


def listed(actor: Actor) -> QuerySet[Visit]:
    """Newest first, with `found`, the number of findings."""
    rows = visible_to(actor).select_related("organisation", "author")
    return rows.annotate(found=Count("findings")).order_by("-visited_on", "-id")


def works_with_visits(actor: Actor) -> bool:
    return own_institutions(actor).exists() or visible_to(actor).exists()


def mandate_of(visit: Visit) -> QuerySet[Mandate]:
    """The mandate in force that the visited organisation gave the institution, if any."""
    if visit.organisation_id is None:
        return Mandate.objects.none()
    return Mandate.objects.filter(
        organisation_id=visit.organisation_id, institution_id=visit.institution_id,
        withdrawn_at__isnull=True,
    )  # fmt: skip
