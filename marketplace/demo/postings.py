"""The authored technologies and needs of the demo market, published as if by their owners."""

import datetime as dt

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
from marketplace.demo import meanings
from marketplace.demo.entries import Entry, authored, content_of
from marketplace.demo.names import days_ago, in_days, stable_id

BATCH = 200


def load_postings(organisations: dict[str, Organisation]) -> int:
    """Publish what is missing; returns how many were added. Words are indexed here, and meanings
    as far as they are kept; the others and the matches follow through the outbox."""
    known: list[int] = []
    unknown: list[int] = []
    kept = meanings.kept()
    for entry in authored():
        with transaction.atomic():
            listing = _post(entry, organisations)
        if listing is not None:
            is_known = kept is not None and kept.knows(meanings.texts_of(listing))
            (known if is_known else unknown).append(listing.pk)
    for start in range(0, len(unknown), BATCH):
        indexing.index_many(unknown[start : start + BATCH])
    for start in range(0, len(known), BATCH):
        indexing.index_many(known[start : start + BATCH], meanings=False)
        indexing.embed_batch(known[start : start + BATCH], kept)
    return len(known) + len(unknown)


def _post(entry: Entry, organisations: dict[str, Organisation]) -> Listing | None:
    row, kind = entry.row, entry.kind
    public_id = stable_id("listing", row["key"])
    if Listing.objects.filter(public_id=public_id).exists():
        return None
    owner = organisations[row["owner"]]
    listing = Listing(
        public_id=public_id, kind=kind, owner=owner, country=owner.country, region=owner.region
    )
    parts = apply_content(listing, content_of(entry))
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
