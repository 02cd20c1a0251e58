"""Formulas of valuation: pure functions without Django, one file for each approach.

Numbers are binary floats (IEEE 754 double), never Decimal: a valuation is an estimate, discounting
and the normal distribution are not decimal anyway, and the same formula must run over 100,000 draws
at once. What a person typed stays a Decimal text where it is stored; a result is rounded to cents,
half to even, once, where it leaves these functions (deals.valuing.computing).

Every argument that is a `Value` may be one float or a numpy array with a float for each draw.
Percentages are given as shares here: 20 % is 0.2. Amounts are in one currency, whichever it is.
"""

from typing import Any, TypeAlias

Value: TypeAlias = Any  # float | numpy.ndarray of float64


class NoValue(ValueError):
    """The formula has no answer for these figures; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
