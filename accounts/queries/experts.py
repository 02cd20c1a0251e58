"""People who agreed to be found by what they have posted."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import ExpertProfile, Membership
from marketplace.core.actor import Actor


def findable() -> QuerySet[ExpertProfile]:
    """Consents that hold now: of people who are here, under a verified organisation of which they
    are still members."""
    member = Membership.objects.filter(
        user_id=OuterRef("user_id"), organisation_id=OuterRef("organisation_id")
    )
    return (
        ExpertProfile.objects.filter(
            Exists(member), user__is_active=True, organisation__verified_at__isnull=False
        )
        .exclude(user__name="")
        .select_related("user", "organisation")
    )


def own_profile(actor: Actor) -> ExpertProfile | None:
    """The actor's own consent, if there is one."""
    rows = ExpertProfile.objects.filter(user_id=actor.user_id or 0)
    return rows.select_related("organisation").first()
