"""The search entries of what an actor may find: the rule of `published_for`, narrow."""

from django.db.models import Q, QuerySet

from listings.models import SearchEntry
from listings.models.listings import Tier
from listings.queries.visibility import released_to
from marketplace.core.actor import Actor


def entries_for(actor: Actor) -> QuerySet[SearchEntry]:
    """Entries of the published listings that the actor may know of.

    The same rule as listings.queries.visibility.published_for (a test holds the two together):
    counting and ordering look here, what is shown is then fetched through that door.
    """
    if actor.is_system:
        return SearchEntry.objects.all()
    seen = Q(visibility__in=open_tiers(actor))
    if actor.organisation_ids:
        seen |= Q(owner_id__in=sorted(actor.organisation_ids))
        seen |= Q(pk__in=released_to(actor).values("listing_id"))
    return SearchEntry.objects.filter(seen)


def open_tiers(actor: Actor) -> list[str]:
    """Visibilities of listings that the actor finds, whosever they are."""
    if actor.is_system:
        return [tier.value for tier in Tier]
    return [Tier.PUBLIC.value, *([Tier.MEMBERS.value] if actor.is_verified_member else [])]
