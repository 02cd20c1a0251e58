"""Amounts hold for every total and every list of deductions, and are exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.amounts import CENT, LARGEST, in_cny, work_out
from contracts.codes import BAND_FLOORS, band_of
from marketplace.core.errors import Invalid

money = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)
rates = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(1000), places=6)


@given(total=money, shares=st.lists(st.integers(min_value=0, max_value=100), max_size=8))
def test_technology_amount_and_deductions_add_up_to_the_total(
    total: Decimal, shares: list[int]
) -> None:
    weight = max(sum(shares), 1) * 2
    rows = [(total * share / weight).quantize(CENT, rounding="ROUND_DOWN") for share in shares]
    found = work_out(total, rows)
    assert found.technology + sum(rows, Decimal(0)) == total
    assert 0 <= found.technology <= found.total
    assert found.technology_cny == found.technology
    assert work_out(total, reversed(rows)) == found


@given(total=money, rows=st.lists(money, max_size=6))
def test_deductions_above_the_total_are_refused_and_others_are_not(
    total: Decimal, rows: list[Decimal]
) -> None:
    if sum(rows, Decimal(0)) > total:
        with pytest.raises(Invalid) as refusal:
            work_out(total, rows)
        assert set(refusal.value.fields) == {"deductions"}
    else:
        assert work_out(total, rows).technology == total - sum(rows, Decimal(0))


@given(total=money, row=money.filter(lambda value: value > 0))
def test_negative_amounts_are_refused(total: Decimal, row: Decimal) -> None:
    with pytest.raises(Invalid):
        work_out(total, [-row])
    with pytest.raises(Invalid):
        work_out(-row, [])


@given(total=money, rate=rates, row=money)
def test_yuan_are_rounded_once_half_up_and_stay_in_order(
    total: Decimal, rate: Decimal, row: Decimal
) -> None:
    row = min(row, total)
    try:
        found = work_out(total, [row], currency="USD", rate=rate)
    except Invalid:
        assert total * rate > LARGEST
        return
    assert found.total_cny is not None and found.technology_cny is not None
    assert found.technology_cny.as_tuple().exponent == -2
    assert abs(found.technology_cny - found.technology * rate) <= CENT / 2
    assert 0 <= found.technology_cny <= found.total_cny


def test_half_a_cent_is_rounded_up() -> None:
    assert in_cny(Decimal("0.01"), Decimal("0.5")) == Decimal("0.01")
    assert in_cny(Decimal("0.03"), Decimal("0.5")) == Decimal("0.02")


def test_without_a_rate_yuan_are_unknown() -> None:
    found = work_out(Decimal(100), [], currency="EUR")
    assert (found.total_cny, found.technology_cny) == (None, None)


def test_amounts_too_large_for_the_register_are_refused() -> None:
    with pytest.raises(Invalid):
        work_out(LARGEST, [], currency="USD", rate=Decimal(7))


@pytest.mark.parametrize(
    ("amount", "band"),
    [("0", "b1"), ("99999.99", "b1"), ("100000", "b2"), ("4999999.99", "b4"), ("5000000", "b5"),
     ("10000000", "b6"), ("999999999", "b6")],
)  # fmt: skip
def test_band_holds_its_lower_bound(amount: str, band: str) -> None:
    assert band_of(Decimal(amount)) == band


def test_bands_rise() -> None:
    floors = list(BAND_FLOORS.values())
    assert floors == sorted(floors) and floors[0] == 0
