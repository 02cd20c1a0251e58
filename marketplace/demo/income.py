"""Income of one contract of the demo supplier: receipts, a cost, and a run that two people made."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.queries import actor_for
from contracts.models import Contract
from deals.actions.distribution import approve_run, draft_run
from deals.actions.income import choose_scheme, open_account, set_inventors
from deals.actions.receipts import enter_cost, enter_receipt
from deals.models import IncomeAccount
from marketplace.core.actor import Actor
from marketplace.demo.parties import Parties

CONTRACT, CLERK, OWNER = "demo:c01", "nanshan-licensing", "supplier"
INVENTORS = [
    {"name": "周岚 Zhou Lan", "email": "supplier@demo.yizhan.example", "percent": "55"},
    {"name": "顾岩 Gu Yan", "percent": "30"},
    {"name": "Maren Holt", "percent": "15"},
]
# days ago, purpose, amount, reference: the last one came in after the run
RECEIPTS = (
    (50, "upfront", "800000.00", "NS-2026-0117"),
    (32, "patent_cost", "18000.00", "NS-2026-0131"),
    (20, "royalty", "126433.33", "NS-2026-0145"),
    (4, "royalty", "98210.50", "NS-2026-0166"),
)
RUN = 10  # days ago


@transaction.atomic
def load_income(parties: Parties) -> None:
    """What is missing; nothing for a contract whose income is kept."""
    contract = Contract.objects.filter(origin=CONTRACT, number__isnull=False).first()
    clerk = parties.people.get(CLERK)
    if contract is None or clerk is None:
        return
    if IncomeAccount.objects.filter(number=contract.number).exists():
        return
    actor = actor_for(clerk, "zh-hans")
    account, _new = open_account(actor=actor, contract_id=contract.pk)
    choose_scheme(actor=actor, account_id=account.pk, scheme="OTL-THIRDS")
    set_inventors(actor=actor, account_id=account.pk, rows=INVENTORS)
    enter_cost(
        actor=actor, account_id=account.pk,
        facts={"kind": "patent", "spent_on": _ago(58), "amount": "46200.00", "note": "PCT, 3 国"},
    )  # fmt: skip
    for row in RECEIPTS:
        if row[0] > RUN:
            _receive(actor, account, *row)
    run = draft_run(actor=actor, account_id=account.pk, up_to=_ago(RUN))
    approve_run(actor=actor_for(parties.people[OWNER], "zh-hans"), run_id=run.pk)
    for row in RECEIPTS:
        if row[0] < RUN:
            _receive(actor, account, *row)


def _receive(
    actor: Actor, account: IncomeAccount, days: int, purpose: str, amount: str, reference: str
) -> None:
    enter_receipt(
        actor=actor, account_id=account.pk,
        facts={
            "purpose": purpose, "received_on": _ago(days), "amount": amount,
            "reference": reference,
        },
    )  # fmt: skip


def _ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)
