"""The one door for reading what licensees state of royalties, and what is owed by the terms."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation
from contracts.models import Contract, ContractParty, ContractRoyalty, RoyaltyStep
from contracts.payment import WITH_ROYALTY, terms_of
from contracts.schedule import royalty_range
from contracts.states import NUMBERED
from deals import royalty_states as states
from deals.models import IncomeAccount, RoyaltyPeriod, RoyaltyStatement
from deals.royalty_terms import Year, year_of
from deals.rules import PARTY_ROLES
from marketplace.core.actor import Actor

LICENSEE, LICENSOR = "licensee", "licensor"
NOTHING = Decimal(0)


def visible_to(actor: Actor) -> QuerySet[RoyaltyPeriod]:
    """Periods that an organisation of the actor states, and those of contracts in which it sells.
    Nobody else's: neither other licensees of the same contract nor the registration point."""
    if actor.is_system:
        return RoyaltyPeriod.objects.all()
    mine = sorted(actor.ids_with(*PARTY_ROLES))
    if not mine:
        return RoyaltyPeriod.objects.none()
    return RoyaltyPeriod.objects.filter(Q(licensee__in=mine) | Exists(_selling(mine)))


def _selling(organisation_ids: Sequence[int]) -> QuerySet[ContractParty]:
    return ContractParty.objects.filter(
        contract=OuterRef("contract"), role="seller", organisation_id__in=organisation_ids
    )


def with_details(queryset: QuerySet[RoyaltyPeriod]) -> QuerySet[RoyaltyPeriod]:
    """What a row of a list and the page show, in two queries: statements newest first."""
    statements = RoyaltyStatement.objects.select_related("submitted_by", "answer__decided_by")
    return queryset.select_related("contract", "licensee").prefetch_related(
        Prefetch("statements", statements.order_by("-position"))
    )


def current_of(period: RoyaltyPeriod) -> RoyaltyStatement | None:
    """The newest statement; the ones before it were replaced."""
    return next(iter(period.statements.all()), None)


def sides_of(period: RoyaltyPeriod, actor: Actor) -> frozenset[str]:
    """For whom the actor speaks: licensee, licensor, or neither."""
    found = set()
    if actor.can(period.licensee_id, *PARTY_ROLES):
        found.add(LICENSEE)
    if any(actor.can(pk, *PARTY_ROLES) for pk in licensor_ids(period)):
        found.add(LICENSOR)
    return frozenset(found)


def licensor_ids(period: RoyaltyPeriod) -> list[int]:
    """Sellers of the period's edition that are on the platform, first named first."""
    rows = ContractParty.objects.filter(
        contract=period.contract_id, role="seller", organisation__isnull=False
    )
    return [pk for pk in rows.values_list("organisation_id", flat=True) if pk is not None]


def licensors_of(period: RoyaltyPeriod) -> list[Organisation]:
    return list(Organisation.objects.filter(pk__in=licensor_ids(period)).order_by("pk"))


def is_late(period: RoyaltyPeriod, today: dt.date | None = None) -> bool:
    """Whether a statement is missing after its day."""
    return period.state == states.DUE and period.due_on < (today or timezone.localdate())


def edition_on(number: str, day: dt.date) -> Contract | None:
    """The edition of a contract in force on a day: the newest that was registered by then, the
    first one before the contract was registered at all."""
    rows = (
        Contract.objects.filter(number=number, state__in=sorted(NUMBERED))
        .select_related("royalty")
        .prefetch_related("royalty_steps")
    )
    after = dt.datetime.combine(
        day + dt.timedelta(days=1), dt.time.min, tzinfo=timezone.get_current_timezone()
    )
    in_force = rows.filter(registered_at__lt=after).order_by("-edition").first()
    return in_force or rows.order_by("edition").first()


@dataclass(frozen=True, slots=True)
class Standing:
    """Terms and year of a period, and what was stated for the year's earlier ones.

    before, earlier: base and sums owed of them, in the contract's currency. missing: the first
    earlier period without a statement. moved: an amendment changed the currency within the year,
    so that earlier periods are not counted.
    """

    royalty: ContractRoyalty
    steps: Sequence[RoyaltyStep]
    year: Year
    before: Decimal
    earlier: Decimal
    missing: RoyaltyPeriod | None
    moved: bool


def standing_of(period: RoyaltyPeriod) -> Standing | None:
    """What a statement of the period is worked out from; None for an edition without a royalty."""
    terms = terms_of(period.contract)
    start, end = royalty_range(period.contract, terms.royalty) if terms.royalty else (None, None)
    if terms.royalty is None or start is None:
        return None
    year = year_of(period.ends_on, start, end)
    before, earlier, missing, moved = NOTHING, NOTHING, None, False
    rows = with_details(
        RoyaltyPeriod.objects.filter(
            number=period.number, licensee=period.licensee_id,
            ends_on__gte=year.first, ends_on__lt=period.starts_on,
        )
    ).order_by("ends_on")  # fmt: skip
    for row in rows:
        statement = current_of(row)
        if row.contract.currency != period.contract.currency:
            moved = True
        elif statement is None:
            missing = missing or row
        else:
            before += statement.base
            earlier += statement.owed
    return Standing(terms.royalty, terms.steps, year, before, earlier, missing, moved)


def agrees(statement: RoyaltyStatement, standing: Standing) -> bool:
    """Whether the year's earlier periods still say what the statement was worked out from."""
    return (statement.before, statement.earlier) == (standing.before, standing.earlier)


@dataclass(frozen=True, slots=True)
class StatedSum:
    """What an accepted statement says is owed to the sellers of a contract together."""

    key: str
    starts_on: dt.date
    ends_on: dt.date
    owed: Decimal


def stated_sums(account: IncomeAccount) -> list[StatedSum]:
    """Sums of accepted statements of a contract whose income is kept, oldest first; those in the
    account's currency."""
    rows = with_details(
        RoyaltyPeriod.objects.filter(
            Exists(_selling([account.organisation_id])), number=account.number,
            state=states.ACCEPTED, contract__currency=account.currency,
        )
    ).order_by("ends_on", "pk")  # fmt: skip
    told = []
    for row in rows:
        statement = current_of(row)
        if statement is not None and statement.owed:
            told.append(StatedSum(row.public_id, row.starts_on, row.ends_on, statement.owed))
    return told


def of_account(account: IncomeAccount) -> QuerySet[RoyaltyPeriod]:
    """Periods of the account's contract that its organisation reads as a seller."""
    return with_details(
        RoyaltyPeriod.objects.filter(
            Exists(_selling([account.organisation_id])), number=account.number
        )
    )


def has_royalty(contract: Contract) -> bool:
    return contract.payment_mode in WITH_ROYALTY and terms_of(contract).royalty is not None
