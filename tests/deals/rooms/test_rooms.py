"""Who is inside a deal room, when it opens, and what each right allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals import room_states as states
from deals.actions import rooms
from deals.actions.brokers import step_back
from deals.actions.room_talks import post_room_message
from deals.models import DealRoom, NdaAcceptance, RoomMessage
from deals.nda import text_of
from deals.queries.rooms import view_of, visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.accounts.factories import person_in
from tests.cast import Player
from tests.deals import factories as introductions
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_there_is_one_room_of_an_introduction_in_talks(cast: Cast) -> None:
    made = introductions.introduced(cast)
    with pytest.raises(Conflict):
        rooms.open_room(actor=cast.owner.actor, introduction_id=made.pk)
    room = factories.fresh(cast)
    again, is_new = rooms.open_room(
        actor=cast.outsider.actor, introduction_id=room.introduction_id or 0
    )

    assert (again, is_new) == (room, False)
    assert room.supplier == cast.outside and room.taker == cast.home


def test_no_room_while_a_name_is_withheld(cast: Cast) -> None:
    from deals.actions.talks import post_message

    made = introductions.introduced(cast, technology={"is_anonymous": True})
    for player in (cast.owner, cast.outsider):
        post_message(actor=player.actor, introduction_id=made.pk, body="Good morning")
    for player in (cast.owner, cast.outsider):
        with pytest.raises(Conflict) as refusal:
            rooms.open_room(actor=player.actor, introduction_id=made.pk)
        assert refusal.value.code == "identity_withheld"


def test_a_broker_opens_one_between_two_verified_organisations_and_nobody_else(cast: Cast) -> None:
    facts: dict[str, Any] = {"supplier_id": cast.outside.pk, "taker_id": cast.home.pk}
    room = rooms.open_room_between(actor=cast.broker.actor, title="Coating line", **facts)

    assert room.broker_organisation == cast.tti
    assert visible_to(cast.outsider.actor).get() == visible_to(cast.owner.actor).get() == room
    with pytest.raises(Refused):
        rooms.open_room_between(actor=cast.owner.actor, title="Coating line", **facts)
    with pytest.raises(Invalid):
        rooms.open_room_between(
            actor=cast.broker.actor, title="X", supplier_id=cast.claim.pk, taker_id=cast.home.pk
        )
    with pytest.raises(Invalid):
        rooms.open_room_between(
            actor=cast.broker.actor, title="X", supplier_id=cast.tti.pk, taker_id=cast.home.pk
        )


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("owner", True), ("colleague", True), ("outsider", True), ("broker", True),
        ("rival", False), ("newcomer", False), ("claimant", False), ("registrar", False),
        ("operator", False), ("moderator", False), ("visitor", False),
    ],
)  # fmt: skip
def test_a_room_is_seen_by_those_inside(cast: Cast, who: str, sees: bool) -> None:
    room = factories.under_nda(cast, broker=True)
    file = factories.document(room, cast.outsider.actor)
    factories.offer(room, cast.outsider.actor, territory="Planted secret")
    player: Player = getattr(cast, who)
    url = room.get_absolute_url()

    assert visible_to(player.actor).exists() is sees
    for path in ("", "nda/", "offers/", f"documents/{file.document.public_id}/1/"):
        answer = player.client.get(url + path)
        if not sees:
            assert answer.status_code in (302, 404), path
            assert b"Planted" not in answer.content
    if not sees and who != "visitor":
        with pytest.raises(NotFound):
            post_room_message(actor=player.actor, room_id=room.pk, body="Hello")


def test_a_colleague_without_a_seat_sees_nothing_and_one_taken_out_at_once(cast: Cast) -> None:
    room = factories.under_nda(cast)
    analyst = Player("analyst", person_in(cast.home, "analyst"), cast.home, "")
    file = factories.document(room, cast.outsider.actor)
    path = f"{room.get_absolute_url()}documents/{file.document.public_id}/1/"
    assert analyst.client.get(path).status_code == 404

    seat = rooms.give_seat(
        actor=cast.owner.actor, room_id=room.pk, user_id=analyst.user.pk, right="read"
    )
    assert analyst.client.get(path).status_code == 200
    with pytest.raises(Refused):
        post_room_message(actor=analyst.actor, room_id=room.pk, body="Hello")
    rooms.end_seat(actor=cast.owner.actor, room_id=room.pk, seat_public_id=seat.public_id)

    for page in ("", "news/?after=0", "offers/"):
        assert analyst.client.get(room.get_absolute_url() + page).status_code == 404
    assert analyst.client.get(path).status_code == 404
    Notification.objects.all().delete()
    post_room_message(actor=cast.outsider.actor, room_id=room.pk, body="Hello")
    assert not Notification.objects.filter(recipient=analyst.user).exists()


def test_seats_are_given_by_ones_own_side_alone(cast: Cast) -> None:
    room = factories.fresh(cast)
    with pytest.raises(Invalid):  # a person of another organisation
        rooms.give_seat(
            actor=cast.owner.actor, room_id=room.pk, user_id=cast.rival.user.pk, right="read"
        )
    with pytest.raises(Refused):  # an editor may write, not sign
        rooms.give_seat(
            actor=cast.colleague.actor, room_id=room.pk, user_id=cast.colleague.user.pk,
            right="sign",
        )  # fmt: skip
    seat = room.seats.get(user=cast.colleague.user)
    with pytest.raises(Refused):
        rooms.end_seat(actor=cast.outsider.actor, room_id=room.pk, seat_public_id=seat.public_id)
    with pytest.raises(Invalid):  # owners are always inside
        rooms.give_seat(
            actor=cast.owner.actor, room_id=room.pk, user_id=cast.owner.user.pk, right="read"
        )


# --- The agreement ------------------------------------------------------------------------------


def test_what_a_party_accepts_holds_in_the_introduction_too(cast: Cast) -> None:
    room = factories.under_nda(cast)

    assert NdaAcceptance.objects.filter(introduction=room.introduction).count() == 2
    assert view_of(room, cast.owner.actor).is_open
    with pytest.raises(Conflict):
        factories.accept(room, cast.owner.actor)


def test_the_broker_sees_behind_it_once_its_side_has_accepted(cast: Cast) -> None:
    room = factories.under_nda(cast, broker=True)
    file = factories.document(room, cast.outsider.actor)
    path = f"{room.get_absolute_url()}documents/{file.document.public_id}/1/"

    assert not view_of(room, cast.broker.actor).is_open
    assert cast.broker.client.get(path).status_code == 404
    factories.accept(room, cast.broker.actor)
    assert view_of(room, cast.broker.actor).is_open
    assert cast.broker.client.get(path).status_code == 200


def test_a_text_changed_after_acceptance_closes_the_room(cast: Cast, monkeypatch: Any) -> None:
    import dataclasses

    from deals.queries import rooms as queries

    room = factories.under_nda(cast)
    changed = dataclasses.replace(text_of(room.nda_version), hash="0" * 64)
    monkeypatch.setattr(queries, "text_of", lambda _version: changed)

    assert not view_of(room, cast.owner.actor).nda_in_force
    with pytest.raises(Conflict) as refusal:
        factories.offer(room, cast.owner.actor)
    assert refusal.value.code == "room_nda"


def test_another_text_than_the_one_read_is_refused(cast: Cast) -> None:
    room = factories.fresh(cast)
    with pytest.raises(Stale):
        rooms.accept_agreement(
            actor=cast.owner.actor, room_id=room.pk, name="Li", text_hash="0" * 64
        )


def test_a_broker_who_steps_back_is_out_at_once(cast: Cast) -> None:
    room = factories.fresh(cast, broker=True)
    assert visible_to(cast.broker.actor).exists()

    step_back(actor=cast.broker.actor, introduction_id=room.introduction_id or 0)

    assert not visible_to(cast.broker.actor).exists()


# --- Messages -----------------------------------------------------------------------------------


def test_polling_costs_one_statement_of_the_room_and_answers_204(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    from deals.queries.room_talks import last_number

    room = factories.fresh(cast)
    post_room_message(actor=cast.owner.actor, room_id=room.pk, body="First <b>words</b>")
    url = f"{room.get_absolute_url()}news/?after="
    headers = {"HX-Request": "true"}

    assert cast.outsider.client.get(url + "1", headers=headers).status_code == 204
    new = cast.outsider.client.get(url + "0", headers=headers)
    assert "First &lt;b&gt;words" in new.text and "?after=1" in new.text
    assert cast.outsider.client.get(url + "0").status_code == 302
    actor = cast.outsider.actor
    with django_assert_num_queries(1):
        assert last_number(actor, room.public_id) == 1
    assert last_number(cast.rival.actor, room.public_id) is None


def test_mails_and_events_never_repeat_what_was_said(cast: Cast) -> None:
    room = factories.under_nda(cast)
    for number in range(3):
        post_room_message(actor=cast.owner.actor, room_id=room.pk, body=f"Secret words {number}")
    factories.offer(
        room, cast.outsider.actor, words="Secret price", total="1234567", instalments=[]
    )

    told = str(list(Notification.objects.values())) + str(list(Event.objects.values()))
    for secret in ("Secret words", "Secret price", "1234567"):
        assert secret not in told
    assert (
        Notification.objects.filter(kind="room.message", recipient=cast.outsider.user).count() == 1
    )


def test_ten_thousand_messages_are_read_by_pages(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    room = factories.under_nda(cast)
    RoomMessage.objects.bulk_create(
        RoomMessage(
            room=room, number=number, side="taker", sender=cast.owner.user,
            organisation=cast.home, body=f"Words {number}",
        )
        for number in range(1, 301)
    )  # fmt: skip
    DealRoom.objects.filter(pk=room.pk).update(last_message=300)
    client = cast.outsider.client
    client.get(room.get_absolute_url())
    with django_assert_max_num_queries(45):
        page = client.get(room.get_absolute_url()).text

    assert "Words 300" in page and "Words 250" not in page and "?before=251" in page
    assert "Words 250" in client.get(room.get_absolute_url() + "?before=251").text


# --- The table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", states.RULES)
def test_the_table_cell_by_cell(action: str) -> None:
    """The rules as they read, against a second telling of them."""
    rule = states.RULES[action]
    for side in states.SIDES:
        for right in ("", *states.RIGHTS):
            for state in states.STATES:
                for is_open in (False, True):
                    wanted = (
                        side in rule.sides
                        and right in states.RIGHTS[states.RIGHTS.index(rule.right) :]
                        and state in rule.states
                        and (is_open or not rule.under_nda)
                    )
                    assert (
                        states.may(action, side=side, right=right, state=state, is_open=is_open)
                        is wanted
                    )


def test_a_closed_room_stays_readable_and_takes_nothing_more(cast: Cast) -> None:
    room = factories.under_nda(cast)
    factories.offer(room, cast.owner.actor)
    rooms.close_room(actor=cast.outsider.actor, room_id=room.pk)

    assert room.sheets.get().state == "withdrawn"
    assert cast.owner.client.get(room.get_absolute_url()).status_code == 200
    with pytest.raises(Conflict):
        post_room_message(actor=cast.owner.actor, room_id=room.pk, body="Hello")
    with pytest.raises(Conflict):
        factories.offer(room, cast.owner.actor)
