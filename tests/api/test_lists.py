"""Lists: cursor pages, page sizes, chosen fields, expansions, filters."""

import base64
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.listings import factories

pytestmark = pytest.mark.urls("tests.api.floor")
NOTES = "/api/v1/notes/"


@pytest.fixture
def five(cast):
    return [factories.published(cast.home, title_en=f"Note {n}", trl=n) for n in range(1, 6)]


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [row["title_en"] for row in answer.json()["results"]]


def test_pages_follow_each_other_and_back(cast, five):
    first = cast.visitor.api.get(NOTES, {"page_size": 2})
    second = cast.visitor.api.get(first.json()["next"])
    third = cast.visitor.api.get(second.json()["next"])
    assert titles(first) + titles(second) + titles(third) == [f"Note {n}" for n in (5, 4, 3, 2, 1)]
    assert third.json()["next"] is None and first.json()["previous"] is None
    assert titles(cast.visitor.api.get(third.json()["previous"])) == titles(second)


def test_row_added_meanwhile_does_not_shift_the_pages(cast, five):
    first = cast.visitor.api.get(NOTES, {"page_size": 2})
    factories.published(cast.home, title_en="Newest")
    assert titles(cast.visitor.api.get(first.json()["next"])) == ["Note 3", "Note 2"]


def test_next_keeps_filters_and_fields(cast, five):
    answer = cast.visitor.api.get(NOTES, {"page_size": 1, "fields": "id,title_en"})
    kept = parse_qs(urlsplit(answer.json()["next"]).query)
    assert kept["fields"] == ["id,title_en"] and kept["page_size"] == ["1"]


@pytest.mark.parametrize(
    ("given", "rows"), [("1", 1), ("0", 5), ("-3", 5), ("x", 5), ("", 5), ("100000", 5)]
)
def test_page_size_is_bounded(cast, five, given, rows):
    assert len(titles(cast.visitor.api.get(NOTES, {"page_size": given}))) == rows


def test_page_size_has_a_ceiling(cast, five, monkeypatch):
    from marketplace.core.api.pagination import NewestFirst

    assert (NewestFirst.page_size, NewestFirst.max_page_size) == (20, 100)
    monkeypatch.setattr(NewestFirst, "max_page_size", 3)
    assert len(titles(cast.visitor.api.get(NOTES, {"page_size": "4"}))) == 3


def cursor(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "given",
    [
        "x", "%%%", "bm90IGEgcXVlcnk=", cursor("p=abc"), cursor("p=99999999999999999999999999"),
        cursor("p=1'--"), cursor("o=-5&p=3"), cursor("o=99999999&p=3"), cursor("p=\x00"),
        cursor("p=2026-01-01"), cursor("r=7&p="), "é", "A" * 5000,
    ],
)  # fmt: skip
def test_altered_cursor_is_refused_or_answers_a_page(cast, five, given):
    answer = cast.visitor.api.get(f"{NOTES}?cursor={quote(given)}")
    assert answer.status_code in (200, 400, 404), answer.content
    if answer.status_code != 200:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] in ("invalid_cursor", "not_found")


def test_only_chosen_fields_are_sent(cast, five):
    answer = cast.visitor.api.get(NOTES, {"fields": "id, trl"})
    assert set(answer.json()["results"][0]) == {"id", "trl"}
    one = cast.visitor.api.get(f"{NOTES}{five[0].public_id}/", {"fields": "title_en"})
    assert one.json() == {"title_en": "Note 1"}


def test_expansion_opens_what_it_names(cast, five):
    plain = cast.visitor.api.get(f"{NOTES}{five[0].public_id}/").json()
    opened = cast.visitor.api.get(f"{NOTES}{five[0].public_id}/", {"expand": "owner"}).json()
    assert plain["owner"] == cast.home.public_id
    assert opened["owner"] == "Lantern Works"


@pytest.mark.parametrize("parameter", ["fields", "expand"])
def test_unknown_name_is_refused_and_the_known_are_told(cast, five, parameter):
    for url in (NOTES, f"{NOTES}{five[0].public_id}/"):
        answer = cast.visitor.api.get(url, {parameter: "owner,secret_formula"})
        body = answer.json()
        assert (answer.status_code, body["code"]) == (400, "unknown_name")
        assert body["errors"][0]["field"] == parameter
        assert "secret_formula" in body["detail"] and "owner" in body["detail"]


def test_filter_of_the_wrong_type_is_refused(cast, five):
    assert titles(cast.visitor.api.get(NOTES, {"trl": "3"})) == ["Note 3"]
    answer = cast.visitor.api.get(NOTES, {"trl": "three"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "trl"


def test_length_of_a_list_does_not_change_its_queries(cast, five, django_assert_num_queries):
    for size in (1, 3):
        with django_assert_num_queries(1):
            cast.visitor.api.get(NOTES, {"page_size": size, "fields": "id,title_en"})
