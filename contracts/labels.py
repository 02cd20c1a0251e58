"""Names of the facts of a contract, for remarks, differences and the API's errors."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_LABELS: dict[str, Promise] = {
    "type": _("Type"),
    "sub_type": _("Sub-type"),
    "rule_set": _("Rule set"),
    "title_en": _("Title in English"),
    "title_zh": _("Title in Chinese"),
    "signed_on": _("Signed on"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to"),
    "total_amount": _("Total contract amount"),
    "technology_amount": _("Technology transaction amount"),
    "total_cny": _("Total in yuan"),
    "technology_cny": _("Technology amount in yuan"),
    "currency": _("Currency"),
    "rate": _("Rate to CNY"),
    "rate_on": _("Day of the rate"),
    "payment_mode": _("How it is paid"),
    "payment_terms": _("Terms of payment"),
    "instalments": _("Instalments"),
    "royalty": _("Royalty"),
    "entry_fee": _("Upfront fee"),
    "entry_fee_on": _("Upfront fee due on"),
    "minimum_per_year": _("Minimum a year"),
    "runs_from": _("Royalty from"),
    "runs_to": _("Royalty until"),
    "reporting": _("Reported and paid"),
    "field": _("Technology field"),
    "sub_field": _("Sub-field"),
    "ip_kind": _("Right it is about"),
    "plan_source": _("Public programme"),
    "region": _("Region of the contract"),
    "registration_point": _("Registration point"),
    "public_facts": _("What the public register may show"),
    "parties": _("Parties"),
    "deductions": _("Deductions"),
    "files": _("Files"),
}


def fact_label(name: str) -> str | Promise:
    """The name of a fact; of "parties.0.kind" that of the parties."""
    return _LABELS.get(name.partition(".")[0], name)
