"""Writing offers by page and API: what is answered, what binds, what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.actions import term_sheets as actions
from deals.actions.room_talks import post_room_message
from deals.actions.rooms import close_room
from deals.models import DealRoom, TermSheet
from deals.queries.rooms import view_of
from marketplace.core.errors import Conflict
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/rooms/"


def typed(**more: Any) -> dict[str, Any]:
    return {
        "instalment-TOTAL_FORMS": 0, "instalment-INITIAL_FORMS": 0, "type": "service",
        "currency": "CNY", "price_kind": "firm", "total": "300000", "words": "Typed with care",
        "valid_until": factories.until().isoformat(), **more,
    }  # fmt: skip


# --- Indicative offers ---------------------------------------------------------------------------


def test_an_indicative_offer_is_answered_and_never_accepted(cast: Cast) -> None:
    room = factories.under_nda(cast)
    sheet = factories.offer(room, cast.outsider.actor, price_kind="indicative")
    path = f"{room.get_absolute_url()}offers/{sheet.public_id}/accept/"

    with pytest.raises(Conflict) as refusal:
        actions.accept_offer(
            actor=cast.owner.actor, room_id=room.pk, sheet_public_id=sheet.public_id
        )
    assert refusal.value.code == "offer_indicative"
    page = cast.owner.client.get(room.get_absolute_url()).text
    assert path not in page and "binds nobody" in page and "/decline/" in page
    refused = cast.owner.client.post(path, follow=True)
    assert "firm or floor" in refused.text
    answer = cast.owner.api.post(f"{ROOT}{room.public_id}/offers/{sheet.public_id}/accept/")
    assert answer.status_code == 409 and answer.json()["code"] == "offer_indicative"
    [step] = view_of(room, cast.owner.actor).my_turn
    assert "indicative" in str(step.text)

    sheet.refresh_from_db()
    room.refresh_from_db()
    assert (sheet.state, room.state) == ("made", "open")
    firm = factories.offer(room, cast.owner.actor)
    assert firm.answers == sheet
    accepted = actions.accept_offer(
        actor=cast.outsider.actor, room_id=room.pk, sheet_public_id=firm.public_id
    )
    assert accepted.state == "accepted"


# --- What is answered ----------------------------------------------------------------------------


def test_a_counter_offer_never_answers_what_its_writer_has_not_seen(cast: Cast) -> None:
    room = factories.under_nda(cast)
    url = f"{room.get_absolute_url()}offers/new/"
    seen = factories.offer(room, cast.outsider.actor)
    assert f'name="answers" value="{seen.public_id}"' in cast.owner.client.get(url).text
    unseen = factories.offer(room, cast.outsider.actor, total="900000", upfront="300000")

    refused = cast.owner.client.post(url, typed(make="1", answers=seen.public_id))
    assert refused.status_code == 422 and "Typed with care" in refused.text
    assert "has changed while you wrote" in refused.text and "900,000" in refused.text
    assert f'name="answers" value="{unseen.public_id}"' in refused.text
    assert not TermSheet.objects.filter(side="taker").exists()

    assert cast.owner.client.post(url, typed(make="1", answers=unseen.public_id)).status_code == 302
    assert TermSheet.objects.get(side="taker").answers == unseen


def test_the_api_takes_what_was_read_too(cast: Cast) -> None:
    room = factories.under_nda(cast)
    factories.offer(room, cast.outsider.actor)
    path = f"{ROOT}{room.public_id}/offers/"

    refused = cast.owner.api.post(path, {"type": "service", "answers": ""}, format="json")
    assert refused.status_code == 409 and refused.json()["code"] == "another_offer"
    assert cast.owner.api.post(path, {"type": "service"}, format="json").status_code == 201


# --- What was typed ------------------------------------------------------------------------------


def test_pressing_twice_makes_one_offer_and_keeps_what_was_typed(cast: Cast) -> None:
    room = factories.under_nda(cast)
    draft = factories.draft(room, cast.owner.actor)
    path = f"{room.get_absolute_url()}offers/{draft.public_id}/"
    given = typed(make="1", version=draft.version, answers="")

    assert cast.owner.client.post(path, given).status_code == 302
    again = cast.owner.client.post(path, given)
    assert again.status_code == 422 and "Typed with care" in again.text
    assert "it is offer 1" in again.text and TermSheet.objects.count() == 1
    assert cast.owner.client.get(path).status_code == 302
    assert cast.outsider.client.get(path).status_code == 404


def test_what_was_typed_comes_back_when_the_room_has_closed(cast: Cast) -> None:
    room = factories.under_nda(cast)
    close_room(actor=cast.outsider.actor, room_id=room.pk)
    refused = cast.owner.client.post(f"{room.get_absolute_url()}offers/new/", typed(make="1"))
    assert refused.status_code == 422 and "Typed with care" in refused.text
    message = cast.owner.client.post(f"{room.get_absolute_url()}messages/", {"body": "A long text"})
    assert message.status_code == 422 and "A long text" in message.text


# --- Lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_one_room_and_three(
    cast: Cast, rows: int, django_assert_num_queries: Any
) -> None:
    for _row in range(rows):
        room = factories.under_nda(cast, broker=True)
        factories.offer(room, cast.outsider.actor)
    cast.owner.client.get("/rooms/")
    assert len(cast.owner.api.get(ROOT).json()["results"]) == rows

    with django_assert_num_queries(9):
        told = cast.owner.api.get(ROOT).json()["results"]
    with django_assert_num_queries(18):
        page = cast.owner.client.get("/rooms/").text
    assert page.count("Accept, decline or counter the offer.") == rows
    room = DealRoom.objects.get(public_id=told[0]["id"])
    assert told[0] == cast.owner.api.get(f"{ROOT}{room.public_id}/").json()


def test_who_only_reads_is_told_without_reloading_too(cast: Cast) -> None:
    room = factories.fresh(cast)
    room.seats.update(right="read")
    post_room_message(actor=cast.outsider.actor, room_id=room.pk, body="Hello")
    page = cast.colleague.client.get(room.get_absolute_url()).text
    assert "news/?after=1" in page and "You may read here." in page
