"""The moderators' queue."""

from django.db.models import QuerySet

from listings.models import ListingVersion, Review
from marketplace.core.actor import Actor


def waiting_reviews(actor: Actor) -> QuerySet[Review]:
    """Submissions that wait for a decision, oldest first; nothing for who is no moderator."""
    if not (actor.is_moderator or actor.is_system):
        return Review.objects.none()
    return (
        Review.objects.filter(state=Review.State.WAITING)
        .select_related("listing__owner", "submitted_by")
        .order_by("submitted_at", "pk")
    )


def last_version(listing_id: int) -> ListingVersion | None:
    """The version that readers see now, if any."""
    return ListingVersion.objects.filter(listing_id=listing_id).order_by("-number").first()
