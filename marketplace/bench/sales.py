"""An auction whose bidders all come in its last second."""

import datetime as dt
import threading
import time
from decimal import Decimal
from itertools import pairwise

from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.queries import actor_for
from deals.actions import sale_bids, sales
from deals.models import Sale, SaleBid, SaleBidder
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError
from marketplace.core.public_id import new_public_id

BIDS, BIDDERS = 500, 8


def measure() -> tuple[list[float], float]:
    """Seconds of each of 500 bids that eight bidders send at once, and seconds of all.

    The end is moved on by each late bid. Raises RuntimeError when a bid is lost or out of order.
    """
    sale, people = _opened()
    took: list[float] = []
    accepted: list[int] = []
    start = threading.Barrier(len(people))

    def press(place: int) -> None:
        start.wait()
        for step in range(place, BIDS, len(people)):
            began = time.perf_counter()
            try:
                made = sale_bids.place_bid(
                    actor=people[place], sale_id=sale.pk, amount=Decimal(1000 + 100 * step)
                )
                accepted.append(made.number)
            except DomainError:  # somebody was quicker: that is an answer, too
                pass
            took.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=press, args=(place,)) for place in range(len(people))]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    kept = list(SaleBid.objects.filter(sale=sale).order_by("number"))
    in_order = all(
        one.placed_at < two.placed_at and (one.amount or 0) < (two.amount or 0)
        for one, two in pairwise(kept)
    )
    if len(took) != BIDS or sorted(accepted) != [bid.number for bid in kept] or not in_order:
        raise RuntimeError("a bid was lost or stands out of order")
    return took, wall


def _opened() -> tuple[Sale, list[Actor]]:
    listing = Listing.objects.filter(
        kind="technology", state="published", is_anonymous=False, revision_of__isnull=True,
        owner__verified_at__isnull=False,
    ).exclude(pk__in=Sale.objects.values("listing_id")).order_by("pk")[0]  # fmt: skip
    run = new_public_id().lower()  # a database that was kept has the people of an earlier run
    people = User.objects.bulk_create(
        User(email=f"bidder-{run}-{number}@sales.bench.example", name=f"Bidder {number}")
        for number in range(BIDDERS + 1)
    )
    houses = Organisation.objects.filter(verified_at__isnull=False).exclude(pk=listing.owner_id)
    Membership.objects.bulk_create(
        Membership(user=user, organisation=house, roles=["editor"])
        for user, house in zip(people, [listing.owner, *houses[:BIDDERS]], strict=True)
    )
    seller, now = actor_for(people[0], "en"), timezone.now()
    sale = sales.begin_sale(
        actor=seller, listing=listing.public_id, kind="auction",
        facts={
            "exclusivity": "sole", "terms_en": "Bench.", "increment": Decimal(100),
            "starts_at": now, "planned_end": now + dt.timedelta(minutes=2),
            "extension_minutes": 2, "max_extensions": 100,
        },
    )  # fmt: skip
    sales.announce_sale(actor=seller, sale_id=sale.pk)
    SaleBidder.objects.bulk_create(
        SaleBidder(sale=sale, organisation=house, number=number, state="admitted")
        for number, house in enumerate(houses[:BIDDERS], 1)
    )
    return sale, [actor_for(user, "en") for user in people[1:]]
