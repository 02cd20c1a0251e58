"""What a machine can check of a submitted contract, for the registrar's eye."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contracts import completeness, states
from contracts.amounts import work_out
from contracts.models import Contract
from contracts.payment import terms_of
from contracts.rule_sets import rule_set
from marketplace.core.errors import Invalid

PASSED, OPEN, FAILED = "passed", "open", "failed"


@dataclass(frozen=True)
class Check:
    """state: passed, open (a person must look) or failed."""

    state: str
    text: str | Promise
    note: str | Promise = ""


def run_checks(contract: Contract, today: dt.date) -> list[Check]:
    """In the order of the form; reads parties, deductions and files (prefetch them)."""
    return [
        _complete(contract, today),
        _amounts(contract),
        _rate(contract),
        _dates(contract, today),
        _seller(contract),
        _files(contract),
        _size(contract),
    ]


def _complete(contract: Contract, today: dt.date) -> Check:
    lacking = completeness.missing(contract, today)
    if (
        contract.state in states.AT_THE_POINT
        and contract.payment_terms
        and not _has_terms(contract)
    ):
        # submitted before there were rows for it: nobody can add them now
        lacking = {
            name: texts
            for name, texts in lacking.items()
            if not name.startswith(("instalments", "royalty"))
        }
        if not lacking:
            return Check(
                OPEN,
                _("The payment schedule is not itemised"),
                _("The terms of payment stand in words; read them there."),
            )
    if not lacking:
        return Check(PASSED, _("All mandatory facts of this type are there"))
    first = next(iter(lacking.values()))[0]
    return Check(FAILED, _("Mandatory facts are missing"), first)


def _has_terms(contract: Contract) -> bool:
    terms = terms_of(contract)
    return bool(terms.instalments or terms.royalty or terms.steps)


def _amounts(contract: Contract) -> Check:
    text = _("The amounts agree when worked out again")
    try:
        again = work_out(
            contract.total_amount or Decimal(0),
            [row.amount for row in contract.deductions.all()],
            currency=contract.currency,
            rate=contract.rate,
        )
    except Invalid as error:
        return Check(FAILED, _("The amounts do not agree"), error.message)
    if (again.technology, again.technology_cny) != (
        contract.technology_amount,
        contract.technology_cny,
    ):
        return Check(FAILED, _("The amounts do not agree"))
    if again.total and not again.deducted and contract.type in ("development", "service"):
        return Check(
            OPEN, text, _("Nothing is deducted: does the contract include equipment or material?")
        )
    return Check(PASSED, text)


def _rate(contract: Contract) -> Check:
    if contract.currency == "CNY":
        return Check(PASSED, _("Stated in yuan"))
    if contract.rate_on and contract.signed_on and contract.rate_on == contract.signed_on:
        return Check(PASSED, _("Converted at the rate of the signing date"))
    return Check(OPEN, _("The rate is of another day than the signing date"))


def _dates(contract: Contract, today: dt.date) -> Check:
    if contract.valid_from and contract.valid_from > today:
        return Check(OPEN, _("The contract has not yet taken effect"))
    if contract.valid_to and contract.valid_to < today:
        return Check(FAILED, _("The contract has ended"))
    return Check(PASSED, _("The contract is in force today"))


def _seller(contract: Contract) -> Check:
    parties = list(contract.parties.all())
    if contract.filed_by_id in completeness.registrant_ids(parties):
        return Check(PASSED, _("Submitted by a side that may register it"))
    return Check(OPEN, _("Drafted by another side than the one that registers"))


def _files(contract: Contract) -> Check:
    kinds = {file.kind for file in contract.files.all()}
    if "contract" not in kinds:
        return Check(FAILED, _("The contract text is missing"))
    if contract.type in ("transfer", "licence") and "proof" not in kinds:
        return Check(OPEN, _("No proof of the right is attached"))
    return Check(PASSED, _("The documents are attached"))


def _size(contract: Contract) -> Check:
    if contract.technology_cny is not None and rule_set(contract.rule_set).is_large(
        contract.technology_cny
    ):
        return Check(OPEN, _("Large contract: a second person must approve it"))
    return Check(PASSED, _("One examiner may decide"))
