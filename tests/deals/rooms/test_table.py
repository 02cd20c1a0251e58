"""Who may do what in a room: every cell of the table, through the actions themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.queries import actor_for
from deals import room_states as states
from deals.actions import offer_contracts, room_documents, rooms, term_sheets
from deals.actions.room_talks import post_room_message
from deals.models import DealRoom, RoomDocument, RoomSeat, TermSheet
from deals.nda import text_of
from deals.queries.room_documents import documents_for
from deals.queries.rooms import view_of, visible_to
from deals.queries.term_sheets import sheets_for
from marketplace.core.errors import DomainError, NotFound
from marketplace.management.commands.document_rooms import page
from tests.accounts.factories import person_in
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from marketplace.core.actor import Actor
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
FROM_THE_TABLE = {f"room_{reason}": reason for reason in ("side", "right", "state", "nda")}


def sheet(room: DealRoom, side: str, state: str) -> str:
    made = {} if state == "draft" else {"number": 1, "made_at": timezone.now()}
    return TermSheet.objects.create(
        room=room, side=side, state=state, type="service", price_kind="firm", total=5,
        valid_until=factories.until(), **made,
    ).public_id  # fmt: skip


def other(side: str) -> str:
    return "taker" if side == "supplier" else "supplier"


def own(side: str) -> str:
    """A broker has no offers: then somebody else's."""
    return side if side in states.PARTIES else "supplier"


class Doing:
    """The actions by their names in the table; each is given what it needs."""

    def __init__(self, room: DealRoom, side: str, actor: Actor, colleague: User) -> None:
        self.room, self.side, self.colleague = room, side, colleague
        self.one: dict[str, Any] = {"actor": actor, "room_id": room.pk}

    def accept_nda(self) -> None:
        text = text_of(self.room.nda_version)
        rooms.accept_agreement(**self.one, text_hash=text.hash, name="Somebody")

    def write_message(self) -> None:
        post_room_message(**self.one, body="Hello")

    def change_seats(self) -> None:
        rooms.give_seat(**self.one, user_id=self.colleague.pk, right="read")

    def put_document(self) -> None:
        upload = SimpleUploadedFile("a.txt", b"text")
        room_documents.put_document(**self.one, upload=upload)

    def withdraw_document(self) -> None:
        put = RoomDocument.objects.create(
            room=self.room, side=self.side, organisation_id=self.room.house_id(self.side), title="A"
        )
        room_documents.withdraw_document(**self.one, document_public_id=put.public_id)

    def write_offer(self) -> None:
        term_sheets.write_offer(**self.one, facts={"type": "service"})

    def make_offer(self) -> None:
        name = sheet(self.room, own(self.side), "draft")
        term_sheets.make_offer(**self.one, sheet_public_id=name)

    def accept_offer(self) -> None:
        name = sheet(self.room, other(self.side), "made")
        term_sheets.accept_offer(**self.one, sheet_public_id=name)

    def decline_offer(self) -> None:
        name = sheet(self.room, other(self.side), "made")
        term_sheets.decline_offer(**self.one, sheet_public_id=name)

    def withdraw_offer(self) -> None:
        name = sheet(self.room, own(self.side), "made")
        term_sheets.withdraw_offer(**self.one, sheet_public_id=name)

    def draft_contract(self) -> None:
        sheet(self.room, "supplier", "accepted")
        offer_contracts.draft_from_offer(**self.one)

    def close_room(self) -> None:
        rooms.close_room(**self.one)


READINGS: dict[str, Callable[[DealRoom, Actor], bool]] = {
    "read_messages": lambda room, actor: visible_to(actor).filter(pk=room.pk).exists(),
    "read_documents": lambda room, actor: documents_for(view_of(room, actor)).exists(),
    "read_offers": lambda room, actor: sheets_for(view_of(room, actor)).exists(),
}


@pytest.mark.parametrize("action", states.RULES)
def test_every_cell_through_its_action(
    cast: Cast, action: str, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    closed, opened = factories.fresh(cast, broker=True), factories.under_nda(cast, broker=True)
    factories.accept(opened, cast.broker.actor)
    told, wanted = {}, {}
    for room in (closed, opened):
        houses = {side: room.organisation_of(side) for side in states.SIDES}
        if action not in READINGS:
            room.sheets.all().delete()
        for side, house in houses.items():
            people = [person_in(house, "analyst") for _one in range(2)]
            for right in ("", *states.RIGHTS):
                for state in states.STATES:
                    cell = (side, right, state, room is opened)
                    rule = states.refusal(
                        action, side=side, right=right, state=state, is_open=room is opened
                    )
                    wanted[cell] = "not inside" if not right else rule
                    told[cell] = outcome(action, room, side, right, state, people)

    assert told == wanted


def outcome(
    action: str, room: DealRoom, side: str, right: str, state: str, people: list[User]
) -> str:
    """What the action answers in this cell; everything is taken back."""
    point = transaction.savepoint()
    try:
        DealRoom.objects.filter(pk=room.pk).update(state=state)
        if right:
            RoomSeat.objects.create(
                room=room, side=side, organisation_id=room.house_id(side), user=people[0],
                right=right,
            )  # fmt: skip
        actor = actor_for(people[0], "en")
        if action in READINGS:
            RoomDocument.objects.create(
                room=room, side="supplier", organisation_id=room.supplier_id, title="A"
            )
            sheet(room, "supplier", "made")
            if READINGS[action](DealRoom.objects.get(pk=room.pk), actor):
                return ""
            return "nda" if right else "not inside"
        try:
            getattr(Doing(room, side, actor, people[1]), action)()
        except NotFound:
            return "not inside"
        except DomainError as refusal:
            # "nda_accepted": the table let it through, the second time is refused by the action
            assert refusal.code in {*FROM_THE_TABLE, "nda_accepted"}, refusal.code
            return FROM_THE_TABLE.get(refusal.code, "")
        return ""
    finally:
        transaction.savepoint_rollback(point)


def test_the_table_in_the_reference_is_what_the_command_writes() -> None:
    kept = Path(project.ROOT) / "docs" / "reference" / "room-states.md"
    assert kept.read_text(encoding="utf-8") == page()
