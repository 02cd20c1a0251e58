"""Rules of this room that need no database, and the checks of one contract's facts."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.functional import lazy
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.codes import CONTRACT_TYPES, SUB_TYPES
from contracts.rule_sets import RuleSet, rule_set_on
from marketplace.core.codes import FIELDS, SUB_FIELDS
from marketplace.core.errors import Invalid, Message

if TYPE_CHECKING:
    from contracts.models import Contract

EDIT_ROLES = ("editor", "broker")
MAX_PARTIES = 12
MAX_DEDUCTIONS = 20
MAX_FILES = 20
MAX_DRAFTS = 5000  # of one organisation; a script that makes more is stopped

# What the parties state; everything else about a contract is worked out or decided.
FACTS = (
    "type", "sub_type", "title_en", "title_zh", "signed_on", "valid_from", "valid_to",
    "total_amount", "currency", "rate", "rate_on", "payment_mode", "payment_terms",
    "field", "sub_field", "ip_kind", "plan_source", "region", "registration_point",
    "public_facts",
)  # fmt: skip
# Amounts among the facts; those in yuan end in _cny. All but the first are worked out.
MONEY = ("total_amount", "technology_amount", "total_cny", "technology_cny")
PARTY_FACTS = (
    "role", "organisation", "name", "kind", "code", "country", "region", "address", "contact",
)  # fmt: skip

# How a transfer mode of a listing is usually cast into a contract.
_BY_MODE = {
    "assignment": ("transfer", ""),
    "exclusive_licence": ("licence", "exclusive_licence"),
    "sole_licence": ("licence", "sole_licence"),
    "ordinary_licence": ("licence", "ordinary_licence"),
    "joint_development": ("development", "cooperative"),
    "commissioned_development": ("development", "commissioned"),
    "equity_contribution": ("transfer", ""),
    "consulting": ("consulting", ""),
    "service": ("service", "general_service"),
}
# Kinds of organisation that name one kind of party; the others must be asked.
_PARTY_KIND = {
    "hmt_funded_enterprise": "enterprise_hmt",
    "foreign_funded_enterprise": "enterprise_foreign_funded",
    "foreign_enterprise": "abroad",
    "research_institute": "institution_research",
    "higher_education": "institution_university",
    "medical": "institution_medical",
    "association": "association",
    "individual": "individual",
}


def type_for_mode(mode: str) -> tuple[str, str]:
    """(type, sub-type or "") that a listing's transfer mode suggests; service when unknown."""
    return _BY_MODE.get(mode, ("service", ""))


def party_kind_of(organisation: Organisation) -> str:
    """The party kind that an organisation's kind implies, "" where it must be asked."""
    if organisation.country != "CN":
        return "abroad"
    return _PARTY_KIND.get(organisation.kind, "")


def rules_for(signed_on: dt.date | None, today: dt.date) -> RuleSet:
    """The rule set of a signing date; of today while no date is stated.

    Raises Invalid on `signed_on` for a date before the first rule set or after today.
    """
    if signed_on is not None and signed_on > today:
        raise _wrong("signed_on", _("The signing date lies in the future."))
    found = rule_set_on(signed_on or today)
    if found is None:
        raise _wrong(
            "signed_on", _("No registration rules are known for contracts signed on this day.")
        )
    return found


def check_facts(contract: "Contract", today: dt.date) -> RuleSet:
    """What must hold even in a draft; returns the rule set by which the contract is judged.

    Raises Invalid with every wrong field.
    """
    rules = rules_for(contract.signed_on, today)
    wrong: dict[str, list[Message]] = {}
    kind = rules.types.get(contract.type)
    if kind is None:
        wrong["type"] = [
            _("Under the rules in force when it was signed, a licence is registered as a transfer.")
            if contract.type == "licence"
            else _("This type is not part of the rules in force when it was signed.")
        ]
    elif contract.sub_type and contract.sub_type not in kind.sub_types:
        wrong["sub_type"] = [_no_sub_type(contract.sub_type, contract.type, kind.sub_types)]
    sub_field = SUB_FIELDS.get(contract.sub_field)
    if sub_field is not None and sub_field.parent != contract.field:
        wrong["sub_field"] = [_no_sub_field(contract.sub_field, contract.field)]
    if contract.valid_from and contract.valid_to and contract.valid_to < contract.valid_from:
        wrong["valid_to"] = [_("The contract ends before it begins.")]
    if contract.valid_to and contract.signed_on and contract.valid_to < contract.signed_on:
        wrong["valid_to"] = [_("The contract ends before it was signed.")]
    if contract.rate is not None and contract.rate <= 0:
        wrong["rate"] = [_("The rate is a number above 0.")]
    if contract.rate_on is not None and contract.rate_on > today:
        wrong["rate_on"] = [_("The day of the rate lies in the future.")]
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return rules


def sub_types_of(rules: RuleSet, type_code: str) -> list[str]:
    """Codes of the sub-types that the rules know for a type."""
    kind = rules.types.get(type_code)
    return list(kind.sub_types) if kind else []


def all_sub_types(type_code: str) -> list[str]:
    return [entry.code for entry in SUB_TYPES.under(type_code)]


def decision_days(rules: RuleSet, technology_cny: Decimal, own: Iterable[int | None]) -> int:
    """Working days to decide; own: the point's days for usual and for large contracts."""
    usual, large = own
    if rules.is_large(technology_cny):
        return large or rules.large_decision_days
    return usual or rules.decision_days


def _wrong(field: str, message: Message) -> Invalid:
    return Invalid("invalid", message, fields={field: [message]})


def _said_of_sub_type(one: str, above: str, known: Iterable[str]) -> str:
    return gettext("“%(one)s” does not belong to the type %(above)s. Choose one of: %(known)s.") % {
        "one": SUB_TYPES.label(one), "above": CONTRACT_TYPES.label(above),
        "known": pgettext("list", "; ").join(SUB_TYPES.label(code) for code in known),
    }  # fmt: skip


def _said_of_sub_field(one: str, above: str) -> str:
    if not above:
        return gettext("Choose the field that the sub-field belongs to.")
    return gettext(
        "“%(one)s” does not belong to the field %(above)s. Choose one of: %(known)s."
    ) % {
        "one": SUB_FIELDS.label(one), "above": FIELDS.label(above),
        "known": pgettext("list", "; ").join(entry.name() for entry in SUB_FIELDS.under(above)),
    }  # fmt: skip


# said when they are read: reports of imports keep them in both languages
_no_sub_type = lazy(_said_of_sub_type, str)
_no_sub_field = lazy(_said_of_sub_field, str)
