"""Live figures of the market: counted from rows, and only from what everybody may see.

A figure of something confidential, however large the sum, would tell of single rows to whoever
watches it change; so listings that are not public, pairs with such a listing, and amounts that
the parties keep to a range are not counted.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from contracts.queries.register import registered, year_start
from deals.models import Introduction
from listings.models import Listing
from listings.models.listings import Kind, State, Tier
from matching.models import Level, Match

KEPT_FOR = 60  # seconds


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """The figure row of the home page. amount: CNY of the contracts of this year whose parties
    made it public, which are `amount_contracts` of `registered`."""

    technologies: int
    needs: int
    needs_with_strong_match: int
    introductions: int
    registered: int
    amount: Decimal
    amount_contracts: int
    year: int

    @property
    def strong_share(self) -> float | None:
        """Of the open needs, the share that has a strong match; None without needs."""
        return self.needs_with_strong_match / self.needs if self.needs else None


@dataclass(frozen=True, slots=True)
class TtiFigures:
    """What one institution does in public: open listings, introductions it took up, registered
    contracts that name it as broker."""

    listings: int = 0
    introductions: int = 0
    contracts: int = 0


def market_figures() -> MarketFigures:
    """At most a minute old; six queries when they are counted anew."""
    found: MarketFigures | None = cache.get_or_set("insights:market", _market, KEPT_FOR)
    return found if found is not None else _market()


def field_counts(kind: str) -> dict[str, int]:
    """Field code -> open public listings of a kind, by primary field; a minute old at most."""
    found: dict[str, int] | None = cache.get_or_set(
        f"insights:fields:{kind}", lambda: _field_counts(kind), KEPT_FOR
    )
    return found if found is not None else _field_counts(kind)


def tti_figures(organisation_ids: list[int]) -> dict[int, TtiFigures]:
    """Figures of several institutions at once, in three queries."""
    listings = dict(
        public_listings()
        .filter(owner_id__in=organisation_ids, is_anonymous=False)
        .order_by()
        .values_list("owner_id")
        .annotate(number=Count("pk"))
    )
    introductions = dict(
        _public_introductions()
        .filter(broker_organisation_id__in=organisation_ids)
        .order_by()
        .values_list("broker_organisation_id")
        .annotate(number=Count("pk"))
    )
    contracts = dict(
        registered()
        .filter(
            parties__organisation_id__in=organisation_ids,
            parties__role="broker",
            public_facts__contains=["parties"],
        )
        .order_by()
        .values_list("parties__organisation_id")
        .annotate(number=Count("pk", distinct=True))
    )
    return {
        pk: TtiFigures(listings.get(pk, 0), introductions.get(pk, 0), contracts.get(pk, 0))
        for pk in organisation_ids
    }


def public_listings() -> QuerySet[Listing]:
    """Published for everybody."""
    return Listing.objects.filter(
        state=State.PUBLISHED, visibility=Tier.PUBLIC, revision_of__isnull=True
    )


def _public_introductions() -> QuerySet[Introduction]:
    return Introduction.objects.filter(
        need__visibility=Tier.PUBLIC, technology__visibility=Tier.PUBLIC
    )


def _market() -> MarketFigures:
    year = timezone.localdate().year
    start = year_start(year)
    by_kind: dict[str, int] = dict(
        public_listings().order_by().values_list("kind").annotate(number=Count("pk"))
    )
    strong = Match.objects.filter(
        need=OuterRef("pk"), level=Level.STRONG,
        technology__state=State.PUBLISHED, technology__visibility=Tier.PUBLIC,
    )  # fmt: skip
    money: dict[str, Any] = (
        registered()
        .filter(numbered_at__gte=start)
        .order_by()
        .aggregate(
            number=Count("pk"),
            open_number=Count("pk", filter=Q(public_facts__contains=["amount"])),
            amount=Sum("total_cny", filter=Q(public_facts__contains=["amount"])),
        )
    )
    return MarketFigures(
        technologies=by_kind.get(Kind.TECHNOLOGY, 0),
        needs=by_kind.get(Kind.NEED, 0),
        needs_with_strong_match=public_listings()
        .filter(Exists(strong), kind=Kind.NEED)
        .order_by()
        .count(),
        introductions=_public_introductions().filter(created_at__gte=start).count(),
        registered=money["number"],
        amount=money["amount"] or Decimal(0),
        amount_contracts=money["open_number"],
        year=year,
    )


def _field_counts(kind: str) -> dict[str, int]:
    return dict(
        public_listings()
        .filter(kind=kind)
        .order_by()
        .values_list("field")
        .annotate(number=Count("pk"))
    )
