"""The one door for reading sales by tender and auction, and who stands on which side of one.

The clock is the database's: it alone says whether a bid came in time, whatever an application
server or a late job believes.
"""

import datetime as dt

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership
from deals.models import (
    Sale,
    SaleBidder,
    SaleProxy,
    SaleState,
)
from deals.rules import PARTY_ROLES
from listings.models import Listing
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.gates import get_visible
from matching.models import Mandate
from matching.queries.visibility import client_ids, tti_ids


def clock() -> dt.datetime:
    """The database's time at this moment, not when its transaction began: read it after the lock,
    so that the order of locks is the order of times."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None, "a clock tells a time"
    now: dt.datetime = row[0]
    return now


# --- Who -----------------------------------------------------------------------------------------


def posting_ids(actor: Actor) -> frozenset[int]:
    """Organisations for which the actor sells: its own, and clients of its institution that gave
    a mandate."""
    return frozenset(actor.ids_with(*PARTY_ROLES)) | client_ids(tti_ids(actor))


def open_proxies(actor: Actor, now: dt.datetime) -> QuerySet[SaleProxy]:
    """Proxies that hold now, of a person who still belongs to a verified organisation."""
    return SaleProxy.objects.filter(
        Exists(
            Membership.objects.filter(
                user_id=OuterRef("user_id"), organisation__verified_at__isnull=False
            )
        ),
        user_id=actor.user_id or 0, revoked_at__isnull=True, valid_from__lte=now,
        valid_until__gt=now,
    )  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Sale]:
    """Announced sales of technologies that the actor may know of (those for invited organisations
    only by their invitation), and whatever the actor sells, opens or bids in. Operators see no
    more than others."""
    if actor.is_system:
        return Sale.objects.all()
    announced = ~Q(state=SaleState.DRAFT)
    known = Q(listing__in=listings_visible_to(actor).values("pk"))
    seen = announced & known & Q(access="verified")
    if actor.is_authenticated:
        own = sorted(actor.ids_with(*PARTY_ROLES))
        bidders = SaleBidder.objects.filter(
            Q(organisation_id__in=own) | Q(pk__in=open_proxies(actor, clock()).values("bidder_id"))
        )
        seen |= Q(poster_id__in=sorted(posting_ids(actor)))
        seen |= Q(opener_id__in=own)
        seen |= announced & Q(pk__in=bidders.values("sale_id"))
    return Sale.objects.filter(seen)


def own_sales(actor: Actor) -> QuerySet[Sale]:
    """What the actor sells, opens or bids in."""
    own = sorted(actor.ids_with(*PARTY_ROLES))
    rows = SaleBidder.objects.filter(
        Q(organisation_id__in=own) | Q(pk__in=open_proxies(actor, clock()).values("bidder_id"))
    )
    return visible_to(actor).filter(
        Q(poster_id__in=sorted(posting_ids(actor))) | Q(opener_id__in=own)
        | Q(pk__in=rows.values("sale_id"))
    )  # fmt: skip


def with_parts(queryset: QuerySet[Sale]) -> QuerySet[Sale]:
    """With what a page names."""
    return queryset.select_related(
        "listing__owner", "poster", "opener", "leader", "winner__organisation", "match_bidder",
        "room", "result",
    )  # fmt: skip


def seen_sale(actor: Actor, public_id: str) -> Sale:
    """Raises NotFound."""
    return get_visible(with_parts(visible_to(actor)), public_id=public_id)


def running_sale_of(listing_public_id: str, actor: Actor) -> Sale | None:
    """The newest announced sale of a technology that the actor may know of."""
    return (
        visible_to(actor)
        .filter(listing__public_id=listing_public_id)
        .exclude(state__in=[SaleState.DRAFT, SaleState.CANCELLED])
        .order_by("-id")
        .first()
    )


def tied_ids(sale: Sale) -> frozenset[int]:
    """Organisations that cannot bid: who sells, owns with the seller, holds its mandate, or opens
    the bids."""
    return seller_ids(sale) | ({sale.opener_id} if sale.opener_id else set())


def seller_ids(sale: Sale) -> frozenset[int]:
    """Organisations on the seller's side: it, who owns with it, and who holds its mandate."""
    owners = sale.listing.co_owners.filter(organisation__isnull=False)
    tied = set(owners.values_list("organisation_id", flat=True))
    return frozenset({*tied, sale.poster_id, sale.listing.owner_id}) | mandate_ids(sale)


def mandate_ids(sale: Sale) -> frozenset[int]:
    """Institutions that hold a mandate of the seller."""
    rows = Mandate.objects.filter(organisation_id=sale.poster_id, withdrawn_at__isnull=True)
    return frozenset(rows.values_list("institution_id", flat=True))


def sellable(actor: Actor) -> QuerySet[Listing]:
    """Published technologies that the actor may put up for sale, named openly."""
    clients = client_ids(tti_ids(actor))
    return Listing.objects.filter(
        Q(owner_id__in=sorted(actor.ids_with(*PARTY_ROLES)))
        # a mandate opens no secret of the client's to its broker
        | (Q(owner_id__in=sorted(clients)) & ~Q(visibility="confidential")),
        kind="technology", state="published",
        revision_of__isnull=True, is_anonymous=False, owner__verified_at__isnull=False,
    )  # fmt: skip
