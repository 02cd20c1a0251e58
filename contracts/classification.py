"""Which type a contract is, from answers to a few questions and its title."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from re import Pattern
from typing import Any

import yaml

from contracts.codes import CONTRACT_TYPES
from contracts.rule_sets import RuleSet, Statement
from contracts.rule_sets.clause_rules import compiled

YES, NO = "yes", "no"
Answers = Mapping[str, str]
_FILE = Path(__file__).with_name("rule_sets") / "clauses" / "classification.yaml"


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    said: Statement


@dataclass(frozen=True, slots=True)
class Question:
    """options: what may be answered; none means yes or no."""

    code: str
    said: Statement
    help: Statement | None
    options: tuple[Option, ...]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options) or (YES, NO)


@dataclass(frozen=True, slots=True)
class Proposal:
    """type is "" when nothing decides, or when it is no technology contract (then `rule` says so).

    rule: the statement of the rule set that decides; None when only the title speaks.
    title_type: the type that the title names, "" when it names none or several.
    """

    type: str
    sub_type: str
    rule_code: str
    rule: Statement | None
    warnings: tuple[Statement, ...]
    title_type: str

    @property
    def is_no_technology(self) -> bool:
        return self.rule is not None and not self.type


def questions() -> tuple[Question, ...]:
    """In the order in which they are asked."""
    return tuple(
        Question(
            row["code"],
            _said(row),
            Statement(row["help_en"], row["help_zh"]) if "help_en" in row else None,
            tuple(Option(option["code"], _said(option)) for option in row.get("options", ())),
        )
        for row in _raw()["questions"]
    )


def propose(answers: Answers, rules: RuleSet, *, title: str = "", subject: str = "") -> Proposal:
    """The type and sub-type that answers and words propose under a rule set.

    answers: question code -> one of its values; what is not answered is left out or "".
    The words only decide where the answers do not; the title is held against what was decided.
    """
    title_type = _type_of_words(title, rules)
    rule = next((row for row in _raw()["rules"] if _fits(row, answers, rules)), None)
    if rule is None:
        kind = title_type or _type_of_words(subject, rules)
        return Proposal(kind, "", "", None, _warnings(answers, rules, kind, title_type), title_type)
    kind = rule["type"]
    warnings = _warnings(answers, rules, kind, title_type)
    if kind and title_type and title_type != kind:
        warnings = (_said(_raw()["title_differs"]), *warnings)
    return Proposal(
        kind, _sub_type(answers, rules, kind), rule["code"], _statement(rule, rules),
        warnings, title_type,
    )  # fmt: skip


def _fits(row: Mapping[str, Any], answers: Answers, rules: RuleSet) -> bool:
    if row["type"] and row["type"] not in rules.types:
        return False
    return _holds(row["when"], answers) and _statement(row, rules) is not None


def _holds(when: Mapping[str, str], answers: Answers) -> bool:
    return all(answers.get(code, "") in value.split("|") for code, value in when.items())


def _statement(row: Mapping[str, Any], rules: RuleSet) -> Statement | None:
    """What the rule set says; None when it knows no such statement."""
    if "says" not in row:
        return _said(row)
    kind, list_name, number = row["says"].split(".")
    if kind not in rules.types:
        return None
    statements: tuple[Statement, ...] = getattr(rules.types[kind], list_name)
    # an added rule set may have fewer statements; what it does not say decides nothing
    return statements[int(number)] if int(number) < len(statements) else None


def _sub_type(answers: Answers, rules: RuleSet, kind: str) -> str:
    for row in _raw()["sub_types"]:
        known = kind in rules.types and row["sub_type"] in rules.types[kind].sub_types
        if row["type"] == kind and known and _holds(row["when"], answers):
            found: str = row["sub_type"]
            return found
    return ""


def _warnings(
    answers: Answers, rules: RuleSet, kind: str, title_type: str
) -> tuple[Statement, ...]:
    found = [
        _warning(row, rules)
        for row in _raw()["warnings"]
        if _holds(row["when"], answers)
        and row.get("type", kind) == kind
        and row.get("title", title_type) == title_type
    ]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _warning(row: Mapping[str, Any], rules: RuleSet) -> Statement | None:
    """A statement of the rules with the type that it is about: apart, it would say too little."""
    said = _statement(row, rules)
    if said is None or "says" not in row:
        return said
    kind, list_name, _number = row["says"].split(".")
    name = CONTRACT_TYPES[kind]
    if list_name == "must_hold":
        return Statement(f"For {name.en.lower()}: {said.en}", f"{name.zh}须满足：{said.zh}")
    return Statement(
        f"Does not qualify as {name.en.lower()}: {said.en}", f"不能认定为{name.zh}：{said.zh}"
    )


def _type_of_words(text: str, rules: RuleSet) -> str:
    """The one type that a text names; "" when it names none or several."""
    found = {kind for kind, pattern in _words() if kind in rules.types and pattern.search(text)}
    return found.pop() if len(found) == 1 else ""


def _said(row: Mapping[str, str]) -> Statement:
    return Statement(row["en"], row["zh"])


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[str, Pattern[str]], ...]:
    return tuple(
        (row["type"], pattern) for row in _raw()["words"] for pattern in compiled(row["patterns"])
    )


@lru_cache(maxsize=1)
def _raw() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
