"""Royalty of a period by the terms of a contract: exact arithmetic, nothing is read here.

Rates are on what the base exceeds an amount by, counted within a year of the royalty; years run
from the royalty's first day. The minimum of a year is compared once, in its last period. Rounded
half up to the cent in two places: the royalty of a period, and the minimum of a broken year.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from contracts.models import ContractRoyalty, RoyaltyStep
from contracts.schedule import after_months
from deals.distribution.share import half_up, unit_of

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a royalty: its number from 1, its first and last day. `is_broken`: the royalty
    ends within it."""

    number: int
    first: dt.date
    last: dt.date
    is_broken: bool
    whole_days: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the base and its rate in percent; amount is exact, not rounded."""

    above: Decimal
    part: Decimal
    rate: Decimal

    @property
    def amount(self) -> Decimal:
        return self.part * self.rate / 100


@dataclass(frozen=True, slots=True)
class Minimum:
    """The minimum of a year as it is compared in its last period. agreed: for a whole year;
    amount: what of it falls on a broken one; topped_up: what the royalty falls short of it by."""

    agreed: Decimal
    amount: Decimal
    topped_up: Decimal


@dataclass(frozen=True, slots=True)
class Owed:
    """In the contract's currency. before and earlier: base and sums owed of the year's earlier
    periods. minimum: None before the year's last period, or where none is agreed."""

    base: Decimal
    before: Decimal
    earlier: Decimal
    slices: tuple[Slice, ...]
    royalty: Decimal
    minimum: Minimum | None
    owed: Decimal


def year_of(day: dt.date, start: dt.date, end: dt.date | None) -> Year:
    """The year of a royalty in which a day lies; day is not before start."""
    number = max(day.year - start.year, 1)
    while after_months(start, 12 * number) <= day:
        number += 1
    while number > 1 and after_months(start, 12 * (number - 1)) > day:
        number -= 1
    first = after_months(start, 12 * (number - 1))
    whole = after_months(start, 12 * number) - dt.timedelta(days=1)
    is_broken = end is not None and end < whole
    last = end if end is not None and is_broken else whole
    return Year(number, first, last, is_broken, (whole - first).days + 1)


def rates_of(steps: Sequence[RoyaltyStep], year: int) -> list[RoyaltyStep]:
    """The steps in force in a year: those of the newest year that has begun, by amount."""
    begun = [step for step in steps if step.from_year <= year]
    newest = max((step.from_year for step in begun), default=0)
    return sorted(
        (step for step in begun if step.from_year == newest), key=lambda step: step.from_amount
    )


def slices_of(
    steps: Sequence[RoyaltyStep], year: int, before: Decimal, base: Decimal
) -> tuple[Slice, ...]:
    """What of the base lies in which step, where `before` was stated earlier in the year."""
    rates = rates_of(steps, year)
    found = []
    for place, step in enumerate(rates):
        upper = rates[place + 1].from_amount if place + 1 < len(rates) else before + base
        part = min(upper, before + base) - max(step.from_amount, before)
        if part > 0:
            found.append(Slice(step.from_amount, part, step.rate))
    return tuple(found)


def work_out(
    royalty: ContractRoyalty, steps: Sequence[RoyaltyStep], year: Year, last_day: dt.date, *,
    base: Decimal, before: Decimal, earlier: Decimal, currency: str,
) -> Owed:  # fmt: skip
    """What is owed for a period that ends on last_day. Amounts are not negative."""
    unit = unit_of(currency)
    slices = slices_of(steps, year.number, before, base)
    exact = half_up(sum((one.amount for one in slices), NOTHING), unit)
    minimum = None
    if royalty.minimum_per_year and last_day >= year.last:
        agreed = royalty.minimum_per_year
        amount = agreed
        if year.is_broken:
            amount = half_up(agreed * year.days / year.whole_days, unit)
        minimum = Minimum(agreed, amount, max(amount - earlier - exact, NOTHING))
    owed = exact + (minimum.topped_up if minimum else NOTHING)
    return Owed(base, before, earlier, slices, exact, minimum, owed)
