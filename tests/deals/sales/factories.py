"""Sales for tests, made through the actions themselves; time is moved by moving the clock."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest import mock

from django.utils import timezone

from deals.actions import sale_bidders, sale_bids, sales
from deals.queries import sales as queries
from tests.listings.factories import published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deals.models import Sale, SaleBidder
    from marketplace.core.actor import Actor
    from tests.cast import Cast

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def facts(**more: Any) -> dict[str, Any]:
    """Rules of an auction or tender that begins in an hour and runs for a day."""
    now = timezone.now()
    return {
        "sold": "licence", "exclusivity": "sole", "territory": "China",
        "terms_en": "Licence for ten years.", "terms_zh": "许可十年。", "currency": "CNY",
        "start_price": Decimal(1000), "increment": Decimal(100), "starts_at": now + HOUR,
        "planned_end": now + 25 * HOUR, **more,
    }  # fmt: skip


def drafted(cast: Cast, kind: str = "auction", **more: Any) -> Sale:
    """By the editor of `home`, the seller."""
    technology = published(cast.home)
    return sales.begin_sale(
        actor=cast.colleague.actor, listing=technology.public_id, kind=kind, facts=facts(**more)
    )


def announced(cast: Cast, kind: str = "auction", **more: Any) -> tuple[Sale, dict[str, str]]:
    """The sale, and the private keys that were shown: poster, opener."""
    sale = drafted(cast, kind, **more)
    keys: dict[str, str] = {}
    if kind == "tender":
        if sale.opener_id:
            _sale, keys["opener"] = sales.take_key(actor=cast.broker.actor, sale_id=sale.pk)
        _sale, keys["poster"] = sales.take_key(actor=cast.colleague.actor, sale_id=sale.pk)
    sale = sales.announce_sale(
        actor=cast.colleague.actor, sale_id=sale.pk, opening_key=keys.get("poster", "")
    )
    return sale, keys


def admit(sale: Sale, cast: Cast, actor: Actor, *, is_sme: bool = False) -> SaleBidder:
    """Applied and admitted, its deposit paid."""
    bidder = sale_bidders.apply_to_bid(actor=actor, sale_id=sale.pk, is_sme=is_sme)
    if sale.deposit:
        sale_bidders.record_deposit(
            actor=cast.colleague.actor, sale_id=sale.pk, bidder=bidder.public_id, kind="received",
            amount=sale.deposit, moved_on=timezone.localdate(), reference="Bank 7",
        )  # fmt: skip
    else:
        sale_bidders.decide_bidder(
            actor=cast.colleague.actor, sale_id=sale.pk, bidder=bidder.public_id, admit=True
        )
    bidder.refresh_from_db()
    return bidder


def bid(sale: Sale, actor: Actor, amount: str | int, **more: Any) -> Any:
    return sale_bids.place_bid(actor=actor, sale_id=sale.pk, amount=Decimal(amount), **more)


def seal(sale: Sale, actor: Actor, amount: str | int) -> Any:
    return sale_bids.seal_bid(actor=actor, sale_id=sale.pk, amount=Decimal(amount))


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """As if the database's clock told this time."""
    with mock.patch.object(queries, "clock", return_value=moment):
        yield


def during(sale: Sale, **delta: float) -> Any:
    """Within the time for bids: so long after the start."""
    return at(sale.starts_at + dt.timedelta(**(delta or {"minutes": 1})))  # type: ignore[operator]


def after(sale: Sale, **delta: float) -> Any:
    """After the end as it stands now."""
    sale.refresh_from_db()
    return at(sale.ends_at + dt.timedelta(**delta))  # type: ignore[operator]
