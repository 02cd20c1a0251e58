"""Market approach: prices paid for comparable technologies, adjusted to this one."""

from collections.abc import Sequence

import numpy as np

from deals.valuation import Value

ENOUGH = 5  # comparables below which the approach is weak


def adjusted(price: Value, factors: Sequence[Value]) -> Value:
    """Price x product of the adjustments; a factor of 1 adjusts nothing."""
    for factor in factors:
        price = price * factor
    return price


def value(prices: Sequence[Value], *, use_mean: bool = False) -> Value:
    """The median (or mean) of adjusted prices, of at least one."""
    stacked = np.stack(np.broadcast_arrays(*[np.asarray(one, dtype=float) for one in prices]))
    found = stacked.mean(axis=0) if use_mean else np.median(stacked, axis=0)
    return found if found.ndim else float(found)
