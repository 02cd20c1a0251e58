"""Monte Carlo: every uncertain input drawn independently, the formula run over all draws.

The same seed gives the same numbers: each input has a stream of its own (PCG64, named by seed and
path), only its uniform numbers are used, and laws are applied by formulas of this file, so neither
another input nor another release of numpy's samplers changes them.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deals.valuation import NoValue, Value
from deals.valuation.sensitivity import Formula

LAWS = ("triangular", "normal", "lognormal", "uniform")
LEAST, MOST = 1_000, 100_000
PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
BINS = 20
CHUNK = 10_000  # draws at once: bounds the memory
_P90 = 1.2815515655446004  # of the standard normal


@dataclass(frozen=True)
class Drawn:
    """An input that varies: triangular over low-base-high; uniform over low-high; normal with low
    and high as 10th and 90th percentile around base; lognormal with base as median and the ratio
    of high to low as that of these percentiles. Draws outside minimum..maximum count as the bound.
    """

    law: str
    low: float
    base: float
    high: float
    minimum: float = -math.inf
    maximum: float = math.inf


@dataclass(frozen=True)
class Summary:
    draws: int
    mean: float
    deviation: float
    percentiles: dict[int, float]
    chance_of_loss: float  # share of draws below 0
    edges: list[float]  # one more than counts
    counts: list[int]


def simulate(
    formula: Formula, drawn: Mapping[str, Drawn], fixed: Mapping[str, float], *, seed: int,
    draws: int,
) -> Summary:  # fmt: skip
    """Raises NoValue("no_spread") without an input that varies, NoValue("not_finite") when the
    formula leaves the numbers."""
    if not drawn:
        raise NoValue("no_spread")
    streams = {path: _stream(seed, path) for path in drawn}
    varied = frozenset(drawn)
    parts = []
    for start in range(0, draws, CHUNK):
        number = min(CHUNK, draws - start)
        values: dict[str, Value] = dict(fixed)
        for path, law in drawn.items():
            # the stream is read in whole chunks, so that more draws begin with the same ones
            values[path] = _of_law(law, streams[path].random((2, CHUNK)))[:number]
        found = np.broadcast_to(np.asarray(formula(values, varied), dtype=float), (number,))
        parts.append(found)
    return _summary(np.concatenate(parts))


def _stream(seed: int, path: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(path.encode())]))


def _of_law(law: Drawn, uniform: Value) -> Value:
    first, second = uniform
    if law.law == "uniform":
        found = law.low + (law.high - law.low) * first
    elif law.law == "triangular":
        found = _triangular(law, first)
    else:
        # Box and Muller; 1 - u lies in (0, 1]
        normal = np.sqrt(-2 * np.log(1 - first)) * np.cos(2 * math.pi * second)
        if law.law == "normal":
            found = law.base + (law.high - law.low) / (2 * _P90) * normal
        else:
            found = law.base * np.exp(math.log(law.high / law.low) / (2 * _P90) * normal)
    return np.clip(found, law.minimum, law.maximum)


def _triangular(law: Drawn, uniform: Value) -> Value:
    width, left, right = law.high - law.low, law.base - law.low, law.high - law.base
    rising = law.low + np.sqrt(uniform * width * left)
    falling = law.high - np.sqrt((1 - uniform) * width * right)
    return np.where(uniform * width < left, rising, falling)


def _summary(values: Value) -> Summary:
    if not bool(np.all(np.isfinite(values))):
        raise NoValue("not_finite")
    low, high = (float(one) for one in np.quantile(values, [0.005, 0.995]))
    if low == high:
        low, high = low - 0.5, high + 0.5
    # the outermost half per cent on each side counts in the first and the last column
    counts, edges = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    return Summary(
        draws=len(values),
        mean=float(values.mean()),
        deviation=float(values.std(ddof=1)),
        percentiles={
            share: float(found)
            for share, found in zip(PERCENTILES, np.percentile(values, PERCENTILES), strict=True)
        },
        chance_of_loss=float((values < 0).mean()),
        edges=[float(edge) for edge in edges],
        counts=[int(count) for count in counts],
    )
