"""A sale and its bids as one reader may see them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from accounts.models import Organisation
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
from deals.queries import sales as queries
from deals.queries.sale_standing import Standing, standing_in
from listings.disclosure import Disclosed, disclosed_many
from marketplace.core.actor import Actor

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
    now = queries.clock()
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
    now = queries.clock()
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
