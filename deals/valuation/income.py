"""Income approach: discounted cash flow, risk-adjusted (rNPV), relief from royalty.

Year t is discounted by (1 + r)^t at the end of the year, by (1 + r)^(t - 1/2) in its middle; year 0
is today and never discounted. Rates must exceed -1.
"""

import math
from collections.abc import Sequence

import numpy as np

from deals.valuation import Value


def discounted(amount: Value, rate: Value, year: float, *, mid_year: bool = False) -> Value:
    """Present value of an amount of year `year` (0 or more)."""
    time = year - 0.5 if mid_year and year >= 1 else year
    return amount / (1 + rate) ** time


def dcf(flows: Sequence[tuple[float, Value]], rate: Value, *, mid_year: bool = False) -> Value:
    """Sum of CF_t / (1 + r)^t. flows: (year, amount)."""
    total: Value = 0.0
    for year, amount in flows:
        total = total + discounted(amount, rate, year, mid_year=mid_year)
    return total


def rnpv(
    flows: Sequence[tuple[float, Value, Value]], rate: Value, *, mid_year: bool = False
) -> Value:
    """Sum of CF_t x P(reach t) / (1 + r)^t. flows: (year, amount, probability of reaching it).

    The rate must not be raised for the risk that the probabilities carry.
    """
    return dcf([(year, amount * chance) for year, amount, chance in flows], rate, mid_year=mid_year)


def relief(
    revenue: Value, growth: Value, years: Value, royalty: Value, tax: Value, rate: Value,
    *, mid_year: bool = False,
) -> Value:  # fmt: skip
    """Relief from royalty: sum of revenue_t x royalty x (1 - tax) / (1 + r)^t.

    revenue: of year 1, growing by `growth` a year. years: life; of a last broken year its part.
    """
    total: Value = 0.0
    last = math.ceil(float(np.max(years)))
    for year in range(1, last + 1):
        part = np.clip(np.asarray(years) - (year - 1), 0.0, 1.0)
        saved = revenue * (1 + growth) ** (year - 1) * royalty * (1 - tax) * part
        total = total + discounted(saved, rate, year, mid_year=mid_year)
    return total
