"""Registration rules as dated data: one YAML file a rule set, chosen by the signing date."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from contracts.rule_sets.clause_rules import Clauses, read_clauses
from marketplace.core.bilingual import Text, pick

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the rules in both languages."""

    en: str
    zh: str

    def text(self, language: str | None) -> Text:
        return pick({"s_en": self.en, "s_zh": self.zh}, "s", language)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ground for refusing; needs_words: the code alone says too little."""

    code: str
    en: str
    zh: str
    needs_words: bool = False


@dataclass(frozen=True, slots=True)
class Caveat:
    """What is unconfirmed about contracts signed from a day on."""

    since: dt.date
    statement: Statement


@dataclass(frozen=True, slots=True)
class TypeRules:
    code: str
    statistical_type: str
    sub_types: tuple[str, ...]
    required: tuple[str, ...]
    must_hold: tuple[Statement, ...]
    not_qualifying: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """second_review_from: CNY of technology transaction amount; days are working days."""

    code: str
    name_en: str
    name_zh: str
    enabled: bool
    is_draft: bool
    valid_from: dt.date
    valid_to: dt.date | None
    sources: tuple[str, ...]
    caveats: tuple[Caveat, ...]
    second_review_from: Decimal
    decision_days: int
    large_decision_days: int
    types: Mapping[str, TypeRules]
    refusals: Mapping[str, Refusal]
    clauses: Clauses

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def caveats_on(self, day: dt.date) -> list[Statement]:
        return [caveat.statement for caveat in self.caveats if caveat.since <= day]

    def is_large(self, technology_amount_cny: Decimal) -> bool:
        """Whether a second person must approve."""
        return technology_amount_cny >= self.second_review_from


def _statements(rows: Sequence[Mapping[str, str]]) -> tuple[Statement, ...]:
    return tuple(Statement(row["en"], row["zh"]) for row in rows)


def _type(code: str, raw: Mapping[str, Any]) -> TypeRules:
    return TypeRules(
        code,
        raw["statistical_type"],
        tuple(raw["sub_types"]),
        tuple(raw["required"]),
        _statements(raw["must_hold"]),
        _statements(raw["not_qualifying"]),
    )


def read(text: str) -> RuleSet:
    """A rule set from its YAML. Raises KeyError, ValueError or YAMLError on a faulty file."""
    raw = yaml.safe_load(text)
    return RuleSet(
        code=raw["code"],
        name_en=raw["name_en"],
        name_zh=raw["name_zh"],
        enabled=raw["enabled"],
        is_draft=raw["is_draft"],
        valid_from=raw["valid_from"],
        valid_to=raw["valid_to"],
        sources=tuple(raw["sources"]),
        caveats=tuple(
            Caveat(row["from"], Statement(row["en"], row["zh"])) for row in raw["caveats"]
        ),
        second_review_from=Decimal(str(raw["second_review_from"])),
        decision_days=int(raw["decision_days"]),
        large_decision_days=int(raw["large_decision_days"]),
        types={code: _type(code, rules) for code, rules in raw["types"].items()},
        refusals={
            row["code"]: Refusal(
                row["code"], row["en"], row["zh"], bool(row.get("needs_words", False))
            )
            for row in raw["refusal_codes"]
        },
        clauses=read_clauses(raw["clauses"]),
    )


@lru_cache(maxsize=1)
def all_rule_sets() -> Mapping[str, RuleSet]:
    """Every shipped rule set by code, oldest first, also the disabled ones."""
    found = [read(path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.yaml"))]
    return {rules.code: rules for rules in sorted(found, key=lambda rules: rules.valid_from)}


def rule_set(code: str) -> RuleSet:
    """Raises KeyError for an unknown code."""
    return all_rule_sets()[code]


def rule_set_on(day: dt.date) -> RuleSet | None:
    """The enabled rule set in force on a signing date; None before the first one."""
    return next(
        (rules for rules in all_rule_sets().values() if rules.enabled and rules.holds_on(day)),
        None,
    )
