"""Rates: told on every answer, kept by token, person or address, refused with a time to wait."""

import pytest

from marketplace.core.api.throttles import ByToken

pytestmark = pytest.mark.urls("tests.api.floor")
NOTES = "/api/v1/notes/"


@pytest.fixture
def three_a_minute(monkeypatch):
    monkeypatch.setattr(ByToken, "THROTTLE_RATES", {"token": "3/min", "visitor": "2/min"})


def test_rate_is_told_on_each_answer(cast, three_a_minute):
    left = [cast.owner.api.get(NOTES)["RateLimit-Remaining"] for _n in range(3)]
    assert left == ["2", "1", "0"]
    answer = cast.visitor.api.get(NOTES)
    assert (answer["RateLimit-Limit"], answer["RateLimit-Policy"]) == ("2", "2;w=60")


def test_request_above_the_rate_is_refused_with_a_time(cast, three_a_minute):
    for _n in range(3):
        cast.owner.api.get(NOTES)
    answer = cast.owner.api.get(NOTES)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 61
    assert answer["RateLimit-Remaining"] == "0"
    assert answer.json()["code"] == "throttled"


def test_refused_post_keeps_no_key_and_does_nothing(cast, three_a_minute):
    from tests.api.floor import CALLS

    for _n in range(3):
        cast.owner.api.get(NOTES)
    answer = cast.owner.api.post(NOTES, {"do": "note"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 429 and not CALLS


def test_each_token_has_its_own_rate(cast, three_a_minute, token_of):
    for _n in range(3):
        cast.owner.api.get(NOTES)
    assert cast.rival.api.get(NOTES).status_code == 200
    assert token_of(cast.owner, "listings:read").get(NOTES).status_code == 200
    assert cast.visitor.api.get(NOTES).status_code == 200


def test_person_in_a_page_has_a_rate(cast, three_a_minute):
    for _n in range(3):
        assert cast.owner.client.get(NOTES).status_code == 200
    assert cast.owner.client.get(NOTES).status_code == 429


def test_rates_are_forgiving_when_the_store_is_away(cast, three_a_minute, monkeypatch):
    from redis.exceptions import ConnectionError as Away

    def away(*args, **kwargs):
        raise Away("gone")

    monkeypatch.setattr("redis.Redis.get", away)
    monkeypatch.setattr("redis.Redis.set", away)
    assert [cast.owner.api.get(NOTES).status_code for _n in range(5)] == [200] * 5
