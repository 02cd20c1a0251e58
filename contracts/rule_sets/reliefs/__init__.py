"""Tax reliefs and rewards as dated data: which rule holds on a day, and its figures.

A rule set names a file of this folder, or has the rows written in itself.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from contracts.rule_sets.clause_rules import Said

_HERE = Path(__file__).resolve().parent
KINDS = ("income_tax", "vat", "deduction", "reward")


@dataclass(frozen=True, slots=True)
class Relief:
    """One rule. Amounts are CNY, shares parts of 1, code lists empty where the kind has none.

    unconfirmed_from: since when it is not known whether the rule still holds.
    licences: sub-types of licence that count when they run licence_years; asks: those for which
    what is registered does not decide. seller_kinds, buyer_kinds: groups of party kinds.
    """

    code: str
    kind: str
    since: dt.date
    until: dt.date | None
    unconfirmed_from: dt.date | None
    name: Said
    said: Said
    source: Said
    exempt_up_to: Decimal
    excess_share: Decimal
    tax_rate: Decimal
    licence_years: int
    extra_share: Decimal
    counted_share: Decimal
    share: Decimal
    types: frozenset[str]
    related_types: frozenset[str]
    sub_types: frozenset[str]
    licences: frozenset[str]
    asks: frozenset[str]
    ip_kinds: frozenset[str]
    seller_kinds: frozenset[str]
    buyer_kinds: frozenset[str]

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def is_unconfirmed_on(self, day: dt.date) -> bool:
        return self.unconfirmed_from is not None and self.unconfirmed_from <= day


@dataclass(frozen=True, slots=True)
class Reliefs:
    """caveat stands on top of every page that shows a figure."""

    caveat: Said
    rows: tuple[Relief, ...]

    def on(self, kind: str, day: dt.date) -> Relief | None:
        """The rule of a kind on a day; None where none is known."""
        return next((row for row in self.rows if row.kind == kind and row.holds_on(day)), None)


def names() -> tuple[str, ...]:
    """The files that a rule set may name."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.yaml")))


def read_reliefs(raw: str | Mapping[str, Any]) -> Reliefs:
    """By the name of a file, or from the rows. Raises KeyError or ValueError on a faulty one."""
    return _named(raw) if isinstance(raw, str) else _made_of(raw)


@lru_cache
def _named(name: str) -> Reliefs:
    if name not in names():
        raise ValueError(f"no such file of reliefs: {name}")
    return _made_of(yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8")))


def _made_of(raw: Mapping[str, Any]) -> Reliefs:
    return Reliefs(_said(raw["caveat"]), tuple(_relief(row) for row in raw["reliefs"]))


def _relief(row: Mapping[str, Any]) -> Relief:
    def number(name: str) -> Decimal:
        return Decimal(str(row.get(name, 0)))

    def codes(name: str) -> frozenset[str]:
        return frozenset(row.get(name, ()))

    return Relief(
        row["code"], row["kind"], row["from"], row["to"], row.get("unconfirmed_from"),
        _said(row["name"]), _said(row["said"]), _said(row["source"]),
        exempt_up_to=number("exempt_up_to"), excess_share=number("excess_share"),
        tax_rate=number("tax_rate"), licence_years=int(row.get("licence_years", 0)),
        extra_share=number("extra_share"), counted_share=number("counted_share"),
        share=number("share"), types=codes("types"), related_types=codes("related_types"),
        sub_types=codes("sub_types"), licences=codes("licences"), asks=codes("asks"),
        ip_kinds=codes("ip_kinds"), seller_kinds=codes("seller_kinds"),
        buyer_kinds=codes("buyer_kinds"),
    )  # fmt: skip


def _said(row: Mapping[str, str]) -> Said:
    return Said(row["en"], row["zh"])
