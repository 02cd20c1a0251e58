"""Inbox, pair, brokers' list, and the block on a listing's page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.listings.factories import published
from tests.matching.factories import match_of, pair, spec

if TYPE_CHECKING:
    from matching.models import Match

pytestmark = pytest.mark.django_db

INBOX_QUERIES = 26
PAIR_QUERIES = 27
TRIAGE_QUERIES = 23


@pytest.fixture
def match(cast) -> Match:
    """`home` (owner, colleague) has the need, `outside` (outsider) the technology."""
    return match_of(
        *pair(
            cast.home, cast.outside,
            need={"specifications": [spec()], "trl": 7},
            technology={"specifications": [spec(value="84")]},
        )
    )  # fmt: skip


def queries(player, path: str) -> int:
    player.client.get(path)  # the session is renewed by the first request
    with CaptureQueriesContext(connection) as caught:
        assert player.client.get(path).status_code == 200
    return len(caught)


def text_of(player, path: str) -> str:
    response = player.client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_inbox_shows_a_pair_with_its_verdicts(cast, match):
    text = text_of(cast.owner, "/matches/")
    assert match.technology.title_en in text
    assert "1 of 1 met" in text
    assert "TRL 6; 7 is wanted: one level short" in text


def test_inbox_in_chinese(cast, match):
    cast.owner.client.cookies["language"] = "zh-hans"
    text = text_of(cast.owner, "/matches/")
    assert "强相关" in text and "Matches" not in text


@pytest.mark.parametrize("name", ["newcomer", "operator", "moderator", "claimant"])
def test_inbox_of_who_has_none_teaches_the_first_step(cast, match, name):
    text = text_of(cast.everybody[name], "/matches/")
    assert "No matches yet" in text
    assert match.technology.title_en not in text


@pytest.mark.parametrize("path", ["/matches/", "/matches/triage/", "/matches/{id}/"])
def test_visitor_is_asked_to_sign_in(cast, match, path):
    response = cast.visitor.client.get(path.format(id=match.public_id))
    assert response.status_code in (302, 401)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", True), ("?level=strong", True), ("?level=weak", False), ("?show=later", False),
        ("?show=all", True), ("?new=1", True), ("?side=technology", False),
        ("?listing={need}", True), ("?listing=0000000000", False), ("?listing=%00%27", True),
        ("?level=nonsense&show=nonsense&side=nonsense&page=99999999", True),
    ],
)  # fmt: skip
def test_filters(cast, match, query, shown):
    path = "/matches/" + query.format(need=match.need.public_id)
    assert (match.technology.title_en in text_of(cast.owner, path)) is shown


def test_pair_page_marks_it_as_seen_and_the_inbox_does_not(cast, match):
    cast.owner.client.get("/matches/")
    match.refresh_from_db()
    assert match.need_seen_at is None
    assert cast.owner.client.get(f"/matches/{match.public_id}/").status_code == 200
    match.refresh_from_db()
    assert match.need_seen_at is not None and match.technology_seen_at is None


@pytest.mark.parametrize("name", ["rival", "newcomer", "claimant", "operator", "moderator"])
def test_pair_of_others_is_not_found(cast, match, name):
    client = cast.everybody[name].client
    assert client.get(f"/matches/{match.public_id}/").status_code == 404
    answer = client.post(f"/matches/{match.public_id}/answer/", {"answer": "interested"})
    assert answer.status_code == 404
    match.refresh_from_db()
    assert match.need_answer == match.technology_answer == ""


def test_answer_leads_to_the_next_pair(cast, match):
    second = match_of(match.need, published(cast.outside, title_en="Second best"), score=80)
    page = cast.owner.client.get(f"/matches/{match.public_id}/?side=need")
    target = page.context["next_url"]
    assert second.public_id in target
    response = cast.owner.client.post(
        f"/matches/{match.public_id}/answer/",
        {"answer": "interested", "seen": "", "side": "need", "next": target},
    )
    assert response.status_code == 302 and response["Location"] == target
    match.refresh_from_db()
    assert match.need_answer == "interested"


def test_declining_without_a_reason_keeps_what_was_typed(cast, match):
    response = cast.owner.client.post(
        f"/matches/{match.public_id}/answer/",
        {"answer": "declined", "text": "Too far away", "side": "need"},
    )
    assert response.status_code == 422
    assert "Too far away" in response.content.decode()
    match.refresh_from_db()
    assert match.need_answer == ""


@pytest.mark.parametrize(
    "values",
    [
        {"answer": "perhaps"}, {}, {"answer": "declined", "reason": "<script>"},
        {"answer": "later", "text": "x" * 501}, {"answer": "later", "side": "middle"},
    ],
)  # fmt: skip
def test_bad_answer_is_refused_in_place(cast, match, values):
    response = cast.owner.client.post(f"/matches/{match.public_id}/answer/", values)
    assert response.status_code == 422
    assert "<script>alert" not in response.content.decode()
    match.refresh_from_db()
    assert match.version == 1


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_answer_never_leads_off_the_site(cast, match, target):
    response = cast.owner.client.post(
        f"/matches/{match.public_id}/answer/", {"answer": "later", "next": target}
    )
    assert response["Location"] == "/matches/"


def test_answer_to_what_a_colleague_has_answered_is_refused(cast, match):
    cast.colleague.client.post(f"/matches/{match.public_id}/answer/", {"answer": "later"})
    response = cast.owner.client.post(
        f"/matches/{match.public_id}/answer/", {"answer": "interested", "seen": ""}
    )
    assert response.status_code == 302
    match.refresh_from_db()
    assert match.need_answer == "later"


def test_triage_is_for_brokers(cast, match):
    text = text_of(cast.broker, "/matches/triage/")
    assert match.need.title_en in text and match.technology.title_en in text
    for name in ("owner", "registrar", "operator", "newcomer"):
        assert cast.everybody[name].client.get("/matches/triage/").status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [("?level=strong", True), ("?level=weak", False), ("?field=new_energy", True),
     ("?field=agriculture", False), ("?field=nonsense&level=nonsense&page=x", True)],
)  # fmt: skip
def test_triage_filters(cast, match, query, shown):
    text = text_of(cast.broker, f"/matches/triage/{query}")
    assert (match.need.title_en in text) is shown


def test_owner_finds_its_matches_on_the_listing_s_page(cast, match):
    address = f"/needs/{match.need.public_id}/"
    assert "Matches for this listing" in text_of(cast.owner, address)
    assert match.technology.title_en in text_of(cast.owner, address)
    for player in (cast.outsider, cast.broker, cast.visitor):
        assert "Matches for this listing" not in text_of(player, address)


def test_markup_in_texts_is_shown_as_text(cast):
    evil = {"title_en": "<script>alert(1)</script> electrolyte", "summary_en": "<img onerror=x>"}
    match = match_of(*pair(cast.home, cast.outside, technology=evil))
    page = cast.owner.client.get(f"/matches/{match.public_id}/").content.decode()
    assert "<script>alert" not in page and "<img onerror" not in page


def more(cast, match: Match) -> None:
    """Two further pairs of the same sides."""
    for number in (1, 2):
        match_of(match.need, published(cast.outside, title_en=f"Another {number}"), score=75)


def test_inbox_asks_as_much_for_one_row_as_for_three(cast, match):
    assert queries(cast.owner, "/matches/") == INBOX_QUERIES
    more(cast, match)
    assert queries(cast.owner, "/matches/") == INBOX_QUERIES


def test_pair_page_asks_as_much_beside_one_row_as_beside_three(cast, match):
    path = f"/matches/{match.public_id}/"
    assert queries(cast.owner, path) == PAIR_QUERIES
    more(cast, match)
    assert queries(cast.owner, path) == PAIR_QUERIES


def test_triage_asks_as_much_for_one_row_as_for_three(cast, match):
    assert queries(cast.broker, "/matches/triage/") == TRIAGE_QUERIES
    more(cast, match)
    assert queries(cast.broker, "/matches/triage/") == TRIAGE_QUERIES
