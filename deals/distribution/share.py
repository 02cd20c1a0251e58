"""Exact arithmetic of a distribution. Amounts are Decimal, fractions exact, and nothing is lost:
deductions and shares add up to the income, to the cent, for every amount.

Rounding happens in three places and nowhere else:
- a deduction in percent is rounded half up to the cent;
- shares are cut down to the cent, and what is left over goes to the party that the scheme names;
- the inventors' part is split by largest remainder: who lost most by cutting gets the next cent,
  the one named first where two lost the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from deals.distribution.schemes import Deduction, Scheme, Tier

CENT = Decimal("0.01")
_WHOLE = frozenset({"JPY", "KRW"})  # currencies that are paid without cents
NOTHING = Decimal(0)


def unit_of(currency: str) -> Decimal:
    """The smallest amount that is paid in a currency."""
    return Decimal(1) if currency in _WHOLE else CENT


@dataclass(frozen=True, slots=True)
class Deducted:
    """One deduction: `base` is what it was worked out of."""

    rule: Deduction
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the net income within one tier, and the weight `of` the whole that a party has."""

    amount: Decimal
    weight: Decimal
    of: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What a party gets. rounding: the cents that the party named by the scheme takes over."""

    party: str
    slices: tuple[Slice, ...]
    rounding: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Distribution:
    """gross = sum of deductions + net; net = sum of shares."""

    gross: Decimal
    deductions: tuple[Deducted, ...]
    net: Decimal
    cumulative: Decimal  # net income of the licence before this one
    shares: tuple[Share, ...]

    @property
    def for_inventors(self) -> Decimal:
        return next(one.amount for one in self.shares if one.party == "inventors")

    @property
    def costs(self) -> Decimal:
        """Costs that it recovers."""
        return sum((one.amount for one in self.deductions if one.rule.kind == "costs"), NOTHING)


def distribute(
    scheme: Scheme,
    gross: Decimal,
    *,
    costs: Decimal = NOTHING,
    cumulative: Decimal = NOTHING,
    unit: Decimal = CENT,
) -> Distribution:
    """Apply a scheme to income.

    gross: income, a multiple of `unit`, not negative. costs: unreimbursed ones, not negative.
    cumulative: net income of the licence that earlier runs distributed; thresholds count on it.
    Raises ValueError for an amount that is negative or no multiple of the unit.
    """
    for amount in (gross, costs, cumulative):
        if amount < 0 or amount % unit:
            raise ValueError(f"not an amount in units of {unit}: {amount}")
    rest, deducted = gross, []
    for rule in scheme.deductions:
        base, wanted = _wanted(rule, gross, rest, costs, unit)
        amount = min(wanted, rest)  # there is never more deducted than there is
        deducted.append(Deducted(rule, base, amount))
        rest -= amount
    return Distribution(
        gross, tuple(deducted), rest, cumulative, _shares(scheme, rest, cumulative, unit)
    )


def split(amount: Decimal, weights: Sequence[Decimal], unit: Decimal = CENT) -> list[Decimal]:
    """Split an amount by weights, largest remainder first; the parts add up to the amount.

    Raises ValueError when there are no weights above 0, or one is below.
    """
    whole = sum(weights, NOTHING)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights are not negative, and one is above 0")
    units = _units(amount, unit)
    exact = [units * Fraction(weight) / Fraction(whole) for weight in weights]
    cut = [int(part) for part in exact]  # amounts are not negative: cut is rounded down
    by_loss = sorted(range(len(cut)), key=lambda place: (cut[place] - exact[place], place))
    for place in by_loss[: units - sum(cut)]:
        cut[place] += 1
    return [part * unit for part in cut]


def _wanted(
    rule: Deduction, gross: Decimal, rest: Decimal, costs: Decimal, unit: Decimal
) -> tuple[Decimal, Decimal]:
    """What a deduction is worked out of, and how much it takes."""
    if rule.kind == "costs":
        return costs, costs
    if rule.kind == "amount":
        return rule.amount, rule.amount
    base = gross if rule.of == "gross" else rest
    part = Fraction(base) * Fraction(rule.rate) / 100 / Fraction(unit)
    # exact to the unit before Decimal sees it, so that no precision of a context matters
    doubled = part * 2
    rounded = (doubled.numerator // doubled.denominator + 1) // 2
    return base, rounded * unit


def _slices(tiers: Sequence[Tier], net: Decimal, cumulative: Decimal) -> list[tuple[Tier, Decimal]]:
    """The net income cut at the thresholds that lie within it."""
    end = cumulative + net
    uppers = [*(tier.above for tier in tiers[1:]), end]
    parts = [
        (tier, min(end, upper) - max(cumulative, tier.above))
        for tier, upper in zip(tiers, uppers, strict=True)
    ]
    return [(tier, part) for tier, part in parts if part > 0]


def _shares(scheme: Scheme, net: Decimal, cumulative: Decimal, unit: Decimal) -> tuple[Share, ...]:
    slices = _slices(scheme.tiers, net, cumulative)
    exact: dict[str, Fraction] = {}
    for party in scheme.parties:
        exact[party.code] = sum(
            (
                Fraction(part) * Fraction(tier.weight_of(party.code)) / Fraction(tier.of)
                for tier, part in slices
            ),
            Fraction(0),
        )
    cut = {code: int(part / Fraction(unit)) * unit for code, part in exact.items()}
    left = net - sum(cut.values(), NOTHING)
    return tuple(
        Share(
            party.code,
            tuple(Slice(part, tier.weight_of(party.code), tier.of) for tier, part in slices),
            left if party.code == scheme.rounding_to else NOTHING,
            cut[party.code] + (left if party.code == scheme.rounding_to else NOTHING),
        )
        for party in scheme.parties
    )


def _units(amount: Decimal, unit: Decimal) -> int:
    if amount < 0 or amount % unit:
        raise ValueError(f"not an amount in units of {unit}: {amount}")
    return int(amount / unit)


def half_up(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """Rounded half up to the unit: conversions into the currency of a licence."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)
