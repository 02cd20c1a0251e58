from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import Invalid
from marketplace.core.units import COMMON, convert, parse_unit, to_base


@pytest.mark.parametrize("text", COMMON)
def test_every_common_unit_is_known(text):
    parse_unit(text)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (5, "MPa", "kPa", 5000),
        (5, "兆帕", "MPa", 5),
        (-40, "℃", "K", 233.15),
        (80, "%", "count", 0.8),
        (3, "万元", "CNY", 30000),
        (1, "W/(m·K)", "mW/(mm*K)", 1),
    ],
)
def test_units_convert_across_spellings_and_languages(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected)


@pytest.mark.parametrize(("source", "target"), [("h", "kg"), ("dB", "dB(A)"), ("CNY", "USD")])
def test_what_does_not_convert_is_none(source, target):
    assert convert(1, source, target) is None


@pytest.mark.parametrize(
    "text",
    ["foo", "m**99", "__import__('os')", "1e9999", "m" * 41, "/", "(", "2**2", "dBm", "dBu", "Np",
     "octave",
     # what would keep a process busy for hours
     "9^9^9", "m^9^9^9", "999**9**9", "(9*m)^9", "((m^9)^9)^9"],
)  # fmt: skip
def test_unknown_unit_is_refused_with_suggestions(text):
    with pytest.raises(Invalid) as caught:
        parse_unit(text)
    assert caught.value.code == "unknown_unit"
    assert "not a unit we know" in str(caught.value.fields["unit"][0])


@pytest.mark.parametrize(
    ("text", "near"),
    [("Wh/kgg", "Wh/kg"), ("rmp", ""), ("blorps", ""), ("rpn", "rpm"),
     ("counnt", "count"), ("q", "")],
)  # fmt: skip
def test_only_a_unit_that_is_near_is_suggested(text, near):
    with pytest.raises(Invalid) as caught:
        parse_unit(text)
    said = str(caught.value.fields["unit"][0])
    assert (f"Did you mean {near}" in said) if near else ("Did you mean" not in said), said


@pytest.mark.parametrize(
    "text", ["m^-2", "W/(m*K)", "nV/Hz^0.5", "1/h", "m**(-1)", "㎡", "Pa·m³/s"]
)
def test_powers_and_factors_in_bounds_are_units(text):
    assert parse_unit(text).pint_unit is not None


@pytest.mark.parametrize(("value", "text"), [(10**16, "Ym^9*Ym^9"), (10**16, "Ym^9*Ym^4")])
def test_a_value_beyond_a_float_overflows(value, text):
    with pytest.raises(OverflowError):
        to_base(value, parse_unit(text))


@given(st.text(max_size=60))
def test_any_text_is_a_unit_or_a_refusal(text):
    try:
        parse_unit(text)
    except Invalid as refusal:
        assert refusal.code == "unknown_unit"


@given(st.decimals(min_value=-200, max_value=10_000, places=3))
def test_base_values_keep_the_order_of_temperatures(value):
    unit = parse_unit("degC")
    assert to_base(value, unit) < to_base(value + Decimal(1), unit)
