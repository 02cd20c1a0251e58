"""The coach: a score that moves with what is written, and advice that is worth following."""

import pytest

from listings.coach import NEED_RULES, TECHNOLOGY_RULES, Draft, advise
from listings.models import IpRight, Listing, Specification


def technology(**values):
    return Listing(kind="technology", **values)


def codes(advices):
    return {advice.code for advice in advices}


def test_both_tables_are_worth_a_hundred_points():
    assert sum(rule.points for rule in TECHNOLOGY_RULES) == 100
    assert sum(rule.points for rule in NEED_RULES) == 100


@pytest.mark.parametrize("kind", ["technology", "need"])
def test_an_empty_draft_is_told_everything_and_scores_almost_nothing(kind):
    found = advise(Draft(Listing(kind=kind)))
    assert found.score <= 2
    assert found.grade == "thin"
    assert not found.done
    worth = [advice.points * (1 - advice.share) for advice in found.advices]
    assert worth == sorted(worth, reverse=True)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ({"summary_en": "It is better."}, 0.0),
        ({"summary_en": "It keeps 84% of its capacity."}, 0.5),
        ({"summary_en": "It keeps 84%, 11 points more than carbonate blends."}, 1.0),
        ({"summary_zh": "容量保持率为84%"}, 0.5),
        ({"summary_zh": "容量保持率84%，比常规电解液高11个百分点"}, 1.0),
    ],
)
def test_by_how_much_asks_for_a_figure_and_a_comparison(text, share):
    found = advise(Draft(technology(**text)))
    by_code = {advice.code: advice for advice in [*found.advices, *found.done]}
    assert by_code["by_how_much"].share == share


def test_what_is_done_is_no_longer_advised_and_the_score_rises():
    row = {
        "title_en": "Fluorinated electrolyte for cold cells", "title_zh": "低温电解液",
        "summary_en": "Cells fail in the cold today; this keeps 84%, 11 points more than others.",
        "summary_zh": "解决低温失效问题，容量保持率比常规高11个百分点。", "trl": 6,
        "body_en": "Tested on a pilot line. " * 20, "modes": ["exclusive_licence"],
        "price_min": 1, "sub_field": "batteries", "keywords_en": ["a", "b", "c"],
    }  # fmt: skip
    claims = [
        Specification(metric_en="m", compared_with_en="x", condition_en="at -40") for _ in range(3)
    ]
    rights = [IpRight(kind="know_how", status="secret")]
    full = advise(Draft(technology(**row), claims, rights))
    assert full.score == 100
    assert full.advices == []
    without = advise(Draft(technology(**{**row, "modes": []}), claims, rights))
    assert without.score == 94
    assert codes(without.advices) == {"modes"}
