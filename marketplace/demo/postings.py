"""The authored technologies and needs of the demo market, published as if by their owners."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from events.actions import record
from listings import coach, event_kinds, indexing
from listings.actions.content import apply_content
from listings.actions.specifications import replace_parts
from listings.completeness import check_complete
from listings.duplicates import set_fingerprint
from listings.models import Listing, ListingVersion
from listings.models.listings import State
from listings.snapshots import snapshot
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS
from marketplace.demo.names import days_ago, in_days, read, stable_id

KINDS = {"technologies": "technology", "needs": "need"}


def load_postings(organisations: dict[str, Organisation]) -> int:
    """Publish what is missing; returns how many were added. Words are indexed here, meanings and
    matches follow through the outbox."""
    added: list[int] = []
    for field in FIELDS:
        for plural, kind in KINDS.items():
            for row in read(f"listings/{field.code}.{plural}.yaml"):
                with transaction.atomic():
                    listing = _post(row, kind, field.code, organisations)
                if listing is not None:
                    added.append(listing.pk)
    for start in range(0, len(added), 200):
        indexing.index_many(added[start : start + 200])
    return len(added)


def _post(
    row: dict[str, Any], kind: str, field: str, organisations: dict[str, Organisation]
) -> Listing | None:
    public_id = stable_id("listing", row["key"])
    if Listing.objects.filter(public_id=public_id).exists():
        return None
    owner = organisations[row["owner"]]
    listing = Listing(
        public_id=public_id, kind=kind, owner=owner, country=owner.country, region=owner.region
    )
    parts = apply_content(listing, content_of(row, kind, field))
    listing.state = State.PUBLISHED
    listing.published_at = days_ago(row.get("days_ago", 30))
    listing.valid_until = in_days(300 if kind == "technology" else 170)
    listing.published_version = 1
    set_fingerprint(listing)
    listing.save()
    replace_parts(parts, listing)
    check_complete(listing)
    Listing.objects.filter(pk=listing.pk).update(
        coach_score=coach.score(listing),
        created_at=listing.published_at - dt.timedelta(days=1),
        updated_at=listing.published_at,
    )
    ListingVersion.objects.create(listing=listing, number=1, data=snapshot(listing))
    record(
        event_kinds.PUBLISHED, actor=Actor.system(), obj=listing, organisation_ids=[owner.pk],
        before={"state": State.DRAFT}, after={"state": State.PUBLISHED}, data={"version": 1},
    )  # fmt: skip
    return listing


def content_of(row: dict[str, Any], kind: str, field: str) -> dict[str, Any]:
    """An authored entry as the fields that a form or the API would send."""
    data: dict[str, Any] = {"field": field, "sub_field": row["sub_field"]}
    for name in (
        "title",
        "summary",
        "body",
        "members_text",
        "confidential_text",
        "tried",
        "judged",
    ):
        for language, text in (row.get(name) or {}).items():
            data[f"{name}_{language}"] = text
    for language, words in (row.get("keywords") or {}).items():
        data[f"keywords_{language}"] = words
    price = row.get("price") or {"kind": "negotiable"}
    data |= {
        "more_fields": row.get("more_fields", []),
        "trl": row.get("trl"),
        "modes": row.get("modes", []),
        "price_kind": price["kind"],
        "price_min": price.get("min"),
        "price_max": price.get("max"),
        "currency": price.get("currency", "CNY"),
        "project_source": row.get("project_source", ""),
        "visibility": row.get("visibility", "public"),
        "is_anonymous": row.get("anonymous", False),
        "specifications": [_specification(spec, kind) for spec in row.get("specs", [])],
    }
    if kind == "need" and row.get("deadline_days"):
        data["deadline"] = in_days(row["deadline_days"]).isoformat()
    if row.get("ip"):
        data["ip_rights"] = [_right(right) for right in row["ip"]]
    return data


def _specification(spec: dict[str, Any], kind: str) -> dict[str, Any]:
    condition, compared = spec.get("condition") or {}, spec.get("compared_with") or {}
    return {
        "metric_en": spec["en"],
        "metric_zh": spec["zh"],
        "comparator": spec["comparator"],
        "value": str(spec["value"]),
        "upper": str(spec["upper"]) if spec.get("upper") is not None else None,
        "unit": spec.get("unit", ""),
        "condition_en": condition.get("en", ""),
        "condition_zh": condition.get("zh", ""),
        "compared_with_en": compared.get("en", ""),
        "compared_with_zh": compared.get("zh", ""),
        "strength": spec.get("strength", "must"),
        "tier": spec.get("tier", "public"),
    }


def _right(right: dict[str, Any]) -> dict[str, Any]:
    expires = right.get("expires")
    return {
        "kind": right["kind"],
        "title": right.get("title", ""),
        "office": right.get("office", ""),
        "status": right["status"],
        "expires_on": str(expires) if expires else None,
    }
