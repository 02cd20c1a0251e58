"""Sales full of secrets: a draft, and a sealed tender with a reserve price, a bid and a deposit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

HOME = frozenset({"owner", "colleague", "broker"})  # the broker has a mandate of this seller


def plant_sale(world: Planted) -> None:
    """`home` sells its open technology; `outside` has bid under seal, `rival` was not admitted."""
    from deals.actions import sale_bidders, sale_bids, sales
    from tests.deals.sales import factories

    cast, s = world.cast, world.secret
    listing = world.listings["open"].public_id
    draft = sales.begin_sale(
        actor=cast.colleague.actor, listing=listing, kind="auction",
        facts=factories.facts(
            terms_en=s("sale draft", "Everything of the Ospreymill", HOME), terms_zh="",
            territory="",
        ),
    )  # fmt: skip
    s("sale reserve", "7316428.35", HOME)
    sale = sales.begin_sale(
        actor=cast.colleague.actor, listing=listing, kind="tender",
        facts=factories.facts(
            reserve=Decimal("7316428.35"), deposit=Decimal(5), terms_en="Ten years.",
            deposit_until=timezone.now() + dt.timedelta(minutes=30),
        ),
    )  # fmt: skip
    _sale, key = sales.take_key(actor=cast.colleague.actor, sale_id=sale.pk)
    s("opening key", key, frozenset())
    sales.announce_sale(actor=cast.colleague.actor, sale_id=sale.pk, opening_key=key)
    row = sale_bidders.apply_to_bid(actor=cast.outsider.actor, sale_id=sale.pk)
    sale_bidders.record_deposit(
        actor=cast.colleague.actor, sale_id=sale.pk, bidder=row.public_id, kind="received",
        amount=Decimal(5), moved_on=timezone.localdate(),
        reference=s("deposit reference", "Brookpipit transfer", HOME),
    )  # fmt: skip
    refused = sale_bidders.apply_to_bid(actor=cast.rival.actor, sale_id=sale.pk)
    sale_bidders.decide_bidder(
        actor=cast.colleague.actor, sale_id=sale.pk, bidder=refused.public_id, admit=False,
        reason=s("why not admitted", "Too near to Larkspindle", HOME | {"rival"}),
    )  # fmt: skip
    sale.refresh_from_db()
    with factories.during(sale):
        _bid, receipt = sale_bids.seal_bid(
            actor=cast.outsider.actor, sale_id=sale.pk, amount=Decimal("8427539.46")
        )
    s("sealed amount", "8427539.46", frozenset())
    s("sealed nonce", receipt.nonce, frozenset())
    for made in (draft, sale):
        world.id("sale", made.public_id)
    for bidder in (row, refused):
        world.id("bidder", bidder.public_id)
