"""What changed between two versions of a contract, in words a person reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contracts.codes import (
    CONTRACT_TYPES,
    DEDUCTION_KINDS,
    IP_KINDS,
    PAYMENT_MODES,
    PLAN_SOURCES,
    PUBLIC_FACTS,
    ROLES,
    ROYALTY_BASES,
    ROYALTY_PERIODS,
    ROYALTY_RATES,
    SUB_TYPES,
)
from contracts.labels import fact_label
from contracts.snapshots import changed_names
from marketplace.core.codes import FIELDS, SUB_FIELDS

_LISTS = {
    "type": CONTRACT_TYPES,
    "sub_type": SUB_TYPES,
    "payment_mode": PAYMENT_MODES,
    "ip_kind": IP_KINDS,
    "plan_source": PLAN_SOURCES,
    "field": FIELDS,
    "sub_field": SUB_FIELDS,
}


@dataclass(frozen=True)
class Difference:
    label: str | Promise
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """One line per fact that differs, in the order of the form."""
    return [
        Difference(fact_label(name), _text(name, before.get(name)), _text(name, after[name]))
        for name in changed_names(before, after)
    ]


def _text(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if name in _LISTS:
        return _LISTS[name].label(str(value))
    if name == "public_facts":
        return " · ".join(PUBLIC_FACTS.label(code) for code in value)
    if name == "parties":
        return " · ".join(f"{ROLES.label(row['role'])}: {row['name']}" for row in value)
    if name == "deductions":
        return " · ".join(f"{DEDUCTION_KINDS.label(row['kind'])} {row['amount']}" for row in value)
    if name == "instalments":
        return " · ".join(f"{row['due_on'] or row['event']} {row['amount']}" for row in value)
    if name == "royalty":
        return _royalty(value)
    if name == "files":
        return " · ".join(row["name"] for row in value)
    return str(value)


def _royalty(value: Mapping[str, Any]) -> str:
    """All of a royalty in one line; what is not stated is left out."""
    steps = ", ".join(
        (f"[{row['from_year']}] " if row.get("from_year", 1) > 1 else "")
        + f"≥ {row['from_amount']}: {row['rate']}%"
        for row in value["steps"]
    )
    parts = [
        ROYALTY_BASES.label(value["base"]) if value["base"] else "",
        ROYALTY_RATES.label(value["rate_kind"]),
        steps,
    ]
    for name, words in (
        ("entry_fee", _("upfront fee")),
        ("entry_fee_on", _("upfront fee on")),
        ("minimum_per_year", _("minimum a year")),
        ("runs_from", _("from day")),
        ("runs_to", _("to day")),
    ):
        if value[name]:
            parts.append(f"{words} {value[name]}")
    if value["reporting"]:
        parts.append(ROYALTY_PERIODS.label(value["reporting"]))
    return " · ".join(part for part in parts if part)
