"""My day, the calendar, saved views, and the API."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from deals.actions.case_keeping import save_view
from deals.actions.case_parts import add_client, tie_case
from deals.icalendar import Entry, calendar, escaped, folded
from deals.models import Case, CaseTask, CaseView
from deals.queries.my_day import my_day
from tests.deals import factories as introductions
from tests.deals.cases.factories import opened

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/cases/"


def test_my_day_sorts_by_what_is_due_and_asks_four_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    today = timezone.localdate()
    case = opened(cast, next_action="Call", next_action_on=today)
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.tti, roles=["broker"])
    CaseTask.objects.filter(template="call").update(due_on=today - dt.timedelta(days=2))
    CaseTask.objects.filter(template="diagnose").update(assignee=cast.newcomer.user)
    actor = cast.broker.actor
    with django_assert_num_queries(4):
        day = my_day(actor)
    assert [item.task.template for item in day.overdue if item.task] == ["call"]
    assert [(item.case.pk, item.task) for item in day.today] == [(case.pk, None)]
    assert [item.task.template for item in day.others if item.task] == ["diagnose"]
    page = cast.broker.client.get("/desk/").content.decode()
    assert "My day" in page and case.docket in page


def test_the_calendar_is_read_by_its_address_until_it_is_renewed_or_its_person_leaves(
    cast: Cast,
) -> None:
    opened(cast, next_action="Call, then write; now", next_action_on=timezone.localdate())
    first = cast.broker.client.post("/cases/calendar/").context["address"]
    read = cast.visitor.client.get(first)
    assert read.status_code == 200
    assert read["Content-Type"].startswith("text/calendar")
    assert b"Call\\, then write\\; now" in read.content
    assert read.content.count(b"BEGIN:VEVENT") == 3
    second = cast.broker.client.post("/cases/calendar/").context["address"]
    assert cast.visitor.client.get(first).status_code == 404
    assert second.encode() not in cast.broker.client.get("/cases/calendar/").content
    Membership.objects.filter(user=cast.broker.user).delete()
    assert cast.visitor.client.get(second).content.count(b"BEGIN:VEVENT") == 0


def test_lines_are_folded_at_75_octets_and_never_within_a_character() -> None:
    line = "SUMMARY:" + "案卷" * 60
    parts = folded(line).split(b"\r\n")
    assert parts.pop() == b""
    assert all(len(part) <= 75 for part in parts)
    assert "".join(
        part.decode() if nth == 0 else part.decode()[1:] for nth, part in enumerate(parts)
    ) == line  # fmt: skip
    assert escaped("a\\b;c,d\r\ne") == "a\\\\b\\;c\\,d\\ne"
    body = calendar("x", [Entry("u", dt.date(2026, 12, 31), "s", "http://x", timezone.now())])
    assert b"DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n" in body


def test_a_view_is_kept_by_name_without_what_is_no_filter(cast: Cast) -> None:
    post = {"name": "Late", "page": "list", "query": "overdue=1&evil=x&page=3"}
    cast.broker.client.post("/cases/views/", post)
    cast.broker.client.post("/cases/views/", {**post, "query": "state=all"})
    view = CaseView.objects.get()
    assert view.query == "state=all"
    for player in (cast.owner, cast.operator):
        address = f"/cases/views/{view.public_id}/delete/"
        assert player.client.post(address).status_code == 404
    assert cast.broker.client.post("/cases/views/", {**post, "name": ""}).status_code == 302
    assert CaseView.objects.count() == 1


# --- The API -------------------------------------------------------------------------------------


def test_a_case_goes_from_opening_to_closing_by_api_alone(cast: Cast) -> None:
    api = cast.broker.api
    made = api.post(
        ROOT, {"title": "Coating", "pipeline": "need_brokerage", "value": "1200.50"},
        format="json",
    )  # fmt: skip
    assert made.status_code == 201, made.json()
    one = f"{ROOT}{made.json()['id']}/"

    def step(name: str, /, **body: Any) -> Any:
        return api.post(f"{one}{name}/", body, format="json")

    assert step("move", stage="search").status_code == 409
    assert step("parts", kind="clients", name="Kite works").status_code == 201
    assert step("move", stage="search").json()["probability"] == 20
    assert step("notes", body="Internal").status_code == 201
    task = step("tasks", title="Visit").json()
    assert api.post(f"/api/v1/case-tasks/{task['id']}/done/").json()["done_at"]
    changed = api.patch(one, {"value": None, "probability": 44}, format="json").json()
    assert (changed["value"], changed["probability"]) == (None, 44)
    for value in ("NaN", "-1", "1e15", "x"):
        wrong = api.patch(one, {"value": value}, format="json")
        assert wrong.status_code == 400, value
    stale = api.post(
        f"{one}move/", {"stage": "introduction"}, format="json", headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    assert "Search" in stale.json()["detail"]
    assert step("defer", until="2001-01-01", reason="data").status_code == 400
    assert step("close", outcome="won", reason="funds").status_code == 400
    assert step("close", outcome="lost", reason="funds").json()["state"] == "closed"
    assert api.get(f"{ROOT}barriers/").json()[0]["reason"] == "funds"
    assert {line["note"] for line in api.get(f"{one}timeline/").json()} >= {"Internal"}
    assert step("reopen").json()["state"] == "open"


def test_a_tie_is_named_only_to_who_sees_it(cast: Cast) -> None:
    made = introductions.with_broker(cast)
    case = opened(cast)
    tie_case(
        actor=cast.broker.actor, case_id=case.pk, kind="introduction", public_id=made.public_id
    )
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.tti, roles=["editor"])
    mine = cast.broker.api.get(f"{ROOT}{case.public_id}/").json()
    theirs = cast.newcomer.api.get(f"{ROOT}{case.public_id}/").json()
    assert mine["introduction"] == made.public_id
    assert theirs["introduction"] is None


def test_the_list_of_the_api_asks_the_same_number_of_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    opened(cast)
    cast.broker.api.get(ROOT)
    with django_assert_num_queries(3):
        cast.broker.api.get(ROOT)
    for _nth in range(5):
        opened(cast)
    with django_assert_num_queries(3):
        assert len(cast.broker.api.get(ROOT).json()["results"]) == 6


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_view_that_is_kept_twice_at_once_is_one(cast: Cast) -> None:
    actor, start = cast.broker.actor, threading.Barrier(4)

    def keep(nth: int) -> None:
        start.wait()
        try:
            save_view(actor=actor, name="Late", page="list", query=f"page={nth}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(4)))
    assert CaseView.objects.get().name == "Late"


def test_many_at_once_by_api(cast: Cast) -> None:
    case = opened(cast)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="Kite works")
    answer = cast.broker.api.post(
        f"{ROOT}bulk/",
        {"cases": [{"id": case.public_id}, {"id": "0000000000"}], "step": "stage",
         "stage": "search"},
        format="json",
    ).json()  # fmt: skip
    assert answer["done"] == [case.public_id]
    assert answer["refused"][0]["code"] == "not_found"
    assert Case.objects.get().stage == "search"
