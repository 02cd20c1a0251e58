"""Two sales of the demo supplier: an open auction under way, and a sealed tender announced."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.queries import actor_for
from contracts.certificates.keys import make_key_file
from deals.actions import sale_bidders, sale_bids, sales
from deals.actions.sale_results import MARKET_KEY
from deals.models import Sale
from deals.queries.sales import sellable
from marketplace.demo.parties import Parties

SELLER, BIDDERS = "nanshan-licensing", ("enterprise", "fjord-owner")
DAY = dt.timedelta(days=1)
AUCTION: dict[str, Any] = {
    "sold": "licence", "exclusivity": "sole", "field_of_use": "储能", "territory": "中国大陆",
    "terms_zh": "五年排他许可，含工艺文件与三十个工作日的现场指导。",
    "terms_en": "A sole licence for five years, with process documents and 30 days on site.",
    "start_price": Decimal(600_000), "increment": Decimal(20_000), "reserve": Decimal(900_000),
    "extension_minutes": 5, "max_extensions": 12, "publicity": "price", "sme_days": 5,
}  # fmt: skip
TENDER: dict[str, Any] = {
    "sold": "assignment",
    "terms_zh": "专利权及相关技术秘密一并转让，付清价款后三十日内办理变更登记。",
    "terms_en": "The patents and the know-how; recorded within 30 days of payment in full.",
    "start_price": Decimal(1_500_000), "reserve": Decimal(2_400_000), "deposit": Decimal(50_000),
}  # fmt: skip
BIDS = (600_000, 640_000, 700_000)


@transaction.atomic
def load_sales(parties: Parties) -> None:
    """Once: nothing where the supplier sells or has sold already."""
    clerk = parties.people.get(SELLER)
    if clerk is None:
        return
    actor = actor_for(clerk, "zh-hans")
    own = sellable(actor).filter(visibility="public", owner__in=sorted(actor.organisation_ids))
    found = list(own.order_by("pk")[:2])
    if len(found) < 2 or Sale.objects.filter(poster=found[0].owner).exists():
        return
    make_key_file(MARKET_KEY)
    now = timezone.now()
    auction = sales.begin_sale(
        actor=actor, listing=found[0].public_id, kind="auction",
        facts={**AUCTION, "starts_at": now, "planned_end": now + 20 * DAY},
    )  # fmt: skip
    sales.announce_sale(actor=actor, sale_id=auction.pk)
    people = [actor_for(parties.people[key], "zh-hans") for key in BIDDERS]
    for bidder in people:
        row = sale_bidders.apply_to_bid(actor=bidder, sale_id=auction.pk)
        sale_bidders.decide_bidder(
            actor=actor, sale_id=auction.pk, bidder=row.public_id, admit=True
        )
    for place, amount in enumerate(BIDS):
        sale_bids.place_bid(
            actor=people[place % len(people)], sale_id=auction.pk, amount=Decimal(amount)
        )
    tender = sales.begin_sale(
        actor=actor, listing=found[1].public_id, kind="tender",
        facts={
            **TENDER, "starts_at": now + 2 * DAY, "planned_end": now + 30 * DAY,
            "deposit_until": now + 25 * DAY,
        },
    )  # fmt: skip
    # nobody keeps this key: the demo tender ends with bidders who show their receipts
    _tender, key = sales.take_key(actor=actor, sale_id=tender.pk)
    sales.announce_sale(actor=actor, sale_id=tender.pk, opening_key=key)
