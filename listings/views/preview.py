"""How three kinds of reader will see a draft, and what stands in the way of posting it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from listings.completeness import missing
from listings.disclosure import Access, disclose_at
from listings.duplicates import near_duplicates
from listings.models import Listing
from listings.models.listings import Tier
from listings.steps import url_of
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick

# key -> (label, tier, whether an anonymous owner is known to it)
READERS = {
    "visitor": (_("Visitor"), Tier.PUBLIC, False),
    "member": (_("Verified member"), Tier.MEMBERS, False),
    "nda": (_("Under NDA"), Tier.CONFIDENTIAL, True),
}

# Where a gap is filled, unless in the first step.
_STEP_OF = {
    "specifications": "specifications", "documents": "documents", "deadline": "terms",
    "judged_en": "terms", "judged_zh": "terms", "members_text_en": "details",
    "members_text_zh": "details",
}  # fmt: skip


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
        "gaps": [
            (str(message), url_of(listing, _STEP_OF.get(name, "what")))
            for name, messages in gaps.items()
            for message in messages
        ],
        "duplicates": near_duplicates(listing, actor),
        "owner_name": pick(listing.owner, "name", actor.language),
    }
