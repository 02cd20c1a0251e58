"""Ranking a text and judging a pair by API."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from listings.actions.grants import release_to
from matching.asking.rarity import count_open_words
from matching.asking.rates import AskRate
from tests.listings.factories import published
from tests.matching.factories import match_of, pair, spec

pytestmark = pytest.mark.django_db
RANK, SCORE = "/api/v1/matches/rank/", "/api/v1/matches/score/"
PROBLEM = "Pouch cells lose capacity in winter; capacity retention >= 80 % at -40 degC."
SCORE_QUERIES = 21


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


@pytest.fixture
def market(cast, run_jobs):
    made = published(cast.outside, specifications=[spec(value="84")])
    run_jobs()
    return made


def ranked(player, **values):
    return player.api.post(RANK, {"text": PROBLEM, **values}, format="json")


def scored(player, need, technology):
    body = {"need": need.public_id, "technology": technology.public_id}
    return player.api.post(SCORE, body, format="json")


def test_a_text_is_ranked_with_reasons(cast, market):
    answer = ranked(cast.rival)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    [row] = found["results"]
    assert row["listing"]["id"] == market.public_id
    assert row["verdicts"]["met"] == 1 and 0 < row["score"] <= 100
    assert row["explanation"]["specifications"][0]["verdict"] == "met"
    assert found["figures"][0]["specification"]["comparator"] == "ge"
    assert not found["is_cut"] and found["total"] == 1


def test_figures_may_be_left_out_and_languages_chosen(cast, market):
    assert ranked(cast.rival, figures=False).json()["figures"] == []
    assert ranked(cast.rival, language="zh").json()["results"] == []
    assert len(ranked(cast.rival, language="en").json()["results"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"), ({"text": ""}, "text"), ({"text": "!!!"}, "text"),
        ({"text": "Привет"}, "text"), ({"text": PROBLEM, "limit": 0}, "limit"),
        ({"text": PROBLEM, "limit": 51}, "limit"), ({"text": PROBLEM, "kind": "x"}, "kind"),
        ({"text": PROBLEM, "language": "de"}, "language"), ({"text": PROBLEM, "x": 1}, "x"),
        ({"text": ["a"]}, "text"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field(cast, body, field):
    answer = cast.rival.api.post(RANK, body, format="json")
    assert answer.status_code == 400
    assert field in [one["field"] for one in answer.json()["errors"]]


def test_both_are_limited_together(cast, market, monkeypatch):
    monkeypatch.setattr(AskRate, "THROTTLE_RATES", {"ask": "2/min"})
    codes = [ranked(cast.rival).status_code for _number in range(2)]
    need = published(cast.home, "need")
    assert [*codes, scored(cast.rival, need, market).status_code] == [200, 200, 429]


def test_a_pair_is_judged_by_what_both_say(cast, market, run_jobs):
    need = published(cast.home, "need", specifications=[spec()])
    run_jobs()
    answer = scored(cast.rival, need, market)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["match"] is None and found["level"] and found["score"] > 0
    assert found["verdicts"]["met"] == 1
    assert {point["code"] for point in found["explanation"]["fits"]} >= {"field"}


def test_pair_takes_a_fixed_number_of_queries(cast, market, run_jobs, django_assert_num_queries):
    need = published(cast.home, "need", specifications=[spec()])
    run_jobs()
    count_open_words(anew=True)
    scored(cast.rival, need, market)
    with django_assert_num_queries(SCORE_QUERIES):
        scored(cast.rival, need, market)


def test_own_pair_is_the_match_with_its_score_coarsened(cast):
    need, technology = pair(cast.home, cast.outside)
    stored = match_of(need, technology, score=83, need_score=70)
    found = scored(cast.owner, need, technology).json()
    assert found["match"] == stored.public_id
    assert (found["level"], found["score"]) == ("strong", None)


@pytest.mark.parametrize("side", ["need", "technology"])
def test_a_hidden_side_is_as_absent_as_none(cast, run_jobs, side):
    need, technology = pair(
        cast.home, cast.outside, **{side: {"visibility": "confidential"}}
    )  # fmt: skip
    run_jobs()
    hidden = scored(cast.rival, need, technology)
    body = {"need": need.public_id, "technology": technology.public_id, side: "0000000000"}
    absent = cast.rival.api.post(SCORE, body, format="json")
    assert hidden.status_code == absent.status_code == 404
    drop = ("request_id", "instance")
    assert {k: v for k, v in hidden.json().items() if k not in drop} == {
        k: v for k, v in absent.json().items() if k not in drop
    }


def test_near_copies_do_not_probe_closed_texts(cast, run_jobs):
    """The same answer whatever the confidential text of the other says."""
    need = published(cast.home, "need", body_en="Zirconocene and fluorinated esters.")
    plain = published(cast.outside)
    closed = published(cast.outside, confidential_text_en="Zirconocene at 3 % in propylene.")
    run_jobs()
    one, other = (scored(cast.rival, need, row).json() for row in (plain, closed))
    assert (one["score"], one["level"]) == (other["score"], other["level"])
    assert "irconocene" not in str(other["explanation"])


def test_what_was_released_counts(cast, run_jobs):
    need = published(
        cast.rivals, "need", title_en="Catalysts for polymers wanted",
        body_en="Zirconocene and fluorinated esters wanted.",
    )  # fmt: skip
    closed = published(cast.outside, confidential_text_en="Zirconocene " * 5)
    run_jobs()
    from matching.asking.ranking import judge

    before = judge(need, closed, cast.rival.actor)
    release_to(
        actor=cast.outsider.actor, listing_id=closed.pk, organisation_id=cast.rivals.pk,
        tier="confidential",
    )  # fmt: skip
    after = judge(need, closed, cast.rival.fresh())
    assert after.ranked.score > before.ranked.score
