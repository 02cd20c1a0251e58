"""Instalments and royalty of a draft, checked row by row, stored and copied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, ContractInstalment, ContractRoyalty, RoyaltyStep
from contracts.payment import (
    INSTALMENT_FACTS,
    MAX_INSTALMENTS,
    MAX_STEPS,
    ROYALTY_FACTS,
    STEP_FACTS,
    Wrong,
    check_royalty,
    terms_of,
)
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Invalid

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TermRows:
    """Checked, unsaved rows. instalments None, replaces_royalty False: what is stored stays."""

    instalments: list[ContractInstalment] | None
    replaces_royalty: bool
    royalty: ContractRoyalty | None
    steps: list[RoyaltyStep]


def term_rows(
    contract: Contract, instalments: Sequence[Row] | None, royalty: Row | None
) -> TermRows:
    """instalments: rows of INSTALMENT_FACTS. royalty: ROYALTY_FACTS and `steps`, rows of
    STEP_FACTS; an empty one takes the royalty off. None leaves what is stored.

    Raises Invalid with `instalments.<index>.<field>`, `royalty.<field>`,
    `royalty.steps.<index>.<field>`.
    """
    wrong: Wrong = {}
    rows = None if instalments is None else _instalments(contract, instalments, wrong)
    found, steps = (None, []) if not royalty else _royalty(contract, royalty, wrong)
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return TermRows(rows, royalty is not None, found, steps)


def save_terms(contract: Contract, rows: TermRows) -> None:
    """Replace what was given whole; in the caller's transaction and under its lock."""
    if rows.instalments is not None:
        contract.instalments.all().delete()
        ContractInstalment.objects.bulk_create(rows.instalments)
    if rows.replaces_royalty:
        contract.royalty_steps.all().delete()
        ContractRoyalty.objects.filter(contract=contract).delete()
        if rows.royalty is not None:
            rows.royalty.save()
            RoyaltyStep.objects.bulk_create(rows.steps)


def copy_terms(source: Contract, target: Contract) -> None:
    """Give a saved draft without terms those of another contract."""
    save_terms(target, term_rows(target, *told_terms(source)))


def told_terms(source: Contract) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Instalments and royalty of a contract as `term_rows` takes them."""
    terms = terms_of(source)
    royalty: dict[str, Any] = {}
    if terms.royalty is not None:
        royalty = {name: getattr(terms.royalty, name) for name in ROYALTY_FACTS}
        royalty["steps"] = [
            {name: getattr(row, name) for name in STEP_FACTS} for row in terms.steps
        ]
    rows = [{name: getattr(row, name) for name in INSTALMENT_FACTS} for row in terms.instalments]
    return rows, royalty


def _instalments(
    contract: Contract, rows: Sequence[Row], wrong: Wrong
) -> list[ContractInstalment]:  # fmt: skip
    if len(rows) > MAX_INSTALMENTS:
        wrong["instalments"] = [_("At most %(limit)s rows.") % {"limit": MAX_INSTALMENTS}]
        return []
    found = []
    for index, row in enumerate(rows):
        instalment = ContractInstalment(contract=contract, position=index)
        prefix = f"instalments.{index}."
        _fill(instalment, row, INSTALMENT_FACTS, prefix, wrong)
        told = {prefix + "due_on", prefix + "event"} & set(wrong)
        if not (instalment.due_on or instalment.event or told):
            wrong[prefix + "due_on"] = [_("Give the day, or say at what event it is due.")]
        found.append(instalment)
    return found


def _royalty(
    contract: Contract, row: Row, wrong: Wrong
) -> tuple[ContractRoyalty | None, list[RoyaltyStep]]:
    """Without a word about it there is none."""
    told = list(row.get("steps") or ())
    if not told and all(row.get(name) in (None, "") for name in ROYALTY_FACTS if name != _KIND):
        return None, []
    if len(told) > MAX_STEPS:
        wrong["royalty.steps"] = [_("At most %(limit)s rows.") % {"limit": MAX_STEPS}]
        return None, []
    royalty = ContractRoyalty(contract=contract)
    own: Wrong = {}
    _fill(royalty, row, ROYALTY_FACTS, "royalty.", own)
    steps = []
    for index, given in enumerate(told):
        step = RoyaltyStep(contract=contract, position=index)
        _fill(step, given, STEP_FACTS, f"royalty.steps.{index}.", own)
        steps.append(step)
    if not own:
        check_royalty(royalty, steps, own)
    wrong |= own
    return royalty, steps


_KIND = "rate_kind"  # has a default, so it says nothing by itself


def _fill(row: Any, given: Row, names: Sequence[str], prefix: str, wrong: Wrong) -> None:
    """Set what is given and check each field; what is left out keeps its default."""
    for name in names:
        value = given.get(name)
        try:
            value = clean_text(value) if isinstance(value, str) else value
        except ValidationError as error:
            wrong[prefix + name] = list(error.messages)
            continue
        if value not in (None, ""):
            setattr(row, name, value)
    try:
        row.clean_fields(exclude={"contract"})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            wrong.setdefault(prefix + name, list(messages))
