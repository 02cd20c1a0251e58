"""Royalty of one contract of the demo market: a period that was queried, corrected and accepted,
and those that are due."""

from django.db import transaction

from accounts.queries import actor_for
from deals.actions.royalties import accept_statement, query_statement, submit_statement
from deals.actions.royalty_clock import open_periods
from deals.models import RoyaltyPeriod
from marketplace.demo.parties import Parties

CONTRACT, LICENSEE, LICENSOR = "demo:c01", "enterprise", "nanshan-licensing"
SALES, CORRECTED = "4106500.00", "4252644.33"  # less 38,200: 126,433.33 at 3 %


@transaction.atomic
def load_royalties(parties: Parties) -> None:
    """What is missing; nothing for a period that was stated."""
    licensee, licensor = parties.people.get(LICENSEE), parties.people.get(LICENSOR)
    open_periods()
    period = (
        RoyaltyPeriod.objects.filter(contract__origin=CONTRACT, statements__isnull=True)
        .order_by("ends_on")
        .first()
    )
    stated = RoyaltyPeriod.objects.filter(
        contract__origin=CONTRACT, statements__isnull=False
    ).exists()
    if period is None or stated or licensee is None or licensor is None:
        return
    states, reads = actor_for(licensee, "zh-hans"), actor_for(licensor, "zh-hans")
    first = submit_statement(
        actor=states, period_id=period.pk,
        facts={"sales": SALES, "deductions": "38200.00", "deductions_note": "退货，第 5.2 条"},
    )  # fmt: skip
    query_statement(
        actor=reads, period_id=period.pk, words="低温型号 KB-L2 的出货似乎没有计入，请核对。"
    )
    submit_statement(
        actor=states, period_id=period.pk, replaces=first.public_id,
        facts={
            "sales": CORRECTED, "deductions": "38200.00", "deductions_note": "退货，第 5.2 条",
            "units": "18500", "note": "补入 KB-L2 型号",
        },
    )  # fmt: skip
    accept_statement(actor=reads, period_id=period.pk)
