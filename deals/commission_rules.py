"""Exact arithmetic of a success fee. Amounts are Decimal; nothing is lost between the parties.

Rounding happens in three places and nowhere else: the fee of each tier, the earned part of a fee
that follows payments, and the amount converted by a rate are rounded half up to the unit; the
referring part is cut down to the unit, and what is left over is the closing party's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

CENT = Decimal("0.01")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class FeeTier:
    """percent holds for the part of an amount that lies above `above`, up to the next tier."""

    above: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of an amount within one tier, and the fee on it."""

    part: Decimal
    percent: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee on an amount: tiers together, then not below the minimum, then not above the cap."""

    slices: tuple[Slice, ...]
    by_tiers: Decimal
    whole: Decimal


def fee_of(
    tiers: Sequence[FeeTier], amount: Decimal, *, minimum: Decimal | None = None,
    cap: Decimal | None = None, unit: Decimal = CENT,
) -> Fee:  # fmt: skip
    """The success fee on an amount, which is not negative.

    tiers: ascending, the first from 0. Raises ValueError for tiers or amounts that are not.
    """
    if not tiers or tiers[0].above != 0 or amount < 0:
        raise ValueError("tiers begin at 0, and an amount is not negative")
    if any(one.above >= two.above for one, two in pairwise(tiers)):
        raise ValueError("tiers ascend")
    uppers = [*(tier.above for tier in tiers[1:]), max(amount, tiers[-1].above)]
    slices = tuple(
        Slice(part, tier.percent, part_of(part, tier.percent, Decimal(100), unit))
        for tier, upper in zip(tiers, uppers, strict=True)
        if (part := min(amount, upper) - tier.above) > 0
    )
    by_tiers = sum((one.fee for one in slices), NOTHING)
    whole = by_tiers if minimum is None else max(by_tiers, minimum)
    return Fee(slices, by_tiers, whole if cap is None else min(whole, cap))


def part_of(amount: Decimal, part: Decimal, of: Decimal, unit: Decimal = CENT) -> Decimal:
    """amount times part / of, rounded half up to the unit; none is negative, `of` is above 0."""
    exact = Fraction(amount) * Fraction(part) / Fraction(of) / Fraction(unit)
    doubled = exact * 2
    return ((doubled.numerator // doubled.denominator + 1) // 2) * unit


def earned(
    whole: Decimal, received: Decimal, contract_amount: Decimal, unit: Decimal = CENT
) -> Decimal:
    """Of a fee that follows payments, what is earned once so much has come in; never more than the
    whole. A contract without an amount earns nothing this way."""
    if contract_amount <= 0:
        return NOTHING
    return min(whole, part_of(whole, min(received, contract_amount), contract_amount, unit))


def split_fee(
    fee: Decimal, referring_percent: Decimal, unit: Decimal = CENT
) -> tuple[Decimal, Decimal]:
    """(referring part, closing part): the first cut down to the unit, the second takes the rest,
    so that both come to the fee. Raises ValueError for a negative fee or a percent beyond 0-100."""
    if fee < 0 or not 0 <= referring_percent <= 100:
        raise ValueError("a fee is not negative, a percent lies between 0 and 100")
    exact = Fraction(fee) * Fraction(referring_percent) / 100 / Fraction(unit)
    referring = (exact.numerator // exact.denominator) * unit
    return referring, fee - referring
