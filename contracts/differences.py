"""What changed between two versions of a contract, in words a person reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contracts.codes import (
    CONTRACT_TYPES,
    DEDUCTION_KINDS,
    IP_KINDS,
    PARTY_KINDS,
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
from marketplace.core.formatting import amount_text

_LISTS = {
    "type": CONTRACT_TYPES,
    "sub_type": SUB_TYPES,
    "payment_mode": PAYMENT_MODES,
    "ip_kind": IP_KINDS,
    "plan_source": PLAN_SOURCES,
    "field": FIELDS,
    "sub_field": SUB_FIELDS,
}
_AMOUNTS = frozenset({"total_amount", "technology_amount", "total_cny", "technology_cny"})
_REST = {
    "parties": ("code", "country", "region", "address", "contact"), "deductions": ("note",),
    "instalments": ("note",), "files": ("kind", "sha256"),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    label: str | Promise
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """One line per fact that differs, in the order of the form."""
    found = []
    for name in changed_names(before, after):
        texts = [_text(name, facts.get(name), facts) for facts in (before, after)]
        if texts[0] == texts[1]:  # such as a party whose address changed: the name says nothing
            texts = [_whole(name, facts.get(name), facts) for facts in (before, after)]
        found.append(Difference(fact_label(name), *texts))
    return found


def _text(name: str, value: Any, facts: Mapping[str, Any]) -> str:
    """facts: the version that the value is of."""
    if value in (None, "", [], {}):
        return "–"
    if name in _AMOUNTS:
        return _money(value, "CNY" if name.endswith("_cny") else facts)
    if name in _LISTS:
        return _LISTS[name].label(str(value))
    if name == "public_facts":
        return " · ".join(PUBLIC_FACTS.label(code) for code in value)
    if name == "parties":
        return " · ".join(f"{ROLES.label(row['role'])}: {row['name']}" for row in value)
    if name == "deductions":
        return " · ".join(
            f"{DEDUCTION_KINDS.label(row['kind'])} {_money(row['amount'], facts)}" for row in value
        )
    if name == "instalments":
        return " · ".join(
            f"{row['due_on'] or row['event']} {_money(row['amount'], facts)}" for row in value
        )
    if name == "royalty":
        return _royalty(value, facts)
    if name == "files":
        return " · ".join(row["name"] for row in value)
    return str(value)


def _whole(name: str, value: Any, facts: Mapping[str, Any]) -> str:
    """With what `_text` leaves out of the rows of a list."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return _text(name, value, facts)
    rows = []
    for row in value:
        rest = [str(row[key]) for key in _REST.get(name, ()) if row.get(key)]
        if name == "parties" and row.get("kind"):
            rest.insert(0, PARTY_KINDS.label(row["kind"]))
        rows.append(", ".join([_text(name, [row], facts), *rest]))
    return " · ".join(rows) or "–"


def _money(value: Any, of: str | Mapping[str, Any]) -> str:
    """of: the currency, or the facts of the version."""
    currency = of if isinstance(of, str) else str(of.get("currency") or "CNY")
    return amount_text(Decimal(str(value)), currency, exact=True)


def _royalty(value: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """All of a royalty in one line; what is not stated is left out."""
    steps = ", ".join(
        (f"[{row['from_year']}] " if row.get("from_year", 1) > 1 else "")
        + f"≥ {_money(row['from_amount'], facts)}: {row['rate']}%"
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
            is_money = name in ("entry_fee", "minimum_per_year")
            said = _money(value[name], facts) if is_money else value[name]
            parts.append(f"{words} {said}")
    if value["reporting"]:
        parts.append(ROYALTY_PERIODS.label(value["reporting"]))
    return " · ".join(part for part in parts if part)
