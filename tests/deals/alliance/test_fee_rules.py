"""Arithmetic of a fee, for every amount: nothing is lost, and more never earns less."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deals.commission_rules import FeeTier, earned, fee_of, split_fee

CENTS = st.integers(0, 10**14).map(lambda cents: Decimal(cents) / 100)
PERCENT = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)
UNITS = st.sampled_from([Decimal("0.01"), Decimal(1)])
TIERS = st.lists(
    st.tuples(st.integers(1, 10**9), st.integers(0, 1_000_000)), max_size=6,
    unique_by=lambda row: row[0],
).map(
    lambda rows: [
        FeeTier(Decimal(0), Decimal("5.1234")),
        *(FeeTier(Decimal(above), Decimal(ppm) / 10_000) for above, ppm in sorted(rows)),
    ]
)  # fmt: skip
STATED = [FeeTier(Decimal(0), Decimal(5)), FeeTier(Decimal(1_000_000), Decimal(3))]


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        ("0", "0"), ("100", "5.00"), ("1000000", "50000.00"), ("1000000.50", "50000.02"),
        ("3500000", "125000.00"), ("0.10", "0.01"), ("0.09", "0.00"),
    ],
)  # fmt: skip
def test_each_percentage_holds_for_its_own_part(amount: str, fee: str) -> None:
    told = fee_of(STATED, Decimal(amount))
    assert told.whole == Decimal(fee)
    assert sum(one.part for one in told.slices) == Decimal(amount)


def test_the_least_and_the_most() -> None:
    least, most = Decimal(1000), Decimal(20_000)
    small = fee_of(STATED, Decimal(100), minimum=least, cap=most)
    assert (small.by_tiers, small.whole) == (Decimal("5.00"), least)
    assert fee_of(STATED, Decimal(10**7), minimum=least, cap=most).whole == most


@settings(deadline=None)
@given(TIERS, CENTS, CENTS, UNITS)
def test_a_larger_contract_never_costs_less(
    tiers: list[FeeTier], one: Decimal, other: Decimal, unit: Decimal
) -> None:
    small, large = sorted((one, other))
    below, above = fee_of(tiers, small, unit=unit), fee_of(tiers, large, unit=unit)
    assert 0 <= below.whole <= above.whole
    assert below.whole % unit == 0 == above.whole % unit
    assert sum(row.part for row in above.slices) == large


@settings(deadline=None)
@given(CENTS, PERCENT)
def test_both_parts_come_to_the_fee(fee: Decimal, percent: Decimal) -> None:
    referring, closing = split_fee(fee, percent)
    assert referring + closing == fee
    assert referring >= 0 and closing >= 0
    assert 0 <= fee * percent / 100 - referring < Decimal("0.01")


@settings(deadline=None)
@given(CENTS, CENTS, CENTS, CENTS)
def test_payments_earn_the_whole_in_the_end(
    whole: Decimal, amount: Decimal, one: Decimal, other: Decimal
) -> None:
    first, then = sorted((one, other))
    assert earned(whole, first, amount) <= earned(whole, then, amount) <= whole
    if amount:
        assert earned(whole, amount, amount) == whole


def test_what_is_no_fee_is_refused() -> None:
    for tiers, amount in (([], 1), ([FeeTier(Decimal(1), Decimal(5))], 1), (STATED, -1),
                          ([STATED[0], STATED[0]], 1)):  # fmt: skip
        with pytest.raises(ValueError, match="tiers"):
            fee_of(tiers, Decimal(amount))
    with pytest.raises(ValueError, match="percent"):
        split_fee(Decimal(1), Decimal("100.01"))
