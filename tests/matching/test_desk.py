"""The brokers' desk: filters, counts, visits, and answering many at once."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Alliance, AllianceMember
from marketplace.core.errors import Invalid, Refused
from matching.actions.bulk import MOST, Marked, answer_many
from matching.actions.mandates import give_mandate
from matching.models import DeskVisit, Match
from matching.queries import desk as desks
from matching.queries.desk import Wanted
from tests.listings.factories import published
from tests.matching.factories import match_of, pair

pytestmark = pytest.mark.django_db

PAGE = "/matches/triage/"
API = "/api/v1/triage/"
PAGE_QUERIES = 26
API_QUERIES = 9


@pytest.fixture
def client(cast):
    """`home` lets the broker's institution answer."""
    return give_mandate(
        actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk
    )


@pytest.fixture
def match(cast) -> Match:
    """`home` has the need, `outside` the technology."""
    return match_of(*pair(cast.home, cast.outside))


@pytest.fixture
def other(cast) -> Match:
    """A pair that no client has part in."""
    return match_of(
        *pair(
            cast.rivals, cast.outside, need={"title_en": "Torch that floats"},
            technology={"title_en": "Floating torch", "field": "agriculture"},
        ),
        score=60,
    )  # fmt: skip


def text_of(player, path: str = PAGE) -> str:
    response = player.client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def on_desk(cast, **wanted) -> list[Match]:
    desk = desks.desk_of(cast.broker.actor, desks.last_visit(cast.broker.actor))
    return list(desks.ranked(desks.found(desk, Wanted(**wanted))))


# --- What stands on it ---------------------------------------------------------------------------


def test_desk_begins_with_the_clients_and_else_with_the_market(cast, match, other):
    assert other.need.title_en in text_of(cast.broker)
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    text = text_of(cast.broker)
    assert match.need.title_en in text and other.need.title_en not in text
    assert other.need.title_en in text_of(cast.broker, f"{PAGE}?whose=all")
    assert "Answer for Lantern Works" in text


def test_filters(cast, client, match, other):
    assert on_desk(cast) == [match, other]
    assert on_desk(cast, whose="clients") == [match]
    assert on_desk(cast, whose=f"client:{cast.home.public_id}") == [match]
    assert on_desk(cast, whose=f"client:{cast.rivals.public_id}") == []  # no client of theirs
    assert on_desk(cast, level="fairly_strong") == [other]
    assert on_desk(cast, field="agriculture") == []
    assert on_desk(cast, waits="ours") == [match]
    assert on_desk(cast, waits="theirs") == []
    Match.objects.filter(pk=match.pk).update(need_answer="interested")
    assert on_desk(cast, waits="theirs") == [match]
    assert on_desk(cast, waits="ours") == []


def test_filter_by_alliance(cast, match, other):
    alliance = Alliance.objects.create(name_en="Harbour", lead=cast.tti)
    for one in (cast.tti, cast.rivals):
        AllianceMember.objects.create(alliance=alliance, organisation=one, state="member")
    assert on_desk(cast, whose=f"alliance:{alliance.public_id}") == [other]
    strangers = Alliance.objects.create(name_en="Others", lead=cast.outside)
    AllianceMember.objects.create(alliance=strangers, organisation=cast.outside, state="member")
    assert on_desk(cast, whose=f"alliance:{strangers.public_id}") == []
    assert "Harbour" in text_of(cast.broker) and "Others" not in text_of(cast.broker)


def test_anonymous_listing_stands_under_nobody_s_name(cast, client):
    hidden = match_of(*pair(cast.home, cast.outside, need={"is_anonymous": True}))
    assert on_desk(cast) == [hidden]
    for whose in ("clients", f"client:{cast.home.public_id}"):
        assert on_desk(cast, whose=whose) == []
    desk = desks.desk_of(cast.broker.actor)
    assert [one.waiting for one in desks.clients(desk)] == [0]
    assert on_desk(cast, waits="ours") == []
    assert "Answer for" not in text_of(cast.broker, f"{PAGE}?whose=all")


@pytest.mark.parametrize("side", ["need", "technology"])
def test_confidential_listing_is_in_no_list_and_no_count(cast, client, side):
    hidden = match_of(
        *pair(cast.home, cast.outside, **{side: {"visibility": "confidential"}}),
        need_answer="interested", technology_answer="interested",
    )  # fmt: skip
    assert on_desk(cast) == []
    desk = desks.desk_of(cast.broker.actor)
    assert sum(desks.counts_by_level(desk, Wanted()).values()) == 0
    for path in (PAGE, f"{PAGE}?whose=all"):
        assert hidden.public_id not in cast.broker.client.get(path).content.decode()
    assert cast.broker.api.get(API).json()["results"] == []


def test_new_since_the_last_visit(cast, match, other):
    assert "New since my last visit" in text_of(cast.broker)  # the first visit
    assert on_desk(cast, only_new=True) == [match, other]  # nothing to compare with yet
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    DeskVisit.objects.update(latest=hour_ago)
    Match.objects.filter(pk=other.pk).update(created_at=hour_ago - dt.timedelta(hours=1))
    text_of(cast.broker)  # a new visit; looks within half an hour are the same one
    text_of(cast.broker)
    assert on_desk(cast, only_new=True) == [match]


def test_without_a_broker_leaves_out_what_one_has(cast, match, other):
    from deals.actions.opening import open_by_hand

    open_by_hand(actor=cast.broker.actor, need_id=other.need_id, technology_id=other.technology_id)
    assert on_desk(cast, only_free=True) == [match]


@pytest.mark.parametrize(
    "query",
    ["?whose=client:%00&level=x&field=y&waits=z&new=2&free=x&page=x", "?whose=client:0000000000",
     "?whose=alliance:ABC", "?whose=%27%22"],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_fault(cast, match, query):
    assert cast.broker.client.get(PAGE + query).status_code == 200


@pytest.mark.parametrize("name", ["owner", "registrar", "operator", "newcomer", "rival"])
def test_desk_is_for_brokers(cast, match, name):
    player = cast.everybody[name]
    assert player.client.get(PAGE).status_code == 403
    assert player.client.post(f"{PAGE}answer/", {"answer": "later"}).status_code == 403
    for call in (player.api.get(API), player.api.post(f"{API}answer/", {}, format="json")):
        assert call.status_code == 403 and call.json()["code"] == "brokers_only"


# --- Answering many ------------------------------------------------------------------------------


def marks(*matches: Match, side: str = "") -> list[Marked]:
    return [Marked(one.public_id, side) for one in matches]


def test_what_cannot_be_answered_is_reported_and_the_rest_is_done(cast, client, match, other):
    second = match_of(match.need, published(cast.outside, title_en="Second"), score=80)
    report = answer_many(
        actor=cast.broker.actor, answer_="interested",
        marked=[*marks(match, other, second), Marked("0000000000")],
    )  # fmt: skip
    assert report.answered == [match, second]
    assert [(one.public_id, one.code) for one in report.refused] == [
        (other.public_id, "no_mandate"), ("0000000000", "not_found"),
    ]  # fmt: skip
    again = answer_many(actor=cast.broker.actor, answer_="interested", marked=marks(match))
    match.refresh_from_db()
    assert len(again.answered) == 1 and match.version == 2


def test_version_that_was_seen_is_held(cast, client, match):
    report = answer_many(
        actor=cast.broker.actor, answer_="later", marked=[Marked(match.public_id, "need", 7)]
    )
    assert [one.code for one in report.refused] == ["stale_version"]


def test_own_organisation_s_pairs_are_answered_as_one_s_own(cast):
    own = match_of(*pair(cast.tti, cast.outside))
    answer_many(actor=cast.broker.actor, answer_="interested", marked=marks(own))
    own.refresh_from_db()
    assert own.need_answer == "interested"


def test_confidential_pair_of_a_client_is_reported_as_not_there(cast, client):
    hidden = match_of(*pair(cast.home, cast.outside, need={"visibility": "confidential"}))
    report = answer_many(actor=cast.broker.actor, answer_="later", marked=marks(hidden))
    assert [(one.code, one.match) for one in report.refused] == [("not_found", None)]


@pytest.mark.parametrize(
    "values",
    [{"answer_": "declined"}, {"answer_": "later", "reason": "funds"}, {"answer_": "x"},
     {"answer_": "later", "marked": []},
     {"answer_": "later", "marked": [Marked(str(n)) for n in range(MOST + 1)]}],
)  # fmt: skip
def test_answer_that_is_not_in_order_answers_nothing(cast, client, match, values):
    with pytest.raises(Invalid):
        answer_many(actor=cast.broker.actor, **{"marked": marks(match), **values})
    match.refresh_from_db()
    assert match.need_answer == ""


def test_nobody_else_answers_many(cast, match):
    with pytest.raises(Refused):
        answer_many(actor=cast.owner.actor, answer_="later", marked=marks(match))


def test_page_answers_the_marked_ones_and_keeps_the_filters(cast, client, match):
    response = cast.broker.client.post(
        f"{PAGE}answer/?whose=clients",
        {"pairs": f"{match.public_id}:need:1", "answer": "interested"},
    )
    assert response.status_code == 302 and response["Location"] == f"{PAGE}?whose=clients"
    match.refresh_from_db()
    assert match.need_answer == "interested"


def test_page_says_which_were_not_answered(cast, client, match, other):
    response = cast.broker.client.post(
        f"{PAGE}answer/",
        {"pairs": [f"{match.public_id}:need:1", f"{other.public_id}:need:1", "x:y:z:\x00"],
         "answer": "later"},
    )  # fmt: skip
    page = response.content.decode()
    assert response.status_code == 409
    assert other.need.title_en in page and "allowed your institution" in page
    assert "1 pair is answered" in page


@pytest.mark.parametrize(
    "values",
    [{"answer": "declined", "text": "Too far"}, {"answer": "", "text": "Too far"},
     {"answer": "later", "text": "Too far", "pairs": []}],
)  # fmt: skip
def test_wrong_answer_keeps_marks_and_words(cast, client, match, values):
    values = {"pairs": f"{match.public_id}:need:1", **values}
    response = cast.broker.client.post(f"{PAGE}answer/", values)
    page = response.content.decode()
    assert response.status_code == 422 and "Too far" in page
    assert page.count(" checked") == (1 if values["pairs"] else 0)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_answer_never_leads_off_the_site(cast, client, match, target):
    response = cast.broker.client.post(
        f"{PAGE}answer/",
        {"pairs": f"{match.public_id}:need:1", "answer": "later", "next": target},
    )
    assert response["Location"] == PAGE


def test_broker_answers_from_the_pair_s_page(cast, client, match):
    page = cast.broker.client.get(f"/matches/{match.public_id}/").content.decode()
    assert "Answer for" in page and f"{match.public_id}:need:1" in page
    assert (
        "Answer for" not in cast.owner.client.get(f"/matches/{match.public_id}/").content.decode()
    )


# --- API -----------------------------------------------------------------------------------------


def test_api_lists_with_the_sides_one_may_answer_for(cast, client, match, other):
    [row] = cast.broker.api.get(API).json()["results"]
    assert row["match"]["id"] == match.public_id
    assert [(one["side"], one["is_own"], one["answer"]) for one in row["sides"]] == [
        ("need", False, "")
    ]
    rows = cast.broker.api.get(API, {"whose": "all"}).json()["results"]
    assert len(rows) == 2
    assert cast.broker.api.get(API, {"level": "nonsense"}).status_code == 400


def test_api_answers_many(cast, client, match, other):
    given = {"answer": "interested", "matches": [{"id": match.public_id}, {"id": other.public_id}]}
    report = cast.broker.api.post(f"{API}answer/", given, format="json").json()
    assert report["answered"] == [match.public_id]
    assert [one["code"] for one in report["refused"]] == ["no_mandate"]
    assert cast.broker.api.post(f"{API}answer/", {}, format="json").status_code == 400


def test_api_answers_one_on_behalf(cast, client, match):
    response = cast.broker.api.post(
        f"/api/v1/matches/{match.public_id}/answer/",
        {"answer": "later", "on_behalf": True}, format="json",
    )  # fmt: skip
    assert response.status_code == 200, response.content
    match.refresh_from_db()
    assert match.need_answer == "later"


# --- Cost ----------------------------------------------------------------------------------------


def cost(player, path: str, api: bool = False) -> int:
    client = player.api if api else player.client
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_desk_asks_as_much_for_one_row_as_for_three(cast, client, match):
    assert cost(cast.broker, PAGE) == PAGE_QUERIES
    assert cost(cast.broker, API, api=True) == API_QUERIES
    for number in (1, 2):
        match_of(match.need, published(cast.outside, title_en=f"Another {number}"), score=75)
    assert cost(cast.broker, PAGE) == PAGE_QUERIES
    assert cost(cast.broker, API, api=True) == API_QUERIES
