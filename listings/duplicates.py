"""Near-duplicates: listings whose words are almost the same.

The four bands of a fingerprint let an index find candidates: texts that differ in up to three
bits share at least one band, most that differ in up to MAX_DISTANCE do.
"""

from dataclasses import dataclass

from django.db.models import Q

from listings import states
from listings.fingerprints import bands_of, distance, simhash
from listings.models import Listing
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.words import tokens

MAX_DISTANCE = 8


COMPARED = ("title_en", "title_zh", "summary_en", "summary_zh", "body_en", "body_zh")


def compared_texts(listing: Listing) -> list[str]:
    """The texts that count: title, summary and body in both languages."""
    return [getattr(listing, name) for name in COMPARED]


def set_fingerprint(listing: Listing) -> None:
    """Compute and set (not save) fingerprint and bands."""
    words = [word for text in compared_texts(listing) if text for word in tokens(text)]
    listing.fingerprint = simhash(words)
    listing.fingerprint_bands = bands_of(listing.fingerprint)


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    pk: int
    public_id: str
    kind: str
    title_en: str
    title_zh: str
    state: str
    is_own: bool


def near_duplicates(listing: Listing, actor: Actor, limit: int = 5) -> list[NearDuplicate]:
    """Published listings (and the poster's own drafts) that say almost the same, nearest first.

    Only what the actor may know of: about others' hidden listings nothing is said, not even that
    there is one.
    """
    if not listing.fingerprint_bands:
        return []
    near = (
        visible_to(actor)
        .filter(kind=listing.kind, fingerprint_bands__overlap=listing.fingerprint_bands)
        .filter(Q(state=states.PUBLISHED) | Q(owner_id=listing.owner_id))
        .exclude(pk__in=[listing.pk or 0, listing.revision_of_id or 0])
        .exclude(revision_of__isnull=False)
        .only(
            "public_id", "kind", "title_en", "title_zh", "state", "owner_id", "fingerprint",
        )
    )  # fmt: skip
    found = [(distance(row.fingerprint, listing.fingerprint), row) for row in near[: limit * 20]]
    close = sorted((d, row.pk, row) for d, row in found if d <= MAX_DISTANCE)
    return [
        NearDuplicate(
            row.pk, row.public_id, row.kind, row.title_en, row.title_zh, row.state,
            row.owner_id in actor.organisation_ids,
        )
        for _distance, _pk, row in close[:limit]
    ]  # fmt: skip
