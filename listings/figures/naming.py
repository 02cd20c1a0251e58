"""Metrics by the words that texts use for them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from listings.figures.units import sort_of
from listings.metrics import Metric, find, metrics

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:['’][a-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_EN, _LONGEST_ZH = 5, 10


@dataclass(frozen=True, slots=True)
class Named:
    """A metric that is spoken of at a place of a text; is_verb: "removes", not "removal rate"."""

    start: int
    end: int
    metric: Metric


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    )
    return raw


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[Metric, ...]]:
    """Each way to say a metric, folded -> the metrics it may mean, those of metrics.yaml first."""
    found: dict[str, list[Metric]] = {}
    for metric in metrics():
        for name in (metric.en, metric.zh):
            found.setdefault(_folded(name), []).append(metric)
    for en, others in _words()["said"].items():
        for name in others:
            known = find(en)
            if known and known not in found.setdefault(_folded(name), []):
                found[_folded(name)].append(known)
    return {name: tuple(rows) for name, rows in found.items()}


def _folded(name: str) -> str:
    return " ".join(word.lower() for word in _WORD.findall(name)) if name.isascii() else name


@lru_cache(maxsize=1024)
def sorts_of(metric: Metric) -> frozenset[str]:
    """The kinds of unit that a figure of this metric may have; empty: any, or a plain number."""
    if metric.en in _words()["any"]:
        return frozenset()
    units = [metric.unit, *_words()["also"].get(metric.en, [])]
    return frozenset(sort_of(unit) for unit in units if unit)


def takes_any(metric: Metric) -> bool:
    return metric.en in _words()["any"]


def is_plain(metric: Metric) -> bool:
    """Whether its figures have no unit."""
    return not metric.unit and not takes_any(metric)


def better(metric: Metric) -> str:
    """Which comparator a wish for this metric has: ge, le, or eq where neither is better."""
    words = _words()
    return (
        "le" if metric.en in words["smaller"] else "eq" if metric.en in words["neutral"] else "ge"
    )


def only_metric_of(unit: str) -> Metric | None:
    """The metric that alone is given in this unit."""
    name = _words()["only"].get(unit)
    return find(name) if name else None


def names_in(text: str) -> list[tuple[int, int, tuple[Metric, ...]]]:
    """(start, end, the metrics it may mean), in order, the longest name at each place."""
    return sorted([*_english(text), *_chinese(text)])


def _english(text: str) -> list[tuple[int, int, tuple[Metric, ...]]]:
    words = [(m.start(), m.end(), m.group().lower()) for m in _WORD.finditer(text)]
    known, found, place = _known(), [], 0
    while place < len(words):
        for count in range(min(_LONGEST_EN, len(words) - place), 0, -1):
            run = words[place : place + count]
            if any(b[0] - a[1] > 2 for a, b in pairwise(run)):
                continue
            name = " ".join(word for _s, _e, word in run)
            rows = known.get(name) or (known.get(name[:-1]) if name.endswith("s") else None)
            if rows:
                found.append((run[0][0], run[-1][1], rows))
                place += count - 1
                break
        place += 1
    return found


def _chinese(text: str) -> list[tuple[int, int, tuple[Metric, ...]]]:
    known, found = _known(), []
    for run in _HAN.finditer(text):
        place, end = run.span()
        while place < end:
            for stop in range(min(end, place + _LONGEST_ZH), place, -1):
                if rows := known.get(text[place:stop]):
                    found.append((place, stop, rows))
                    place = stop - 1
                    break
            place += 1
    return found
