"""What one rule set says and another does not: added, removed, changed, in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from contracts.codes import CONTRACT_TYPES, IP_KINDS, SUB_TYPES
from contracts.rule_sets import RuleSet, Statement
from contracts.rule_sets.clause_rules import Content, Said, Silence

ALIKE = 0.6  # from here on two sentences are one that was changed
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
# In the order in which they are shown.
SECTIONS = (
    "types", "sub_types", "statistics", "required", "must_hold", "not_qualifying",
    "second_review", "days", "screening", "refusals", "contents", "silence", "lint", "reliefs",
    "sources", "caveats",
)  # fmt: skip
Line = tuple[Said, str]  # what is read, and what else makes two of them differ


@dataclass(frozen=True, slots=True)
class Difference:
    """old is None for what was added, new for what was removed. about: a type, or ""."""

    section: str
    about: str
    change: str
    old: Said | None
    new: Said | None


def differences(older: RuleSet, newer: RuleSet) -> list[Difference]:
    """What newer changes against older, by section and type; none between equal rules."""
    found: list[Difference] = []
    before, after = _lines(older), _lines(newer)
    order = {name: place for place, name in enumerate(SECTIONS)}
    kinds = [entry.code for entry in CONTRACT_TYPES]
    keys = sorted(
        before.keys() | after.keys(),
        key=lambda key: (order[key[0]], kinds.index(key[1]) if key[1] else -1),
    )
    for section, about in keys:
        if about and not (about in older.types and about in newer.types):
            continue  # the type as a whole came or went: told once
        old, new = before.get((section, about), {}), after.get((section, about), {})
        found += [
            Difference(section, about, change, one, two)
            for change, one, two in (
                _sentences(old, new) if section in _UNNAMED else _named(old, new)
            )
        ]
    return found


_UNNAMED = {"must_hold", "not_qualifying", "sources", "caveats"}
_Change = tuple[str, Said | None, Said | None]


def _named(old: Mapping[str, Line], new: Mapping[str, Line]) -> Iterable[_Change]:
    """Lines that have a code."""
    for code, (said, more) in new.items():
        if code not in old:
            yield ADDED, None, said
        elif old[code] != (said, more):
            yield CHANGED, old[code][0], said
    for code, (said, _more) in old.items():
        if code not in new:
            yield REMOVED, said, None


def _sentences(old: Mapping[str, Line], new: Mapping[str, Line]) -> Iterable[_Change]:
    """Sentences have no code: the most alike of what is on one side only are one, changed."""
    gone = [said for code, (said, _more) in old.items() if code not in new]
    come = [said for code, (said, _more) in new.items() if code not in old]
    for said in come:
        nearest = max(gone, key=lambda one: _alike(one, said), default=None)
        if nearest is not None and _alike(nearest, said) >= ALIKE:
            gone.remove(nearest)
            yield CHANGED, nearest, said
        else:
            yield ADDED, None, said
    for said in gone:
        yield REMOVED, said, None


def _alike(one: Said, other: Said) -> float:
    return max(
        SequenceMatcher(None, one.en, other.en).ratio(),
        SequenceMatcher(None, one.zh, other.zh).ratio(),
    )


def _lines(rules: RuleSet) -> dict[tuple[str, str], dict[str, Line]]:
    """(section, type) -> code -> line."""
    clauses = rules.clauses
    found: dict[tuple[str, str], dict[str, Line]] = {
        ("types", ""): {code: (_type(code), "") for code in rules.types},
        ("second_review", ""): {"from": (_yuan(rules.second_review_from), "")},
        ("days", ""): {
            "usual": (_days(rules.decision_days, large=False), ""),
            "large": (_days(rules.large_decision_days, large=True), ""),
        },
        ("screening", ""): {
            **{kind: (_HELD[kind], "") for kind in rules.screening.holds},
            "refusal": (
                Said(f"refused with: {rules.screening.refusal}",
                     f"不予登记理由代码：{rules.screening.refusal}"), "",
            ),
        },
        ("refusals", ""): {
            code: (Said(one.en, one.zh), str(one.needs_words))
            for code, one in rules.refusals.items()
        },
        ("contents", ""): {one.code: (one.name, _content(one)) for one in clauses.contents},
        ("silence", ""): {_silence(one): (_default(one), "") for one in clauses.silence},
        ("lint", ""): {
            one.code: (one.name, repr([hit.pattern for hit in (*one.patterns, *one.unless)]))
            for one in clauses.lint.patterns
        },
        ("reliefs", ""): {
            one.code: (Said(f"{one.name.en}: {one.said.en}", f"{one.name.zh}：{one.said.zh}"),
                       repr(one))
            for one in rules.reliefs.rows
        },
        ("sources", ""): {text: (Said(text, text), "") for text in rules.sources},
        ("caveats", ""): _statements(one.statement for one in rules.caveats),
    }  # fmt: skip
    for code, kind in rules.types.items():
        found[("sub_types", code)] = {
            one: (Said(SUB_TYPES[one].en, SUB_TYPES[one].zh), "") for one in kind.sub_types
        }
        found[("statistics", code)] = {"type": (_type(kind.statistical_type), "")}
        found[("required", code)] = {one: (_required(one), "") for one in kind.required}
        found[("must_hold", code)] = _statements(kind.must_hold)
        found[("not_qualifying", code)] = _statements(kind.not_qualifying)
    return found


def _statements(rows: Iterable[Statement]) -> dict[str, Line]:
    return {f"{row.en}|{row.zh}": (Said(row.en, row.zh), "") for row in rows}


def _type(code: str) -> Said:
    return Said(CONTRACT_TYPES[code].en, CONTRACT_TYPES[code].zh)


def _required(name: str) -> Said:
    rights = [entry for entry in IP_KINDS if entry.code != "none"]
    return {
        "ip_kind": Said(
            f"the right it is about ({', '.join(entry.en for entry in rights)})",
            f"所涉知识产权（{'、'.join(entry.zh for entry in rights)}）",
        )
    }[name]


# What a possible hit in an entry of the kind does.
_HELD = {
    "prohibited": Said("prohibited: holds the registration", "禁止类：未决定前不予登记"),
    "restricted": Said("restricted: holds the registration", "限制类：未决定前不予登记"),
}


def _yuan(amount: Decimal) -> Said:
    short = f"{amount / 10_000:,.6f}".rstrip("0").rstrip(".")
    return Said(f"¥{amount:,f}", f"{short}万元")


def _days(days: int, *, large: bool) -> Said:
    if large:
        return Said(f"{days} working days, large contracts", f"重大合同{days}个工作日")
    return Said(f"{days} working days", f"{days}个工作日")


def _content(one: Content) -> str:
    patterns = [hit.pattern for hit in (*one.headings, *one.words, *one.unless)]
    return repr((sorted(one.only), sorted(one.without), one.is_needed, patterns))


def _default(one: Silence) -> Said:
    """With its source: often the law that says it is all that changed."""
    return Said(f"{one.said.en} ({one.source.en})", f"{one.said.zh}（{one.source.zh}）")


def _silence(one: Silence) -> str:
    return f"{one.content} {' '.join(sorted(one.only))}"
