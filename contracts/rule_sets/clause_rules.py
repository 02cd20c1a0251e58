"""Clauses as dated data: usual contents, what the law says in silence, and patterns to look at.

A rule set names the files of the folder `clauses` that it is read with.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from re import Pattern
from typing import Any

import yaml

from marketplace.core.bilingual import Text, pick

_HERE = Path(__file__).resolve().parent / "clauses"
MAX_STEPS = 10_000  # product of the bounds of one pattern: so often it may begin anew at a place
_BOUNDS = re.compile(r"\{(\d+)(?:,(\d*))?\}")


@dataclass(frozen=True, slots=True)
class Said:
    """A name or a sentence in both languages."""

    en: str
    zh: str

    def text(self, language: str | None) -> Text:
        return pick({"s_en": self.en, "s_zh": self.zh}, "s", language)


@dataclass(frozen=True, slots=True)
class Content:
    """A usual content. only, without: types or sub-types that have it, or have it not.

    is_needed: without it a registration point cannot register.
    """

    code: str
    name: Said
    only: frozenset[str]
    without: frozenset[str]
    is_needed: bool
    headings: tuple[Pattern[str], ...]
    words: tuple[Pattern[str], ...]
    unless: tuple[Pattern[str], ...]

    def applies(self, kind: str, sub_type: str) -> bool:
        names = {kind, sub_type} - {""}
        return (not self.only or bool(names & self.only)) and not names & self.without

    def is_heading(self, heading: str) -> bool:
        return any(pattern.search(heading) for pattern in self.headings) and not any(
            pattern.search(heading) for pattern in self.unless
        )

    def words_in(self, text: str) -> tuple[int, int] | None:
        """Where the content is spoken of, None when it is not."""
        for pattern in self.words:
            for hit in pattern.finditer(text):
                near = text[max(0, hit.start() - 12) : hit.end() + 12]
                if not any(excuse.search(near) for excuse in self.unless):
                    return hit.span()
        return None


@dataclass(frozen=True, slots=True)
class Silence:
    """What holds when the parties are silent on a content. only: types or sub-types."""

    content: str
    only: frozenset[str]
    source: Said
    said: Said


@dataclass(frozen=True, slots=True)
class LintPattern:
    code: str
    name: Said
    patterns: tuple[Pattern[str], ...]
    unless: tuple[Pattern[str], ...]

    def spans(self, sentence: str) -> Iterator[tuple[int, int]]:
        for pattern in self.patterns:
            for hit in pattern.finditer(sentence):
                yield hit.span()


@dataclass(frozen=True, slots=True)
class Lint:
    """excused: words beside which no pattern is a finding."""

    patterns: tuple[LintPattern, ...]
    excused: tuple[Pattern[str], ...]

    def excuses(self, pattern: LintPattern, piece: str) -> bool:
        return any(excuse.search(piece) for excuse in (*self.excused, *pattern.unless))

    def name(self, code: str) -> Said:
        """Also of a code that an older review found and this file no longer has."""
        return next((one.name for one in self.patterns if one.code == code), Said(code, code))


@dataclass(frozen=True, slots=True)
class Clauses:
    """edition changes with any of the files: a review says by which it was made."""

    contents: tuple[Content, ...]
    contents_source: Said
    silence: tuple[Silence, ...]
    lint: Lint
    lint_source: Said
    edition: str

    def in_silence(self, content: str, kind: str, sub_type: str) -> Silence | None:
        """The default for a content, the most particular first; None where the law has none."""
        rows = [row for row in self.silence if row.content == content]
        for names in ({sub_type} - {""}, {kind}):
            for row in rows:
                if row.only & names:
                    return row
        return next((row for row in rows if not row.only), None)


def read_clauses(raw: Mapping[str, Any]) -> Clauses:
    """The clauses that a rule set names.

    Raises KeyError, ValueError or OSError on a faulty file; ValueError also for a pattern that
    could take long.
    """
    files = {name: _file(raw[name]) for name in ("contents", "silence", "lint")}
    contents = tuple(_content(row) for row in files["contents"]["contents"])
    codes = {content.code for content in contents}
    silence = tuple(_silence(row, codes) for row in files["silence"]["silence"])
    lint = files["lint"]
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    return Clauses(
        contents,
        _said(raw["contents_source"]),
        silence,
        Lint(tuple(_lint(row) for row in lint["lint"]), compiled(lint["excused"])),
        _said(raw["lint_source"]),
        digest[:12],
    )


def compiled(patterns: Sequence[str]) -> tuple[Pattern[str], ...]:
    """Patterns without regard to case. Raises ValueError for one that is not safe or not valid."""
    return tuple(_safe(pattern) for pattern in patterns)


def _safe(pattern: str) -> Pattern[str]:
    """Every repetition has an upper bound, none is inside another, and their product is small."""
    bare = re.sub(r"\\.", "_", pattern)
    bare = re.sub(r"\[[^\]]*\]", "_", bare)
    if "*" in bare or "+" in bare:
        raise ValueError(f"repetition without a bound: {pattern}")
    if re.search(r"\)\{", bare):
        raise ValueError(f"a group must not be repeated: {pattern}")
    steps = 1
    for low, high in _BOUNDS.findall(bare):
        if high == "" and f"{{{low}}}" not in bare:
            raise ValueError(f"repetition without a bound: {pattern}")
        steps *= max(1, int(high or low))
    if steps > MAX_STEPS:
        raise ValueError(f"repetitions multiply to {steps}: {pattern}")
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"no regular expression: {pattern}") from error


@lru_cache
def _file(name: str) -> dict[str, Any]:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(f"no name of a file: {name}")
    found: dict[str, Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def _said(row: Mapping[str, str]) -> Said:
    return Said(row["en"], row["zh"])


def _content(row: Mapping[str, Any]) -> Content:
    return Content(
        row["code"],
        _said(row),
        frozenset(row.get("only", ())),
        frozenset(row.get("without", ())),
        bool(row.get("is_needed", False)),
        compiled(row.get("headings", ())),
        compiled(row.get("words", ())),
        compiled(row.get("unless", ())),
    )


def _silence(row: Mapping[str, Any], codes: set[str]) -> Silence:
    if row["content"] not in codes:
        raise ValueError(f"no such content: {row['content']}")
    source = Said(row["source_en"], row["source_zh"])
    return Silence(row["content"], frozenset(row.get("only", ())), source, _said(row))


def _lint(row: Mapping[str, Any]) -> LintPattern:
    return LintPattern(
        row["code"], _said(row), compiled(row["patterns"]), compiled(row.get("unless", ()))
    )


def names(part: str) -> tuple[str, ...]:
    """The files that a rule set may name as its contents, silence or lint."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.yaml") if part in _file(path.stem)))
