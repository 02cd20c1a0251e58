"""A listing as plain data: kept for every published version, compared on the review desk."""

import datetime as dt
from decimal import Decimal
from typing import Any

from listings.models import Document, IpRight, Listing, ListingOwner, Specification

# What its people write; everything else on the row is the platform's.
TEXT_FIELDS = (
    "title_en", "title_zh", "summary_en", "summary_zh", "body_en", "body_zh", "tried_en",
    "tried_zh", "judged_en", "judged_zh", "members_text_en", "members_text_zh",
    "confidential_text_en", "confidential_text_zh",
)  # fmt: skip
LIST_FIELDS = ("keywords_en", "keywords_zh", "more_fields", "modes")
FACT_FIELDS = (
    "field", "sub_field", "trl", "country", "region", "price_kind", "price_min", "price_max",
    "currency", "project_source", "deadline", "visibility", "is_anonymous", "source_url",
)  # fmt: skip
CONTENT_FIELDS = (*TEXT_FIELDS, *LIST_FIELDS, *FACT_FIELDS)
SPECIFICATION_FIELDS = (
    "metric_en", "metric_zh", "comparator", "value", "upper", "unit", "condition_en",
    "condition_zh", "compared_with_en", "compared_with_zh", "strength", "tier",
)  # fmt: skip
RIGHT_FIELDS = ("kind", "title", "number", "office", "status", "expires_on")
# Texts of the tiers above `public`, for readers who may not have them.
TIER_OF_FIELD = {
    "members_text_en": "members", "members_text_zh": "members",
    "confidential_text_en": "confidential", "confidential_text_zh": "confidential",
}  # fmt: skip


def snapshot(listing: Listing) -> dict[str, Any]:
    """The whole content as JSON values; amounts and values as decimal text."""
    return {
        "kind": listing.kind,
        "owner": listing.owner_id,
        **{name: _plain(getattr(listing, name)) for name in CONTENT_FIELDS},
        "valid_until": _plain(listing.valid_until),
        "specifications": [_row(row, SPECIFICATION_FIELDS) for row in listing.specifications.all()],
        "ip_rights": [_row(row, RIGHT_FIELDS) for row in listing.ip_rights.all()],
        "co_owners": [_owner(row) for row in listing.co_owners.all()],
        "documents": [
            _row(row, ("title", "name", "tier", "sha256", "size"))
            for row in listing.documents.all()
        ],
    }


def _row(row: Specification | IpRight | Document, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _owner(row: ListingOwner) -> dict[str, Any]:
    return {"name": row.name, "organisation": row.organisation_id}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
