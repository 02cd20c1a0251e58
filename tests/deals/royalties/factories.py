"""Royalty contracts of the cast (home sells to outside), with time that has passed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from deals.actions.royalties import accept_statement, submit_statement
from deals.actions.royalty_clock import open_periods
from deals.models import RoyaltyPeriod
from tests.contracts.factories import registered

if TYPE_CHECKING:
    from contracts.models import Contract
    from deals.models import RoyaltyStatement
    from tests.cast import Cast

STEPS = [{"from_amount": "0", "rate": "5"}, {"from_amount": "100000", "rate": "3"}]


def day_ago(months: int) -> dt.date:
    """The same day of the month, some months ago: periods that end with yesterday."""
    today = timezone.localdate()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return dt.date(year, month + 1, min(today.day, 28))


def contract(cast: Cast, *, months: int = 6, royalty: Any = None, **facts: Any) -> Contract:
    """Registered, by quarters, since `months` ago: two quarters are over by default."""
    given = {
        "base": "sales", "rate_kind": "falling", "reporting": "quarter", "steps": STEPS,
        "runs_from": day_ago(months), **(royalty or {}),
    }  # fmt: skip
    day = day_ago(months)
    return registered(
        cast, "licence", payment_mode="royalty", royalty=given,
        **{"signed_on": day, "valid_from": day, "total_amount": "1000.00", **facts},
    )  # fmt: skip


def periods(cast: Cast, **facts: Any) -> list[RoyaltyPeriod]:
    """Opened, oldest first."""
    contract(cast, **facts)
    open_periods()
    return list(RoyaltyPeriod.objects.order_by("ends_on", "pk"))


def stated(
    cast: Cast, period: RoyaltyPeriod, sales: str = "1000.00", **facts: Any
) -> RoyaltyStatement:
    return submit_statement(
        actor=cast.outsider.actor, period_id=period.pk, replaces=facts.pop("replaces", ""),
        facts={"sales": sales, **facts},
    )  # fmt: skip


def accepted(cast: Cast, period: RoyaltyPeriod, sales: str = "1000.00") -> RoyaltyPeriod:
    stated(cast, period, sales)
    return accept_statement(actor=cast.colleague.actor, period_id=period.pk)
