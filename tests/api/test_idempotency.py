"""Idempotency-Key: the work of one POST is done once, however often it is sent."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from marketplace.core.models import IdempotencyRecord
from tests.api.floor import CALLS

pytestmark = pytest.mark.urls("tests.api.floor")
NOTES = "/api/v1/notes/"


def post(player: Any, body: Any = None, key: str = "k-1", **more: Any) -> Any:
    return player.api.post(NOTES, body or {"do": "note"}, headers={"Idempotency-Key": key}, **more)


def test_same_key_and_body_gives_the_stored_answer(cast):
    first = post(cast.owner)
    again = post(cast.owner)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content and json.loads(again.content)["number"] == 1
    assert again["ETag"] == first["ETag"]
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert len(CALLS) == 1


def test_without_a_key_each_request_is_done(cast):
    cast.owner.api.post(NOTES, {"do": "note"})
    cast.owner.api.post(NOTES, {"do": "note"})
    assert len(CALLS) == 2


def test_another_key_is_another_request(cast):
    post(cast.owner, key="a")
    post(cast.owner, key="b")
    assert len(CALLS) == 2


def test_key_with_another_body_is_refused(cast):
    post(cast.owner)
    answer = post(cast.owner, {"do": "note", "more": 1})
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert len(CALLS) == 1


def test_key_with_another_address_is_refused(cast):
    post(cast.owner)
    answer = cast.owner.api.post(
        "/api/v1/notifications/read-all/", {"do": "note"}, headers={"Idempotency-Key": "k-1"}
    )
    assert answer.status_code == 422


def test_key_of_a_running_request_conflicts(cast):
    post(cast.owner)
    IdempotencyRecord.objects.update(status=None)
    answer = post(cast.owner)
    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_running"
    assert len(CALLS) == 1


def test_key_of_a_request_that_died_is_free_after_two_minutes(cast):
    post(cast.owner)
    IdempotencyRecord.objects.update(
        status=None, created_at=timezone.now() - dt.timedelta(minutes=3)
    )
    assert post(cast.owner).status_code == 201
    assert len(CALLS) == 2


def test_key_is_forgotten_after_a_day(cast):
    post(cast.owner)
    IdempotencyRecord.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert post(cast.owner, {"do": "note", "other": "body"}).status_code == 201


def test_server_error_frees_the_key(cast):
    cast.owner.api.raise_request_exception = False
    assert post(cast.owner, {"do": "fail"}).status_code == 500
    assert not IdempotencyRecord.objects.exists()
    assert post(cast.owner, {"do": "fail"}).status_code == 500  # done again, not "still running"
    assert len(CALLS) == 2


@pytest.mark.parametrize(("do", "status"), [("refuse", 400), ("conflict", 409)])
def test_refusal_is_replayed_too(cast, do, status):
    first = post(cast.owner, {"do": do})
    again = post(cast.owner, {"do": do})
    assert (first.status_code, again.status_code) == (status, status)
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"
    assert len(CALLS) == 1


def test_key_belongs_to_one_person(cast):
    post(cast.owner)
    other = post(cast.rival)
    assert other.status_code == 201 and other.json()["number"] == 2
    assert "Idempotency-Replayed" not in other


def test_replay_asks_for_the_scope_again(cast, token_of):
    post(cast.owner)
    narrow = token_of(cast.owner, "listings:read")
    answer = narrow.post(NOTES, {"do": "note"}, headers={"Idempotency-Key": "k-1"})
    assert answer.status_code == 403 and answer.json()["code"] == "scope_missing"


def test_key_of_a_visitor_is_never_taken(cast):
    assert post(cast.visitor).status_code == 401
    assert not IdempotencyRecord.objects.exists()


def test_over_long_key_is_refused(cast):
    answer = post(cast.owner, key="k" * 201)
    assert answer.status_code == 400 and not CALLS


def test_key_on_reading_does_nothing(cast):
    cast.owner.api.get(NOTES, headers={"Idempotency-Key": "k-1"})
    assert not IdempotencyRecord.objects.exists()


def test_upload_is_replayed_whatever_its_boundary(cast):
    """Clients draw a new boundary for each sending: the parts decide, not the raw bytes."""

    def send(content: bytes, boundary: str) -> Any:
        lines = [
            f"--{boundary}", 'Content-Disposition: form-data; name="do"', "", "file",
            f"--{boundary}", 'Content-Disposition: form-data; name="file"; filename="a.txt"',
            "Content-Type: text/plain", "", content.decode(), f"--{boundary}--", "",
        ]  # fmt: skip
        return cast.owner.api.generic(
            "POST", NOTES, "\r\n".join(lines).encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"Idempotency-Key": "up"},
        )  # fmt: skip

    assert send(b"one", "AAAA").status_code == 201
    assert send(b"one", "BBBB")["Idempotency-Replayed"] == "true"
    assert send(b"two", "CCCC").status_code == 422
    assert len(CALLS) == 1


def test_upload_above_the_limit_of_plain_bodies_may_carry_a_key(cast):
    upload = SimpleUploadedFile("a.bin", b"x" * (6 * 1024 * 1024))
    answer = post(cast.owner, {"do": "file", "file": upload}, format="multipart")
    assert answer.status_code == 201 and answer.json() == {"size": 6 * 1024 * 1024}


def test_work_and_answer_are_committed_together(cast, monkeypatch):
    """A process that dies after the work but before the answer is kept must leave neither."""
    from marketplace.core.api import idempotency
    from tests.api import floor
    from tests.listings import factories

    made = []

    def work(self: Any, request: Any) -> Any:
        made.append(factories.draft(cast.home).pk)
        return floor.Response({"id": "N"}, status=201)

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(floor.NoteViewSet, "create", work)
    monkeypatch.setattr(idempotency, "store_answer", dies)
    with pytest.raises(KeyboardInterrupt):
        post(cast.owner)
    from listings.models import Listing

    assert made and not Listing.objects.exists()


def test_secret_that_is_shown_once_is_not_kept(cast):
    def make() -> Any:
        return cast.owner.api.post(
            "/api/v1/me/tokens/",
            {"name": "t", "scopes": ["listings:read"]},
            headers={"Idempotency-Key": "token"},
        )

    first, again = make(), make()
    assert first.status_code == 201, first.content
    secret = first.json()["secret"]
    assert (again.status_code, again.json()["code"]) == (409, "shown_once")
    kept = IdempotencyRecord.objects.get()
    assert secret.encode() not in bytes(kept.body)
