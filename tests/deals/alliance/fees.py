"""Terms and statements of the fee of a referred case, made by the second institution."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.models import Membership
from accounts.queries import actor_for
from deals.actions.brokerage import agree_brokerage
from deals.actions.commissions import approve_statement, draft_statement
from deals.models import Case
from tests.accounts.factories import person_in
from tests.contracts.factories import registered

if TYPE_CHECKING:
    from contracts.models import Contract
    from deals.models import BrokerageAgreement, CommissionStatement, Referral
    from marketplace.core.actor import Actor
    from tests.cast import Cast
    from tests.deals.alliance.factories import Allied


def tier(above: str, percent: str) -> dict[str, Decimal]:
    return {"above": Decimal(above), "percent": Decimal(percent)}


def terms(**more: Any) -> dict[str, Any]:
    """5 % up to 100,000 and 3 % of what is above."""
    return {
        "client": "Kiln Works", "signed_on": dt.date(2026, 3, 1), "currency": "CNY",
        "tiers": [tier("0", "5"), tier("100000", "3")], "minimum": None, "cap": None,
        "due": "signing", "costs_cap": Decimal("2000"), **more,
    }  # fmt: skip


def agreed(actor: Actor, case: Case, *, seen: int | None = None, **more: Any) -> BrokerageAgreement:
    return agree_brokerage(
        actor=actor, case_id=case.pk, facts=terms(**more), expected_version=seen
    )  # fmt: skip


def won(cast: Cast, group: Allied, case: Case, **facts: Any) -> Contract:
    """A registered contract of the case, 120,000 unless said otherwise. The second broker reads it,
    since it works for the seller, too."""
    contract = registered(cast, **facts)
    Membership.objects.get_or_create(
        user=group.second_user, organisation=cast.home, defaults={"roles": ["editor"]}
    )
    group.fresh()
    Case.objects.filter(pk=case.pk).update(contract=contract)
    return contract


def second_owner(organisation: Any) -> Actor:
    return actor_for(person_in(organisation, "owner"), "en")


def approved(cast: Cast, group: Allied, referral: Referral) -> CommissionStatement:
    """Costs alone, since no contract is registered."""
    case = Case.objects.get(pk=referral.carried_case_id)
    agreed(group.second_broker, case)
    row = draft_statement(
        actor=group.second_broker, case_id=case.pk,
        facts={"costs": Decimal("150.50"), "costs_for": "Travel"},
    )  # fmt: skip
    return approve_statement(actor=second_owner(group.second), statement_id=row.pk)
