"""The one door for reading income: accounts, what is due, what is left to distribute."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from contracts import states as contract_states
from contracts.models import Contract, ContractParty
from contracts.queries.visibility import of_parties
from deals.models import DistributionItem, DistributionRun, IncomeAccount, LicenceCost, Receipt
from deals.models.income import Purpose
from deals.rules import PARTY_ROLES
from marketplace.core.actor import Actor

NOTHING = Decimal(0)


def visible_to(actor: Actor) -> QuerySet[IncomeAccount]:
    """Accounts of organisations in which the actor is owner, editor or broker. Nobody else's:
    neither the other party nor operators read what an organisation earns."""
    if actor.is_system:
        return IncomeAccount.objects.all()
    return IncomeAccount.objects.filter(organisation_id__in=sorted(actor.ids_with(*PARTY_ROLES)))


def openable(actor: Actor) -> QuerySet[Contract]:
    """Contracts in the register that an organisation of the actor sells in and whose income it
    does not keep yet."""
    ours = ContractParty.objects.filter(
        contract=OuterRef("pk"), role="seller",
        organisation_id__in=sorted(actor.ids_with(*PARTY_ROLES)),
    )  # fmt: skip
    kept = IncomeAccount.objects.filter(
        number=OuterRef("contract__number"), organisation=OuterRef("organisation")
    )
    return of_parties(actor).filter(
        Exists(ours.filter(~Exists(kept))), state__in=sorted(contract_states.IN_THE_REGISTER)
    )


def sold_by(actor: Actor) -> QuerySet[Contract]:
    """Contracts in the register that an organisation of the actor sells in, kept or not."""
    ours = ContractParty.objects.filter(
        contract=OuterRef("pk"), role="seller",
        organisation_id__in=sorted(actor.ids_with(*PARTY_ROLES)),
    )  # fmt: skip
    return of_parties(actor).filter(Exists(ours), state__in=sorted(contract_states.IN_THE_REGISTER))


def edition_of(account: IncomeAccount) -> Contract:
    """The newest edition of its contract in which the organisation sells, with the terms of
    payment: what others agreed after it was replaced as a seller is theirs."""
    sells = ContractParty.objects.filter(
        contract=OuterRef("pk"), role="seller", organisation=account.organisation_id
    )
    return (
        Contract.objects.filter(
            Exists(sells), number=account.number,
            state__in=sorted({*contract_states.IN_THE_REGISTER, contract_states.AMENDED}),
        )
        .select_related("royalty")
        .prefetch_related("instalments", "royalty_steps")
        .latest("edition")
    )  # fmt: skip


def with_sums(queryset: QuerySet[IncomeAccount]) -> QuerySet[IncomeAccount]:
    """What a row of the list shows, in one query: `received`, `waiting` (not distributed yet)."""
    mine = Receipt.objects.filter(account=OuterRef("pk")).exclude(purpose=Purpose.PATENT_COST)
    held = DistributionItem.objects.filter(receipt=OuterRef("pk"), holds=True)

    def summed(rows: QuerySet[Receipt]) -> QuerySet[Receipt, Decimal]:
        return (
            rows.order_by()
            .values("account")
            .annotate(sum=Sum("booked"))
            .values_list("sum", flat=True)
        )

    return queryset.select_related("organisation", "contract").annotate(
        received=summed(mine), waiting=summed(mine.filter(~Exists(held)))
    )


def undistributed(account: IncomeAccount, up_to: dt.date) -> QuerySet[Receipt]:
    """Income up to a day that no run holds.

    A receipt that was reversed before any run took it is left out with its reversal, whatever
    their days; a reversal of one that a run holds is taken off the next.
    """
    held = DistributionItem.objects.filter(holds=True)
    return Receipt.objects.filter(
        ~Exists(held.filter(receipt=OuterRef("pk"))),
        Q(reverses__isnull=True) | Exists(held.filter(receipt=OuterRef("reverses"))),
        account=account, received_on__lte=up_to, reversal__isnull=True,
    ).exclude(purpose=Purpose.PATENT_COST)  # fmt: skip


def unreimbursed(account: IncomeAccount, up_to: dt.date) -> Decimal:
    """Costs up to a day that neither reimbursement nor approved runs have covered; may be below 0
    where more came in than was spent, which is kept for later costs.

    A reversal counts by the day of what it reverses.
    """
    spent = LicenceCost.objects.filter(
        Q(spent_on__lte=up_to) | Q(reverses__spent_on__lte=up_to), account=account
    ).aggregate(sum=Sum("amount"))["sum"]
    repaid = Receipt.objects.filter(
        Q(received_on__lte=up_to) | Q(reverses__received_on__lte=up_to),
        account=account, purpose=Purpose.PATENT_COST,
    ).aggregate(sum=Sum("booked"))["sum"]  # fmt: skip
    return (spent or NOTHING) - (repaid or NOTHING) - totals(account).costs


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the approved runs of an account, reversed ones cancelled out."""

    runs: int
    gross: Decimal
    net: Decimal
    costs: Decimal


def totals(account: IncomeAccount) -> Totals:
    found = DistributionRun.objects.filter(account=account, state="approved").aggregate(
        runs=Count("pk"), gross=Sum("gross"), net=Sum("net"), costs=Sum("costs")
    )
    return Totals(
        found["runs"], found["gross"] or NOTHING, found["net"] or NOTHING,
        found["costs"] or NOTHING,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paid:
    """What came in for one thing; reversals are taken off."""

    by_purpose: dict[str, Decimal]
    by_instalment: dict[int, Decimal]

    def of(self, *purposes: str) -> Decimal:
        return sum((self.by_purpose.get(one, NOTHING) for one in purposes), NOTHING)


def paid(account: IncomeAccount) -> Paid:
    """Sums of receipts by what they are for, in the account's currency."""
    purposes: dict[str, Decimal] = {}
    instalments: dict[int, Decimal] = {}
    rows = account.receipts.order_by().values("purpose", "instalment").annotate(sum=Sum("booked"))
    for row in rows:
        purpose = row["purpose"]
        purposes[purpose] = purposes.get(purpose, NOTHING) + row["sum"]
        if row["instalment"]:
            instalments[row["instalment"]] = row["sum"]
    return Paid(purposes, instalments)


def of_account(account: IncomeAccount) -> QuerySet[Receipt]:
    """Receipts with whoever holds them: `run_id` of the run, None when none does."""
    held = DistributionItem.objects.filter(receipt=OuterRef("pk"), holds=True)
    return (
        account.receipts.select_related("reverses", "reversal")
        .annotate(run=held.values("run__public_id")[:1])
        .order_by("-received_on", "-id")
    )


def may_approve(run: DistributionRun, actor: Actor) -> bool:
    """An owner of the organisation who did not make the run."""
    is_owner = "owner" in actor.roles.get(run.account.organisation_id, frozenset())
    return is_owner and run.made_by_id != actor.user_id


def find(queryset: QuerySet[IncomeAccount], text: str) -> QuerySet[IncomeAccount]:
    """By part of the contract's title in either language, or the number's beginning."""
    text = text.strip()
    if not text:
        return queryset
    return queryset.filter(
        Q(contract__title_en__icontains=text)
        | Q(contract__title_zh__icontains=text)
        | Q(number__startswith=text)
    )
