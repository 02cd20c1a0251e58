"""How well the clause review reads: precision and recall on samples with planted defects."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contracts.review.contents import find_contents, missing
from contracts.review.lint import find_lint
from contracts.review.passages import passages
from contracts.rule_sets import RuleSet


@dataclass(frozen=True)
class Sample:
    """A contract text with what was planted: contents left out, (pattern, words) of its clauses."""

    name: str
    language: str
    kind: str
    sub_type: str
    text: str
    missing: frozenset[str]
    lint: tuple[tuple[str, str], ...]


@dataclass
class Count:
    right: int = 0
    wrong: int = 0
    unseen: int = 0

    def figures(self) -> dict[str, Any]:
        said, planted = self.right + self.wrong, self.right + self.unseen
        return {
            "precision": round(self.right / said, 3) if said else None,
            "recall": round(self.right / planted, 3) if planted else None,
            "right": self.right, "wrong": self.wrong, "unseen": self.unseen,
        }  # fmt: skip


def samples_of(folder: Path) -> list[Sample]:
    """The samples of a folder, by name. Raises KeyError on a faulty one."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        lint = tuple((row["code"], row["in"]) for row in raw["lint"])
        found.append(
            Sample(path.stem, path.stem[:2], raw["type"], raw["sub_type"], raw["text"],
                   frozenset(raw["missing"]), lint)
        )  # fmt: skip
    return found


def measure(samples: Sequence[Sample], rules: RuleSet) -> dict[str, Any]:
    """Figures of contents said to be missing and of lint, by language and of all; and the misses.

    A finding is right when a planted clause of its code holds the words that it quotes.
    """
    counts: dict[str, dict[str, Count]] = {name: defaultdict(Count) for name in ("missing", "lint")}
    misses: list[str] = []
    for sample in samples:
        text = passages(sample.text.splitlines(), "paragraph")
        found = {one.code: one for one in find_contents(text, rules.clauses.contents)}
        absent = missing(found, rules.clauses.contents, sample.kind, sample.sub_type)
        said = {content.code for content in absent}
        findings = find_lint(text, rules.clauses.lint)
        seen = {
            (code, words)
            for code, words in sample.lint
            if any(one.code == code and words in one.quote for one in findings)
        }
        stray = [
            one
            for one in findings
            if not any(one.code == code and words in one.quote for code, words in sample.lint)
        ]
        for language in (sample.language, "all"):
            contents, lint = counts["missing"][language], counts["lint"][language]
            contents.right += len(said & sample.missing)
            contents.wrong += len(said - sample.missing)
            contents.unseen += len(sample.missing - said)
            lint.right += len(seen)
            lint.wrong += len(stray)
            lint.unseen += len(sample.lint) - len(seen)
        misses += [f"{sample.name}: {code} is there" for code in sorted(said - sample.missing)]
        misses += [
            f"{sample.name}: {code} is missing, but found in: {found[code].quote}"
            for code in sorted(sample.missing - said)
            if code in found
        ]
        misses += [f"{sample.name}: no {one.code}: {one.quote}" for one in stray]
        misses += [f"{sample.name}: {c} unseen: {w}" for c, w in sample.lint if (c, w) not in seen]
    return {
        "samples": len(samples),
        **{
            name: {language: count.figures() for language, count in sorted(by.items())}
            for name, by in counts.items()
        },
        "misses": misses,
    }
