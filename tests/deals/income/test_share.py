"""Schemes and their arithmetic: published vectors, and sums that hold for every amount."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deals.distribution.schemes import INVENTORS, all_schemes, made_of
from deals.distribution.share import distribute, split, unit_of

SCHEMES = sorted(all_schemes())
CENTS = st.integers(0, 10**15).map(lambda cents: Decimal(cents) / 100)


def amounts(scheme: str, gross: str, **given: str) -> dict[str, Decimal]:
    told = distribute(
        all_schemes()[scheme], Decimal(gross), **{k: Decimal(v) for k, v in given.items()}
    )
    return {share.party: share.amount for share in told.shares}


def test_stanford_by_cumulative_income_comes_to_the_published_vector() -> None:
    assert amounts("STANFORD-TIERS", "4000000") == {
        "inventors": Decimal("1333600.00"), "department": Decimal("886400.00"),
        "school": Decimal("890000.00"), "research_office": Decimal("890000.00"),
    }  # fmt: skip


@pytest.mark.parametrize("first", ["0.01", "2999999.99", "3000000", "3000000.01", "3999999.99"])
def test_thresholds_count_what_was_distributed_before(first: str) -> None:
    """Two runs give what one of both gives, wherever the threshold falls; to a cent a party."""
    second = Decimal("4000000") - Decimal(first)
    one = amounts("STANFORD-TIERS", first)
    two = amounts("STANFORD-TIERS", str(second), cumulative=first)
    whole = amounts("STANFORD-TIERS", "4000000")
    for party, amount in whole.items():
        assert abs(one[party] + two[party] - amount) <= Decimal("0.03"), party
    assert sum(one.values()) + sum(two.values()) == Decimal("4000000")


def test_thirds_after_fifteen_percent_and_costs() -> None:
    told = distribute(all_schemes()["OTL-THIRDS"], Decimal("100000"), costs=Decimal("10000"))
    assert [one.amount for one in told.deductions] == [Decimal("15000.00"), Decimal("10000")]
    assert told.net == Decimal("75000") and told.costs == Decimal("10000")
    assert {share.amount for share in told.shares} == {Decimal("25000.00")}
    # the cents that are left over go to the university, as the scheme says
    left = distribute(all_schemes()["OTL-THIRDS"], Decimal("0.02"))
    assert [share.amount for share in left.shares] == [Decimal("0.00"), Decimal("0.00"),
                                                       Decimal("0.02")]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "gross", "costs", "inventors"),
    [
        ("CN-50", "1000", "100", "450.00"),
        ("LAB-30", "1000", "100", "270.00"),
        ("OTL-EQUITY", "300", "0", "85.00"),
        ("CN-50", "50", "80", "0.00"),  # costs take all there is, never more
    ],
)
def test_inventors_part(scheme: str, gross: str, costs: str, inventors: str) -> None:
    assert amounts(scheme, gross, costs=costs)["inventors"] == Decimal(inventors)


@settings(deadline=None)
@given(scheme=st.sampled_from(SCHEMES), gross=CENTS, costs=CENTS, cumulative=CENTS)
def test_every_amount_adds_up_to_the_cent(
    scheme: str, gross: Decimal, costs: Decimal, cumulative: Decimal
) -> None:
    rules = all_schemes()[scheme]
    told = distribute(rules, gross, costs=costs, cumulative=cumulative)
    taken = sum(one.amount for one in told.deductions)
    assert taken + told.net == gross
    assert sum(share.amount for share in told.shares) == told.net
    assert all(one.amount >= 0 for one in (*told.deductions, *told.shares))
    # nobody is further from the exact share than the cents that were left over
    for share in told.shares:
        exact = sum(one.amount * one.weight / one.of for one in share.slices)
        off = abs(share.amount - exact)
        limit = len(told.shares) if share.party == rules.rounding_to else 1
        assert off < Decimal("0.01") * limit + Decimal("1e-9")


@settings(deadline=None)
@given(
    amount=CENTS,
    percents=st.lists(st.integers(1, 10_000), min_size=1, max_size=12),
    unit=st.sampled_from([Decimal("0.01"), Decimal(1)]),
)
def test_splits_add_up_and_are_a_cent_from_exact(
    amount: Decimal, percents: list[int], unit: Decimal
) -> None:
    amount -= amount % unit
    weights = [Decimal(part) for part in percents]
    parts = split(amount, weights, unit)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < unit + Decimal("1e-6")


def test_largest_remainder_goes_first_and_then_the_order() -> None:
    third = [Decimal(1)] * 3
    assert split(Decimal("0.02"), third) == [Decimal("0.01"), Decimal("0.01"), Decimal("0.00")]
    assert split(Decimal("0.10"), [Decimal("33.3"), Decimal("66.7")]) == [
        Decimal("0.03"), Decimal("0.07"),
    ]  # fmt: skip


def test_currencies_without_cents_are_shared_in_whole_units() -> None:
    told = distribute(all_schemes()["OTL-THIRDS"], Decimal(101), unit=unit_of("JPY"))
    assert all(share.amount % 1 == 0 for share in told.shares)
    assert sum(share.amount for share in told.shares) == told.net


@pytest.mark.parametrize("amount", ["-1", "0.001"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        distribute(all_schemes()["CN-50"], Decimal(amount))


def document(**changes: object) -> dict[str, object]:
    return {
        "code": "X", "name_en": "X", "name_zh": "X", "note_en": "", "note_zh": "",
        "valid_from": None, "valid_to": None, "sources": [], "currency": "", "deductions": [],
        "parties": [{"code": INVENTORS, "en": "I", "zh": "I"}, {"code": "u", "en": "U", "zh": "U"}],
        "tiers": [{"above": "0", "of": "100", "shares": {INVENTORS: "50", "u": "50"}}],
        "rounding_to": "u", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tiers": [{"above": "0", "of": "100", "shares": {INVENTORS: "50", "u": "49.99"}}]},
         "do not come to 100"),
        ({"tiers": [{"above": "0", "of": "100", "shares": {INVENTORS: 50.0, "u": "50"}}]},
         "in quotes"),
        ({"rounding_to": "nobody"}, "remainder"),
        ({"tiers": [{"above": "5", "of": "1", "shares": {"u": "1"}}]}, "begin at 0"),
        ({"currency": "USD"}, "currency"),
    ],
)  # fmt: skip
def test_faulty_schemes_are_refused_with_the_place(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made_of(document(**changes))
