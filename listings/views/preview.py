"""How three kinds of reader will see a draft, and what stands in the way of posting it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from listings.completeness import missing
from listings.disclosure import Access, disclose_at
from listings.duplicates import near_duplicates
from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick

# key -> (label, tier, whether an anonymous owner is known to it)
READERS = {
    "visitor": (_("Visitor"), Tier.PUBLIC, False),
    "member": (_("Verified member"), Tier.MEMBERS, False),
    "nda": (_("Under NDA"), Tier.CONFIDENTIAL, True),
}


def preview_context(listing: Listing, actor: Actor, reader: str) -> dict[str, Any]:
    """Template values for the preview as one of READERS (an unknown one is a visitor)."""
    key = reader if reader in READERS else "visitor"
    label, tier, knows_owner = READERS[key]
    reaches = list(Tier.values).index(tier) >= list(Tier.values).index(listing.visibility)
    access = Access(tier, knows_owner=knows_owner or not listing.is_anonymous)
    gaps = missing(listing)
    return {
        "readers": [{"key": name, "label": row[0]} for name, row in READERS.items()],
        "reader": key,
        "reader_label": label,
        "seen": disclose_at(listing, access) if reaches else None,
        "gaps": [str(message) for messages in gaps.values() for message in messages],
        "duplicates": near_duplicates(listing, actor),
        "owner_name": pick(listing.owner, "name", actor.language),
    }
