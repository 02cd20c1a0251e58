"""Requests for help: who reads them, what becomes of them, the clock, races."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections
from django.utils import timezone

from deals.actions import request_work, requests
from deals.models import Case, LocatorRequest
from deals.people import cases_of
from deals.queries import cases
from deals.queries import requests as queries
from events.models import Event, Notification
from listings.models import Listing
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.deals.alliance.factories import allied
from tests.deals.requests import factories
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_only_the_asker_and_the_addressed_read_it(cast: Cast) -> None:
    row = factories.asked(cast)
    readers = {
        name for name, one in cast.everybody.items()
        if queries.visible_to(one.actor).filter(pk=row.pk).exists()
    }  # fmt: skip
    assert readers == {"owner", "colleague", "broker"}
    with pytest.raises(NotFound):
        request_work.take_request(actor=cast.outsider.actor, request_id=row.pk)


def test_an_alliance_reads_the_request_and_not_the_answers(cast: Cast) -> None:
    group = allied(cast)
    row = factories.taken(cast, group.alliance)
    assert queries.visible_to(group.second_broker).get() == row
    row = factories.answered(cast, group.alliance)
    assert not queries.visible_to(group.second_broker).filter(pk=row.pk).exists()
    assert queries.answers_shown(row, cast.owner.actor)
    assert queries.answers_shown(row, group.second_broker) == []


def test_events_and_notices_hold_no_word(cast: Cast) -> None:
    row = factories.closed(cast)
    told = str(list(Notification.objects.values())) + str(list(Event.objects.values()))
    assert row.title not in told and "seals" not in told and "graphite" not in told
    kinds = set(Notification.objects.values_list("kind", "recipient_id"))
    assert {("request.received", cast.broker.user.pk), ("request.answered", cast.owner.user.pk),
            ("request.closed", cast.broker.user.pk)} <= kinds  # type: ignore[union-attr]  # fmt: skip


def test_passed_on_it_belongs_to_the_other(cast: Cast) -> None:
    group = allied(cast)
    row = factories.taken(cast)
    with pytest.raises(Invalid):
        request_work.pass_on(
            actor=cast.broker.actor, request_id=row.pk, receiver=cast.point.public_id
        )
    request_work.pass_on(
        actor=cast.broker.actor, request_id=row.pk, receiver=group.second.public_id,
        words="Your field.",
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.state, row.institution, row.taken_by) == ("open", group.second, None)
    assert row.passes.get().giver == cast.tti
    assert not queries.visible_to(cast.broker.actor).exists()
    request_work.take_request(actor=group.second_broker, request_id=row.pk)
    body = cast.owner.client.get(row.get_absolute_url()).content.decode()
    assert "Your field." not in body


def test_a_case_knows_the_asker_and_the_asker_does_not_know_it(cast: Cast) -> None:
    listing = published(owner=cast.outside)
    row = factories.answered(cast, listings=[listing.public_id])
    case = request_work.open_request_case(actor=cast.broker.actor, request_id=row.pk)
    assert (case.origin, case.title) == ("request", row.title)
    assert case.clients.get().organisation == cast.home
    assert case.listings.get().listing == listing
    with pytest.raises(Conflict):
        request_work.open_request_case(actor=cast.broker.actor, request_id=row.pk)
    assert Case.objects.count() == 1
    assert not cases.visible_to(cast.owner.actor).exists()
    told = cast.owner.api.get(f"/api/v1/requests/{row.public_id}/")
    assert told.json()["case"] is None and case.public_id not in told.content.decode()
    ours = cast.broker.api.get(f"/api/v1/requests/{row.public_id}/").json()
    assert ours["case"] == case.public_id
    event = Event.objects.get(kind="request.case_opened")
    assert cast.home.pk not in event.organisation_ids


def test_a_need_is_drafted_for_the_asker_alone(cast: Cast) -> None:
    row = factories.taken(cast)
    request_work.draft_need(actor=cast.broker.actor, request_id=row.pk)
    need = Listing.objects.get(kind="need")
    assert (need.owner, need.state, need.title_en) == (cast.home, "draft", row.title)
    assert (need.body_en, need.field, need.region) == (row.words, "new_materials", "440300")
    assert not listings_visible_to(cast.broker.actor).filter(pk=need.pk).exists()
    assert need.public_id in cast.owner.client.get(row.get_absolute_url()).content.decode()
    assert need.public_id not in cast.broker.client.get(row.get_absolute_url()).content.decode()
    with pytest.raises(Conflict):
        request_work.draft_need(actor=cast.broker.actor, request_id=row.pk)


def test_only_published_listings_are_suggested(cast: Cast) -> None:
    row = factories.taken(cast)
    hidden = published(owner=cast.outside, visibility="confidential")
    for number in (hidden.public_id, "0000000000", "\x00"):
        with pytest.raises(Invalid) as error:
            request_work.answer_request(
                actor=cast.broker.actor, request_id=row.pk, body="This.", listings=[number]
            )
        assert "listings" in error.value.fields
    assert not row.answers.exists()


def test_outcomes_follow_the_state(cast: Cast) -> None:
    row = factories.asked(cast)
    with pytest.raises(Invalid):
        requests.close_request(actor=cast.owner.actor, request_id=row.pk, outcome="helped")
    row = factories.answered(cast)
    with pytest.raises(Invalid):
        requests.close_request(actor=cast.owner.actor, request_id=row.pk, outcome="no_answer")
    with pytest.raises(Refused):
        requests.close_request(actor=cast.broker.actor, request_id=row.pk, outcome="helped")
    with pytest.raises(Stale):
        requests.close_request(
            actor=cast.owner.actor, request_id=row.pk, outcome="helped", expected_version=1
        )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"), ({"title": "x" * 201}, "title"), ({"words": "\x00"}, "words"),
        ({"words": "x" * 4001}, "words"), ({"field": "alchemy"}, "field"),
        ({"region": "999999"}, "region"), ({"contact": "x" * 201}, "contact"),
        ({"answer_by": None}, "answer_by"), ({"answer_by": dt.date(9999, 12, 31)}, "answer_by"),
        ({"answer_by": dt.date(2020, 1, 1)}, "answer_by"), ({"to": "0000000000"}, "to"),
        ({"to": "\x00"}, "to"),
    ],
)  # fmt: skip
def test_each_fault_stands_at_its_field(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        factories.asked(cast, **wrong)
    assert set(error.value.fields) == {field}
    assert not LocatorRequest.objects.exists()


def test_who_may_not_ask(cast: Cast) -> None:
    given = factories.facts(to=cast.tti.public_id)
    for name in ("claimant", "newcomer"):
        with pytest.raises(Refused):
            requests.ask_for_help(actor=cast.everybody[name].actor, facts=given)
    with pytest.raises(Invalid):  # nobody asks itself
        requests.ask_for_help(actor=cast.broker.actor, facts=given)


def test_an_organisation_has_only_so_many_open(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(requests, "MOST_REQUESTS", 1)
    row = factories.asked(cast)
    with pytest.raises(Conflict):
        factories.asked(cast)
    requests.close_request(actor=cast.owner.actor, request_id=row.pk, outcome="not_needed")
    factories.asked(cast)


def test_the_clock_expires_and_reminds_once(cast: Cast) -> None:
    today = timezone.localdate()
    waits, works, done = factories.asked(cast), factories.taken(cast), factories.answered(cast)
    day = waits.answer_by
    assert requests.remind_of_requests(day - dt.timedelta(days=3)) == 0
    assert requests.remind_of_requests(day - dt.timedelta(days=2)) == 2
    requests.remind_of_requests(day)
    assert Notification.objects.filter(kind="request.due").count() == 2
    assert requests.expire_requests(day) == 0
    after = day + dt.timedelta(days=1)
    assert (requests.expire_requests(after), requests.expire_requests(after)) == (1, 0)
    assert requests.expire_requests(day + dt.timedelta(days=14)) == 0
    assert requests.expire_requests(day + dt.timedelta(days=15)) == 1
    states = [LocatorRequest.objects.get(pk=one.pk).state for one in (waits, works, done)]
    assert states == ["expired", "expired", "answered"]
    assert Notification.objects.filter(kind="request.expired").count() == 2
    assert today < day


def test_counts_of_the_inbox_by_field(cast: Cast) -> None:
    factories.closed(cast)
    factories.asked(cast, field="")
    factories.asked(cast)
    rows = [(one.field, one.total, one.answered, one.helped)
            for one in queries.by_field(cast.broker.actor)]  # fmt: skip
    assert rows == [("new_materials", 2, 1, 1), ("", 1, 0, 0)]
    assert queries.counted(cast.broker.actor) == {"open": 2, "ours": 0, "done": 1}
    assert queries.by_field(cast.outsider.actor) == []


def test_a_persons_data_hold_what_it_asked(cast: Cast) -> None:
    factories.answered(cast)
    assert cast.owner.user is not None and cast.broker.user is not None
    mine = str(cases_of(cast.owner.user.pk))
    assert "Our seals fail" in mine and "Look at graphite" not in mine
    theirs = str(cases_of(cast.broker.user.pk))
    assert "Look at graphite" in theirs and "Our seals fail" not in theirs


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_at_once_one_has_it(cast: Cast) -> None:
    group = allied(cast)
    row = factories.asked(cast, group.alliance)
    start = threading.Barrier(2)
    told: list[str] = []

    def take(actor: Any) -> None:
        start.wait()
        try:
            request_work.take_request(actor=actor, request_id=row.pk)
            told.append("taken")
        except (Conflict, Refused) as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=take, args=(actor,))
        for actor in (group.second_broker, group.third_broker)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 2 and told.count("taken") == 1
    row.refresh_from_db()
    assert row.state == "taken"
