"""Statements of the fee of a case: draft, approve by a second person, reverse."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.queries.organisations import people_with
from contracts.models import Contract
from contracts.queries.visibility import visible_to as contracts_visible_to
from deals import commission_rules as rules
from deals import event_kinds, notices
from deals.actions.brokerage import amount_of
from deals.actions.case_access import locked_for
from deals.commission_rules import NOTHING
from deals.distribution.share import half_up, unit_of
from deals.models import BrokerageAgreement, Case, CaseReason, CommissionStatement, FeeDue
from deals.queries.cases import colleagues_who_read
from deals.queries.commissions import (
    may_approve,
    registered_contract,
    stated,
    tiers_of,
    visible_to,
)
from deals.queries.referrals import agreement_in_force, shared_by
from deals.rules import CASE_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import NEEDED, words_of
from marketplace.core.errors import Conflict, NotFound, Refused, Stale, field_error
from marketplace.core.gates import lock

LARGEST = Decimal(10) ** 18  # of a base, exclusive: what the column holds


@transaction.atomic
def draft_statement(
    *, actor: Actor, case_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> CommissionStatement:
    """Work out what is due by the terms of a case.

    facts: costs and costs_for; received (what came in under the contract so far, in its currency)
    where the fee follows payments; rate and rate_source where the contract has another currency.
    Without a registered contract the fee is nothing, and only agreed costs are stated. Raises
    Invalid at the field, Conflict without terms, with a draft, or where nothing is due, Stale when
    the terms are others than expected_version.
    """
    case = locked_for(actor, case_id, "")
    if case.reason == CaseReason.TAKEN_BACK:
        raise Conflict(
            "taken_back",
            _("This case was taken back: its fee is the other institution’s to state."),
        )
    brokerage = BrokerageAgreement.objects.select_for_update().filter(case=case).first()
    if brokerage is None:
        raise Conflict("no_terms", _("Enter first what was agreed with the client."))
    if expected_version is not None and expected_version != brokerage.version:
        raise Stale("stale_version", _("The terms have changed since you opened them."))
    _refuse_second_draft(brokerage)
    before, costs_before = stated(brokerage)
    costs = amount_of("costs", facts.get("costs")) or NOTHING
    if costs % unit_of(brokerage.currency):
        raise field_error("costs", _("This currency has no cents."), code="out_of_range")
    if costs + costs_before > brokerage.costs_cap:
        raise field_error(
            "costs",
            _("At most %(cap)s was agreed; %(stated)s is stated already.")
            % {"cap": f"{brokerage.costs_cap:,.2f}", "stated": f"{costs_before:,.2f}"},
            code="above_cap",
        )
    row = CommissionStatement(
        brokerage=brokerage, terms=_terms(brokerage), currency=brokerage.currency,
        before=before, costs=costs, closing_id=case.organisation_id, made_by_id=actor.user_id,
        costs_for=words_of("costs_for", str(facts.get("costs_for") or ""), 400,
                           missing=NEEDED if costs > 0 else ""),
    )  # fmt: skip
    contract = registered_contract(case)
    if contract is not None:
        if not contracts_visible_to(actor).filter(pk=contract.pk).exists():
            raise Conflict(
                "contract_closed",
                _("The contract of this case is not open to you. A colleague who may read it "
                  "states the fee."),
            )  # fmt: skip
        _work_out(row, brokerage, contract, facts)
    row.fee = row.earned - before
    if row.fee < 0:
        raise Conflict(
            "less_than_stated",
            _("Less is due than was stated: the contract, the payments or the terms are others "
              "now. Reverse the earlier statement first."),
        )  # fmt: skip
    row.total = row.fee + costs
    if row.total == 0:
        raise Conflict("nothing_due", _nothing_due(contract, brokerage))
    _share(row, case)
    row.save()
    _record(event_kinds.COMMISSION_DRAFTED, actor, row)
    _tell_owners(row, actor)
    return row


@transaction.atomic
def discard_statement(*, actor: Actor, statement_id: int) -> None:
    """Give a draft up. Raises Conflict for an approved one."""
    row = _locked(statement_id, actor)
    if not row.is_draft:
        raise Conflict("approved", _("An approved statement stays. Reverse it instead."))
    _record(event_kinds.COMMISSION_DISCARDED, actor, row)
    row.delete()


@transaction.atomic
def approve_statement(
    *, actor: Actor, statement_id: int, expected_version: int | None = None
) -> CommissionStatement:
    """Freeze a draft under its number; whoever has a part of the fee reads it from now on.

    Raises Refused to whoever is no owner or made it; Conflict when it is approved already, or the
    contract, its amount, what was stated or the split are others than when it was drafted.
    """
    row = _locked(statement_id, actor)
    if not row.is_draft:
        raise Conflict("approved", _("This statement is approved already."))
    if not may_approve(row, actor):
        raise Refused(
            "second_person",
            _("A statement is approved by an owner of the institution who did not draft it."),
        )
    if expected_version is not None and expected_version != row.version:
        raise Stale("stale_version", _("The statement has changed since you opened it. Reload it."))
    if row.reverses_id is None:
        _refuse_changed(row)
    last = row.brokerage.statements.aggregate(last=Max("number"))["last"] or 0
    row.number, row.state = last + 1, CommissionStatement.State.APPROVED
    row.approved_by_id, row.approved_at = actor.user_id, timezone.now()
    row.version += 1
    row.save(update_fields=["number", "state", "approved_by", "approved_at", "version"])
    _record(event_kinds.COMMISSION_APPROVED, actor, row, number=row.number)
    for organisation_id in (row.referring_id, row.closing_id):
        if organisation_id is None or organisation_id == row.brokerage.case.organisation_id:
            continue
        notify(
            _readers_of_part(row, organisation_id), notices.COMMISSION_APPROVED,
            url=row.get_absolute_url(), key=f"approved-{row.public_id}",
        )  # fmt: skip
    return row


@transaction.atomic
def reverse_statement(*, actor: Actor, statement_id: int, words: str) -> CommissionStatement:
    """Draft the statement that takes an approved one back; another owner approves it. Raises
    Invalid without words, Conflict."""
    old = _locked(statement_id, actor)
    text = words_of("words", words, 400)
    if old.is_draft or old.reverses_id is not None:
        raise Conflict(
            "not_reversible", _("Only an approved statement can be reversed, and only once.")
        )
    _refuse_second_draft(old.brokerage)
    if CommissionStatement.objects.filter(reverses=old).exists():
        raise Conflict("reversed_already", _("It is reversed already."))
    same = (
        "terms", "currency", "contract_id", "contract_number", "contract_amount",
        "contract_currency", "rate", "rate_source", "received", "base", "agreement_id",
        "referring_id", "closing_id", "referring_percent", "costs_for",
    )  # fmt: skip
    negative = ("fee", "costs", "total", "referring_fee", "closing_fee")
    row = CommissionStatement.objects.create(
        brokerage=old.brokerage,
        reverses=old,
        words=text,
        made_by_id=actor.user_id,
        before=stated(old.brokerage)[0],
        **{name: getattr(old, name) for name in same},
        **{name: -getattr(old, name) for name in negative},
    )
    _record(event_kinds.COMMISSION_REVERSAL, actor, row, reverses=old.public_id)
    _tell_owners(row, actor)
    return row


# --- Inside --------------------------------------------------------------------------------------


def _locked(statement_id: int, actor: Actor) -> CommissionStatement:
    """The statement, under the lock of its terms. Raises NotFound for who cannot read it, Refused
    for who only has a part of the fee."""
    found = visible_to(actor).filter(pk=statement_id).first()
    if found is None:
        raise NotFound
    if not actor.can(found.brokerage.case.organisation_id, *CASE_ROLES):
        raise Refused("not_yours", _("Only the institution whose case it is may do this."))
    lock(BrokerageAgreement.objects.all(), found.brokerage_id)
    return lock(CommissionStatement.objects.select_related("brokerage__case"), statement_id)


def _work_out(
    row: CommissionStatement, brokerage: BrokerageAgreement, contract: Contract,
    facts: Mapping[str, Any],
) -> None:  # fmt: skip
    """The whole fee on the contract, and what of it is earned."""
    unit = unit_of(brokerage.currency)
    row.contract, row.contract_number = contract, contract.number or ""
    row.contract_amount = contract.total_amount or NOTHING
    row.contract_currency = contract.currency
    row.base = row.contract_amount
    if contract.currency != brokerage.currency:
        rate = facts.get("rate")
        if rate is None:
            raise field_error(
                "rate",
                _("The contract is in %(theirs)s, the fee in %(ours)s: give the rate.")
                % {"theirs": contract.currency, "ours": brokerage.currency},
                code="required",
            )
        if not rate.is_finite() or not Decimal("0.000001") <= rate < 10**8:
            raise field_error("rate", _("A rate is above 0."), code="out_of_range")
        if rate != rate.quantize(Decimal("0.000001")):
            raise field_error("rate", _("At most six decimals."), code="out_of_range")
        row.rate = rate
        row.rate_source = words_of("rate_source", str(facts.get("rate_source") or ""), 120)
        row.base = half_up(row.contract_amount * rate, unit)
        if row.base >= LARGEST:
            raise field_error(
                "rate", _("At this rate the contract is too large."), code="too_large"
            )
    if row.base % unit:
        row.base = half_up(row.base, unit)
    told = rules.fee_of(
        tiers_of(brokerage.tiers), row.base, minimum=brokerage.minimum, cap=brokerage.cap,
        unit=unit,
    )  # fmt: skip
    row.slices = [[str(one.part), str(one.percent), str(one.fee)] for one in told.slices]
    row.whole_fee = row.earned = told.whole
    if brokerage.due == FeeDue.RECEIPTS:
        row.received = amount_of("received", facts.get("received"))
        if row.received is None:
            raise field_error(
                "received", _("Say what came in under the contract so far."), code="required"
            )
        row.earned = rules.earned(told.whole, row.received, row.contract_amount, unit)


def _share(row: CommissionStatement, case: Case) -> None:
    """By the agreement of the referral that stands now; alone the institution has all of it."""
    referral = shared_by(case)
    agreement = agreement_in_force(referral) if referral else None
    if referral is not None and referral.carrier is not None and agreement is not None:
        row.agreement, row.referring_percent = agreement, agreement.referring_percent
        row.referring, row.closing = referral.publisher, referral.carrier
    row.referring_fee, row.closing_fee = rules.split_fee(
        row.fee, row.referring_percent, unit_of(row.currency)
    )


def _refuse_changed(row: CommissionStatement) -> None:
    """What a draft was worked out of must still hold when it is frozen."""
    case = row.brokerage.case
    contract = registered_contract(case)
    referral = shared_by(case)
    agreement = agreement_in_force(referral) if referral else None
    same = (
        (contract.pk if contract else None) == row.contract_id
        and (contract is None or (contract.total_amount or NOTHING) == row.contract_amount)
        and row.before == stated(row.brokerage)[0]
        and row.terms == _terms(row.brokerage)
        and (agreement.pk if agreement else None) == row.agreement_id
    )
    if not same:
        raise Conflict(
            "changed_since",
            _("The contract, the terms or the split have changed since it was drafted. Discard the "
              "draft and make it anew."),
        )  # fmt: skip


def _refuse_second_draft(brokerage: BrokerageAgreement) -> None:
    waiting = brokerage.statements.filter(state=CommissionStatement.State.DRAFT).first()
    if waiting is not None:
        raise Conflict(
            "draft_waits",
            _("A draft waits already (%(id)s). Approve or discard it first.")
            % {"id": waiting.public_id},
        )


def _nothing_due(contract: Contract | None, brokerage: BrokerageAgreement) -> Any:
    if contract is None:
        return _("No contract of this case is registered: no fee is due, and no costs were named.")
    return _("Everything that is due by now has been stated.")


def _terms(brokerage: BrokerageAgreement) -> dict[str, Any]:
    def told(amount: Decimal | None) -> str | None:
        return None if amount is None else f"{amount:.2f}"

    return {
        "tiers": brokerage.tiers, "minimum": told(brokerage.minimum), "cap": told(brokerage.cap),
        "due": brokerage.due, "costs_cap": told(brokerage.costs_cap), "client": brokerage.client,
        "signed_on": brokerage.signed_on.isoformat(),
    }  # fmt: skip


def _record(kind: str, actor: Actor, row: CommissionStatement, **data: object) -> None:
    """Ids and numbers, never amounts. Only the case's institution has it in its history."""
    case = row.brokerage.case
    record(
        kind, actor=actor, obj=row, organisation_ids=[case.organisation_id],
        data={"case": case.public_id, **data},
    )  # fmt: skip


def _readers_of_part(row: CommissionStatement, organisation_id: int) -> set[int]:
    """People of an institution with a part of the fee who read its own case of the referral."""
    people = people_with(organisation_id, *CASE_ROLES)
    referral = row.agreement.referral if row.agreement else None
    if referral is None:
        return set()
    is_referring = organisation_id == row.referring_id
    case = referral.case if is_referring else referral.carried_case
    return colleagues_who_read(case, people) if case else set()


def _tell_owners(row: CommissionStatement, actor: Actor) -> None:
    case = row.brokerage.case
    owners = Membership.objects.filter(
        organisation=case.organisation_id, roles__contains=["owner"], user__is_active=True
    ).values_list("user_id", flat=True)
    notify(
        set(owners) - {actor.user_id}, notices.COMMISSION_WAITS, url=row.get_absolute_url(),
        params={"docket": case.docket}, key=f"waits-{row.public_id}",
    )  # fmt: skip
