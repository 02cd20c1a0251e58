"""Registration rules as dated data: one YAML document a rule set, chosen by the signing date.

Shipped ones are files beside this one; an operator's are rows (contracts.queries.rule_sets), which
reach this module by `use`, so that it stays free of the database.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from contracts.codes import IP_KINDS
from contracts.rule_sets.clause_rules import Clauses, read_clauses
from contracts.rule_sets.reliefs import Reliefs, read_reliefs
from marketplace.core.bilingual import Text, pick

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the rules in both languages. only: sub-types and rights that it is about; of
    every contract of its type when empty."""

    en: str
    zh: str
    only: tuple[str, ...] = ()

    def is_about(self, sub_type: str, right: str) -> bool:
        """Whether it concerns a contract of this sub-type about this right (contract_ip_kinds);
        what is not chosen yet excludes nothing."""
        if not self.only or sub_type in self.only or right in self.only:
            return True
        return not sub_type or (not right and any(code in IP_KINDS for code in self.only))

    def text(self, language: str | None) -> Text:
        return pick({"s_en": self.en, "s_zh": self.zh}, "s", language)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ground for refusing; needs_words: the code alone says too little."""

    code: str
    en: str
    zh: str
    needs_words: bool = False

    def text(self, language: str | None) -> Text:
        return pick({"s_en": self.en, "s_zh": self.zh}, "s", language)


@dataclass(frozen=True, slots=True)
class Caveat:
    """What is unconfirmed about contracts signed from a day on."""

    since: dt.date
    statement: Statement


@dataclass(frozen=True, slots=True)
class ScreeningRules:
    """holds: kinds of catalogue entries whose possible hits hold a registration until a person has
    decided; refusal: the code with which a barred contract is refused."""

    holds: frozenset[str] = frozenset({"prohibited", "restricted"})
    refusal: str = "approval_missing"


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
    reliefs: Reliefs
    screening: ScreeningRules = ScreeningRules()

    @property
    def state(self) -> str:
        """draft, disabled or enabled: every place that shows a rule set shows it."""
        if self.is_draft:
            return "draft"
        return "enabled" if self.enabled else "disabled"

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def caveats_on(self, day: dt.date) -> list[Statement]:
        return [caveat.statement for caveat in self.caveats if caveat.since <= day]

    def is_large(self, technology_amount_cny: Decimal) -> bool:
        """Whether a second person must approve."""
        return technology_amount_cny >= self.second_review_from


def _statements(rows: Sequence[Mapping[str, Any]]) -> tuple[Statement, ...]:
    return tuple(Statement(row["en"], row["zh"], tuple(row.get("only", ()))) for row in rows)


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
    """A rule set from its YAML. Raises KeyError, ValueError or YAMLError on a faulty file; what is
    added by hand is looked through by contracts.rule_sets.checking first."""
    return made_of(yaml.safe_load(text))


def made_of(raw: Mapping[str, Any]) -> RuleSet:
    """A rule set from its document."""
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
        reliefs=read_reliefs(raw["reliefs"]),
        screening=_screening(raw.get("screening")),
    )


def _screening(raw: Mapping[str, Any] | None) -> ScreeningRules:
    """Documents that were added before there was screening say nothing of it."""
    return ScreeningRules(frozenset(raw["holds"]), raw["refusal"]) if raw else ScreeningRules()


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """The documents that come with the program, by code."""
    found = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.yaml"))
    ]
    return {raw["code"]: raw for raw in found}


@lru_cache(maxsize=1)
def _shipped_sets() -> Mapping[str, RuleSet]:
    return by_age(made_of(raw) for raw in shipped().values())


def by_age(found: Iterable[RuleSet]) -> Mapping[str, RuleSet]:
    """By code, oldest first."""
    return {rules.code: rules for rules in sorted(found, key=lambda one: one.valid_from)}


# (anew) -> all rule sets, shipped and added; anew: do not trust what this process holds.
Source = Callable[[bool], Mapping[str, RuleSet]]
_source: list[Source] = []


def use(source: Source | None) -> None:
    """Where added rule sets come from; None: the shipped ones alone."""
    _source[:] = [source] if source else []


def all_rule_sets(*, anew: bool = False) -> Mapping[str, RuleSet]:
    """Every rule set by code, oldest first, also the disabled ones."""
    return _source[0](anew) if _source else _shipped_sets()


def rule_set(code: str) -> RuleSet:
    """Raises KeyError for an unknown code."""
    found = all_rule_sets()
    return found[code] if code in found else all_rule_sets(anew=True)[code]


def rule_set_on(day: dt.date) -> RuleSet | None:
    """The enabled rule set in force on a day; None before the first one."""
    return next(
        (rules for rules in all_rule_sets().values() if rules.enabled and rules.holds_on(day)),
        None,
    )


def before(rules: RuleSet) -> RuleSet | None:
    """The rule set that a later one is held against: the newest that began earlier."""
    earlier = [one for one in all_rule_sets().values() if one.valid_from < rules.valid_from]
    return earlier[-1] if earlier else None
