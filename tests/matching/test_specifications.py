"""Requirements held against claims."""

from decimal import Decimal

import pytest

from matching.pipeline.specifications import compare, counts, verdicts
from matching.pipeline.subjects import Figure


def figure(
    comparator: str, value: float, upper: float | None = None, unit: str = "%",
    metric: str = "Yield", zh: str = "", condition: str = "", strength: str = "must",
) -> Figure:  # fmt: skip
    from marketplace.core.units import parse_unit

    return Figure(
        pk=0, metric_en=metric, metric_zh=zh, condition_en=condition, condition_zh="",
        comparator=comparator, value=Decimal(str(value)),
        upper=None if upper is None else Decimal(str(upper)), unit=unit,
        dimension=parse_unit(unit).dimension, strength=strength, tier="public",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("required", "claimed", "verdict"),
    [
        # at least
        (("ge", 80), ("eq", 84), "met"),
        (("ge", 80), ("ge", 80), "met"),
        (("ge", 80), ("eq", 73), "nearly"),
        (("ge", 80), ("eq", 72), "nearly"),
        (("ge", 80), ("eq", 71), "unmet"),
        (("ge", 80), ("ge", 73), "nearly"),
        (("ge", 80), ("ge", 60), "unmet"),
        (("ge", 80), ("le", 90), "unknown"),
        (("ge", 80), ("le", 70), "unmet"),
        (("ge", 80), ("between", 60, 90), "nearly"),
        (("ge", 80), ("between", 85, 90), "met"),
        # at most
        (("le", 10), ("eq", 9), "met"),
        (("le", 10), ("le", 10), "met"),
        (("le", 10), ("eq", 11), "nearly"),
        (("le", 10), ("eq", 11.5), "unmet"),
        (("le", 10), ("le", 35), "unmet"),
        (("le", 10), ("ge", 8), "unknown"),
        (("le", 10), ("ge", 12), "unmet"),
        # between: a value inside, or a range that covers it
        (("between", 10, 20), ("eq", 15), "met"),
        (("between", 10, 20), ("between", 12, 18), "met"),
        (("between", 10, 20), ("between", 5, 25), "met"),
        (("between", 10, 20), ("between", 18, 30), "nearly"),
        (("between", 10, 20), ("eq", 21.5), "nearly"),
        (("between", 10, 20), ("eq", 40), "unmet"),
        (("between", 10, 20), ("ge", 15), "unknown"),
        # equal
        (("eq", 50), ("eq", 50), "met"),
        (("eq", 50), ("eq", 54), "nearly"),
        (("eq", 50), ("eq", 60), "unmet"),
        (("eq", 50), ("ge", 40), "unknown"),
        # zero and below
        (("ge", 0), ("eq", -1), "unmet"),
        (("le", 0), ("eq", 0), "met"),
        (("ge", -40), ("eq", -42), "nearly"),
    ],
)
def test_verdict(required, claimed, verdict):
    assert compare(figure(*required), figure(*claimed)) == verdict


def test_units_are_converted_before_comparing():
    required = figure("ge", 1.5, unit="mS/cm")
    assert compare(required, figure("eq", 2500, unit="uS/cm")) == "met"
    assert compare(required, figure("eq", 1400, unit="uS/cm")) == "nearly"


def test_near_is_measured_in_the_unit_of_the_requirement():
    """Ten per cent of 40 °C, not of 313 K."""
    required = figure("le", 40, unit="degC")
    assert compare(required, figure("eq", 43, unit="degC")) == "nearly"
    assert compare(required, figure("eq", 60, unit="degC")) == "unmet"


def test_units_that_do_not_convert_are_unknown():
    assert compare(figure("ge", 5, unit="MPa"), figure("eq", 9, unit="mm")) == "unknown"


def test_metric_is_found_across_languages_by_the_list_of_known_metrics():
    required = figure("ge", 300, unit="MPa", metric="Tensile strength")
    claimed = figure("eq", 320, unit="MPa", metric="", zh="抗拉强度")
    [found] = verdicts([required], [claimed])
    assert (found.claimed, found.verdict) == (claimed, "met")


def test_metric_of_the_same_dimension_but_another_name_is_unknown():
    required = figure("ge", 300, unit="MPa", metric="Tensile strength")
    [found] = verdicts([required], [figure("eq", 900, unit="MPa", metric="Elastic modulus")])
    assert (found.claimed, found.verdict) == (None, "unknown")


def test_claim_under_the_most_alike_condition_answers():
    required = figure("ge", 80, metric="Capacity retention", condition="-40 degC, 0.5C")
    warm = figure("eq", 99, metric="Capacity retention", condition="25 degC, 1C")
    cold = figure("eq", 76, metric="Capacity retention", condition="-40 degC, 0.5C discharge")
    [found] = verdicts([required], [warm, cold])
    assert (found.claimed, found.verdict) == (cold, "nearly")


def test_counts_hold_every_verdict():
    table = verdicts([figure("ge", 5), figure("ge", 50, metric="Purity")], [figure("eq", 6)])
    assert counts(table) == {"met": 1, "nearly": 0, "unmet": 0, "unknown": 1}


def test_contradictory_requirements_are_judged_each_for_itself():
    table = verdicts([figure("ge", 80), figure("le", 20)], [figure("eq", 90)])
    assert [row.verdict for row in table] == ["met", "unmet"]
