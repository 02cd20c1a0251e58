"""Schemes of distribution as dated data: one YAML document each, in the folder schemes/.

A scheme is ordered deductions, then shares by tiers of the cumulative net income of a licence.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from marketplace.core.bilingual import Text, pick

_HERE = Path(__file__).resolve().parent / "schemes"
INVENTORS = "inventors"
KINDS = ("percent", "amount", "costs")


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name in both languages."""

    code: str
    name_en: str
    name_zh: str

    def text(self, language: str | None) -> Text:
        return pick({"n_en": self.name_en, "n_zh": self.name_zh}, "n", language)


@dataclass(frozen=True, slots=True)
class Deduction(Named):
    """kind percent: `rate` of `of` (gross, or rest after the deductions before it); amount: a fixed
    `amount` of each run, in the scheme's currency; costs: unreimbursed costs of the licence."""

    kind: str
    of: str = "gross"
    rate: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tier:
    """How net income above a threshold is shared: each party's weight of the whole `of`."""

    above: Decimal
    of: Decimal
    weights: Mapping[str, Decimal]

    def weight_of(self, party: str) -> Decimal:
        return self.weights.get(party, Decimal(0))


@dataclass(frozen=True, slots=True)
class Scheme(Named):
    """currency: of its thresholds and fixed amounts; "" when it has none, so it fits every one."""

    note_en: str
    note_zh: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    sources: tuple[str, ...]
    currency: str
    deductions: tuple[Deduction, ...]
    parties: tuple[Named, ...]
    tiers: tuple[Tier, ...]
    rounding_to: str

    def holds_on(self, day: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def fits(self, currency: str) -> bool:
        return self.currency in ("", currency)

    def party(self, code: str) -> Named:
        return next(one for one in self.parties if one.code == code)

    def note(self, language: str | None) -> Text:
        return pick({"n_en": self.note_en, "n_zh": self.note_zh}, "n", language)


def made_of(raw: Mapping[str, Any]) -> Scheme:
    """A scheme from its document. Raises KeyError for what is missing and ValueError for what does
    not add up, with the place."""
    scheme = Scheme(
        code=raw["code"], name_en=raw["name_en"], name_zh=raw["name_zh"],
        note_en=raw["note_en"], note_zh=raw["note_zh"],
        valid_from=raw["valid_from"], valid_to=raw["valid_to"],
        sources=tuple(raw["sources"]), currency=raw["currency"],
        deductions=tuple(_deduction(row) for row in raw["deductions"]),
        parties=tuple(Named(row["code"], row["en"], row["zh"]) for row in raw["parties"]),
        tiers=tuple(_tier(row) for row in raw["tiers"]), rounding_to=raw["rounding_to"],
    )  # fmt: skip
    _check(scheme)
    return scheme


def _number(value: object) -> Decimal:
    """Numbers are quoted in the files: a float would not be what is written there."""
    if not isinstance(value, str):
        raise ValueError(f"write numbers in quotes: {value!r}")
    return Decimal(value)


def _deduction(row: Mapping[str, Any]) -> Deduction:
    return Deduction(
        row["code"], row["en"], row["zh"], row["kind"], row.get("of", "gross"),
        _number(row.get("rate", "0")), _number(row.get("amount", "0")),
    )  # fmt: skip


def _tier(row: Mapping[str, Any]) -> Tier:
    weights = {party: _number(weight) for party, weight in row["shares"].items()}
    return Tier(_number(row["above"]), _number(row["of"]), weights)


def _check(scheme: Scheme) -> None:
    code = scheme.code
    names = [party.code for party in scheme.parties]
    if INVENTORS not in names or len(set(names)) < len(names):
        raise ValueError(f"{code}: parties are named once, and one of them is {INVENTORS}")
    if scheme.rounding_to not in names:
        raise ValueError(f"{code}: the remainder of rounding goes to no party of it")
    for deduction in scheme.deductions:
        if deduction.kind not in KINDS or deduction.of not in ("gross", "rest"):
            raise ValueError(f"{code}: {deduction.code} is of no known kind")
        if not 0 <= deduction.rate <= 100 or deduction.amount < 0:
            raise ValueError(f"{code}: {deduction.code} is no rate or amount")
    if sum(deduction.kind == "costs" for deduction in scheme.deductions) > 1:
        raise ValueError(f"{code}: costs are deducted once")
    bounds = [tier.above for tier in scheme.tiers]
    if not bounds or bounds[0] != 0 or bounds != sorted(set(bounds)):
        raise ValueError(f"{code}: tiers begin at 0 and rise")
    for tier in scheme.tiers:
        if set(tier.weights) - set(names) or min(tier.weights.values()) < 0:
            raise ValueError(f"{code}: above {tier.above}: a share of no party")
        if sum(tier.weights.values(), Decimal(0)) != tier.of:
            raise ValueError(f"{code}: above {tier.above}: shares do not come to {tier.of}")
    fixed = any(deduction.kind == "amount" for deduction in scheme.deductions)
    if (len(bounds) > 1 or fixed) != bool(scheme.currency):
        raise ValueError(f"{code}: a currency exactly where thresholds or amounts are")


@lru_cache(maxsize=1)
def all_schemes() -> Mapping[str, Scheme]:
    """Every scheme by code, in the order of their codes."""
    found = (
        made_of(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(_HERE.glob("*.yaml"))
    )
    return {scheme.code: scheme for scheme in sorted(found, key=lambda one: one.code)}


def usable(day: dt.date, currency: str, among: Iterable[Scheme] | None = None) -> list[Scheme]:
    """Schemes in force on a day that fit a currency."""
    known = all_schemes().values() if among is None else among
    return [scheme for scheme in known if scheme.holds_on(day) and scheme.fits(currency)]
