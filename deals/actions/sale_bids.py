"""Bids: open ones under the lock of the sale's row, sealed ones as commitment and envelope."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices, sealed
from deals.actions.sale_access import checked_amount, locked_sale, note, tell, touch
from deals.models import BidKind, Sale, SaleBid, SaleBidder
from deals.queries.sale_standing import Standing
from deals.queries.sale_views import last_own, least_bid
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Refused, field_error
from marketplace.core.formatting import amount_text


@transaction.atomic
def place_bid(
    *, actor: Actor, sale_id: int, amount: Decimal | None, seen: int | None = None
) -> SaleBid:
    """Bid in an auction, in units of its currency; bids take their turn at the sale's row, and the
    database's clock decides what came in time.

    seen: number of the newest bid that the bidder had on its page; not used but to say more
    clearly what happened meanwhile. Raises Invalid on `amount` for less than the current price
    and the increment, Conflict when the bidder leads already, or before and after the time.
    """
    sale, standing, now = locked_sale(actor, sale_id, "bid")
    bidder = _bidder(actor, standing)
    amount = checked_amount("amount", amount)
    if sale.leader_id == bidder.pk:
        raise Conflict("you_lead", _("You lead with your last bid. Nothing more is needed now."))
    least = least_bid(sale)
    if amount < least:
        raise field_error("amount", _too_low(sale, least, seen), code="too_low")
    _extend(sale, now)
    before = sale.leader
    sale.current_price, sale.leader = amount, bidder
    bid = _add(sale, standing, actor, now, kind=BidKind.OPEN, amount=amount)
    touch(sale, "last_bid", "current_price", "leader", "ends_at", "extensions")
    note(event_kinds.SALE_BID, sale, actor=actor, data={"bid": bid.number},
         organisation_ids=[bidder.organisation_id])  # fmt: skip
    if before is not None:
        # at most once an hour for each person: an auction's last minutes are no rain of mails
        tell(sale, notices.SALE_OUTBID, [before.organisation_id],
             key=f"{sale.public_id}-{now:%Y%m%d%H}")  # fmt: skip
    return bid


def _too_low(sale: Sale, least: Decimal, seen: int | None) -> Any:
    told = {"least": amount_text(least, sale.currency, exact=True)}
    if seen is not None and seen < sale.last_bid:
        return _("Somebody was quicker. Bid at least %(least)s now.") % told
    return _("Bid at least %(least)s.") % told


def _extend(sale: Sale, now: dt.datetime) -> None:
    """A bid in the last minutes moves the end, as often as the rules say."""
    assert sale.ends_at is not None, "an announced sale has an end"
    window = dt.timedelta(minutes=sale.extension_minutes)
    if sale.extensions < sale.max_extensions and sale.ends_at - now <= window:
        sale.ends_at += window
        sale.extensions += 1


@transaction.atomic
def seal_bid(
    *, actor: Actor, sale_id: int, amount: Decimal | None, seen: int | None = None
) -> tuple[SaleBid, sealed.Receipt]:
    """Bid in a tender, or replace one's bid until the end. Stored are a commitment and an envelope
    that the keys of the sale open; the receipt is returned, shown once and kept nowhere here.

    seen: number of the bidder's own newest bid when the page was loaded, 0 for none: a second click
    is no second bid, whose receipt nobody would read. Raises Invalid on `amount`, Conflict before
    and after the time, and when another bid of one's own came between.
    """
    sale, standing, now = locked_sale(actor, sale_id, "seal")
    bidder = _bidder(actor, standing)
    amount = checked_amount("amount", amount)
    if amount < sale.start_price:
        least = {"least": amount_text(sale.start_price, sale.currency, exact=True)}
        raise field_error("amount", _("Bid at least %(least)s.") % least, code="too_low")
    if seen is not None and seen != last_own(bidder):
        raise Conflict(
            "bid_moved",
            _("Your organisation’s sealed bid has changed since this page was loaded, by another "
              "click or a colleague. Its receipt was shown once: if nobody has kept it, seal your "
              "bid anew."),
        )  # fmt: skip
    receipt = sealed.Receipt(
        sale.public_id, bidder.number or 0, amount, sale.currency, sealed.new_nonce()
    )
    keys = [key for key in (sale.poster_key, sale.opener_key) if key]
    bid = _add(
        sale, standing, actor, now, kind=BidKind.SEALED, commitment=receipt.commitment,
        envelope=sealed.seal(receipt, *keys),
    )  # fmt: skip
    sale.save(update_fields=["last_bid", "updated_at"])  # the version is read by outsiders
    note(event_kinds.SALE_BID, sale, actor=actor, data={"bid": bid.number},
         organisation_ids=[bidder.organisation_id])  # fmt: skip
    return bid, receipt


@transaction.atomic
def withdraw_bid(*, actor: Actor, sale_id: int) -> SaleBid:
    """Take one's sealed bid back until the end; another can be made. Raises Conflict when there
    is none."""
    sale, standing, now = locked_sale(actor, sale_id, "withdraw")
    bidder = _bidder(actor, standing)
    last = bidder.bids.order_by("-number").first()
    if last is None or last.kind != BidKind.SEALED:
        raise Conflict("no_bid", _("There is no bid of yours to take back."))
    bid = _add(sale, standing, actor, now, kind=BidKind.WITHDRAWAL)
    sale.save(update_fields=["last_bid", "updated_at"])  # the version is read by outsiders
    note(event_kinds.SALE_BID_WITHDRAWN, sale, actor=actor, data={"bid": bid.number},
         organisation_ids=[bidder.organisation_id])  # fmt: skip
    return bid


def _bidder(actor: Actor, standing: Standing) -> SaleBidder:
    if actor.user_id is None or standing.bidder is None:
        raise Refused("nobody", _("Only a person can bid."))
    return standing.bidder


def _add(
    sale: Sale, standing: Standing, actor: Actor, now: dt.datetime, *, kind: str,
    amount: Decimal | None = None, commitment: str = "", envelope: bytes = b"",
) -> SaleBid:  # fmt: skip
    sale.last_bid += 1
    assert standing.bidder is not None, "the caller has asked"
    return SaleBid.objects.create(
        sale=sale, bidder=standing.bidder, number=sale.last_bid, kind=kind, amount=amount,
        commitment=commitment, sealed=envelope, signed_by_id=actor.user_id,
        as_proxy=standing.as_proxy, placed_at=now,
    )  # fmt: skip
