"""The arithmetic of a royalty: steps, years, minimum; exact to the cent for every amount."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.models import Contract, ContractRoyalty, RoyaltyStep
from contracts.schedule import royalty_periods
from deals.royalty_terms import rates_of, slices_of, work_out, year_of

START = dt.date(2024, 2, 29)
D = Decimal
NOTHING = D(0)
money = st.decimals(min_value=0, max_value=10**10, places=2)


@st.composite
def ladders(draw: Any) -> list[RoyaltyStep]:
    amounts = sorted({D(0), *draw(st.lists(money, max_size=4))})
    rate = st.decimals(min_value=0, max_value=100, places=3)
    return [RoyaltyStep(from_amount=amount, rate=draw(rate)) for amount in amounts]


def owed(steps: list[RoyaltyStep], base: Decimal, before: Decimal = NOTHING, **more: Any) -> Any:
    year = year_of(START, START, None)
    last = more.pop("last", START)
    royalty = ContractRoyalty(minimum_per_year=more.pop("minimum", None))
    return work_out(
        royalty, steps, year, last, base=base, before=before,
        earlier=more.get("earlier", D(0)), currency=more.get("currency", "CNY"),
    )  # fmt: skip


def by_hand(steps: list[RoyaltyStep], total: Decimal) -> Decimal:
    """From first principles: every step's rate above its amount, less the rate before it."""
    sum_, last = D(0), D(0)
    for step in steps:
        sum_ += max(total - step.from_amount, D(0)) * (step.rate - last) / 100
        last = step.rate
    return sum_


@given(ladders(), money, money)
def test_slices_are_the_difference_of_two_totals(
    steps: list[RoyaltyStep], before: Decimal, base: Decimal
) -> None:
    exact = by_hand(steps, before + base) - by_hand(steps, before)
    told = owed(steps, base, before)
    assert sum(one.part for one in told.slices) == base
    assert told.royalty == exact.quantize(D("0.01"), ROUND_HALF_UP)
    assert told.owed == told.royalty and told.minimum is None


@given(ladders(), money, money, money)
def test_more_sales_never_owe_less(
    steps: list[RoyaltyStep], before: Decimal, one: Decimal, two: Decimal
) -> None:
    low, high = sorted((one, two))
    assert owed(steps, low, before).owed <= owed(steps, high, before).owed


@given(ladders(), money, money, money)
def test_a_year_owes_the_greater_of_royalty_and_minimum(
    steps: list[RoyaltyStep], first: Decimal, second: Decimal, least: Decimal
) -> None:
    begun = owed(steps, first, minimum=least)
    last = year_of(START, START, None).last
    ended = owed(steps, second, first, earlier=begun.owed, minimum=least, last=last)
    assert begun.minimum is None
    year = begun.owed + ended.owed
    assert year == max(begun.royalty + ended.royalty, least)


def test_a_literal_case() -> None:
    steps = [RoyaltyStep(from_amount=D(0), rate=D(5)), RoyaltyStep(from_amount=D(100), rate=D(3))]
    told = owed(steps, D("150.50"), D(40))
    assert [(one.part, one.rate) for one in told.slices] == [(D(60), D(5)), (D("90.50"), D(3))]
    assert told.royalty == D("5.72")  # 3.00 + 2.715
    assert owed(steps, D(0)).slices == () and owed(steps, D(0)).owed == 0
    assert owed(steps, D(155), currency="JPY").owed == 7  # 5 + 1.65, in whole yen
    above = [RoyaltyStep(from_amount=D(100), rate=D(3))]
    assert owed(above, D(80)).owed == 0 and owed(above, D(200)).owed == 3


def test_rates_of_the_year_that_has_begun() -> None:
    rows = [
        RoyaltyStep(from_year=1, from_amount=D(0), rate=D(5)),
        RoyaltyStep(from_year=3, from_amount=D(10), rate=D(2)),
        RoyaltyStep(from_year=3, from_amount=D(0), rate=D(4)),
    ]
    assert [step.rate for step in rates_of(rows, 2)] == [5]
    assert [step.rate for step in rates_of(rows, 3)] == [4, 2]
    assert [step.rate for step in rates_of(rows, 9)] == [4, 2]
    assert slices_of([RoyaltyStep(from_year=2, rate=D(5))], 1, D(0), D(100)) == ()


@pytest.mark.parametrize(
    ("day", "end", "number", "first", "last", "broken"),
    [
        ("2024-02-29", None, 1, "2024-02-29", "2025-02-27", False),
        ("2025-02-27", None, 1, "2024-02-29", "2025-02-27", False),
        ("2025-02-28", None, 2, "2025-02-28", "2026-02-27", False),
        ("2026-01-05", "2026-01-31", 2, "2025-02-28", "2026-01-31", True),
        ("2023-01-01", None, 1, "2024-02-29", "2025-02-27", False),
    ],
)  # fmt: skip
def test_years(day: str, end: str | None, number: int, first: str, last: str, broken: bool) -> None:
    parsed = dt.date.fromisoformat
    year = year_of(parsed(day), START, parsed(end) if end else None)
    assert (year.number, year.first, year.last) == (number, parsed(first), parsed(last))
    assert year.is_broken is broken


def test_a_broken_year_owes_its_part_of_the_minimum() -> None:
    year = year_of(dt.date(2026, 1, 31), dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    royalty = ContractRoyalty(minimum_per_year=D(36500))
    told = work_out(
        royalty, [], year, dt.date(2026, 1, 31), base=D(1), before=D(0), earlier=D(0),
        currency="CNY",
    )  # fmt: skip
    assert told.minimum is not None and told.minimum.amount == 3100 and told.owed == 3100


@given(
    st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2090, 1, 1)),
    st.sampled_from(["month", "quarter", "half_year", "year"]),
    st.integers(min_value=0, max_value=2000),
)
def test_periods_leave_no_day_out_and_lie_in_one_year(
    start: dt.date, reporting: str, days: int
) -> None:
    end = start + dt.timedelta(days=days)
    royalty = ContractRoyalty(runs_from=start, runs_to=end, reporting=reporting)
    rows = list(royalty_periods(Contract(), royalty))
    assert rows[0][0] == start and rows[-1][1] == end
    for (_first, last), (following, _end) in itertools.pairwise(rows):
        assert following == last + dt.timedelta(days=1)
    for first, last in rows:
        assert year_of(first, start, end) == year_of(last, start, end)


def test_an_endless_royalty_ends_with_the_calendar() -> None:
    royalty = ContractRoyalty(runs_from=dt.date(9998, 5, 1), reporting="year")
    rows = list(royalty_periods(Contract(), royalty))
    assert rows[-1][1] == dt.date.max
    assert list(royalty_periods(Contract(), ContractRoyalty(reporting="year"))) == []
