"""Sources of listings, for operators."""

from django.db.models import QuerySet

from listings.models import HarvestSource
from marketplace.core.actor import Actor


def visible_to(actor: Actor) -> QuerySet[HarvestSource]:
    """All sources for operators, none for anybody else."""
    if actor.is_operator or actor.is_system:
        return HarvestSource.objects.select_related("owner")
    return HarvestSource.objects.none()
