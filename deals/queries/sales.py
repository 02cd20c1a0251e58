"""The one door for reading sales by tender and auction, and what a reader is in one.

The clock is the database's: it alone says whether a bid came in time, whatever an application
server or a late job believes.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, Organisation
from deals import sale_states as states
from deals.models import (
    BidderState,
    BidKind,
    OpenedBid,
    Sale,
    SaleBid,
    SaleBidder,
    SaleProxy,
    SalePublicity,
    SaleState,
)
from deals.rules import PARTY_ROLES
from listings.disclosure import Disclosed, disclosed_many
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
    return frozenset({*tied, sale.poster_id, sale.listing.owner_id}) | _mandate_ids(sale)


def _mandate_ids(sale: Sale) -> frozenset[int]:
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


@dataclass(frozen=True, slots=True)
class Standing:
    """What the actor is in a sale. bidder: its row, where it bids or was invited."""

    role: str = ""
    bidder: SaleBidder | None = None
    as_proxy: bool = False


def standing_in(sale: Sale, actor: Actor, now: dt.datetime) -> Standing:
    """By the rows as they stand now; a role that was taken back while a page was open is gone."""
    if actor.is_system:
        return Standing(states.POSTER)
    held = _held_now(actor)
    if sale.poster_id in held:
        return Standing(states.POSTER)
    if sale.opener_id in held:
        return Standing(states.OPENER)
    own = list(sale.bidders.filter(organisation_id__in=held).select_related("organisation"))
    # a mandate that came later makes no seller of who takes part, with its rivals' names
    if not own and tti_ids(actor) & _mandate_ids(sale):
        return Standing(states.POSTER)
    if _knows_secrets(sale, actor, held):
        return Standing()
    rows = own + _as_proxy(sale, actor, now, held)
    rows.sort(key=lambda row: (not _is_in(row), row.organisation_id not in held, row.pk))
    for row in rows:
        return _standing_of(row, as_proxy=row.organisation_id not in held)
    verified = Organisation.objects.filter(pk__in=held, verified_at__isnull=False)
    return Standing(states.OTHER) if verified.exists() else Standing()


def applicant_in(
    sale: Sale, actor: Actor, now: dt.datetime, organisation_id: int | None = None
) -> Standing:
    """What the actor is when it applies: for the named one of its organisations, or else for one
    that can apply yet, an invited one first. A proxy applies for nobody."""
    standing = standing_in(sale, actor, now)
    if standing.role in ("", states.POSTER, states.OPENER):
        return standing
    verified = Organisation.objects.filter(pk__in=_held_now(actor), verified_at__isnull=False)
    ids = set(verified.values_list("pk", flat=True))
    if organisation_id is not None:
        ids &= {organisation_id}
    rows = list(
        sale.bidders.filter(organisation_id__in=ids).select_related("organisation").order_by("pk")
    )
    invited = next((row for row in rows if row.state == BidderState.INVITED), None)
    if invited is not None:
        return _standing_of(invited)
    if ids - {row.organisation_id for row in rows}:
        return Standing(states.OTHER)
    return _standing_of(rows[0]) if rows else Standing()


def _is_in(row: SaleBidder) -> bool:
    return row.state == BidderState.ADMITTED and row.organisation.is_verified


def _standing_of(row: SaleBidder, *, as_proxy: bool = False) -> Standing:
    return Standing(states.BIDDER if _is_in(row) else states.APPLICANT, row, as_proxy)


def _as_proxy(
    sale: Sale, actor: Actor, now: dt.datetime, held: Iterable[int]
) -> list[SaleBidder]:  # fmt: skip
    """The bidder whose proxy the person is now. None while an organisation of the person's own
    applies or bids; of several the one that named it first, as no bidder is told of the others."""
    houses = Membership.objects.filter(user_id=actor.user_id or 0).values("organisation_id")
    taking_part = [BidderState.APPLIED, BidderState.ADMITTED]
    if sale.bidders.filter(organisation_id__in=houses, state__in=taking_part).exists():
        return []
    first = open_proxies(actor, now).filter(bidder__sale=sale).order_by("pk").first()
    if first is None:
        return []
    rows = sale.bidders.filter(pk=first.bidder_id).exclude(organisation_id__in=held)
    return list(rows.select_related("organisation"))


def _held_now(actor: Actor) -> frozenset[int]:
    """Organisations for which the person acts, read anew: a token or page may be older."""
    allowed = actor.ids_with(*PARTY_ROLES)
    rows = Membership.objects.filter(
        user_id=actor.user_id or 0, user__is_active=True, organisation_id__in=sorted(allowed),
        roles__overlap=["owner", *PARTY_ROLES],
    )  # fmt: skip
    return frozenset(rows.values_list("organisation_id", flat=True))


def _knows_secrets(sale: Sale, actor: Actor, held: Iterable[int]) -> bool:
    """Somebody of a tied organisation does not bid, for whomever. By a mandate that it gives later
    the seller puts no bidder out."""
    bidding = sale.bidders.filter(organisation_id__in=_mandate_ids(sale))
    late = frozenset(bidding.values_list("organisation_id", flat=True))
    tied = tied_ids(sale) - late
    inside = Membership.objects.filter(user_id=actor.user_id or 0, organisation_id__in=sorted(tied))
    return bool(tied & set(held)) or inside.exists()


# --- What a reader sees ------------------------------------------------------------------------


_RANKED = (states.MATCHING, states.DECIDED, states.FAILED)


@dataclass
class BidLine:
    """A bid as a reader may see it; amount None while it is sealed or not for the reader."""

    number: int
    bidder: int
    kind: str
    amount: Decimal | None
    placed_at: dt.datetime
    is_own: bool
    rank: int | None = None


@dataclass
class SaleView:
    """A sale as one reader may see it."""

    sale: Sale
    now: dt.datetime
    standing: Standing
    listing: Disclosed | None
    can: dict[str, bool] = field(default_factory=dict)

    @property
    def role(self) -> str:
        return self.standing.role

    @property
    def bidder(self) -> SaleBidder | None:
        return self.standing.bidder

    @property
    def state(self) -> str:
        return self.sale.state_at(self.now)

    @property
    def state_label(self) -> str:
        return str(SaleState(self.state).label)

    @property
    def seller(self) -> Organisation | None:
        """Who sells, where the reader may know it: an owner that withheld its name later keeps
        it from all but its own people."""
        if self.is_poster or self.role in (states.OPENER, states.BIDDER):
            return self.sale.poster
        shown = self.listing
        return self.sale.poster if shown is not None and not shown.owner_withheld else None

    @property
    def is_poster(self) -> bool:
        return self.role == states.POSTER

    @property
    def is_bidder(self) -> bool:
        return self.role == states.BIDDER

    @property
    def is_ended(self) -> bool:
        return self.state in states.ENDED

    @property
    def sees_bids(self) -> bool:
        """Bids with bidders' numbers: the poster, the opener and those who bid."""
        return self.role in (states.POSTER, states.OPENER, states.BIDDER)

    @property
    def sees_amounts(self) -> bool:
        """Of a tender nobody before it is ranked, whoever may have opened it; of one that was
        cancelled nobody ever."""
        if not self.sees_bids:
            return False
        return not self.sale.is_tender or self.state in _RANKED

    @property
    def bid_count(self) -> int | None:
        """How many bids were made; None where the poster does not say it. Rivals in a tender are
        told what everybody is."""
        is_rival = self.sale.is_tender and self.role == states.BIDDER and not self.sees_amounts
        told = (self.sees_bids and not is_rival) or self.sale.publicity != SalePublicity.NOTHING
        return self.sale.last_bid if told else None

    @property
    def price(self) -> Decimal | None:
        """The current price of an auction, or the price it was sold at, as far as it is told."""
        if not (self.sees_bids or self.sale.publicity == SalePublicity.PRICE):
            return None
        return self.sale.price if self.is_ended else self.sale.current_price

    @property
    def leads(self) -> bool:
        return self.bidder is not None and self.sale.leader_id == self.bidder.pk

    @property
    def leader_number(self) -> int | None:
        return self.sale.leader.number if self.sees_bids and self.sale.leader else None

    @property
    def winner_number(self) -> int | None:
        return self.sale.winner.number if self.sees_bids and self.sale.winner else None

    @property
    def has_won(self) -> bool:
        return self.bidder is not None and self.sale.winner_id == self.bidder.pk

    @property
    def may_match(self) -> bool:
        return self.can["match"] and self.bidder is not None and (
            self.sale.match_bidder_id == self.bidder.pk
        )  # fmt: skip

    @property
    def mark(self) -> str:
        """Changes with whatever the part that polls shows, and with nothing that is not told: a
        sealed bid leaves the version as it is."""
        told = "" if self.bid_count is None else self.bid_count
        return f"{self.sale.version}-{told}-{self.state}-{self.role}"

    @property
    def least(self) -> Decimal:
        """The least that can be bid now."""
        return least_bid(self.sale)

    @cached_property
    def bids(self) -> list[BidLine]:
        """Newest first; of a decided tender the ranked ones."""
        return bid_lines(self)

    @cached_property
    def bids_top(self) -> Decimal | None:
        """The winning price while a first refusal runs."""
        ranked = ranked_bids(self.sale)
        return ranked[0][1] if ranked and self.sees_amounts else None

    @cached_property
    def seen(self) -> int:
        """What a form of a bid carries, to tell what came between: the newest bid of an auction; of
        a tender the reader's own newest, 0 for none, as others' bids are not told."""
        if not self.sale.is_tender:
            return int(self.sale.last_bid)
        return last_own(self.bidder) if self.bidder else 0

    @cached_property
    def own_bid(self) -> SaleBid | None:
        """The bidder's last sealed bid that stands."""
        if self.bidder is None:
            return None
        last = self.bidder.bids.order_by("-number").first()
        return last if last is not None and last.kind == BidKind.SEALED else None

    @cached_property
    def bidders(self) -> list[SaleBidder]:
        """For the poster, with names, deposits and proxies."""
        if not self.is_poster:
            return []
        return list(self.sale.bidders.select_related("organisation").prefetch_related("deposits"))

    @cached_property
    def proxies(self) -> list[SaleProxy]:
        """The bidder's own."""
        if self.bidder is None or self.standing.as_proxy:
            return []
        return list(self.bidder.proxies.select_related("user"))


def last_own(bidder: SaleBidder) -> int:
    """The number of a bidder's newest bid or withdrawal, 0 for none."""
    number = bidder.bids.order_by("-number").values_list("number", flat=True).first()
    return int(number or 0)


def least_bid(sale: Sale) -> Decimal:
    """In units of the sale's currency: the start price, then an increment above the current."""
    if sale.current_price is None:
        return Decimal(max(sale.start_price, Decimal("0.01")))
    return Decimal(sale.current_price + max(sale.increment, Decimal("0.01")))


def view_of(sale: Sale, actor: Actor) -> SaleView:
    """sale: from with_parts. The listing is None when it is closed to the actor."""
    now = clock()
    shown = disclosed_many([sale.listing], actor, detail=False)
    view = SaleView(sale, now, standing_in(sale, actor, now), shown.get(sale.listing_id))
    view.can = {
        action: states.may(action, role=view.role, state=view.state, kind=sale.kind)
        for action in states.RULES
    }
    if view.state == states.CLOSED and sale.is_tender:
        view.can["cancel"] = view.can["cancel"] and not is_read(sale)
        view.can["ask_to_reveal"] = view.can["ask_to_reveal"] and may_ask(sale, now)
    return view


def is_read(sale: Sale) -> bool:
    """Whether somebody's sealed bid was read."""
    return OpenedBid.objects.filter(bid__sale=sale, amount__isnull=False).exists()


def may_ask(sale: Sale, now: dt.datetime) -> bool:
    """Whether the keys had their time, so that receipts can be asked for."""
    return sale.ends_at is not None and now >= sale.ends_at + states.KEYS_FIRST


def cards_of(sales: Sequence[Sale], actor: Actor) -> list[SaleView]:
    """For lists: what everybody may read of each, in the queries of the listings alone."""
    now = clock()
    shown = disclosed_many([sale.listing for sale in sales], actor, detail=False)
    return [SaleView(sale, now, Standing(), shown.get(sale.listing_id)) for sale in sales]


LINES = 50


def bid_lines(view: SaleView) -> list[BidLine]:
    """Newest first (at most LINES), amounts as far as the reader may see them; ranked by amount,
    then by time, once they are known."""
    if not view.sees_bids:
        return []
    own = view.bidder.pk if view.bidder else 0
    rows = view.sale.bids.select_related("bidder").order_by("-number")
    if view.sale.is_tender and view.role == states.BIDDER and not view.sees_amounts:
        rows = rows.filter(bidder_id=own)
    rows = rows[:LINES]
    if not (view.sale.is_tender and view.sees_amounts):
        return [
            BidLine(
                row.number, row.bidder.number or 0, row.kind,
                row.amount if view.sees_amounts else None, row.placed_at, row.bidder_id == own,
            )
            for row in rows
        ]  # fmt: skip
    ranked = ranked_bids(view.sale)
    return [
        BidLine(
            bid.number, bid.bidder.number or 0, bid.kind, amount, bid.placed_at,
            bid.bidder_id == own, place,
        )
        for place, (bid, amount) in enumerate(ranked, 1)
    ]  # fmt: skip


def standing_bids(sale: Sale) -> list[SaleBid]:
    """The last sealed bid of each admitted bidder, without those withdrawn."""
    rows = (
        sale.bids.filter(bidder__state=BidderState.ADMITTED)
        .order_by("bidder_id", "-number")
        .distinct("bidder_id")
        .select_related("bidder__organisation", "opened")
    )
    return [row for row in rows if row.kind == BidKind.SEALED]


def ranked_bids(sale: Sale) -> list[tuple[SaleBid, Decimal]]:
    """(bid, amount) of those that were read, highest first, earlier ones first when equal: of a
    tender the standing bids, of an auction each bidder's highest."""
    if sale.is_tender:
        found = [
            (bid, bid.opened.amount)
            for bid in standing_bids(sale)
            if hasattr(bid, "opened") and bid.opened.amount is not None
        ]
    else:
        rows = (
            sale.bids.filter(kind=BidKind.OPEN)
            .order_by("bidder_id", "-amount", "number")
            .distinct("bidder_id")
            .select_related("bidder__organisation")
        )
        found = [(bid, bid.amount) for bid in rows if bid.amount is not None]
    return sorted(found, key=lambda one: (-one[1], one[0].number))
