"""The one door for reading: which listings an actor may know of."""

from django.db.models import Q, QuerySet

from listings import states
from listings.models import DisclosureGrant, Listing
from listings.models.listings import Tier
from marketplace.core.actor import Actor


def visible_to(actor: Actor) -> QuerySet[Listing]:
    """Listings that the actor may know of, revisions being seen by those who work on them.

    Published ones by their visibility (confidential: nobody by this rule); those of an
    organisation by its members, in every state; released ones by the organisations that hold an
    open grant of their tier; those in review by moderators. What may be read of one that is
    visible is decided by listings.disclosure.
    """
    return Listing.objects.filter(is_visible(actor))


def is_visible(actor: Actor, at: str = "") -> Q:
    """The rule of visible_to as a condition, for queries that join listings as `at` ("need__"):
    a subquery over all listings would be gone through whole."""
    if actor.is_system:
        return Q()

    def here(**conditions: object) -> Q:
        return Q(**{f"{at}{name}": value for name, value in conditions.items()})

    tiers = [Tier.PUBLIC, Tier.MEMBERS] if actor.is_verified_member else [Tier.PUBLIC]
    seen = here(state=states.PUBLISHED, visibility__in=tiers, revision_of__isnull=True)
    if actor.organisation_ids:
        seen |= here(owner_id__in=sorted(actor.organisation_ids))
        seen |= here(
            pk__in=released_to(actor).values("listing_id"),
            state__in=sorted(states.RELEASABLE),
            revision_of__isnull=True,
        )
    if actor.is_moderator:
        seen |= here(state=states.IN_REVIEW)
    return seen


def published_for(actor: Actor) -> QuerySet[Listing]:
    """What browse, search and feeds offer: published and visible."""
    return visible_to(actor).filter(state=states.PUBLISHED)


def released_to(actor: Actor) -> QuerySet[DisclosureGrant]:
    """Open grants of the actor's organisations that reach the listing's own visibility."""
    reaches = (
        Q(listing__visibility=Tier.PUBLIC)
        | Q(listing__visibility=Tier.MEMBERS, tier__in=[Tier.MEMBERS, Tier.CONFIDENTIAL])
        | Q(tier=Tier.CONFIDENTIAL)
    )
    return DisclosureGrant.objects.filter(
        reaches,
        organisation_id__in=sorted(actor.organisation_ids),
        revoked_at__isnull=True,
    )


def editable_by(actor: Actor) -> QuerySet[Listing]:
    """Listings the actor may change: of organisations in which it edits or brokers."""
    if actor.is_system:
        return Listing.objects.all()
    return Listing.objects.filter(owner_id__in=sorted(actor.ids_with("editor", "broker")))
