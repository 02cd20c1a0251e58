"""Reading about enquiries without a name: who may send one, what it would tell, through whom."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Organisation, User
from accounts.queries.alliances import allied_ids
from deals.models import Enquiry, Introduction
from deals.queries.pairs import Pair
from deals.rules import PARTY_ROLES
from listings.models import DisclosureGrant, Listing
from listings.models.listings import Tier
from listings.queries.visibility import published_for
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.formatting import amount_text
from matching.models import Match
from matching.queries.sides import listing_of, side_of
from matching.queries.visibility import visible_to as matches_visible_to


def is_unnamed(listing: Listing) -> bool:
    """Whether the market does not say whose it is: only such listings ask without a name."""
    return listing.is_anonymous or listing.visibility == Tier.CONFIDENTIAL


def askable(actor: Actor) -> QuerySet[Match]:
    """Matches whose other side the actor can ask: gate of the form, before the rules."""
    own = sorted(actor.ids_with(*PARTY_ROLES))
    # a listing that was released to the actor in confidence is no stranger's
    open_to = published_for(actor).exclude(visibility=Tier.CONFIDENTIAL).values("pk")
    hidden = {
        side: Q(**{f"{side}__is_anonymous": True}) | Q(**{f"{side}__visibility": Tier.CONFIDENTIAL})
        for side in ("need", "technology")
    }
    return matches_visible_to(actor).filter(
        (hidden["need"] & Q(need_owner_id__in=own, technology_id__in=open_to))
        | (hidden["technology"] & Q(technology_owner_id__in=own, need_id__in=open_to))
    )


def asking_side(match: Match, actor: Actor) -> str:
    """As which side the actor asks: one whose listing has no name on the market; "" for none."""
    for wanted in ("need", "technology"):
        side = side_of(match, actor, wanted)
        if side == wanted and is_unnamed(listing_of(match, side)):
            return side
    return ""


def brokers_of(organisation_id: int) -> QuerySet[Organisation]:
    """Verified institutions that the organisation works with: of its alliances, or that brokered
    an introduction of it. Never the organisation itself."""
    brokered = Introduction.objects.filter(
        Q(need_party_id=organisation_id) | Q(technology_party_id=organisation_id),
        broker_organisation__isnull=False,
    ).values("broker_organisation_id")
    allied = sorted(allied_ids(frozenset({organisation_id})))
    return (
        Organisation.objects.filter(kind="tti", verified_at__isnull=False)
        .filter(Q(pk__in=allied) | Q(pk__in=brokered))
        .exclude(pk=organisation_id)
        .order_by("pk")
    )


def names_of(organisation: Organisation, person_id: int | None) -> list[str]:
    """By which the organisation or the person who writes would be known."""
    person = User.objects.filter(pk=person_id).first() if person_id else None
    return [
        organisation.name_en, organisation.name_zh, organisation.registration_code,
        person.name if person else "",
    ]  # fmt: skip


def sent_since(organisation_id: int, days: int) -> QuerySet[Enquiry]:
    """What an organisation asked in the last days."""
    since = timezone.now() - dt.timedelta(days=days)
    return Enquiry.objects.filter(organisation_id=organisation_id, created_at__gte=since)


def is_still_unnamed(introduction: Introduction, side: str) -> bool:
    """Whether that side asked without its name and the other one does not know it yet."""
    enquiry = Enquiry.objects.filter(introduction=introduction, side=side).first()
    if enquiry is None:
        return False
    listing = introduction.listing_of(side)
    if not is_unnamed(listing):
        return False
    other = introduction.technology_party_id if side == "need" else introduction.need_party_id
    return not DisclosureGrant.objects.filter(
        listing=listing, organisation_id=other, reveals_owner=True, revoked_at__isnull=True
    ).exists()


@dataclass(frozen=True)
class Released:
    """What one reader sees of an enquiry; "" for what was not released.

    through: the institution that was asked to help, for those who asked and for its brokers: an
    institution could tell who works with it.
    """

    side: str
    is_own: bool
    is_named: bool
    field: str
    field_name: str
    province: str
    province_name: str
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str
    price_text: str
    through: str
    created_at: dt.datetime

    @property
    def facts(self) -> bool:
        return bool(self.field or self.province or self.price_text)


def released_of(pair: Pair) -> Released | None:
    """The enquiry of a pair as its reader sees it; None when it did not begin with one."""
    enquiry = pair.enquiry
    if enquiry is None:
        return None
    language = get_language() or "en"
    is_own = enquiry.side in pair.sides
    may_know = is_own or "broker" in pair.sides
    through = enquiry.through if may_know else None
    return Released(
        side=enquiry.side, is_own=is_own,
        is_named=pair.releases[enquiry.side].shows_owner,
        field=enquiry.field, field_name=enquiry.field_name,
        province=enquiry.province,
        province_name=regions.name(enquiry.province, language) if enquiry.province else "",
        price_min=enquiry.price_min, price_max=enquiry.price_max, currency=enquiry.currency,
        price_text=_price_text(enquiry),
        through=pick(through, "name", language).value if through else "",
        created_at=enquiry.created_at,
    )  # fmt: skip


def _price_text(enquiry: Enquiry) -> str:
    if enquiry.price is None:
        return ""
    low, high = (amount_text(value, enquiry.currency) for value in enquiry.price)
    return low if low == high else f"{low} – {high}"
