"""Every refusal has one shape (RFC 9457), in the reader's language."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from marketplace.core.api.throttles import ByToken
from tests.listings import factories

pytestmark = pytest.mark.urls("tests.api.floor")
NOTES = "/api/v1/notes/"


def refused(
    cast: Any, token_of: Any, monkeypatch: Any, status: int, headers: dict[str, str]
) -> Any:
    """One request that is refused with this status."""
    owner, visitor = cast.owner.api, cast.visitor.api
    owner.raise_request_exception = visitor.raise_request_exception = False
    match status:
        case 400:
            return owner.post(NOTES, "{not json", content_type="application/json", headers=headers)
        case 401:
            return visitor.post(NOTES, {}, headers=headers)
        case 403:
            return token_of(cast.owner, "listings:read").post(NOTES, {}, headers=headers)
        case 404:
            return visitor.get(f"{NOTES}0000000000/", headers=headers)
        case 405:
            return owner.put(NOTES, {}, headers=headers)
        case 409:
            return owner.post(NOTES, {"do": "conflict"}, headers=headers)
        case 412:
            note = factories.published(cast.home)
            return owner.patch(
                f"{NOTES}{note.public_id}/", {}, headers={**headers, "If-Match": '"x:99"'}
            )
        case 413:
            return owner.post(NOTES, {"do": "x" * (6 * 1024 * 1024)}, headers=headers)
        case 415:
            return owner.post(NOTES, b"<a/>", content_type="text/xml", headers=headers)
        case 429:
            monkeypatch.setattr(ByToken, "THROTTLE_RATES", {"token": "1/h", "visitor": "1/h"})
            owner.get(NOTES)
            return owner.get(NOTES, headers=headers)
        case 500:
            return owner.post(NOTES, {"do": "fail"}, headers=headers)
    raise AssertionError(status)


@pytest.mark.parametrize(
    "body", ['{"a":' * 100_000, "[" * 200_000, r'{"\ud800": 1}', r'{"do": "\ud800"}']
)
def test_json_that_no_reader_should_follow_is_refused(cast, body):
    cast.owner.api.raise_request_exception = False
    answer = cast.owner.api.post(NOTES, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


STATUSES = [400, 401, 403, 404, 405, 409, 412, 413, 415, 429, 500]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("status", STATUSES)
def test_refusal_is_a_problem_in_the_readers_language(
    cast, token_of, monkeypatch, status, language
):
    answer = refused(cast, token_of, monkeypatch, status, {"Accept-Language": language})
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].split(";")[0] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert body["status"] == status
    assert body["type"] == f"urn:yizhan:problem:{body['code']}"
    assert body["request_id"] == answer["X-Request-Id"]
    chinese = any("一" <= letter <= "鿿" for letter in body["title"])
    assert chinese == (language == "zh-hans"), body["title"]
    assert body["detail"]
    assert "秘密" not in answer.content.decode(), "a fault tells nothing of its cause"
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")
    if status == 405:
        assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/notes/short/", "/api/v2/"])
def test_unknown_address_is_a_problem_too(cast, path):
    for language, title in (("en", "Not found"), ("zh-hans", "未找到")):
        answer = cast.visitor.api.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["title"] == title
        assert answer.json()["errors"] == []


def test_hidden_object_and_absent_object_are_told_alike(cast):
    hidden = factories.draft(cast.home)
    for url in (f"{NOTES}{hidden.public_id}/", f"{NOTES}0000000000/"):
        answer = cast.rival.api.get(url)
        body = answer.json()
        body.pop("request_id")
        assert answer.status_code == 404
        assert body == {
            "type": "urn:yizhan:problem:not_found",
            "title": "Not found",
            "status": 404,
            "code": "not_found",
            "detail": "There is nothing here, or it is not open to you.",
            "errors": [],
        }


@pytest.mark.parametrize(
    "change", [{"revoked_at": True}, {"expires_at": True}, {"allowed_networks": ["10.9.0.0/16"]}]
)
def test_token_that_may_not_be_used_is_refused(cast, token_of, change):
    past = timezone.now() - dt.timedelta(days=1)
    values = {name: past if value is True else value for name, value in change.items()}
    answer = token_of(cast.owner, "listings:read", **values).get(NOTES)
    assert answer.status_code == 401
    assert answer.json()["code"] in ("invalid_token", "network_not_allowed")


@pytest.mark.parametrize("given", ["yz_x", "", "é", "yz_" + "A" * 5000])
def test_nonsense_for_a_token_is_refused(cast, given):
    from django.test import Client

    answer = Client().get(NOTES, headers={"Authorization": f"Bearer {given}"})
    assert answer.status_code == 401


def test_page_without_its_token_of_origin_may_not_write(cast):
    from rest_framework.test import APIClient

    strict = APIClient(enforce_csrf_checks=True)
    strict.cookies = cast.owner.client.cookies
    answer = strict.post(NOTES, {"do": "note"})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_null_byte_in_a_question_is_refused(cast):
    for url in (f"{NOTES}?trl=%00", f"{NOTES}?fields=%00"):
        assert cast.visitor.api.get(url).status_code == 400
