"""The end of a sale: the clock, opening sealed bids, ranking, first refusal, the decision."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices, sealed
from deals import sale_states as states
from deals.actions.sale_access import (
    admitted,
    advance,
    checked_amount,
    locked_sale,
    note,
    participants,
    tell,
    touch,
)
from deals.actions.sale_results import keep_result
from deals.actions.sales import check_key
from deals.models import OpenedBid, Sale, SaleBid, SaleBidder, SaleState, WhyFailed
from deals.queries import sales as queries
from deals.queries.sale_views import may_ask, ranked_bids, standing_bids
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Refused, field_error
from marketplace.core.gates import lock

REVEAL = dt.timedelta(days=7)  # for bidders to show their receipts when a key is lost
PATIENCE = dt.timedelta(days=14)  # after the end, until bidders are asked without the seller
AT_ONCE = 200


# --- The clock -----------------------------------------------------------------------------------


def due_sales() -> list[int]:
    """Sales that the clock moves now: to begin, to end, to decide."""
    now = queries.clock()
    rows = Sale.objects.filter(
        Q(state=SaleState.ANNOUNCED, starts_at__lte=now)
        | Q(state__in=[SaleState.ANNOUNCED, SaleState.OPEN], ends_at__lte=now)
        | Q(state=SaleState.CLOSED, kind="auction")
        | Q(state=SaleState.CLOSED, last_bid=0)
        | Q(state=SaleState.CLOSED, reveal_until__lte=now)
        | Q(state=SaleState.CLOSED, reveal_until__isnull=True, ends_at__lte=now - PATIENCE)
        | Q(state=SaleState.MATCHING, match_until__lte=now)
    )
    return list(rows.order_by("ends_at").values_list("pk", flat=True)[:AT_ONCE])


def move_sales() -> int:
    """Do what is due, sale by sale; how many. Run by the clock, may run twice."""
    due = due_sales()
    for pk in due:
        move_one(pk)
    return len(due)


@transaction.atomic
def move_one(sale_id: int) -> Sale:
    """Bring one sale to where the database's clock says that it is."""
    sale = lock(Sale.objects.select_related("listing", "poster", "opener"), sale_id)
    now = queries.clock()
    while advance(sale, now):
        pass
    if sale.state == states.CLOSED:
        asked_in_vain = sale.reveal_until is not None and now >= sale.reveal_until
        if not sale.is_tender or asked_in_vain or not standing_bids(sale):
            _settle(sale, now)
        elif sale.reveal_until is None and sale.ends_at and now >= sale.ends_at + PATIENCE:
            _begin_revealing(sale, now, Actor.system())
    elif sale.state == states.MATCHING and sale.match_until and now >= sale.match_until:
        _decide(sale, now, matched=False)
    return sale


# --- Opening -------------------------------------------------------------------------------------


@transaction.atomic
def open_bids(*, actor: Actor, sale_id: int, opening_key: str) -> Sale:
    """Open the sealed bids with one's key: the opener first, where there is one, then the seller,
    at which the sale is decided. Bids that a key does not open are shown by their bidders.

    Raises Invalid on `opening_key` for another key, Conflict out of turn.
    """
    sale, standing, now = locked_sale(actor, sale_id, "open_bids")
    if standing.role == states.OPENER:
        if sale.peeled_at is not None:
            raise Conflict("opened", _("Your key has been used already. The seller goes on."))
        key = check_key("opening_key", opening_key, sale.opener_key)
        _peel(sale, key)
        sale.peeled_at = now
        touch(sale, "peeled_at")
        note(event_kinds.SALE_OPENED, sale, actor=actor, data={"by": standing.role})
        tell(sale, notices.SALE_TO_OPEN, [sale.poster_id], key=f"p{sale.public_id}")
        return sale
    if sale.opener_id and sale.peeled_at is None:
        raise Conflict(
            "opener_first", _("The organisation that opens with you enters its key first.")
        )
    if sale.opened_at is not None:
        raise Conflict("opened", _("Your key has been used already. Bidders show their receipts."))
    key = check_key("opening_key", opening_key, sale.poster_key)
    _read(sale, key, now)
    sale.opened_at = now
    touch(sale, "opened_at")
    note(event_kinds.SALE_OPENED, sale, actor=actor, data={"by": standing.role})
    if _unread(sale):
        if sale.reveal_until is None:
            _begin_revealing(sale, now, actor)
    else:
        _settle(sale, now)
    return sale


def _peel(sale: Sale, key: X25519PrivateKey) -> None:
    for bid in standing_bids(sale):
        row = _opened(bid)
        if row.amount is not None:
            continue
        try:
            row.inner = sealed.peel(bytes(bid.sealed), key, sale.public_id)
        except sealed.SealFault:
            row.is_faulty = True
        row.save()


def _read(sale: Sale, key: X25519PrivateKey, now: dt.datetime) -> None:
    for bid in standing_bids(sale):
        row = _opened(bid)
        if row.amount is not None:
            continue
        envelope = bytes(row.inner) if sale.opener_id else bytes(bid.sealed)
        try:
            content = sealed.peel(envelope, key, sale.public_id)
            receipt = sealed.read_bid(content, bid.commitment)
            if (receipt.sale, receipt.bidder, receipt.currency) != (
                sale.public_id, bid.bidder.number, sale.currency,
            ):  # fmt: skip
                raise sealed.SealFault("of another bid")
            row.amount, row.way = receipt.amount, OpenedBid.Way.KEY
            row.opened_at = now
        except sealed.SealFault:
            row.is_faulty = True
        row.save()


def _opened(bid: SaleBid) -> OpenedBid:
    return bid.opened if hasattr(bid, "opened") else OpenedBid(bid=bid)


def _unread(sale: Sale) -> bool:
    return any(_opened(bid).amount is None for bid in standing_bids(sale))


@transaction.atomic
def ask_to_reveal(*, actor: Actor, sale_id: int) -> Sale:
    """Where the bids were not opened: from now on bidders show their receipts, for seven days.
    Raises Conflict before the keys had their time, and the second time."""
    sale, _standing, now = locked_sale(actor, sale_id, "ask_to_reveal")
    if not may_ask(sale, now):
        raise Conflict(
            "keys_first",
            _("The keys have %(days)s days after the end. After that bidders can be asked.")
            % {"days": states.KEYS_FIRST.days},
        )
    if sale.reveal_until is not None:
        raise Conflict("revealing", _("The bidders were asked already."))
    _begin_revealing(sale, now, actor)
    return sale


def _begin_revealing(sale: Sale, now: dt.datetime, actor: Actor) -> None:
    sale.reveal_until = now + REVEAL
    touch(sale, "reveal_until")
    note(event_kinds.SALE_REVEALING, sale, actor=actor)
    unread = {bid.bidder.organisation_id for bid in standing_bids(sale)
              if _opened(bid).amount is None}  # fmt: skip
    tell(sale, notices.SALE_REVEAL, unread, key=f"r{sale.public_id}")


@transaction.atomic
def reveal_bid(*, actor: Actor, sale_id: int, amount: Decimal | None, nonce: str) -> SaleBid:
    """Show one's sealed bid by its receipt; with the last one the sale is decided.

    nonce: 64 hexadecimal digits of the receipt. Raises Invalid on `nonce` when the two are not
    what was committed to, Conflict while bidders are not asked.
    """
    sale, standing, now = locked_sale(actor, sale_id, "reveal")
    bidder = standing.bidder
    if actor.user_id is None or bidder is None:
        raise Refused("nobody", _("Only a person can bid."))
    if sale.reveal_until is None or now >= sale.reveal_until:
        raise Conflict("not_asked", _("Bidders show their receipts only while they are asked to."))
    bid = next((one for one in standing_bids(sale) if one.bidder_id == bidder.pk), None)
    if bid is None:
        raise Conflict("no_bid", _("There is no sealed bid of yours."))
    row = _opened(bid)
    if row.amount is not None:
        raise Conflict("opened", _("Your bid has been read already."))
    amount = checked_amount("amount", amount)
    receipt = sealed.Receipt(
        sale.public_id, bidder.number or 0, amount, sale.currency, nonce.strip().lower()[:64]
    )
    if receipt.commitment != bid.commitment:
        raise field_error(
            "nonce",
            _("Amount and nonce are not what you committed to. Copy both from the receipt of your "
              "last bid."),
            code="wrong_receipt",
        )  # fmt: skip
    row.amount, row.way, row.opened_at = amount, OpenedBid.Way.RECEIPT, now
    row.save()
    note(event_kinds.SALE_REVEALED, sale, actor=actor, data={"bid": bid.number},
         organisation_ids=[sale.poster_id, bidder.organisation_id])  # fmt: skip
    if not _unread(sale):
        _settle(sale, now)
    return bid


# --- The decision --------------------------------------------------------------------------------


def _settle(sale: Sale, now: dt.datetime) -> None:
    """Rank what was read: sold to the highest, or first a small or medium enterprise may match
    it, or not sold with the reason."""
    ranked = ranked_bids(sale)
    if not ranked:
        unread = sale.is_tender and standing_bids(sale)
        _fail(sale, now, WhyFailed.NOT_REVEALED if unread else WhyFailed.NO_BID)
        return
    top, price = ranked[0]
    if sale.reserve is not None and price < sale.reserve:
        _fail(sale, now, WhyFailed.RESERVE)
        return
    small = next((bid.bidder for bid, _amount in ranked if bid.bidder.is_sme), None)
    if sale.sme_days and small is not None and not top.bidder.is_sme:
        before, sale.state = sale.state, states.TRANSITIONS.target("offer_match", sale.state)
        sale.match_bidder, sale.match_until = small, now + dt.timedelta(days=sale.sme_days)
        touch(sale, "state", "match_bidder", "match_until")
        note(event_kinds.SALE_MATCHING, sale, actor=Actor.system(), before=before)
        tell(sale, notices.SALE_MATCH, [small.organisation_id], key=f"m{sale.public_id}")
        return
    _decide(sale, now, matched=False)


@transaction.atomic
def answer_match(*, actor: Actor, sale_id: int, accept: bool) -> Sale:
    """Match the winning price, or leave it, within the days of the first refusal. Raises Refused
    for any other bidder, Conflict after the days."""
    sale, standing, now = locked_sale(actor, sale_id, "match")
    if standing.bidder is None or sale.match_bidder_id != standing.bidder.pk:
        raise Refused("sale_role", _("The first refusal is another bidder’s."))
    if sale.match_until is None or now >= sale.match_until:
        raise Conflict("match_over", _("The days of the first refusal are over."))
    _decide(sale, now, matched=accept, actor=actor)
    return sale


def _decide(sale: Sale, now: dt.datetime, *, matched: bool, actor: Actor | None = None) -> None:
    ranked = ranked_bids(sale)
    top, price = ranked[0]
    winner: SaleBidder | None = sale.match_bidder if matched else top.bidder
    before, sale.state = sale.state, states.TRANSITIONS.target("decide", sale.state)
    sale.winner, sale.price, sale.ended_at = winner, price, now
    touch(sale, "state", "winner", "price", "ended_at")
    _told(sale, before, actor, {"matched": matched}, ranked)


def _fail(sale: Sale, now: dt.datetime, why: str) -> None:
    before, sale.state = sale.state, states.TRANSITIONS.target("fail", sale.state)
    sale.failed_because, sale.ended_at = why, now
    touch(sale, "state", "failed_because", "ended_at")
    _told(sale, before, None, {}, ranked_bids(sale))


def _told(
    sale: Sale, before: str, actor: Actor | None, more: Mapping[str, Any],
    ranked: list[tuple[SaleBid, Decimal]],
) -> None:  # fmt: skip
    keep_result(sale, ranked, matched=bool(more.get("matched")))
    note(event_kinds.SALE_DECIDED, sale, actor=actor or Actor.system(), before=before, data=more)
    tell(sale, notices.SALE_DECIDED, {*participants(sale), *admitted(sale)},
         key=f"d{sale.public_id}")  # fmt: skip
