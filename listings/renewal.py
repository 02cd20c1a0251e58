"""Signed links in reminders: they renew one listing once, and lead to a page that asks first."""

from django.core import signing
from django.db import transaction

from listings.actions.access import locked
from listings.actions.lifecycle import RENEWAL_SALT, renew
from listings.models import Listing
from listings.states import TRANSITIONS
from marketplace.core.actor import Actor

MAX_AGE_SECONDS = 60 * 24 * 3600


def listing_of(token: str) -> Listing | None:
    """The listing of a link that is genuine, fresh and not yet used, else None."""
    try:
        public_id, until = signing.loads(token, salt=RENEWAL_SALT, max_age=MAX_AGE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    listing = Listing.objects.filter(public_id=public_id).first()
    if listing is None or str(listing.valid_until) != until:
        return None
    return listing if "renew" in TRANSITIONS.allowed(listing.state) else None


@transaction.atomic
def renew_by_token(token: str) -> Listing | None:
    """Renew by the link; None when it was used meanwhile. The link itself is the permission."""
    found = listing_of(token)
    if found is None:
        return None
    locked(found.pk)
    if listing_of(token) is None:
        return None
    return renew(actor=Actor.system(), listing_id=found.pk)
