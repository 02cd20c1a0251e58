"""Sensitivity: one input at a time to its low and its high end, all others at their base."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deals.valuation import Value


@dataclass(frozen=True)
class Bar:
    """What the value becomes with one input at its low and at its high end."""

    path: str
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


Ends = Mapping[str, tuple[float, float, float]]  # path -> low, base, high
Formula = Callable[[Mapping[str, Value], frozenset[str]], Value]  # values, the paths that vary


def tornado(formula: Formula, ends: Ends) -> list[Bar]:
    """Widest first; inputs without a range are left out."""
    base = {path: middle for path, (_low, middle, _high) in ends.items()}
    bars = [
        Bar(path, *(float(formula({**base, path: end}, frozenset([path]))) for end in (low, high)))
        for path, (low, _base, high) in ends.items()
        if low != high
    ]
    return sorted(bars, key=lambda bar: -bar.width)


def extremes(formula: Formula, ends: Ends, bars: Sequence[Bar]) -> tuple[float, float]:
    """(low, high): every input at the end that by itself makes the value smaller, and larger.

    A cautious span: seldom does everything go wrong at once.
    """
    found = []
    for wants_high in (False, True):
        point = {path: middle for path, (_low, middle, _high) in ends.items()}
        for bar in bars:
            low, _base, high = ends[bar.path]
            point[bar.path] = high if (bar.at_high >= bar.at_low) == wants_high else low
        varied = frozenset(bar.path for bar in bars)
        found.append(float(formula(point, varied)))
    return min(found), max(found)
