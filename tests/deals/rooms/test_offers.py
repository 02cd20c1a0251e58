"""Offers: made, countered, accepted once, and what becomes of the accepted one."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from contracts.models import Contract
from deals.actions import term_sheets as actions
from deals.actions.offer_contracts import draft_from_offer
from deals.actions.rooms import end_seat, give_seat
from deals.models import DealRoom, TermSheet
from deals.queries.rooms import view_of
from deals.queries.term_sheets import compare, sheets_for
from events.models import Event
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def accept(cast: Cast, who: str, sheet: TermSheet) -> TermSheet:
    return actions.accept_offer(
        actor=getattr(cast, who).actor, room_id=sheet.room_id, sheet_public_id=sheet.public_id
    )


def test_an_offer_is_countered_accepted_and_becomes_a_contract(cast: Cast) -> None:
    room = factories.under_nda(cast)
    first = factories.offer(room, cast.outsider.actor)
    counter = factories.offer(
        room, cast.owner.actor, total="800000", upfront="200000", royalty_rate="4"
    )
    first.refresh_from_db()
    accepted = accept(cast, "outsider", counter)
    room.refresh_from_db()

    assert (first.state, counter.answers, accepted.state) == ("countered", first, "accepted")
    assert (counter.number, room.state) == (2, "agreed")
    contract = room.contract
    assert contract is not None
    assert (contract.type, contract.sub_type) == ("licence", "ordinary_licence")
    assert (contract.total_amount, contract.payment_mode) == (Decimal(800000), "upfront_royalty")
    assert {(row.role, row.organisation_id) for row in contract.parties.all()} == {
        ("seller", cast.outside.pk), ("buyer", cast.home.pk),
    }  # fmt: skip
    assert [row.amount for row in contract.instalments.all()] == [Decimal(600000)]
    assert (contract.royalty.entry_fee, contract.royalty.base) == (Decimal(200000), "sales")
    assert [step.rate for step in contract.royalty_steps.all()] == [Decimal(4)]
    assert contract.valid_to > timezone.localdate() + dt.timedelta(days=1800)
    again = draft_from_offer(actor=cast.owner.actor, room_id=room.pk)
    assert again == contract and Contract.objects.count() == 1
    with pytest.raises(Conflict):
        accept(cast, "outsider", counter)
    with pytest.raises(Conflict):
        factories.offer(room, cast.owner.actor)


def test_a_draft_is_seen_by_its_own_side_that_writes_alone(cast: Cast) -> None:
    room = factories.under_nda(cast)
    draft = factories.draft(room, cast.outsider.actor, words="Our floor is 7")
    path = f"{room.get_absolute_url()}offers/{draft.public_id}/"

    assert draft in sheets_for(view_of(room, cast.outsider.actor))
    assert draft not in sheets_for(view_of(room, cast.owner.actor))
    for page in ("", "offers/"):
        assert "Our floor" not in cast.owner.client.get(room.get_absolute_url() + page).text
    assert cast.owner.client.get(path).status_code == 404
    for act in (actions.accept_offer, actions.decline_offer, actions.make_offer):
        with pytest.raises(NotFound):
            act(actor=cast.owner.actor, room_id=room.pk, sheet_public_id=draft.public_id)
    assert not Event.objects.filter(kind__startswith="room.offer").exists()


def test_who_may_accept(cast: Cast) -> None:
    room = factories.under_nda(cast, broker=True)
    factories.accept(room, cast.broker.actor)
    sheet = factories.offer(room, cast.outsider.actor)

    for who in ("colleague", "outsider", "broker"):  # writes only; its own; no party
        with pytest.raises(Refused):
            accept(cast, who, sheet)
    for who in ("rival", "operator"):
        with pytest.raises(NotFound):
            accept(cast, who, sheet)
    give_seat(actor=cast.owner.actor, room_id=room.pk, user_id=cast.colleague.user.pk, right="sign")
    seat = room.seats.get(user=cast.colleague.user, ended_at=None)
    end_seat(actor=cast.owner.actor, room_id=room.pk, seat_public_id=seat.public_id)
    with pytest.raises(NotFound):  # taken out in the middle
        accept(cast, "colleague", sheet)
    assert accept(cast, "owner", sheet).state == "accepted"


@pytest.mark.parametrize("end", ["withdraw", "decline", "expire", "supersede"])
def test_what_is_off_the_table_is_not_accepted(cast: Cast, end: str) -> None:
    room = factories.under_nda(cast)
    sheet = factories.offer(room, cast.outsider.actor)
    one: dict[str, Any] = {"room_id": room.pk, "sheet_public_id": sheet.public_id}
    if end == "withdraw":
        with pytest.raises(Refused):
            actions.withdraw_offer(actor=cast.owner.actor, **one)
        actions.withdraw_offer(actor=cast.outsider.actor, **one)
    elif end == "decline":
        actions.decline_offer(actor=cast.owner.actor, **one)
    elif end == "expire":
        TermSheet.objects.update(valid_until=timezone.localdate() - dt.timedelta(days=1))
    else:
        factories.offer(room, cast.outsider.actor, total="900000", upfront="300000")

    with pytest.raises(Conflict) as refusal:
        accept(cast, "owner", sheet)
    assert refusal.value.code.startswith("offer_")
    assert "offer" in str(refusal.value).lower()


def test_the_clock_ends_what_is_over_once(cast: Cast) -> None:
    room = factories.under_nda(cast)
    sheet = factories.offer(room, cast.outsider.actor)
    TermSheet.objects.update(valid_until=timezone.localdate() - dt.timedelta(days=1))
    sheet.refresh_from_db()

    assert sheet.shown_state == "expired" and view_of(room, cast.owner.actor).standing is None
    assert (actions.expire_offers(), actions.expire_offers()) == (1, 0)
    assert Event.objects.filter(kind="room.offer_expired").count() == 1
    assert factories.offer(room, cast.owner.actor).answers is None


def test_a_draft_whose_question_changed_is_kept_and_not_made(cast: Cast) -> None:
    room = factories.under_nda(cast)
    draft = factories.draft(room, cast.owner.actor)
    factories.offer(room, cast.outsider.actor)
    one: dict[str, Any] = {"actor": cast.owner.actor, "room_id": room.pk,
                           "sheet_public_id": draft.public_id}  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        actions.make_offer(**one)
    assert refusal.value.code == "another_offer"
    actions.write_offer(facts={}, **one)
    assert actions.make_offer(**one).state == "made"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"total": "-1"}, "total"), ({"royalty_rate": "101"}, "royalty_rate"),
        ({"royalty_rate": "nan"}, "royalty_rate"), ({"currency": "XXX"}, "currency"),
        ({"upfront": "2000000"}, "upfront"), ({"type": "gift"}, "type"),
        ({"instalments": [{"amount": "0", "event": "x"}]}, "instalments.0.amount"),
        ({"instalments": [{"amount": "5"}]}, "instalments.0.due_on"),
        ({"instalments": [{"amount": "5", "due_on": "soon"}]}, "instalments.0.due_on"),
        ({"territory": "x" * 201}, "territory"), ({"words": "a\u202eb"}, "words"),
        ({"equity_share": "-3"}, "equity_share"), ({"term_months": "0"}, "term_months"),
        ({"exclusivity": "rather"}, "exclusivity"), ({"milestones": ["x"] * 21}, "milestones"),
    ],
)  # fmt: skip
def test_bad_facts_are_refused_at_their_field(
    cast: Cast, facts: dict[str, Any], field: str
) -> None:
    room = factories.under_nda(cast)
    with pytest.raises(Invalid) as refusal:
        factories.draft(room, cast.owner.actor, **facts)
    assert field in refusal.value.fields
    assert not TermSheet.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"total": "900000"}, "instalments"), ({"total": ""}, "instalments"),
        ({"royalty_base": ""}, "royalty_base"), ({"royalty_rate": ""}, "royalty_rate"),
        ({"exclusivity": ""}, "exclusivity"), ({"valid_until": ""}, "valid_until"),
        ({"valid_until": dt.date(2020, 1, 1)}, "valid_until"),
        ({"total": "", "upfront": "", "instalments": [], "royalty_rate": ""}, "total"),
        ({"currency": "USD"}, "currency"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_when_it_is_made_and_the_draft_is_kept(
    cast: Cast, facts: dict[str, Any], field: str
) -> None:
    room = factories.under_nda(cast)
    factories.offer(room, cast.outsider.actor)
    draft = factories.draft(room, cast.owner.actor, **facts)
    with pytest.raises(Invalid) as refusal:
        actions.make_offer(actor=cast.owner.actor, room_id=room.pk, sheet_public_id=draft.public_id)
    assert field in refusal.value.fields
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_differences_say_what_moved_and_by_how_much(cast: Cast) -> None:
    room = factories.under_nda(cast)
    first = factories.offer(room, cast.outsider.actor)
    second = factories.offer(
        room, cast.owner.actor, total="800000", upfront="200000", territory="China, Japan"
    )
    lines = {line.name: line for line in compare([first, second])}

    assert lines["territory"].cells[1].moved and not lines["type"].has_moved
    assert lines["total"].cells[1].by.startswith("−") and "200,000" in lines["total"].cells[1].by
    assert "milestones" not in lines


def test_an_offer_goes_by_pages_and_nothing_typed_is_lost(cast: Cast) -> None:
    room = factories.under_nda(cast)
    url = room.get_absolute_url()
    rows = {"instalment-TOTAL_FORMS": 1, "instalment-INITIAL_FORMS": 1}
    given = {**rows, "type": "licence", "exclusivity": "sole", "currency": "CNY",
             "price_kind": "floor", "total": "30万", "words": "As discussed", "make": "1",
             "instalment-0-amount": "100000", "instalment-0-event": "signing"}  # fmt: skip
    refused = cast.outsider.client.post(url + "offers/new/", given)
    assert refused.status_code == 422 and "As discussed" in refused.text
    draft = TermSheet.objects.get()
    given |= {"valid_until": factories.until().isoformat(), "instalment-0-amount": "300000",
              "version": draft.version}  # fmt: skip
    made = cast.outsider.client.post(f"{url}offers/{draft.public_id}/", given)
    assert made.status_code == 302
    assert "Offer 1" in cast.owner.client.get(url).text
    accepted = cast.owner.client.post(f"{url}offers/{draft.public_id}/accept/", follow=True)
    assert accepted.status_code == 200
    assert DealRoom.objects.get(pk=room.pk).contract is not None


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_get_one_acceptance(cast: Cast) -> None:
    room = factories.under_nda(cast)
    give_seat(actor=cast.owner.actor, room_id=room.pk, user_id=cast.colleague.user.pk, right="sign")
    sheet = factories.offer(room, cast.outsider.actor)
    actors = [cast.owner.actor, cast.colleague.fresh()]
    start, told = threading.Barrier(2), []

    def press(actor: Any) -> None:
        start.wait()
        try:
            actions.accept_offer(actor=actor, room_id=room.pk, sheet_public_id=sheet.public_id)
            told.append("accepted")
        except Conflict as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["accepted", "room_state"]
    assert Contract.objects.count() == 1
