"""Pages and API of notifications: one's own, in one's language, read when opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events import notices
from events.actions import notify
from events.models import Notification

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
KIND = "test.told"


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        notices.NOTICES,
        KIND,
        notices.Notice(KIND, "Test", "About “%(title)s”", "Detail %(count)s", "now"),
    )


def tell(cast: Cast, **params: object) -> Notification:
    notify(
        [cast.owner.user.pk], KIND,
        params={"title_en": "Quiet <b>fan</b>", "title_zh": "安静风扇", "count": 3, **params},
        url="/needs/", key=f"k{Notification.objects.count()}",
    )  # fmt: skip
    return Notification.objects.latest("id")


def test_the_list_shows_text_in_the_readers_language_and_escapes_it(cast: Cast) -> None:
    tell(cast)

    english = cast.owner.client.get("/notifications/").content.decode()
    cast.owner.client.cookies["language"] = "zh-hans"
    chinese = cast.owner.client.get("/notifications/").content.decode()

    assert "Quiet &lt;b&gt;fan&lt;/b&gt;" in english
    assert "<b>fan" not in english
    assert "安静风扇" in chinese


def test_opening_one_marks_it_read_and_leads_there(cast: Cast) -> None:
    row = tell(cast)

    answer = cast.owner.client.get(f"/notifications/{row.public_id}/open/")

    row.refresh_from_db()
    assert answer.status_code == 302 and answer["Location"] == "/needs/"
    assert row.read_at is not None


def test_another_persons_notification_is_absent(cast: Cast) -> None:
    row = tell(cast)

    assert cast.colleague.client.get(f"/notifications/{row.public_id}/open/").status_code == 404
    assert cast.colleague.api.get(f"/api/v1/notifications/{row.public_id}/").status_code == 404
    assert cast.operator.api.get("/api/v1/notifications/").json()["results"] == []
    row.refresh_from_db()
    assert row.read_at is None


def test_a_visitor_is_asked_to_sign_in(cast: Cast) -> None:
    answer = cast.visitor.client.get("/notifications/")

    assert answer.status_code == 302 and "/login" in answer["Location"]


def test_an_address_elsewhere_is_not_followed(cast: Cast) -> None:
    row = tell(cast)
    Notification.objects.filter(pk=row.pk).update(url="https://elsewhere.example/x")

    answer = cast.owner.client.get(f"/notifications/{row.public_id}/open/")

    assert answer["Location"] == "/notifications/"


def test_mark_all_as_read_leaves_others_alone(cast: Cast) -> None:
    tell(cast)
    notify([cast.rival.user.pk], KIND, params={"title_en": "x", "count": 1})

    cast.owner.client.post("/notifications/read/")

    assert list(
        Notification.objects.filter(read_at__isnull=True).values_list("recipient_id", flat=True)
    ) == [cast.rival.user.pk]


def test_filters_narrow_the_list(cast: Cast) -> None:
    tell(cast, title_en="First one")
    cast.owner.client.post("/notifications/read/")
    tell(cast, title_en="Second one")

    unread = cast.owner.client.get("/notifications/?unread=1").content.decode()
    matches = cast.owner.client.get("/notifications/?about=matches").content.decode()
    other = cast.owner.client.get("/notifications/?about=other").content.decode()
    unknown = cast.owner.client.get("/notifications/?about=%00<x>&page=99999999")

    assert "Second one" in unread and "First one" not in unread
    assert "Second one" not in matches
    assert "Second one" in other
    assert unknown.status_code == 200


def test_told_once_per_key(cast: Cast) -> None:
    for _ in range(2):
        notify([cast.owner.user.pk], KIND, params={"title_en": "x", "count": 1}, key="same")

    assert Notification.objects.count() == 1


def test_an_older_notice_of_a_forgotten_kind_still_lists(cast: Cast) -> None:
    row = tell(cast)
    Notification.objects.filter(pk=row.pk).update(kind="gone.away")

    assert cast.owner.client.get("/notifications/").status_code == 200
    assert cast.owner.api.get("/api/v1/notifications/").json()["results"][0]["text"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(
    cast: Cast, rows: int, django_assert_num_queries: object
) -> None:
    for number in range(rows):
        tell(cast, count=number)
    cast.owner.client.get("/notifications/")

    # session, person and its tracking (8); memberships; unread, count, page
    with django_assert_num_queries(12):  # type: ignore[operator]
        cast.owner.client.get("/notifications/")


def test_api_reads_and_marks(cast: Cast) -> None:
    row = tell(cast)

    listed = cast.owner.api.get("/api/v1/notifications/", {"read_at__isnull": "true"}).json()
    marked = cast.owner.api.post(f"/api/v1/notifications/{row.public_id}/read/")
    rest = cast.owner.api.post("/api/v1/notifications/read-all/")

    assert [one["id"] for one in listed["results"]] == [row.public_id]
    assert marked.json()["read_at"] is not None
    assert rest.json() == {"marked": 0}
