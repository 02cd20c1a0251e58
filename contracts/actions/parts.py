"""Parties and deductions of a draft, checked row by row."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.queries import organisations
from contracts.completeness import check_sides
from contracts.models import Contract, ContractDeduction, ContractParty
from contracts.rules import MAX_DEDUCTIONS, MAX_PARTIES, PARTY_FACTS, party_kind_of
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Invalid, Message, field_error

Row = Mapping[str, Any]
Wrong = dict[str, list[Message]]


def replace_parties(contract: Contract, rows: Sequence[Row], actor: Actor) -> list[ContractParty]:
    """Unsaved parties from rows of PARTY_FACTS. Raises Invalid with `parties.<index>.<field>`."""
    if len(rows) > MAX_PARTIES:
        raise field_error(
            "parties", _("At most %(limit)s parties.") % {"limit": MAX_PARTIES}, code="too_many"
        )
    known = _organisations(rows, actor)
    wrong: Wrong = {}
    parties = []
    for index, row in enumerate(rows):
        party = ContractParty(contract=contract, position=index)
        organisation = _organisation_of(row, known)
        if organisation is None and (row.get("organisation") or row.get("organisation_id")):
            wrong[f"parties.{index}.organisation"] = [_("There is no such organisation.")]
        if organisation is not None:
            _fill_from(party, organisation, actor)
        for name in PARTY_FACTS:
            value = row.get(name)
            if name == "organisation" or value is None or (value == "" and organisation):
                continue
            try:
                setattr(party, name, clean_text(value) if isinstance(value, str) else value)
            except ValidationError as error:
                wrong[f"parties.{index}.{name}"] = list(error.messages)
        if party.country != "CN":
            party.region = ""
        _check(party, f"parties.{index}.", {"contract", "organisation"}, wrong)
        parties.append(party)
    _raise(wrong)
    check_sides(parties)
    return parties


def replace_deductions(contract: Contract, rows: Sequence[Row]) -> list[ContractDeduction]:
    """Unsaved deductions. Raises Invalid with `deductions.<index>.<field>`."""
    if len(rows) > MAX_DEDUCTIONS:
        raise field_error(
            "deductions", _("At most %(limit)s rows.") % {"limit": MAX_DEDUCTIONS}, code="too_many"
        )
    wrong: Wrong = {}
    deductions = []
    for index, row in enumerate(rows):
        deduction = ContractDeduction(contract=contract, position=index)
        prefix = f"deductions.{index}."
        for name in ("kind", "amount", "note"):
            value = row.get(name, "")
            try:
                setattr(deduction, name, clean_text(value) if isinstance(value, str) else value)
            except ValidationError as error:
                wrong[prefix + name] = list(error.messages)
        _check(deduction, prefix, {"contract"}, wrong)
        if not any(name.startswith(prefix) for name in wrong) and deduction.amount < 0:
            wrong[prefix + "amount"] = [_("An amount cannot be negative.")]
        deductions.append(deduction)
    _raise(wrong)
    return deductions


def _organisations(rows: Sequence[Row], actor: Actor) -> list[Organisation]:
    """Those named in the rows that the actor may know of, in one query."""
    public_ids = [str(row["organisation"])[:40] for row in rows if row.get("organisation")]
    ids = [row["organisation_id"] for row in rows if row.get("organisation_id")]
    if not (public_ids or ids):
        return []
    visible = organisations.visible_to(actor)
    return list(visible.filter(public_id__in=public_ids) | visible.filter(pk__in=ids))


def _organisation_of(row: Row, known: list[Organisation]) -> Organisation | None:
    for organisation in known:
        if organisation.public_id == row.get("organisation") or organisation.pk == row.get(
            "organisation_id"
        ):
            return organisation
    return None


def _fill_from(party: ContractParty, organisation: Organisation, actor: Actor) -> None:
    """What the platform knows of the organisation; the row may say otherwise.

    Its code is for its own people: another one's is typed in, or filled in on submission.
    """
    party.organisation = organisation
    party.name = organisation.name_zh or organisation.name_en
    party.kind = party_kind_of(organisation)
    if actor.is_system or organisation.pk in actor.roles:
        party.code = organisation.registration_code
    party.country = organisation.country
    party.region = organisation.region if organisation.country == "CN" else ""


def _check(row: Any, prefix: str, exclude: set[str], wrong: Wrong) -> None:
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            wrong.setdefault(prefix + name, list(messages))


def _raise(wrong: Wrong) -> None:
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
