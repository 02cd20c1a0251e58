"""Draft a contract by hand or from an introduction, change it, start an amendment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts import event_kinds, states
from contracts.actions import reviews
from contracts.actions.access import locked_for_change, locked_for_parties
from contracts.actions.parts import replace_deductions, replace_parties
from contracts.actions.terms import TermRows, copy_terms, save_terms, term_rows
from contracts.amounts import work_out
from contracts.models import Contract, ContractDeduction, ContractFile, ContractParty
from contracts.queries.visibility import organisation_ids, registration_points
from contracts.rules import EDIT_ROLES, FACTS, MAX_DRAFTS, check_facts
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, field_error
from marketplace.core.forms import invalid_from

# What full_clean must not look at: relations (checked on the way in) and rows of the database.
_NOT_TYPED = {
    "filed_by", "drafted_by", "registration_point", "examiner", "second_approver", "amends",
    "public_id", "rule_set", "number",
}  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def draft_contract(
    *,
    actor: Actor,
    filed_by_id: int,
    facts: Mapping[str, Any],
    parties: Rows = (),
    deductions: Rows = (),
    instalments: Rows = (),
    royalty: Mapping[str, Any] | None = None,
    origin: str = "",
) -> Contract:
    """Start a draft for an organisation; anything but the type may still be missing.

    facts: names of rules.FACTS; registration_point as public id. parties: names of
    rules.PARTY_FACTS; `organisation` as public id (or `organisation_id`) fills what is not given.
    deductions: kind, amount, note. instalments, royalty: as contracts.actions.terms.term_rows
    takes them. origin: what it came from, such as `introduction:<public id>`.
    Raises Invalid with field messages (`parties.0.name`), Refused without a role there.
    """
    if not actor.can(filed_by_id, *EDIT_ROLES):
        raise Refused(
            "role_missing",
            _("Only editors, brokers and owners of an organisation draft its contracts."),
        )
    filer = Organisation.objects.filter(pk=filed_by_id).first()
    if filer is None:
        raise NotFound
    drafts = Contract.objects.filter(filed_by=filer, state=states.DRAFT).count()
    if drafts >= MAX_DRAFTS:
        raise Conflict("too_many_drafts", _("Your organisation has as many drafts as it may."))
    contract = Contract(filed_by=filer, drafted_by_id=actor.user_id, origin=origin[:60])
    _apply(contract, facts)
    party_rows, deduction_rows, terms = _rows(
        contract, parties, deductions, instalments, royalty, actor
    )
    _settle(contract, party_rows, deduction_rows)
    contract.save()
    _save_rows(contract, party_rows, deduction_rows)
    save_terms(contract, terms)
    record(
        event_kinds.DRAFTED, actor=actor, obj=contract,
        organisation_ids=organisation_ids(contract),
        after={"state": contract.state},
        data={"type": contract.type, "rule_set": contract.rule_set, "origin": contract.origin},
    )  # fmt: skip
    return contract


@transaction.atomic
def change_contract(
    *,
    actor: Actor,
    contract_id: int,
    facts: Mapping[str, Any] | None = None,
    parties: Rows | None = None,
    deductions: Rows | None = None,
    instalments: Rows | None = None,
    royalty: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> Contract:
    """Change a draft or a returned contract; what is not given stays, rows are replaced whole;
    an empty royalty takes it off.

    Raises as draft_contract, and Conflict when it cannot be changed now, Stale.
    """
    contract = locked_for_change(contract_id, actor, expected_version=expected_version)
    point_before = contract.registration_point_id
    _apply(contract, facts or {})
    if contract.registration_point_id != point_before and (
        contract.state == states.RETURNED or contract.amends_id
    ):
        raise field_error(
            "registration_point",
            _("It stays at its registration point. To change that, withdraw it and draft anew.")
            if contract.state == states.RETURNED
            else _("An amendment is registered at the point of the contract."),
        )
    party_rows, deduction_rows, terms = _rows(
        contract, parties, deductions, instalments, royalty, actor
    )
    _settle(
        contract,
        list(contract.parties.all()) if party_rows is None else party_rows,
        list(contract.deductions.all()) if deduction_rows is None else deduction_rows,
    )
    contract.version += 1
    contract.save()
    reviews.ask_review(contract)  # another signing date may mean another rule set
    _save_rows(contract, party_rows, deduction_rows)
    save_terms(contract, terms)
    names = sorted(set(facts or ()))
    names += ["parties"] if parties is not None else []
    names += ["deductions"] if deductions is not None else []
    names += ["instalments"] if instalments is not None else []
    names += ["royalty"] if royalty is not None else []
    record(
        event_kinds.CHANGED, actor=actor, obj=contract,
        organisation_ids=organisation_ids(contract), data={"fields": names},
    )  # fmt: skip
    return contract


@transaction.atomic
def start_amendment(*, actor: Actor, contract_id: int) -> Contract:
    """A draft of the next edition, with the facts, parties, deductions, terms of payment and
    files of this one.

    Returns the one already begun, if there is one. Raises Conflict unless it is registered.
    """
    contract = locked_for_parties(contract_id, actor)
    states.TRANSITIONS.target("amend", contract.state)
    begun = contract.amendments.exclude(state__in=[states.WITHDRAWN, states.REFUSED]).first()
    if begun is not None:
        return begun
    parties = list(contract.parties.all())
    deductions = list(contract.deductions.all())
    files = list(contract.files.all())
    amendment = Contract(
        filed_by_id=contract.filed_by_id, drafted_by_id=actor.user_id, origin=contract.origin,
        amends=contract, edition=contract.edition + 1, rule_set=contract.rule_set,
        technology_amount=contract.technology_amount, total_cny=contract.total_cny,
        technology_cny=contract.technology_cny,
        **{name: getattr(contract, name) for name in FACTS},
    )  # fmt: skip
    amendment.save()
    copies: list[ContractParty | ContractDeduction | ContractFile]
    copies = [*parties, *deductions, *files]
    for row in copies:
        row.pk = None
        row._state.adding = True
        row.contract = amendment
    ContractParty.objects.bulk_create(parties)
    ContractDeduction.objects.bulk_create(deductions)
    for file in files:
        file.public_id = ContractFile._meta.get_field("public_id").get_default()
    ContractFile.objects.bulk_create(files)
    copy_terms(contract, amendment)
    record(
        event_kinds.AMENDMENT_STARTED, actor=actor, obj=amendment,
        organisation_ids=organisation_ids(amendment),
        data={"amends": contract.public_id, "edition": amendment.edition},
    )  # fmt: skip
    return amendment


# --- Facts ---------------------------------------------------------------------------------------


def _apply(contract: Contract, facts: Mapping[str, Any]) -> None:
    """Set typed facts and check each by itself. Raises Invalid with every wrong field."""
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise LookupError(f"no fact of a contract: {sorted(unknown)}")
    for name, value in facts.items():
        if name == "registration_point":
            contract.registration_point = _point(value)
        elif name == "public_facts":
            contract.public_facts = list(dict.fromkeys(value or ()))
        else:
            setattr(contract, name, _clean(name, value))
    try:
        contract.clean_fields(exclude=_NOT_TYPED)
    except ValidationError as error:
        raise invalid_from(error) from None


def _clean(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return "" if value is None and _is_text(name) else value
    try:
        text = clean_text(value)
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None
    return text if text or _is_text(name) else None  # an empty date or amount is none


def _is_text(name: str) -> bool:
    return not Contract._meta.get_field(name).null


def _point(value: Any) -> Organisation | None:
    if value in (None, ""):
        return None
    if isinstance(value, Organisation):
        value = value.public_id
    point = registration_points().filter(public_id=str(value)[:40]).first()
    if point is None:
        raise field_error("registration_point", _("This is no registration point."))
    return point


def _rows(
    contract: Contract, parties: Rows | None, deductions: Rows | None,
    instalments: Rows | None, royalty: Mapping[str, Any] | None, actor: Actor,
) -> tuple[list[ContractParty] | None, list[ContractDeduction] | None, TermRows]:  # fmt: skip
    """Checked rows, None where the caller gave none. Raises Invalid for all of them at once."""
    wrong: dict[str, list[Any]] = {}
    party_rows: list[ContractParty] | None = None
    deduction_rows: list[ContractDeduction] | None = None
    terms = TermRows(None, False, None, [])
    try:
        if parties is not None:
            party_rows = replace_parties(contract, parties, actor)
    except Invalid as error:
        wrong |= error.fields
    try:
        if deductions is not None:
            deduction_rows = replace_deductions(contract, deductions)
    except Invalid as error:
        wrong |= error.fields
    try:
        terms = term_rows(contract, instalments, royalty)
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return party_rows, deduction_rows, terms


def _settle(
    contract: Contract,
    parties: Sequence[ContractParty] | None,
    deductions: Sequence[ContractDeduction] | None,
) -> None:
    """Work out what follows from the facts: rule set, amounts, region."""
    contract.rule_set = check_facts(contract, timezone.localdate()).code
    if contract.currency == "CNY":
        contract.rate = contract.rate_on = None
    if not contract.region:
        seller = next((p for p in parties or () if p.role == "seller" and p.region), None)
        contract.region = seller.region if seller else ""
    contract.technology_amount = contract.total_cny = contract.technology_cny = None
    if contract.total_amount is not None:
        amounts = work_out(
            contract.total_amount,
            [row.amount for row in deductions or ()],
            currency=contract.currency,
            rate=contract.rate,
        )
        contract.technology_amount = amounts.technology
        contract.total_cny = amounts.total_cny
        contract.technology_cny = amounts.technology_cny


def _save_rows(
    contract: Contract,
    parties: Sequence[ContractParty] | None,
    deductions: Sequence[ContractDeduction] | None,
) -> None:
    if parties is not None:
        contract.parties.all().delete()
        ContractParty.objects.bulk_create(parties)
    if deductions is not None:
        contract.deductions.all().delete()
        ContractDeduction.objects.bulk_create(deductions)
