"""What may be put in, and how a refusal names the field in both languages."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.utils import translation

from deals.models import ApproachCode
from deals.valuing.approaches import APPROACHES
from deals.valuing.computing import compute
from deals.valuing.explaining import working
from deals.valuing.reading import read
from marketplace.core.errors import Invalid
from tests.deals.valuation.vectors import AVONEX, COST, DAVANRIK, RELIEF

FLOWS = {"rate": "10", "rows": [{"label": "a", "year": "1", "amount": "100", "chance": "0.5"}]}


def value(code: str, inputs: Any) -> str:
    return str(compute(code, read(APPROACHES[code], inputs))["base"])


def tree_with(**changes: str) -> dict[str, Any]:
    """The tree with changes in its second row."""
    found = copy.deepcopy(DAVANRIK)
    found["rows"][1] |= changes
    return found


@pytest.mark.parametrize(
    ("code", "inputs", "expected"),
    [
        ("cost", COST, "144.00"), ("relief", RELIEF, "396868.67"),
        ("relief", {**RELIEF, "timing": "mid_year"}, "434747.85"),
        ("black_scholes", AVONEX, "906.87"),
        ("black_scholes", {**AVONEX, "dividend": "0"}, "2901.53"),
        ("binomial", {**AVONEX, "steps": "17"}, "910.12"),
        ("binomial", {**AVONEX, "steps": 17, "style": "american"}, "1577.46"),
        ("tree", DAVANRIK, "13.98"),
        ("market", {"rows": [{"label": "x", "price": "30万", "stage": "0.5"}]}, "150000.00"),
        ("rnpv", {**FLOWS, "rows": [{"year": 2, "amount": "242", "chance": 0.5}]}, "100.00"),
    ],
)  # fmt: skip
def test_an_approach_gives_its_value(code: str, inputs: Any, expected: str) -> None:
    assert value(code, inputs) == expected


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("black_scholes", {**AVONEX, "volatility": "0"}, "volatility.base"),
    ("black_scholes", {**AVONEX, "t": "0"}, "t.base"),
    ("black_scholes", {**AVONEX, "t": "-3"}, "t.base"),
    ("black_scholes", {**AVONEX, "s": "NaN"}, "s.base"),
    ("black_scholes", {**AVONEX, "s": "Infinity"}, "s.base"),
    ("black_scholes", {**AVONEX, "s": 10**30}, "s.base"),
    ("black_scholes", {**AVONEX, "s": "1e999999999"}, "s.base"),
    ("black_scholes", {**AVONEX, "s": "1e-999"}, "s.base"),
    ("black_scholes", {**AVONEX, "s": True}, "s.base"),
    ("black_scholes", {**AVONEX, "s": {"low": "5", "base": ""}}, "s.base"),
    ("black_scholes", {**AVONEX, "other": "1"}, "other"),
    ("binomial", {**AVONEX, "steps": "2.5"}, "steps"),
    ("binomial", {**AVONEX, "steps": "2001"}, "steps"),
    ("binomial", {**AVONEX, "style": "bermudan"}, "style"),
    ("binomial", {**AVONEX, "volatility": "0.1", "rate": "30", "steps": "2"}, ""),
    ("relief", {**RELIEF, "rate": "-100"}, "rate.base"),
    ("relief", {**RELIEF, "royalty": "101"}, "royalty.base"),
    ("relief", {**RELIEF, "years": "0"}, "years.base"),
    ("relief", {**RELIEF, "royalty": {"low": "6", "base": "5"}}, "royalty.low"),
    ("relief", {**RELIEF, "royalty": {"base": "5", "high": "4"}}, "royalty.high"),
    ("relief", {**RELIEF, "royalty": {"base": "5", "law": "cauchy"}}, "royalty.law"),
    ("relief", {**RELIEF, "revenue": "many"}, "revenue.base"),
    ("relief", {**RELIEF, "revenue": ""}, "revenue.base"),
    ("relief", {**RELIEF, "growth": "1000", "years": "100"}, ""),
    ("rnpv", {**FLOWS, "rows": [{"year": 1, "amount": 1, "chance": "1.2"}]}, "rows.0.chance.base"),
    ("rnpv", {**FLOWS, "rows": [{"year": 1, "amount": 1, "chance": "-0.1"}]}, "rows.0.chance.base"),
    ("dcf", {"rate": "10", "rows": []}, "rows"),
    ("dcf", {"rate": "10", "rows": [{"label": " "}, {}]}, "rows"),
    ("dcf", {"rate": "10", "rows": [{"year": 1, "amount": 1}] * 1000}, "rows"),
    ("dcf", {"rate": "10", "rows": "many"}, "rows"),
    ("dcf", {"rate": "10", "rows": [{}, {"year": "1", "amount": "x"}]}, "rows.1.amount.base"),
    ("dcf", {"rate": {"low": 0, "base": 5, "law": "lognormal"}, "rows": []}, "rate.low"),
    ("tree", tree_with(chance="0.7"), "rows.1.chance.base"),
    ("tree", tree_with(parent="Phase II"), "rows.1.parent"),
    ("tree", tree_with(parent="nobody"), "rows.1.parent"),
    ("tree", tree_with(parent=""), "rows.1.parent"),
    ("tree", tree_with(label="Phase I"), "rows.1.label"),
    ("tree", tree_with(label=""), "rows.1.label"),
    ("tree", tree_with(label="a\x00b"), "rows.1.label"),
]


@pytest.mark.parametrize(("code", "inputs", "path"), BAD)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_wrong_is_said_at_its_field(
    code: str, inputs: dict[str, Any], path: str, language: str
) -> None:
    with translation.override(language), pytest.raises(Invalid) as refused:
        value(code, inputs)

    wanted = f"inputs.{path}".rstrip(".")
    assert wanted in refused.value.fields, refused.value.fields
    with translation.override(language):
        said = str(refused.value.fields[wanted][0])
    assert said
    if language != "en":
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said), said


@pytest.mark.parametrize("given", [None, [], "x", 5, {"rows": [1, None, [2]]}])
@pytest.mark.parametrize("code", ApproachCode.values)
def test_inputs_of_another_shape_are_refused_not_broken(code: str, given: Any) -> None:
    with pytest.raises(Invalid):
        value(code, given)


def test_rates_count_a_risk_once() -> None:
    rows = [
        {"year": 1, "amount": 100, "chance": "0.4"},
        {"year": 2, "amount": 100, "chance": "0.6"},
    ]
    outcome = compute(
        "rnpv", read(APPROACHES["rnpv"], {"rate": "25", "plain_rate": "10", "rows": rows})
    )

    assert outcome["warnings"] == ["risk_twice", "chances_rise"]


def test_the_span_and_the_tornado() -> None:
    outcome = compute("relief", read(APPROACHES["relief"], RELIEF))

    assert [bar["path"] for bar in outcome["tornado"]] == ["revenue", "royalty"]
    assert float(outcome["low"]) == pytest.approx(396868.67 * 2 / 3 * 0.6, abs=0.02)
    assert float(outcome["high"]) == pytest.approx(396868.67 * 1.5 * 1.4, abs=0.02)


@pytest.mark.parametrize(
    ("code", "inputs", "last"),
    [
        ("relief", RELIEF, ("V", "Σ = 396,868.67")),
        ("cost", COST, ("V", "160 × (1 − 0.1) = 144")),
        ("tree", DAVANRIK, ("V", "13.98")),
    ],
)
def test_the_formula_is_shown_with_the_numbers(
    code: str, inputs: Any, last: tuple[str, str]
) -> None:
    read_inputs = read(APPROACHES[code], inputs)
    with translation.override("en"):
        lines = working(code, read_inputs, compute(code, read_inputs))

    assert lines[-1] == last
    if code == "tree":
        assert ("Phase I", "0 − 30 + 0.6 × 73.3 = 13.98") in lines
    if code == "relief":
        assert lines[0] == ("Year 1", "3,000,000 × 0.05 × (1 − 0.25) / (1 + 0.2)^1 = 93,750")
