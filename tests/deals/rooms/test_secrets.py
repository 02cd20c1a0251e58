"""What a hostile reader with an account tries: doors around the room, and what outlives a right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.actions import term_sheets
from deals.actions.brokers import ask_for_broker, claim, step_back
from deals.actions.releases import release_identity
from deals.actions.room_documents import put_document, withdraw_document
from deals.actions.room_talks import post_room_message
from deals.actions.rooms import end_seat, open_room, open_room_between
from deals.actions.talks import post_message
from deals.models import DealRoom, Introduction, RoomAcceptance, RoomDocument
from deals.nda import text_of
from deals.queries.room_documents import shown_documents
from deals.queries.rooms import view_of, visible_to
from events.models import Notification
from marketplace.core.errors import Conflict, NotFound, Refused
from tests.deals import factories as introductions
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMultiAlternatives

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/rooms/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def taken_out(cast: Cast, room: DealRoom) -> None:
    seat = room.seats.get(user=cast.colleague.user, ended_at=None)
    end_seat(actor=cast.owner.actor, room_id=room.pk, seat_public_id=seat.public_id)


def test_who_was_taken_out_does_not_come_in_by_opening_it_again(cast: Cast) -> None:
    room = factories.under_nda(cast)
    taken_out(cast, room)
    introduction = room.introduction
    assert introduction is not None

    answer = cast.colleague.api.post(ROOT, {"introduction": introduction.public_id}, format="json")

    assert answer.status_code == 403 and answer.json()["code"] == "not_inside"
    assert room.public_id not in answer.text
    page = cast.colleague.client.post(f"/introductions/{introduction.public_id}/room/", follow=True)
    assert "An owner of your organisation can let you in." in page.text
    assert room.public_id not in page.text
    with pytest.raises(Refused):
        open_room(actor=cast.colleague.actor, introduction_id=introduction.pk)


def test_a_former_member_opens_no_address_that_was_kept(cast: Cast) -> None:
    room = factories.under_nda(cast)
    file = factories.document(room, cast.outsider.actor)
    sheet = factories.offer(room, cast.outsider.actor)
    name = f"documents/{file.document.public_id}/1/"
    kept = ["", "nda/", "offers/", "offers/new/", "news/?after=0", name]
    for door in kept:
        assert cast.colleague.client.get(room.get_absolute_url() + door).status_code in (200, 302)
    taken_out(cast, room)

    for door in kept:
        answer = cast.colleague.client.get(room.get_absolute_url() + door)
        assert answer.status_code == 404, door
    for door in ("", "messages/", "offers/", "documents/", name):
        assert cast.colleague.api.get(f"{ROOT}{room.public_id}/{door}").status_code == 404, door
    for door in ("messages/", f"offers/{sheet.public_id}/accept/", "close/", "people/"):
        answer = cast.colleague.client.post(room.get_absolute_url() + door, {"body": "Hello"})
        assert answer.status_code == 404, door


def test_a_side_that_accepts_late_opens_what_is_not_withdrawn(cast: Cast) -> None:
    room = factories.under_nda(cast, broker=True)
    kept = factories.document(room, cast.outsider.actor).document
    gone = put_document(
        actor=cast.outsider.actor, room_id=room.pk, upload=SimpleUploadedFile("a.txt", b"text")
    ).document
    for_all = put_document(
        actor=cast.outsider.actor, room_id=room.pk, tier="room",
        upload=SimpleUploadedFile("b.txt", b"other text"),
    ).document  # fmt: skip
    withdraw_document(actor=cast.outsider.actor, room_id=room.pk, document_public_id=gone.public_id)

    def opened(document: RoomDocument) -> int:
        path = f"documents/{document.public_id}/1/"
        page = cast.broker.client.get(room.get_absolute_url() + path).status_code
        assert cast.broker.api.get(f"{ROOT}{room.public_id}/{path}").status_code == page
        return page

    assert [opened(one) for one in (kept, gone, for_all)] == [404, 404, 200]
    factories.accept(room, cast.broker.actor)
    assert [opened(one) for one in (kept, gone, for_all)] == [200, 404, 200]


def test_a_later_broker_is_not_heir_of_the_one_before(cast: Cast) -> None:
    room = factories.under_nda(cast, broker=True)
    factories.accept(room, cast.broker.actor)
    theirs = factories.document(room, cast.broker.actor).document
    withdraw_document(actor=cast.broker.actor, room_id=room.pk, document_public_id=theirs.public_id)
    shown = factories.document(room, cast.broker.actor).document
    # another institution carries it now, and has accepted
    DealRoom.objects.filter(pk=room.pk).update(
        broker_organisation=cast.rivals, broker=cast.rival.user
    )
    cast.rival.user.memberships.update(roles=["owner"])  # type: ignore[union-attr]
    text = text_of(room.nda_version)
    RoomAcceptance.objects.create(
        room=room, side="broker", organisation=cast.rivals, nda_version=text.version,
        text_hash=text.hash, name="Rival",
    )  # fmt: skip
    room.refresh_from_db()
    actor = cast.rival.fresh()
    [seen] = shown_documents(view_of(room, actor))

    assert seen == shown and not seen.is_own and seen.log == []  # type: ignore[attr-defined]
    one: dict[str, Any] = {"actor": actor, "room_id": room.pk}
    with pytest.raises(NotFound):
        withdraw_document(**one, document_public_id=shown.public_id)
    with pytest.raises(NotFound):
        put_document(
            **one, document_public_id=shown.public_id, upload=SimpleUploadedFile("a.txt", b"text")
        )
    assert not visible_to(cast.broker.actor).exists()


def anonymous_talks(cast: Cast) -> Introduction:
    """In talks, the supplier known to the taker alone."""
    made = introductions.introduced(cast, technology={"is_anonymous": True})
    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)
    for player in (cast.owner, cast.outsider):
        post_message(actor=player.actor, introduction_id=made.pk, body="Good morning")
    return made


@pytest.mark.parametrize("room_first", [True, False])
def test_a_broker_who_comes_later_is_let_in_once_it_may_know_the_names(
    cast: Cast, room_first: bool
) -> None:
    made = anonymous_talks(cast)
    if room_first:
        open_room(actor=cast.owner.actor, introduction_id=made.pk)
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    claim(actor=cast.broker.actor, introduction_id=made.pk)
    room, _is_new = open_room(actor=cast.owner.actor, introduction_id=made.pk)

    assert not visible_to(cast.broker.actor).exists()
    assert cast.broker.client.get(room.get_absolute_url()).status_code == 404
    page = cast.broker.client.get(f"/introductions/{made.public_id}/").text
    assert cast.outside.name_en not in page and room.public_id not in page
    answer = cast.broker.api.post(ROOT, {"introduction": made.public_id}, format="json")
    assert answer.status_code == 403 and cast.outside.name_en not in answer.text

    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)
    assert cast.broker.client.get(room.get_absolute_url()).status_code == 200
    step_back(actor=cast.broker.actor, introduction_id=made.pk)
    assert cast.broker.client.get(room.get_absolute_url()).status_code == 404


def test_no_mail_holds_what_was_said_offered_or_put_in(
    cast: Cast, run_jobs: Callable[..., int], mailoutbox: list[EmailMultiAlternatives]
) -> None:
    room = factories.under_nda(cast, broker=True)
    factories.accept(room, cast.broker.actor)
    post_room_message(actor=cast.owner.actor, room_id=room.pk, body="Planted words")
    factories.document(room, cast.outsider.actor, title="Planted title")
    sheet = factories.offer(
        room, cast.outsider.actor, words="Planted terms", territory="Planted land"
    )
    term_sheets.accept_offer(
        actor=cast.owner.actor, room_id=room.pk, sheet_public_id=sheet.public_id
    )
    run_jobs()

    told = "".join(f"{mail.subject} {mail.body} {mail.alternatives}" for mail in mailoutbox)
    assert room.public_id in told
    for secret in ("Planted", "1,000,000", "1000000", "400000"):
        assert secret not in told


def test_a_side_that_has_not_accepted_is_not_told_that_there_are_offers(cast: Cast) -> None:
    room = factories.under_nda(cast, broker=True)
    Notification.objects.all().delete()
    factories.document(room, cast.outsider.actor)
    factories.offer(room, cast.outsider.actor)

    page = cast.broker.client.get(room.get_absolute_url()).text
    assert "Offer made" not in page and "Document put into a deal room" not in page
    offers = Notification.objects.filter(kind__in=["room.offer", "room.answer"])
    assert {row.recipient for row in offers} == {cast.owner.user, cast.colleague.user}
    factories.accept(room, cast.broker.actor)
    assert "Offer made" in cast.broker.client.get(room.get_absolute_url()).text
    factories.offer(room, cast.owner.actor)
    assert offers.filter(recipient=cast.broker.user, kind="room.answer").count() == 1


def test_an_institution_floods_nobody_with_rooms(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("deals.actions.rooms.MAX_UNANSWERED", 1)
    facts: dict[str, Any] = {"supplier_id": cast.outside.pk, "taker_id": cast.home.pk}
    room = open_room_between(actor=cast.broker.actor, title="One", **facts)
    with pytest.raises(Conflict) as refusal:
        open_room_between(actor=cast.broker.actor, title="Two", **facts)
    assert refusal.value.code == "too_many_rooms"
    factories.accept(room, cast.owner.actor)
    open_room_between(actor=cast.broker.actor, title="Two", **facts)


def test_odd_addresses_find_nothing(cast: Cast) -> None:
    room = factories.under_nda(cast)
    url = room.get_absolute_url()
    for door in ("documents/%00/1/", "offers/%00/", "offers/x/", "documents/x/99999999/"):
        assert cast.owner.client.get(url + door).status_code == 404, door
    for door in ("offers/%00/accept/", "offers/x/sing/", "people/%00/end/",
                 "documents/%00/withdraw/"):  # fmt: skip
        assert cast.owner.client.post(url + door).status_code == 404, door
    assert cast.owner.client.get("/rooms/%00/").status_code == 404
    headers = {"HX-Request": "true"}
    assert cast.owner.client.get("/rooms/%00/news/", headers=headers).status_code == 404
    assert cast.owner.client.get(url + "?before=999999999").status_code == 200


def test_what_writes_to_both_locks_the_introduction_before_its_room(cast: Cast) -> None:
    room = factories.under_nda(cast)
    sheet = factories.offer(room, cast.outsider.actor)
    with CaptureQueriesContext(
        connection,
    ) as told:
        term_sheets.accept_offer(
            actor=cast.owner.actor, room_id=room.pk, sheet_public_id=sheet.public_id
        )
    locks = [one["sql"] for one in told.captured_queries if "FOR UPDATE" in one["sql"]]
    assert 'FROM "deals_introduction"' in locks[0] and 'FROM "deals_dealroom"' in locks[1]
