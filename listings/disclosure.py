"""The one door for content: what of a listing a reader may see.

Pages, API, search, matching, mails and exports take texts from a Disclosed, never from the
Listing row: what it does not hold cannot leak.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import Organisation
from listings import states
from listings.models import DisclosureGrant, Document, IpRight, Listing, Specification
from listings.models.listings import Tier
from listings.sources import plain_name
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS, SUB_FIELDS
from marketplace.core.errors import NotFound

RANK = {Tier.PUBLIC.value: 0, Tier.MEMBERS.value: 1, Tier.CONFIDENTIAL.value: 2}
DETAIL = ("specifications", "ip_rights", "documents", "co_owners__organisation")


@dataclass(frozen=True, slots=True)
class Access:
    """What a reader has been let into: the highest tier, and whether it knows the owner."""

    tier: str
    knows_owner: bool
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class OwnerCard:
    """A party as named beside a listing; public_id is "" for one known by name only."""

    public_id: str
    name_en: str
    name_zh: str
    kind: str = ""
    is_verified: bool = False
    country: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class RightView:
    """An IP right; number and title are "" where they would name a withheld owner."""

    kind: str
    status: str
    office: str
    expires_on: dt.date | None
    is_expired: bool
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document the reader may open; name is "" where it could name a withheld owner."""

    public_id: str
    title: str
    name: str
    tier: str
    media_type: str
    size: int
    sha256: str
    created_at: dt.datetime
    text_state: str


@dataclass(frozen=True)
class Disclosed:
    """A listing as one reader sees it. Texts of closed tiers are "", a withheld owner is None.

    withheld: the tiers above the reader's in which something exists ("members",
    "confidential"): the fact alone is told, so that one can ask for it.
    withheld_counts: per closed tier, how many specifications and documents it holds.
    """

    pk: int
    public_id: str
    kind: str
    state: str
    visibility: str
    is_anonymous: bool
    is_own: bool
    is_revision: bool
    tier: str
    title_en: str
    title_zh: str
    summary_en: str
    summary_zh: str
    body_en: str
    body_zh: str
    members_text_en: str
    members_text_zh: str
    confidential_text_en: str
    confidential_text_zh: str
    tried_en: str
    tried_zh: str
    judged_en: str
    judged_zh: str
    keywords_en: list[str]
    keywords_zh: list[str]
    field: str
    sub_field: str
    more_fields: list[str]
    trl: int | None
    country: str
    region: str
    modes: list[str]
    price_kind: str
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str
    project_source: str
    deadline: dt.date | None
    valid_until: dt.date | None
    published_at: dt.datetime | None
    updated_at: dt.datetime
    version: int
    coach_score: int
    source: str
    external_id: str
    source_url: str
    owner: OwnerCard | None
    owner_is_verified: bool
    withheld: tuple[str, ...]
    co_owners: list[OwnerCard] = part(default_factory=list)
    specifications: list[Specification] = part(default_factory=list)
    ip_rights: list[RightView] = part(default_factory=list)
    documents: list[DocumentView] = part(default_factory=list)

    @property
    def source_name(self) -> str:
        """Where it was taken from, as people call it."""
        return plain_name(self.source)

    withheld_counts: dict[str, int] = part(default_factory=dict)

    @property
    def is_technology(self) -> bool:
        return self.kind == "technology"

    @property
    def owner_withheld(self) -> bool:
        return self.owner is None

    @cached_property
    def field_name(self) -> str:
        return FIELDS.label(self.field)

    @cached_property
    def sub_field_name(self) -> str:
        return SUB_FIELDS.label(self.sub_field)

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        room = "technologies" if self.is_technology else "needs"
        return f"/{room}/{self.public_id}/"


def disclosed(listing: Listing, actor: Actor) -> Disclosed:
    """What the actor may see of the listing, with all its parts (five queries at most).

    Raises NotFound when the actor may not even know of it.
    """
    views = disclosed_many([listing], actor)
    if listing.pk not in views:
        raise NotFound
    return views[listing.pk]


def disclosed_many(
    listings: Sequence[Listing], actor: Actor, *, detail: bool = True
) -> dict[int, Disclosed]:
    """The same for many, by listing id, in a fixed number of queries; hidden ones are left out.

    detail: also specifications, IP rights, documents and co-owners; rows of a list do without.
    """
    opened = access_to(listings, actor)
    seen = [listing for listing in listings if listing.pk in opened]
    prefetch_related_objects(seen, "owner", *(DETAIL if detail else ()))
    return {listing.pk: disclose_at(listing, opened[listing.pk], detail=detail) for listing in seen}


def access_to(listings: Iterable[Listing], actor: Actor) -> dict[int, Access]:
    """How far the actor has been let into each listing; those it may not know of are left out."""
    listings = list(listings)
    released = _grants(listings, actor)
    found = {}
    for listing in listings:
        access = _access(listing, actor, released.get(listing.revision_of_id or listing.pk, []))
        if access is not None:
            found[listing.pk] = access
    return found


def _grants(listings: Sequence[Listing], actor: Actor) -> dict[int, list[DisclosureGrant]]:
    if not actor.organisation_ids or actor.is_system or not listings:
        return {}
    found: dict[int, list[DisclosureGrant]] = {}
    for grant in DisclosureGrant.objects.filter(
        listing_id__in=[listing.pk for listing in listings],
        organisation_id__in=sorted(actor.organisation_ids),
        revoked_at__isnull=True,
    ):
        found.setdefault(grant.listing_id, []).append(grant)
    return found


def _access(listing: Listing, actor: Actor, grants: list[DisclosureGrant]) -> Access | None:
    """The rules of listings.queries.visibility for one row, with the tier that each gives."""
    if actor.is_system or listing.owner_id in actor.organisation_ids:
        return Access(Tier.CONFIDENTIAL, knows_owner=True, is_own=not actor.is_system)
    if actor.is_moderator and listing.state == states.IN_REVIEW:
        return Access(Tier.MEMBERS, knows_owner=True)
    if listing.revision_of_id is not None:
        return None
    by_right = Tier.MEMBERS if actor.is_verified_member else Tier.PUBLIC
    released = max((grant.tier for grant in grants), key=RANK.__getitem__, default=Tier.PUBLIC)
    is_published = listing.state == states.PUBLISHED
    may_know = (is_published and RANK[by_right] >= RANK[listing.visibility]) or (
        bool(grants)
        and listing.state in states.RELEASABLE
        and RANK[released] >= RANK[listing.visibility]
    )
    if not may_know:
        return None
    return Access(
        max(by_right, released, key=RANK.__getitem__),
        knows_owner=not listing.is_anonymous or any(grant.reveals_owner for grant in grants),
    )


def disclose_at(listing: Listing, access: Access, *, detail: bool = True) -> Disclosed:
    """Pure: the listing as a reader of this access sees it (also used by the poster's preview)."""
    level, knows = RANK[access.tier], access.knows_owner
    specifications = list(listing.specifications.all()) if detail else []
    documents = list(listing.documents.all()) if detail else []
    own_name = knows or not listing.is_anonymous
    return Disclosed(
        pk=listing.pk, public_id=listing.public_id, kind=listing.kind, state=listing.state,
        visibility=listing.visibility, is_anonymous=listing.is_anonymous, is_own=access.is_own,
        is_revision=listing.revision_of_id is not None, tier=access.tier,
        title_en=listing.title_en, title_zh=listing.title_zh,
        summary_en=listing.summary_en, summary_zh=listing.summary_zh,
        body_en=listing.body_en, body_zh=listing.body_zh,
        members_text_en=listing.members_text_en if level >= 1 else "",
        members_text_zh=listing.members_text_zh if level >= 1 else "",
        confidential_text_en=listing.confidential_text_en if level >= 2 else "",
        confidential_text_zh=listing.confidential_text_zh if level >= 2 else "",
        tried_en=listing.tried_en, tried_zh=listing.tried_zh,
        judged_en=listing.judged_en, judged_zh=listing.judged_zh,
        keywords_en=listing.keywords_en, keywords_zh=listing.keywords_zh,
        field=listing.field, sub_field=listing.sub_field, more_fields=listing.more_fields,
        trl=listing.trl, country=listing.country,
        # a county can single out the one institute in it
        region=listing.region if own_name else _province(listing.region),
        modes=listing.modes, price_kind=listing.price_kind, price_min=listing.price_min,
        price_max=listing.price_max, currency=listing.currency,
        project_source=listing.project_source, deadline=listing.deadline,
        valid_until=listing.valid_until, published_at=listing.published_at,
        updated_at=listing.updated_at, version=listing.version,
        coach_score=listing.coach_score if access.is_own else 0,
        source=listing.source if own_name else "",
        external_id=listing.external_id if own_name else "",
        source_url=listing.source_url if own_name else "",
        owner=_card(listing.owner) if own_name else None,
        owner_is_verified=listing.owner.is_verified,
        withheld=_withheld(listing, level, specifications, documents),
        co_owners=_co_owners(listing) if detail and own_name else [],
        specifications=[row for row in specifications if RANK[row.tier] <= level],
        ip_rights=[_right(row, own_name) for row in listing.ip_rights.all()] if detail else [],
        documents=[_document(row, own_name) for row in documents if RANK[row.tier] <= level],
        withheld_counts=_withheld_counts(level, specifications, documents),
    )  # fmt: skip


def _withheld(
    listing: Listing, level: int, specifications: list[Specification], documents: list[Document]
) -> tuple[str, ...]:
    """Which closed tiers hold something; without detail only the texts are looked at."""
    present = {row.tier for row in specifications} | {row.tier for row in documents}
    if listing.members_text_en or listing.members_text_zh:
        present.add(Tier.MEMBERS.value)
    if listing.confidential_text_en or listing.confidential_text_zh:
        present.add(Tier.CONFIDENTIAL.value)
    return tuple(tier for tier, rank in RANK.items() if rank > level and tier in present)


def _withheld_counts(
    level: int, specifications: list[Specification], documents: list[Document]
) -> dict[str, int]:
    counts: dict[str, int] = {}
    for tier in [row.tier for row in specifications] + [row.tier for row in documents]:
        if RANK[tier] > level:
            counts[tier] = counts.get(tier, 0) + 1
    return counts


def _province(region: str) -> str:
    return f"{region[:2]}0000" if region else ""


def _card(organisation: Organisation) -> OwnerCard:
    return OwnerCard(
        organisation.public_id, organisation.name_en, organisation.name_zh, organisation.kind,
        organisation.is_verified, organisation.country, organisation.region,
    )  # fmt: skip


def _co_owners(listing: Listing) -> list[OwnerCard]:
    return [
        _card(row.organisation) if row.organisation else OwnerCard("", row.name, row.name)
        for row in listing.co_owners.all()
    ]


def _right(row: IpRight, own_name: bool) -> RightView:
    return RightView(
        row.kind, row.status, row.office, row.expires_on, row.is_expired,
        row.number if own_name else "", row.title if own_name else "",
    )  # fmt: skip


def _document(row: Document, own_name: bool) -> DocumentView:
    # a title that nobody typed is the file's name, which may name the owner
    typed = row.title != row.name.rsplit(".", 1)[0]
    return DocumentView(
        row.public_id, row.title if own_name or typed else _("Document"),
        row.name if own_name else "", row.tier, row.media_type, row.size,
        row.sha256, row.created_at, row.text_state,
    )  # fmt: skip
