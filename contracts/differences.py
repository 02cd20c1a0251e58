"""What changed between two versions of a contract, in words a person reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Organisation
from contracts.codes import (
    DEDUCTION_KINDS,
    FILE_KINDS,
    OF_FACT,
    PARTY_KINDS,
    PUBLIC_FACTS,
    ROLES,
    ROYALTY_BASES,
    ROYALTY_PERIODS,
    ROYALTY_RATES,
)
from contracts.labels import fact_label
from contracts.rule_sets import rule_set
from contracts.rules import MONEY
from contracts.snapshots import changed_names
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.formatting import amount_text


@dataclass(frozen=True)
class Difference:
    label: str | Promise
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """One line per fact that differs, in the order of the form. Reads the names of organisations
    if they differ."""
    found = []
    for name in changed_names(before, after):
        pair = [(facts.get(name), facts) for facts in (before, after)]
        say = _whole if _differs_inside(name, *(value for value, _facts in pair)) else _text
        texts = [say(name, value, facts) for value, facts in pair]
        if texts[0] != texts[1]:  # an older version lacks a key of a row that had no effect yet
            found.append(Difference(fact_label(name), *texts))
    return found


def _differs_inside(name: str, before: Any, after: Any) -> bool:
    """Whether rows differ in what `_text` leaves out, such as the address of a party."""
    if name not in _REST:
        return False
    old, new = (
        [(_text(name, [row], {}), [row.get(key) or "" for key in _REST[name]])
         for row in value or ()]
        for value in (before, after)
    )  # fmt: skip
    if len(old) == len(new):
        return any(one[1] != other[1] for one, other in zip(old, new, strict=True))
    known = dict(old)
    return any(known.get(said, rest) != rest for said, rest in new)


def _text(name: str, value: Any, facts: Mapping[str, Any]) -> str:
    """facts: the version that the value is of."""
    if value in (None, "", [], {}):
        return "–"
    if name in MONEY:
        return _money(value, "CNY" if name.endswith("_cny") else facts)
    if name == "public_facts":
        return " · ".join(PUBLIC_FACTS.label(code) for code in value)
    if name in OF_FACT:
        return OF_FACT[name].label(str(value))
    if name == "region":
        return _region(value)
    if name == "registration_point":
        return _organisation(value)
    if name == "rule_set":
        return _rules(value)
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
    rows = [", ".join([_text(name, [row], facts), *_rest(name, row)]) for row in value or ()]
    return " · ".join(rows) or "–"


def _rest(name: str, row: Mapping[str, Any]) -> list[str]:
    """What `_text` leaves out of a row, as far as it is stated."""
    return [text for key, say in _REST[name].items() if row.get(key) and (text := say(row))]


def _region(code: str) -> str:
    """By name and code: places of one name are told apart."""
    return f"{regions.full_name(code, get_language())} {code}".strip() if code else ""


def _organisation(public_id: str) -> str:
    """By name and id: two organisations may have one name."""
    found = Organisation.objects.filter(public_id=public_id).first() if public_id else None
    name = pick(found, "name", get_language()).value if found else ""
    return f"{name} {public_id}".strip()


def _rules(code: str) -> str:
    try:
        name = pick(rule_set(code), "name", get_language()).value
    except KeyError:  # of a version that was kept before the set was taken away
        return code
    return f"{code} · {name}"


# What of a row is said by `_whole` alone.
_REST: dict[str, dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "parties": {
        "organisation": lambda row: _organisation(row["organisation"]),
        "kind": lambda row: PARTY_KINDS.label(row["kind"]),
        "code": lambda row: str(row["code"]),
        "country": lambda row: regions.country_name(row["country"], get_language()),
        "region": lambda row: _region(row["region"]),
        "address": lambda row: str(row["address"]),
        "contact": lambda row: str(row["contact"]),
    },
    "deductions": {"note": lambda row: str(row["note"])},
    "instalments": {
        "event": lambda row: str(row["event"]) if row["due_on"] else "",
        "note": lambda row: str(row["note"]),
    },
    "files": {
        "kind": lambda row: FILE_KINDS.label(row["kind"]),
        "sha256": lambda row: f"SHA-256 {row['sha256'][:12]}…",
    },
}


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
