"""Terms of payment (Civil Code, art. 846): what a mode asks for, and what agrees with the total."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from contracts.models import Contract, ContractInstalment, ContractRoyalty, RoyaltyStep
from marketplace.core.errors import Message
from marketplace.core.formatting import amount_text

MAX_INSTALMENTS = 60
MAX_STEPS = 10
LUMP_SUM, INSTALMENTS = "lump_sum", "instalments"
ROYALTY, UPFRONT_ROYALTY = "royalty", "upfront_royalty"
WITH_ROYALTY = frozenset({ROYALTY, UPFRONT_ROYALTY})
FIXED, RISING, FALLING = "fixed", "rising", "falling"

INSTALMENT_FACTS = ("due_on", "event", "amount", "note")
ROYALTY_FACTS = (
    "base", "rate_kind", "entry_fee", "entry_fee_on", "minimum_per_year", "runs_from", "runs_to",
    "reporting",
)  # fmt: skip
STEP_FACTS = ("from_year", "from_amount", "rate")
Wrong = dict[str, list[Message]]


@dataclass(frozen=True)
class Terms:
    """The terms of one contract, stored or as they would be."""

    instalments: Sequence[ContractInstalment] = ()
    royalty: ContractRoyalty | None = None
    steps: Sequence[RoyaltyStep] = ()

    @property
    def known(self) -> Decimal:
        """What is known to be paid: the instalments and the upfront fee."""
        fee = self.royalty.entry_fee if self.royalty else None
        return sum((row.amount for row in self.instalments), fee or Decimal(0))


def terms_of(contract: Contract) -> Terms:
    """Reads instalments, royalty and royalty_steps (prefetch them in lists)."""
    return Terms(
        list(contract.instalments.all()),
        getattr(contract, "royalty", None),  # the reverse of a one-to-one raises where none is
        list(contract.royalty_steps.all()),
    )


def check_royalty(royalty: ContractRoyalty, steps: Sequence[RoyaltyStep], wrong: Wrong) -> None:
    """What must hold even in a draft, put into `wrong` as `royalty.<name>`, `royalty.steps.0.rate`.

    Rows whose own fields are wrong are not given.
    """
    if royalty.runs_from and royalty.runs_to and royalty.runs_to < royalty.runs_from:
        wrong["royalty.runs_to"] = [_("The royalty ends before it begins.")]
    # A year begins anew at its own lowest amount: its first rate is held against that of the
    # first step of the year before.
    first = steps[0] if steps else None
    for index, (last, step) in enumerate(itertools.pairwise(steps), 1):
        prefix = f"royalty.steps.{index}."
        before = last
        if step.from_year < last.from_year:
            wrong[prefix + "from_year"] = [_("Steps stand in the order of their years.")]
        elif step.from_year > last.from_year:
            before, first = first or last, step
        elif step.from_amount <= last.from_amount:
            wrong[prefix + "from_amount"] = [
                _("Each step begins at a larger amount than the one before, or in a later year.")
            ]
        if royalty.rate_kind == FIXED:
            wrong[prefix + "rate"] = [
                _("A fixed rate has one step. Take this one off, or choose a rising or falling "
                  "rate.")
            ]  # fmt: skip
        elif royalty.rate_kind == RISING and step.rate <= before.rate:
            wrong[prefix + "rate"] = [_("A rising rate is higher at each step.")]
        elif royalty.rate_kind == FALLING and step.rate >= before.rate:
            wrong[prefix + "rate"] = [_("A falling rate is lower at each step.")]


def missing_terms(contract: Contract) -> Wrong:
    """What the mode of payment still asks for, or does not go with: field -> what to do."""
    mode = contract.payment_mode
    if not mode:
        return {}
    terms = terms_of(contract)
    found: Wrong = {}
    if mode in WITH_ROYALTY:
        _check_royalty_terms(mode, terms, found)
    elif terms.royalty is not None:
        found["royalty.base"] = [
            _("This way of paying has no royalty. Empty its fields, or choose a royalty above.")
        ]
    if mode == LUMP_SUM and terms.instalments:
        found["instalments"] = [
            _("A lump sum at once has no instalments. Take them off, or choose instalments above.")
        ]
    elif mode == INSTALMENTS and not terms.instalments:
        found["instalments"] = [_("State the instalments: when each is due, and how much.")]
    elif text := sum_words(mode, terms, contract.total_amount, contract.currency):
        name = "instalments" if terms.instalments else "royalty.entry_fee"
        found.setdefault(name, []).append(text)
    return found


def sum_words(mode: str, terms: Terms, total: Decimal | None, currency: str) -> str:
    """How the known sums disagree with the total, with the difference; "" when they agree.

    Instalments come to the total; with a royalty what is known stays within it.
    """
    if total is None or mode in ("", LUMP_SUM):
        return ""
    gap = total - terms.known
    if gap == 0 or (gap > 0 and mode in WITH_ROYALTY):
        return ""
    if mode in WITH_ROYALTY:
        text = _("The sums that are known come to %(sum)s, %(gap)s more than the total of "
                 "%(total)s. State the total as far as it is known now.")  # fmt: skip
    elif gap > 0:
        text = _("The instalments come to %(sum)s; %(gap)s is missing to the total of %(total)s.")
    else:
        text = _("The instalments come to %(sum)s, %(gap)s more than the total of %(total)s.")
    return text % {
        "sum": amount_text(terms.known, currency, exact=True),
        "total": amount_text(total, currency, exact=True),
        "gap": amount_text(abs(gap), currency, exact=True),
    }


def _check_royalty_terms(mode: str, terms: Terms, found: Wrong) -> None:
    royalty = terms.royalty
    if royalty is None or not royalty.base:
        found["royalty.base"] = [_("Say what the royalty is a share of.")]
    if not terms.steps:
        found["royalty.steps"] = [_("State the rate.")]
    elif royalty and royalty.rate_kind != FIXED and len(terms.steps) < 2:
        found["royalty.steps"] = [_("A rising or falling rate has two steps at least.")]
    if royalty is None or not royalty.reporting:
        found["royalty.reporting"] = [_("Say how often what is due is reported.")]
    fee = royalty.entry_fee if royalty else None
    if mode == UPFRONT_ROYALTY and not (fee or terms.instalments):
        found["royalty.entry_fee"] = [
            _("State the upfront fee; if it is paid in parts, state them as instalments instead.")
        ]
    if mode == ROYALTY and fee:
        found["royalty.entry_fee"] = [
            _("With an upfront fee, choose “upfront fee and royalty” above.")
        ]
