"""Fetch a listing under lock for an action, with the right of the actor to change it."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from listings.models import Listing
from listings.queries.visibility import visible_to
from listings.rules import EDIT_ROLES
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound, Refused, Stale
from marketplace.core.gates import lock


def locked(listing_id: int) -> Listing:
    """The row, locked until the transaction ends; a revision is locked after its original, so
    that two actions never wait for each other. Raises NotFound."""
    original = Listing.objects.filter(pk=listing_id).values_list("revision_of_id", flat=True)
    first = original.first()
    if first is not None:
        lock(Listing.objects.all(), first)
    return lock(Listing.objects.all(), listing_id)


def locked_for_change(
    listing_id: int, actor: Actor, *, expected_version: int | None = None
) -> Listing:
    """`locked`, when the actor may change it.

    Raises NotFound when it may not even see it, Refused when it may only see it, Stale when
    expected_version is given and is not the stored one.
    """
    listing = locked(listing_id)
    if not may_change(listing, actor):
        if visible_to(actor).filter(pk=listing_id).exists():
            raise Refused(
                "not_your_listing",
                _("Only editors, brokers and owners of the posting organisation may do this."),
            )
        raise NotFound
    if expected_version is not None and expected_version != listing.version:
        raise Stale(
            "stale_version",
            _("It was changed after you opened it. Reload to see the present text; what you typed "
              "is still here to copy."),
        )  # fmt: skip
    return listing


def may_change(listing: Listing, actor: Actor) -> bool:
    return actor.can(listing.owner_id, *EDIT_ROLES)


def people_of(listing: Listing) -> list[int]:
    """User ids of those who look after the listing: owners, editors and brokers of its owner."""
    roles = ["owner", *EDIT_ROLES]
    return list(
        Membership.objects.filter(organisation_id=listing.owner_id, roles__overlap=roles)
        .order_by()
        .values_list("user_id", flat=True)
    )
