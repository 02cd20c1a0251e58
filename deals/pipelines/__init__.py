"""Pipelines of cases as data: one YAML document each, in both languages.

Shipped ones are files beside this one; an operator's are rows (deals.queries.pipelines), which
reach this module by `use`, so that it stays free of the database.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

from deals.case_needs import NEEDS
from marketplace.core.bilingual import pick

_HERE = Path(__file__).resolve().parent
_CODE = re.compile(r"[a-z][a-z0-9_]{1,29}")
MAX_STAGES, MAX_TASKS, MAX_TEXT = 12, 10, 160


class Faults(Exception):
    """Everything that is wrong with a document, each by its place."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("; ".join(found))
        self.found = found


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """days: calendar days from the move into the stage until it is due."""

    code: str
    title_en: str
    title_zh: str
    days: int


@dataclass(frozen=True, slots=True)
class Stage:
    """needs: what should be there before a later stage, codes of NEEDS; blocks: those of them that
    must be. channel: stages of different channels stand side by side, so that going from one to
    another is no way forward. probability: per cent."""

    code: str
    name_en: str
    name_zh: str
    place: int
    probability: int
    channel: str
    needs: tuple[str, ...]
    blocks: frozenset[str]
    tasks: tuple[TaskTemplate, ...]

    @property
    def name(self) -> str:
        """In the reader's language."""
        return pick(self, "name", get_language()).value


@dataclass(frozen=True, slots=True)
class Pipeline:
    code: str
    name_en: str
    name_zh: str
    about_en: str
    about_zh: str
    stages: tuple[Stage, ...]

    @property
    def name(self) -> str:
        """In the reader's language."""
        return pick(self, "name", get_language()).value

    @property
    def about(self) -> str:
        return pick(self, "about", get_language()).value

    def stage(self, code: str) -> Stage | None:
        return next((one for one in self.stages if one.code == code), None)

    def stage_name(self, code: str) -> str:
        """The code itself for a stage that is no longer there."""
        found = self.stage(code)
        return found.name if found else code

    def is_forward(self, before: Stage, after: Stage) -> bool:
        """Whether a move asks for what the earlier stage needs."""
        same_way = not (before.channel and after.channel) or before.channel == after.channel
        return after.place > before.place and same_way

    def left_behind(self, before: Stage, after: Stage) -> list[Stage]:
        """The stages whose rules a move on asks about: the one it leaves and those it jumps, except
        those of channels that it does not take."""
        ways = {"", before.channel, after.channel}
        return [
            one
            for one in self.stages
            if before.place <= one.place < after.place and one.channel in ways
        ]


def read(text: str) -> Pipeline:
    """A pipeline from its YAML. Raises Faults."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Faults([f"no YAML: {error}"]) from None
    faults: list[str] = []
    made = _Reader(faults).pipeline(raw)
    if faults or made is None:
        raise Faults(faults)
    return made


class _Reader:
    """Reads a document and notes each fault at its place."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults

    def pipeline(self, raw: Any) -> Pipeline | None:
        if not isinstance(raw, dict):
            self.faults.append("the document is no mapping")
            return None
        self._only(raw, {"code", "name", "about", "stages"}, "the document")
        code = self._code(raw.get("code"), "code")
        name, about = self._text(raw.get("name"), "name"), self._text(raw.get("about"), "about")
        rows = raw.get("stages")
        if not isinstance(rows, list) or not 2 <= len(rows) <= MAX_STAGES:
            self.faults.append(f"stages: give 2 to {MAX_STAGES}")
            return None
        stages = [self._stage(row, f"stages.{place}", place) for place, row in enumerate(rows)]
        self._once([one.code for one in stages], "stages")
        return Pipeline(code, *name, *about, tuple(stages))

    def _stage(self, raw: Any, where: str, place: int) -> Stage:
        if not isinstance(raw, dict):
            self.faults.append(f"{where}: no mapping")
            raw = {}
        known = {"code", "name", "probability", "channel", "needs", "blocks", "tasks"}
        self._only(raw, known, where)
        probability = raw.get("probability")
        if isinstance(probability, bool) or not isinstance(probability, int):
            self.faults.append(f"{where}.probability: a whole number from 0 to 100")
            probability = 0
        if not 0 <= probability <= 100:
            self.faults.append(f"{where}.probability: {probability} is not from 0 to 100")
        needs, blocks = self._needs(raw, "needs", where), self._needs(raw, "blocks", where)
        self.faults += [
            f"{where}.blocks: {one} does not stand in needs" for one in blocks if one not in needs
        ]
        tasks = raw.get("tasks") or []
        if not isinstance(tasks, list) or len(tasks) > MAX_TASKS:
            self.faults.append(f"{where}.tasks: a list of at most {MAX_TASKS}")
            tasks = []
        made = [self._task(row, f"{where}.tasks.{nth}") for nth, row in enumerate(tasks)]
        self._once([one.code for one in made], f"{where}.tasks")
        channel = self._code(raw["channel"], f"{where}.channel") if raw.get("channel") else ""
        return Stage(
            self._code(raw.get("code"), f"{where}.code"),
            *self._text(raw.get("name"), f"{where}.name"),
            place, probability, channel, tuple(needs), frozenset(blocks), tuple(made),
        )  # fmt: skip

    def _task(self, raw: Any, where: str) -> TaskTemplate:
        if not isinstance(raw, dict):
            self.faults.append(f"{where}: no mapping")
            raw = {}
        self._only(raw, {"code", "en", "zh", "days"}, where)
        days = raw.get("days")
        if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 3650:
            self.faults.append(f"{where}.days: a whole number from 0 to 3650")
            days = 0
        title = self._text(raw, where)
        return TaskTemplate(self._code(raw.get("code"), f"{where}.code"), *title, days)

    def _needs(self, raw: Mapping[str, Any], key: str, where: str) -> list[str]:
        given = raw.get(key) or []
        if not isinstance(given, list):
            self.faults.append(f"{where}.{key}: a list")
            return []
        self.faults += [
            f"{where}.{key}: {one} is unknown; there are {', '.join(NEEDS)}"
            for one in given
            if one not in NEEDS
        ]
        return [one for one in given if one in NEEDS]

    def _text(self, raw: Any, where: str) -> tuple[str, str]:
        found = []
        for language in ("en", "zh"):
            text = raw.get(language) if isinstance(raw, dict) else None
            if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_TEXT:
                self.faults.append(f"{where}.{language}: a text of 1 to {MAX_TEXT} characters")
                text = ""
            found.append(text.strip())
        return found[0], found[1]

    def _code(self, value: Any, where: str) -> str:
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
        self.faults.append(f"{where}: 2 to 30 of a-z, 0-9 and _, beginning with a letter")
        return ""

    def _only(self, raw: Mapping[str, Any], known: set[str], where: str) -> None:
        self.faults += [f"{where}: {key} is unknown" for key in sorted(map(str, {*raw} - known))]

    def _once(self, codes: list[str], where: str) -> None:
        twice = sorted({one for one in codes if one and codes.count(one) > 1})
        self.faults += [f"{where}: {one} is there twice" for one in twice]


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Pipeline]:
    """Those that come with the program, by code."""
    return by_code(read(path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.yaml")))


def by_code(found: Iterable[Pipeline]) -> dict[str, Pipeline]:
    return {one.code: one for one in found}


# (anew) -> all pipelines, shipped and added; anew: do not trust what this process holds.
Source = Callable[[bool], Mapping[str, Pipeline]]
_source: list[Source] = []


def use(source: Source | None) -> None:
    """Where added pipelines come from; None: the shipped ones alone."""
    _source[:] = [source] if source else []


def all_pipelines(*, anew: bool = False) -> Mapping[str, Pipeline]:
    return _source[0](anew) if _source else shipped()


def pipeline(code: str) -> Pipeline | None:
    """None for an unknown code."""
    return all_pipelines().get(code) or all_pipelines(anew=True).get(code)
