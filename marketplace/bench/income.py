"""One run of distribution over very many receipts: drafted, approved, and exact to the cent."""

import time
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from contracts.queries.register import registered
from deals.actions.distribution import approve_run, draft_run
from deals.models import Beneficiary, DistributionRun, IncomeAccount
from deals.models.distribution import DistributionLine
from marketplace.core.actor import Actor

PARTS = ("61.0000", "24.3000", "14.7000")


class _Undone(Exception):
    """No error: it rolls the measured work back."""


def measure(receipts: int) -> tuple[float, float]:
    """Seconds that drafting and approving a run over so many receipts take; nothing of it stays.

    Needs a registered contract. Raises AssertionError when a cent is missing.
    """
    found = (0.0, 0.0)
    try:
        with transaction.atomic():
            found = _measured(_account(receipts))
            raise _Undone
    except _Undone:
        return found


def _account(receipts: int) -> IncomeAccount:
    contract = registered()[0]
    account = IncomeAccount.objects.create(
        organisation=contract.filed_by, contract=contract, number=contract.number or "",
        currency="CNY", scheme="OTL-THIRDS",
    )  # fmt: skip
    Beneficiary.objects.bulk_create(
        Beneficiary(account=account, position=place, name=f"Inventor {place}", percent=part)
        for place, part in enumerate(PARTS)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO deals_receipt (public_id, account_id, purpose, received_on, amount,"
            " currency, rate_source, booked, reference, note, created_at)"
            " SELECT 'B' || lpad(n::text, 9, '0'), %s, 'royalty', current_date - n %% 300 - 1,"
            " amount, 'CNY', '', amount, n::text, '', now()"
            " FROM (SELECT n, (1 + (n * 7919) %% 99991) / 100.0 AS amount"
            "       FROM generate_series(1, %s) AS n) AS made",
            [account.pk, receipts],
        )
    return account


def _measured(account: IncomeAccount) -> tuple[float, float]:
    people = list(get_user_model().objects.order_by("pk")[:2])
    maker, approver = (
        Actor(user_id=person.pk, roles={account.organisation_id: frozenset({"owner"})})
        for person in people
    )
    started = time.perf_counter()
    run = draft_run(actor=maker, account_id=account.pk, up_to=timezone.localdate())
    drafted = time.perf_counter()
    run = approve_run(actor=approver, run_id=run.pk)
    approved = time.perf_counter()
    _check(run)
    return drafted - started, approved - drafted


def _check(run: DistributionRun) -> None:
    kinds = DistributionLine.Kind
    lines = list(run.lines.all())

    def summed(kind: str) -> Decimal:
        return sum((line.amount for line in lines if line.kind == kind), Decimal(0))

    inventors = next(line.amount for line in lines if line.code == "inventors")
    assert summed(kinds.DEDUCTION) + summed(kinds.SHARE) == run.gross
    assert summed(kinds.INVENTOR) == inventors
    assert run.items.count() == run.receipts_count
