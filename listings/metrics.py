"""Names of metrics in both languages, offered while one types and completed on saving."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from marketplace.core.words import tokens


class Metric(NamedTuple):
    en: str
    zh: str
    unit: str


@lru_cache(maxsize=1)
def metrics() -> tuple[Metric, ...]:
    """The known metrics in the order of the file."""
    raw = yaml.safe_load(Path(__file__).with_name("metrics.yaml").read_text(encoding="utf-8"))
    return tuple(Metric(row["en"], row["zh"], row["unit"]) for row in raw)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for metric in metrics():
        found.setdefault(metric.en.lower(), metric)
        found.setdefault(metric.zh, metric)
    return found


def find(name: str) -> Metric | None:
    """The metric of a name in either language, or None."""
    return _by_name().get(name.strip().lower())


# From here on two names may mean the same.
ALIKE = 0.5


@lru_cache(maxsize=65_536)
def likeness(first_en: str, first_zh: str, second_en: str, second_zh: str) -> float:
    """0..1: how far two metrics have the same name, in the better of the two languages: shared
    words over the words of the longer name."""
    pairs = zip(completed(first_en, first_zh), completed(second_en, second_zh), strict=True)
    return max(_overlap(_words(one), _words(two)) for one, two in pairs)


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(tokens(text)) if text else frozenset()


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one), len(other)) if one and other else 0.0


def completed(metric_en: str, metric_zh: str) -> tuple[str, str]:
    """Both names where one is known and the other was left out."""
    if metric_en and not metric_zh and (known := find(metric_en)):
        return metric_en, known.zh
    if metric_zh and not metric_en and (known := find(metric_zh)):
        return known.en, metric_zh
    return metric_en, metric_zh
