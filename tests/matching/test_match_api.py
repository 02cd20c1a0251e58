"""Matches by API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken
from matching.models import Match
from tests.listings.factories import published
from tests.matching.factories import match_of, pair, spec

pytestmark = pytest.mark.django_db

LIST = "/api/v1/matches/"
LIST_QUERIES = 5
ONE_QUERIES = 9


@pytest.fixture
def match(cast) -> Match:
    """`home` (owner, colleague) has the need, `outside` (outsider) the technology."""
    return match_of(
        *pair(
            cast.home, cast.outside, need={"specifications": [spec()]},
            technology={"specifications": [spec(value="84")]},
        )
    )  # fmt: skip


def ids(player, query: str = "") -> list[str]:
    response = player.api.get(LIST + query)
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def count(player, path: str) -> int:
    player.api.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert player.api.get(path).status_code == 200
    return len(caught)


def test_match_has_its_sides_level_and_reasons(cast, match):
    one = cast.owner.api.get(f"{LIST}{match.public_id}/").json()
    assert (one["side"], one["level"], one["score"]) == ("need", "strong", 90)
    assert one["need"]["id"] == match.need.public_id
    assert one["technology"]["title_en"] == match.technology.title_en
    [row] = one["explanation"]["specifications"]
    assert row["verdict"] == "met"
    assert (row["required"]["value"], row["claimed"]["value"]) == ("80", "84")


def test_reasons_are_in_the_language_of_the_request(cast, match):
    answer = cast.owner.api.get(f"{LIST}{match.public_id}/", headers={"Accept-Language": "zh-hans"})
    labels = [point["label"] for point in answer.json()["explanation"]["fits"]]
    assert labels and all(not label.isascii() for label in labels)


@pytest.mark.parametrize("name", ["rival", "newcomer", "claimant", "operator", "moderator"])
def test_matches_of_others_are_not_there(cast, match, name):
    player = cast.everybody[name]
    assert ids(player) == []
    assert player.api.get(f"{LIST}{match.public_id}/").status_code == 404
    answer = player.api.post(f"{LIST}{match.public_id}/answer/", {"answer": "later"})
    assert answer.status_code == 404
    match.refresh_from_db()
    assert match.version == 1


def test_visitor_is_refused(cast, match):
    assert cast.visitor.api.get(LIST).status_code == 401


def test_token_needs_the_scope(cast, match):
    ApiToken.objects.filter(user=cast.owner.user).update(scopes=["matches:read"])
    assert len(ids(cast.owner)) == 1
    answer = cast.owner.api.post(f"{LIST}{match.public_id}/answer/", {"answer": "later"})
    assert answer.status_code == 403 and answer.json()["code"] == "scope_missing"
    ApiToken.objects.filter(user=cast.owner.user).update(scopes=["listings:read"])
    assert cast.owner.api.get(LIST).status_code == 403


def test_one_side_is_ranked_best_first(cast, match):
    better = match_of(match.need, published(cast.outside), score=95)
    worse = match_of(match.need, published(cast.outside), score=40)
    expected = [better.public_id, match.public_id, worse.public_id]
    assert ids(cast.owner, "?side=need") == expected
    assert ids(cast.owner) == [worse.public_id, better.public_id, match.public_id]
    first = cast.owner.api.get(f"{LIST}?side=need&page_size=2").json()
    rest = cast.owner.api.get(first["next"]).json()["results"]
    assert [row["id"] for row in first["results"] + rest] == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?side=need", True), ("?side=technology", False), ("?level=strong", True),
        ("?level=weak", False), ("?level=weak&level=strong", True), ("?answer=none", True),
        ("?answer=later", False), ("?is_new=true", True), ("?is_new=false", False),
        ("?both_interested=false", True), ("?both_interested=true", False),
        ("?model_version=test", True), ("?model_version=other", False),
        ("?created_after=2001-01-01T00:00:00Z", True),
        ("?scored_after=2101-01-01T00:00:00Z", False), ("?triage=true", False),
        ("?need=0000000000", False),
    ],
)  # fmt: skip
def test_filters(cast, match, query, found):
    assert ids(cast.owner, query) == ([match.public_id] if found else [])


@pytest.mark.parametrize(
    "query", ["?side=middle", "?level=best", "?answer=perhaps", "?created_after=soon"]
)
def test_unknown_filter_value_is_refused(cast, match, query):
    assert cast.owner.api.get(LIST + query).status_code == 400


def test_filter_by_listing(cast, match):
    assert ids(cast.owner, f"?need={match.need.public_id}") == [match.public_id]
    assert ids(cast.owner, f"?technology={match.technology.public_id}") == [match.public_id]
    assert ids(cast.owner, f"?technology={match.need.public_id}") == []


def test_broker_finds_pairs_to_bring_together(cast, match):
    assert ids(cast.broker, "?triage=true") == [match.public_id]
    Match.objects.update(need_answer="declined", need_reason="funds")
    assert ids(cast.broker, "?triage=true") == []


def test_answer_and_its_notice(cast, match):
    path = f"{LIST}{match.public_id}/answer/"
    done = cast.owner.api.post(path, {"answer": "declined", "reason": "immature"})
    assert done.status_code == 200
    assert (done.json()["need_answer"], done.json()["need_reason"]) == ("declined", "immature")
    shown = cast.outsider.api.get(f"{LIST}{match.public_id}/").json()
    assert (shown["need_answer"], shown["need_reason"]) == ("declined", "immature")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "answer"), ({"answer": "perhaps"}, "answer"), ({"answer": "declined"}, "reason"),
        ({"answer": "declined", "reason": "ugly"}, "reason"),
        ({"answer": "declined", "reason": "other"}, "text"),
        ({"answer": "later", "text": "x" * 501}, "text"),
        ({"answer": "later", "text": "a\x00"}, "text"),
        ({"answer": "later", "surprise": 1}, "surprise"), ({"answer": ["later"]}, "answer"),
        (["later"], None), ("later", None),
    ],
)  # fmt: skip
def test_bad_answer_is_refused_with_its_field(cast, match, body, field):
    answer = cast.owner.api.post(f"{LIST}{match.public_id}/answer/", body)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    if field:
        assert field in {error["field"] for error in answer.json()["errors"]}
    match.refresh_from_db()
    assert match.version == 1


def test_if_match_guards_an_answer(cast, match):
    path = f"{LIST}{match.public_id}/"
    tag = cast.owner.api.get(path)["ETag"]
    cast.colleague.api.post(f"{path}answer/", {"answer": "later"})
    stale = cast.owner.api.post(
        f"{path}answer/", {"answer": "interested"}, headers={"If-Match": tag}
    )
    assert stale.status_code == 412
    fresh = cast.owner.api.get(path)["ETag"]
    done = cast.owner.api.post(
        f"{path}answer/", {"answer": "interested"}, headers={"If-Match": fresh}
    )
    assert done.status_code == 200


def test_broker_between_the_two_does_not_answer(cast, match):
    answer = cast.broker.api.post(f"{LIST}{match.public_id}/answer/", {"answer": "later"})
    assert answer.status_code == 403


def test_seen(cast, match):
    path = f"{LIST}{match.public_id}/"
    assert cast.owner.api.get(path).json()["is_new"]
    assert cast.owner.api.get(path).json()["is_new"]  # reading alone changes nothing
    assert not cast.owner.api.post(f"{path}seen/").json()["is_new"]
    assert cast.outsider.api.get(path).json()["is_new"]


def test_sparse_fields(cast, match):
    assert set(cast.owner.api.get(f"{LIST}?fields=id,level").json()["results"][0]) == {
        "id",
        "level",
    }
    one = cast.owner.api.get(f"{LIST}{match.public_id}/?fields=id,explanation").json()
    assert set(one) == {"id", "explanation"}
    assert cast.owner.api.get(f"{LIST}?fields=features").status_code == 400


def test_list_asks_as_much_for_one_row_as_for_three(cast, match):
    assert count(cast.owner, LIST) == LIST_QUERIES
    for number in (1, 2):
        match_of(match.need, published(cast.outside, title_en=f"Another {number}"))
    assert count(cast.owner, LIST) == LIST_QUERIES


def test_one_match_has_a_fixed_number_of_queries(cast, match):
    assert count(cast.owner, f"{LIST}{match.public_id}/") == ONE_QUERIES
