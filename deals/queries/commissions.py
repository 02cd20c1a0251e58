"""The one door for reading fees. The institution whose case it is reads all of it; the one that
shares the fee reads approved statements with its part, and nothing else of the case."""

from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from contracts import states as contract_states
from contracts.models import Contract
from deals.commission_rules import NOTHING, FeeTier
from deals.models import BrokerageAgreement, Case, CommissionStatement
from deals.queries import cases
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor


def brokerages_visible_to(actor: Actor) -> QuerySet[BrokerageAgreement]:
    return BrokerageAgreement.objects.filter(case__in=cases.visible_to(actor))


def visible_to(actor: Actor) -> QuerySet[CommissionStatement]:
    """Statements of the actor's cases, and approved ones in which its institution has a part: to
    who reads the case there that was referred or carried on."""
    ids, owned = sorted(actor.ids_with(*CASE_ROLES)), sorted(cases.owned_by(actor))
    read = cases.visible_to(actor)
    ours = Q(brokerage__case__in=read)
    shared = Q(state=CommissionStatement.State.APPROVED) & (
        Q(referring_id__in=ids, agreement__referral__case__in=read)
        | Q(closing_id__in=ids, agreement__referral__carried_case__in=read)
        | Q(agreement__isnull=True) & (Q(referring_id__in=owned) | Q(closing_id__in=owned))
    )
    shared &= ~Q(brokerage__case__organisation_id__in=ids)  # those are read with their case alone
    return CommissionStatement.objects.filter(ours | shared)


def with_names(queryset: QuerySet[CommissionStatement]) -> QuerySet[CommissionStatement]:
    return queryset.select_related(
        "brokerage__case__organisation", "referring", "closing", "made_by", "approved_by",
        "reverses", "agreement",
    )  # fmt: skip


def is_of_case(statement: CommissionStatement, actor: Actor) -> bool:
    """Whether the actor works with the case itself, not only has a part of the fee."""
    return actor.can(statement.brokerage.case.organisation_id, *CASE_ROLES)


def may_approve(statement: CommissionStatement, actor: Actor) -> bool:
    """An owner of the case's institution who did not make the statement."""
    roles = actor.roles.get(statement.brokerage.case.organisation_id, frozenset())
    return "owner" in roles and statement.made_by_id != actor.user_id


def tiers_of(terms: list[dict[str, str]]) -> list[FeeTier]:
    """Stored rows as tiers."""
    return [FeeTier(Decimal(row["above"]), Decimal(row["percent"])) for row in terms]


def registered_contract(case: Case) -> Contract | None:
    """The registered edition of the contract of a case, its own or that of its introduction; None
    where there is none, or it was cancelled or revoked."""
    pair = case.introduction
    contract = case.contract or (pair.contract if pair else None)
    if contract is None:
        return None
    if contract.number is None:
        return None
    return Contract.objects.filter(
        number=contract.number, state=contract_states.REGISTERED
    ).first()  # fmt: skip


def stated(brokerage: BrokerageAgreement) -> tuple[Decimal, Decimal]:
    """Fee and costs that approved statements have stated, reversals taken off."""
    sums = brokerage.statements.filter(state=CommissionStatement.State.APPROVED).aggregate(
        fee=Sum("fee"), costs=Sum("costs")
    )
    return sums["fee"] or NOTHING, sums["costs"] or NOTHING
