"""Real options: Black-Scholes with a dividend yield, and binomial lattices.

S: present value of the inflows; K: cost to develop; t: life in years; s: volatility; r: rate free
of risk and y: yield lost by waiting, both compounded continuously. For a patent y is often 1 / t.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deals.valuation import NoValue, Value

_SQRT2 = math.sqrt(2)
_erf = np.frompyfunc(math.erf, 1, 1)


@dataclass(frozen=True)
class BlackScholes:
    d1: Value
    d2: Value
    n1: Value
    n2: Value
    value: Value


def normal(x: Value) -> Value:
    """N(x), exact to double precision (numpy has no error function)."""
    if np.ndim(x) == 0:
        return 0.5 * (1 + math.erf(float(x) / _SQRT2))
    return 0.5 * (1 + np.asarray(_erf(np.asarray(x) / _SQRT2), dtype=float))


def black_scholes(
    s: Value, k: Value, t: Value, volatility: Value, r: Value, y: Value
) -> BlackScholes:  # fmt: skip
    """European call: S e^(-yt) N(d1) - K e^(-rt) N(d2). S, K, t and volatility exceed 0."""
    spread = volatility * np.sqrt(t)
    d1 = (np.log(s / k) + (r - y + volatility**2 / 2) * t) / spread
    d2 = d1 - spread
    n1, n2 = normal(d1), normal(d2)
    value = s * np.exp(-y * t) * n1 - k * np.exp(-r * t) * n2
    return BlackScholes(d1, d2, n1, n2, value)


def binomial(
    s: Value, k: Value, t: Value, volatility: Value, r: Value, y: Value,
    *, steps: int, is_american: bool,
) -> Value:  # fmt: skip
    """Call on a Cox-Ross-Rubinstein lattice: u = e^(s sqrt dt), d = 1/u,
    p = (e^((r - y) dt) - d) / (u - d).

    Raises NoValue("steps") when p leaves 0..1: dt is too long for so small a volatility.
    """
    s, k, t, volatility, r, y = (
        np.asarray(one, dtype=float)[..., None] for one in (s, k, t, volatility, r, y)
    )
    dt = t / steps
    up = np.exp(volatility * np.sqrt(dt))
    down = 1 / up
    chance = (np.exp((r - y) * dt) - down) / (up - down)
    if not bool(np.all((chance >= 0) & (chance <= 1))):
        raise NoValue("steps")
    discount = np.exp(-r * dt)
    prices = s * up ** np.arange(steps, -steps - 1, -2)
    values = np.maximum(prices - k, 0.0)
    for _step in range(steps):
        values = discount * (chance * values[..., :-1] + (1 - chance) * values[..., 1:])
        if is_american:
            prices = prices[..., :-1] * down
            values = np.maximum(values, prices - k)
    found = values[..., 0]
    return found if found.ndim else float(found)


def on_prices(levels: Sequence[Sequence[float]], k: float, rate: float) -> list[list[float]]:
    """European call on a lattice whose prices are given, level by level; node i goes up to i and
    down to i + 1 of the next level. rate: simple, for one step. Returns the value at every node.
    """
    found = [[max(price - k, 0.0) for price in levels[-1]]]
    for level, after in zip(levels[-2::-1], levels[:0:-1], strict=True):
        values, ahead = [], found[0]
        for place, price in enumerate(level):
            up, down = after[place], after[place + 1]
            chance = (price * (1 + rate) - down) / (up - down)
            values.append((chance * ahead[place] + (1 - chance) * ahead[place + 1]) / (1 + rate))
        found.insert(0, values)
    return found
