"""What is required held against what is claimed. Pure: works on rows of any tier.

Steps: each requirement looks for the claim whose metric has the same name (in either language,
or through the list of known metrics), of the same dimension, under the condition that is most
alike; then the numbers are compared in the requirement's unit.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from listings import metrics
from marketplace.core import units
from marketplace.core.words import tokens

MET, NEARLY, UNMET, UNKNOWN = "met", "nearly", "unmet", "unknown"
NEAR = 0.10  # a claim this close to the requirement (by its value) nearly meets it
SAME = 0.005  # "equal to" is never exact
ALIKE = 0.5  # share of a metric's words that must agree


class Figure(Protocol):
    """What is read of a specification: a row of the model, or a light copy of it."""

    @property
    def metric_en(self) -> str: ...
    @property
    def metric_zh(self) -> str: ...
    @property
    def condition_en(self) -> str: ...
    @property
    def condition_zh(self) -> str: ...
    @property
    def comparator(self) -> str: ...
    @property
    def value(self) -> Decimal: ...
    @property
    def upper(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def dimension(self) -> str: ...
    @property
    def strength(self) -> str: ...


F = TypeVar("F", bound=Figure)


@dataclass(frozen=True, slots=True)
class Verdict(Generic[F]):
    """One requirement, the claim that answers it (None when nothing does), and how it stands."""

    required: F
    claimed: F | None
    verdict: str

    @property
    def is_must(self) -> bool:
        return self.required.strength == "must"


def verdicts(required: Iterable[F], claimed: Sequence[F]) -> list[Verdict[F]]:
    """The verdict on every requirement, in the order of the requirements."""
    return [_verdict(requirement, claimed) for requirement in required]


def _verdict(requirement: F, claims: Sequence[F]) -> Verdict[F]:
    best: tuple[float, float] = (ALIKE, -1.0)
    chosen: F | None = None
    for claim in claims:
        if claim.dimension != requirement.dimension:
            continue
        alike = metric_likeness(requirement, claim)
        if alike < ALIKE:
            continue
        rank = (alike, _condition_likeness(requirement, claim))
        if rank > best:
            best, chosen = rank, claim
    return Verdict(requirement, chosen, compare(requirement, chosen) if chosen else UNKNOWN)


# --- Names ---------------------------------------------------------------------------------------


def metric_likeness(one: Figure, other: Figure) -> float:
    """0..1: how far two metrics have the same name, in the better of the two languages."""
    return metrics.likeness(one.metric_en, one.metric_zh, other.metric_en, other.metric_zh)


def _condition_likeness(one: Figure, other: Figure) -> float:
    return max(_overlap(_words(one.condition_en), _words(other.condition_en)),
               _overlap(_words(one.condition_zh), _words(other.condition_zh)))  # fmt: skip


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(tokens(text)) if text else frozenset()


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words over the words of the longer name; nothing for an empty one."""
    if not one or not other:
        return 0.0
    return len(one & other) / max(len(one), len(other))


# --- Numbers -------------------------------------------------------------------------------------


def compare(requirement: Figure, claim: Figure) -> str:
    """met, nearly (within 10 % of what is required), unmet, or unknown (units do not convert, or
    the claim does not say enough)."""
    interval = _interval(claim, requirement.unit)
    if interval is None:
        return UNKNOWN
    low, high = interval
    wanted = float(requirement.value)
    if requirement.comparator == "ge":
        return _at_least(wanted, low, high)
    if requirement.comparator == "le":
        return _at_least(-wanted, -high, -low)
    if requirement.comparator == "between":
        return _within(wanted, float(requirement.upper or wanted), low, high)
    return _equal(wanted, low, high)


def _interval(claim: Figure, unit: str) -> tuple[float, float] | None:
    """What is claimed, in `unit`: "at least 5" is 5 to infinity."""
    value = _converted(claim.value, claim.unit, unit)
    if value is None:
        return None
    if claim.comparator == "ge":
        return value, math.inf
    if claim.comparator == "le":
        return -math.inf, value
    if claim.comparator == "between" and claim.upper is not None:
        upper = _converted(claim.upper, claim.unit, unit)
        return None if upper is None else (value, upper)
    return value, value


@lru_cache(maxsize=65_536)
def _converted(value: Decimal, source: str, target: str) -> float | None:
    return float(value) if source == target else units.convert(value, source, target)


def _at_least(wanted: float, low: float, high: float) -> str:
    tolerance = abs(wanted) * NEAR
    if low >= wanted:
        return MET
    if low == -math.inf:  # "at most 5" against "at least 4": it may be, ask
        return UNKNOWN if high >= wanted else UNMET
    # "at least 5" against "at least 7" promises 5: what it may reach beyond is not said
    reaches = math.isfinite(high) and high >= wanted
    return NEARLY if low >= wanted - tolerance or reaches else UNMET


def _within(wanted_low: float, wanted_high: float, low: float, high: float) -> str:
    """A range is met by a value inside it, or by a range that covers it (working temperatures)."""
    inside = wanted_low <= low and high <= wanted_high
    covers = low <= wanted_low and wanted_high <= high and low != high
    if inside or covers:
        return MET
    tolerance = NEAR * max(abs(wanted_low), abs(wanted_high))
    near = low <= wanted_high + tolerance and high >= wanted_low - tolerance
    if math.isinf(low) or math.isinf(high):
        return UNKNOWN if near else UNMET
    return NEARLY if near else UNMET


def _equal(wanted: float, low: float, high: float) -> str:
    if math.isinf(low) or math.isinf(high):
        return UNKNOWN if low <= wanted <= high else UNMET
    same, near = abs(wanted) * SAME, abs(wanted) * NEAR
    if low - same <= wanted <= high + same:
        return MET
    return NEARLY if low - near <= wanted <= high + near else UNMET


# --- Summary -------------------------------------------------------------------------------------


def counts(found: Iterable[Verdict[F]]) -> dict[str, int]:
    """How many of each verdict, zeros included."""
    result = {MET: 0, NEARLY: 0, UNMET: 0, UNKNOWN: 0}
    for one in found:
        result[one.verdict] += 1
    return result
