"""Five hundred bids around the last second: none is lost, the order holds, one leads."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection

from deals.actions import sale_access, sale_bids, sale_opening
from deals.models import Sale, SaleBid, SaleBidder
from deals.queries.sales import clock
from marketplace.core.errors import DomainError
from tests.deals.sales import factories
from tests.listings.factories import member_of, organisation

if TYPE_CHECKING:
    from marketplace.core.actor import Actor
    from tests.cast import Cast

BIDS, THREADS = 500, 8


def opened(cast: Cast, seconds: float) -> tuple[Sale, list[Actor]]:
    """An auction that ends so soon by the real clock, and people of as many admitted bidders as
    there are threads."""
    sale, _keys = factories.announced(cast)
    actors = []
    for number in range(1, THREADS + 1):
        house = organisation()
        actors.append(member_of(house, "editor"))
        SaleBidder.objects.create(sale=sale, organisation=house, number=number, state="admitted")
    now = clock()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE deals_sale DISABLE TRIGGER sale_guarded")
        Sale.objects.filter(pk=sale.pk).update(
            starts_at=now - factories.HOUR, planned_end=now,
            ends_at=now + dt.timedelta(seconds=seconds),
        )  # fmt: skip
        cursor.execute("ALTER TABLE deals_sale ENABLE TRIGGER sale_guarded")
    sale.refresh_from_db()
    return sale, actors


def bid_all(sale: Sale, actors: list[Actor], bids: int) -> list[str]:
    """What each bid was told: "accepted", the code of its refusal, or the name of a fault."""
    told: list[str] = []
    start = threading.Barrier(len(actors))

    def press(place: int) -> None:
        start.wait()
        try:
            for step in range(place, bids, len(actors)):
                try:
                    sale_bids.place_bid(
                        actor=actors[place], sale_id=sale.pk, amount=Decimal(1000 + 100 * step)
                    )
                    told.append("accepted")
                except DomainError as refusal:
                    told.append(refusal.code)
                except DatabaseError as fault:
                    told.append(type(fault).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(place,)) for place in range(len(actors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def in_order(bids: list[SaleBid]) -> bool:
    """Numbered without a gap, later and higher by an increment each."""
    pairs = list(pairwise(bids))
    return [bid.number for bid in bids] == list(range(1, len(bids) + 1)) and all(
        one.placed_at < two.placed_at
        and one.amount is not None
        and two.amount is not None
        and one.amount + 100 <= two.amount
        and one.bidder_id != two.bidder_id
        for one, two in pairs
    )


@pytest.mark.django_db(transaction=True)
def test_five_hundred_bids_around_the_end(cast: Cast) -> None:
    sale, actors = opened(cast, seconds=8)
    told = bid_all(sale, actors, BIDS)
    bids = list(sale.bids.order_by("number"))
    sale.refresh_from_db()
    assert len(told) == BIDS and set(told) <= {"accepted", "too_low", "you_lead", "sale_closed"}
    assert told.count("accepted") == len(bids) > 10, "who was told of a bid has one"
    assert in_order(bids)
    assert all(bid.placed_at < sale.ends_at for bid in bids)
    assert (sale.last_bid, sale.current_price, sale.leader_id) == (
        len(bids), bids[-1].amount, bids[-1].bidder_id,
    )  # fmt: skip
    with factories.after(sale):
        sale_opening.move_sales()
    sale.refresh_from_db()
    assert (sale.state, sale.winner_id, sale.price) == (
        "decided", bids[-1].bidder_id, max(bid.amount for bid in bids),
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_goes_wrong(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(sale_access, "lock", lambda queryset, pk: queryset.get(pk=pk))
    sale, actors = opened(cast, seconds=60)
    told = bid_all(sale, actors, 120)
    bids = list(sale.bids.order_by("number"))
    faults = set(told) - {"accepted", "too_low", "you_lead", "sale_closed"}
    assert faults or not in_order(bids), "the test above would notice"
