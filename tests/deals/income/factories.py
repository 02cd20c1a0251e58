"""Income of a contract in which `home` sells to `outside`, made through the actions themselves."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.queries import actor_for
from deals.actions.distribution import approve_run, draft_run
from deals.actions.income import choose_scheme, open_account, set_inventors
from deals.actions.receipts import enter_receipt
from tests.accounts.factories import MembershipFactory, UserFactory
from tests.contracts.factories import registered

if TYPE_CHECKING:
    from deals.models import DistributionRun, IncomeAccount, Receipt
    from marketplace.core.actor import Actor
    from tests.cast import Cast

_reference = count(1)
INVENTORS = [
    {"name": "Wei Lan", "email": "wei@inventors.example", "percent": "60"},
    {"name": "Ada Moss", "email": "", "percent": "40"},
]


def opened(
    cast: Cast, scheme: str = "OTL-THIRDS", *, inventors: Any = INVENTORS, **contract: Any
) -> IncomeAccount:
    """An account of home, kept by its colleague, with a scheme and inventors."""
    made = registered(cast, "licence", **contract)
    actor = cast.colleague.actor
    account, _new = open_account(actor=actor, contract_id=made.pk)
    choose_scheme(actor=actor, account_id=account.pk, scheme=scheme)
    if inventors:
        set_inventors(actor=actor, account_id=account.pk, rows=inventors)
    account.refresh_from_db()
    return account


def received(cast: Cast, account: IncomeAccount, amount: str, **facts: Any) -> Receipt:
    """Money that came in yesterday, for nothing in particular."""
    return enter_receipt(
        actor=cast.colleague.actor, account_id=account.pk,
        facts={
            "purpose": "other", "received_on": timezone.localdate() - dt.timedelta(days=1),
            "amount": amount, "reference": f"ref {next(_reference)}", **facts,
        },
    )  # fmt: skip


def drafted(cast: Cast, account: IncomeAccount, amount: str | None = None) -> DistributionRun:
    if amount is not None:
        received(cast, account, amount)
    return draft_run(actor=cast.colleague.actor, account_id=account.pk, up_to=timezone.localdate())


def approved(cast: Cast, account: IncomeAccount, amount: str | None = None) -> DistributionRun:
    run = drafted(cast, account, amount)
    return approve_run(actor=cast.owner.actor, run_id=run.pk)


def second_owner(cast: Cast) -> Actor:
    """Another owner of home."""
    user: Any = UserFactory()
    MembershipFactory(user=user, organisation=cast.home, roles=["owner"])
    return actor_for(user, "en")
