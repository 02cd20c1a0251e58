"""What careful readers found: nothing is lost, given away or done by oversight."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts import personal_data
from accounts.actions.people import close_account
from accounts.models import Membership
from deals.actions.case_bulk import MarkedCase, change_many
from deals.actions.case_endings import defer_case, queue_waking
from deals.actions.case_keeping import renew_calendar, save_view
from deals.actions.case_parts import add_client, add_contact, add_listing
from deals.actions.case_tasks import remind_of_tasks
from deals.actions.cases import change_case, move_case, open_case
from deals.models import CalendarFeed, Case, CaseTask, CaseView
from deals.pipelines import pipeline
from deals.queries.case_filters import wanted_from
from events.models import Notification
from listings.actions.drafts import delete_draft
from listings.models import Listing
from marketplace.core.errors import Conflict, Invalid
from tests.deals import factories as introductions
from tests.deals.cases.factories import opened
from tests.listings import factories as listings

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def colleague(cast: Cast, *roles: str) -> Any:
    """Another person of the institution, by default a broker."""
    Membership.objects.create(
        user=cast.newcomer.user, organisation=cast.tti, roles=list(roles or ("broker",))
    )
    return cast.newcomer.user


# --- Moves ---------------------------------------------------------------------------------------


def test_a_jump_asks_for_what_every_stage_on_the_way_must_have(cast: Cast) -> None:
    case = opened(cast, pipeline="otl", stage="assessment")  # itself blocks nothing
    with pytest.raises(Conflict) as refused:
        move_case(actor=cast.broker.actor, case_id=case.pk, stage="monitoring")
    told = str(refused.value)
    assert told.count("Name a client.") == 1
    assert "Add the technology" in told and "Say what the deal is worth." in told
    assert move_case(actor=cast.broker.actor, case_id=case.pk, stage="marketing").stage


def test_stages_of_channels_that_are_not_taken_ask_for_nothing() -> None:
    line = pipeline("three_channels")
    assert line
    start, licence, end = (line.stage(one) for one in ("intake", "licence", "agreement"))
    assert start and licence and end
    assert [one.code for one in line.left_behind(start, end)] == ["intake", "appraisal"]
    assert [one.code for one in line.left_behind(licence, end)] == ["licence"]


# --- People who come and go ----------------------------------------------------------------------


def test_open_tasks_of_the_person_before_go_with_the_case(cast: Cast) -> None:
    case = opened(cast)
    person = colleague(cast)
    done, left = case.tasks.order_by("pk")
    CaseTask.objects.filter(pk=done.pk).update(done_at=timezone.now())
    change_case(actor=cast.broker.actor, case_id=case.pk, facts={"responsible": person.pk})
    done.refresh_from_db()
    left.refresh_from_db()
    assert (done.assignee_id, left.assignee_id) == (cast.broker.user.pk, person.pk)


def test_who_left_is_told_nothing_more_of_a_case(cast: Cast, run_jobs: Any) -> None:
    case = opened(cast)
    today = timezone.localdate()
    defer_case(
        actor=cast.broker.actor, case_id=case.pk, until=today + dt.timedelta(days=1), reason="data"
    )
    Membership.objects.filter(user=cast.broker.user).update(roles=["analyst"])
    Case.objects.filter(pk=case.pk).update(deferred_until=today)
    Notification.objects.all().delete()
    queue_waking()
    run_jobs()
    CaseTask.objects.update(due_on=today)
    remind_of_tasks()
    case.refresh_from_db()
    assert case.state == "open"
    assert not Notification.objects.exists()


def test_nobody_becomes_responsible_by_standing_first_in_the_list(cast: Cast) -> None:
    case = opened(cast)
    Case.objects.filter(pk=case.pk).update(responsible=cast.rival.user)  # who left
    form = cast.broker.client.get(f"/cases/{case.public_id}/edit/").context["form"]
    assert form.fields["responsible"].choices[0][0] == ""
    page = cast.broker.client.post(
        f"/cases/{case.public_id}/edit/",
        {"title": "X", "currency": "CNY", "responsible": "", "version": case.version},
    )
    assert page.status_code == 422


def test_views_and_calendar_go_with_the_account_and_are_in_its_data(cast: Cast) -> None:
    case = opened(cast)
    save_view(actor=cast.broker.actor, name="Mine", page="list", query="overdue=1")
    renew_calendar(actor=cast.broker.actor)
    held = personal_data.READERS["cases"](cast.broker.user.pk)
    assert [view["name"] for view in held["views"]] == ["Mine"]
    assert "digest" not in str(held)
    colleague(cast, "owner")
    close_account(actor=cast.broker.actor)
    assert not CaseView.objects.exists() and not CalendarFeed.objects.exists()
    assert Case.objects.filter(pk=case.pk).exists()


# --- Slips ---------------------------------------------------------------------------------------


def test_a_draft_in_a_case_can_be_deleted(cast: Cast) -> None:
    case = opened(cast)
    draft = listings.draft(cast.tti)
    add_listing(actor=cast.broker.actor, case_id=case.pk, listing=draft.public_id)
    delete_draft(actor=cast.broker.actor, listing_id=draft.pk)
    assert cast.broker.client.get(f"/cases/{case.public_id}/").status_code == 200
    assert not case.listings.exists()


def test_no_date_clears_no_dates(cast: Cast) -> None:
    day = timezone.localdate()
    case = opened(cast, next_action="Call", next_action_on=day)
    marked = [MarkedCase(case.public_id)]
    with pytest.raises(Invalid):
        change_many(actor=cast.broker.actor, marked=marked, step="next_action_on")
    case.refresh_from_db()
    assert case.next_action_on == day


def test_dates_stand_in_forms_as_browsers_read_them_in_chinese_too(cast: Cast) -> None:
    day = timezone.localdate()
    case = opened(cast, next_action="Call", next_action_on=day)
    task = case.tasks.earliest("pk")
    for address, value in (
        (f"/cases/{case.public_id}/edit/", day),
        (f"/cases/tasks/{task.public_id}/edit/", task.due_on),
    ):
        page = cast.broker.client.get(address, headers={"Accept-Language": "zh-CN"})
        assert 'lang="zh-' in page.content.decode()
        assert f'value="{value:%Y-%m-%d}"' in page.content.decode()


def test_a_link_of_a_list_that_came_back_leads_to_the_list(cast: Cast) -> None:
    page = cast.broker.client.get("/cases/bulk/?sort=due&overdue=1")
    assert page["Location"] == "/cases/?sort=due&overdue=1"


# --- Ways in -------------------------------------------------------------------------------------


def test_a_match_is_opened_as_a_case_once_and_found_again(cast: Cast) -> None:
    match = introductions.match(cast.home, cast.outside, answered=False)
    address = f"/cases/new/?match={match.public_id}"
    assert address in cast.broker.client.get(f"/matches/{match.public_id}/").content.decode()
    triage = cast.broker.client.get("/matches/triage/?whose=all").content.decode()
    assert address in triage
    page = cast.broker.client.get(address)
    assert match.need.title_en in page.content.decode()
    made, is_new = open_case(
        actor=cast.broker.actor, organisation_id=None, match=match,
        facts={"title": "Pair", "pipeline": "need_brokerage"},
    )  # fmt: skip
    assert is_new
    assert cast.broker.client.get(address)["Location"] == made.get_absolute_url()
    for other in (cast.owner, cast.outsider):
        theirs = other.client.get(f"/matches/{match.public_id}/")
        assert "/cases/new/" not in theirs.content.decode()
        assert other.client.get(address).status_code == 403


def test_a_case_is_tied_by_page_and_let_go(cast: Cast) -> None:
    made = introductions.with_broker(cast)
    case = opened(cast)
    root = f"/cases/{case.public_id}/"
    assert made.public_id in cast.broker.client.get(root).content.decode()
    address = f"http://x{made.get_absolute_url()}"
    tied = cast.broker.client.post(root + "ties/introduction/", {"number": address})
    assert tied.status_code == 302
    case.refresh_from_db()
    assert case.introduction_id == made.pk
    wrong = cast.broker.client.post(root + "ties/contract/", {"number": "ZZZZZZZZZZ"})
    assert wrong.status_code == 422
    assert "ZZZZZZZZZZ" in wrong.content.decode()
    assert "There is nothing of this number" in wrong.content.decode()
    cast.broker.client.post(root + "ties/introduction/", {"number": ""})
    case.refresh_from_db()
    assert case.introduction_id is None
    for other in (cast.owner, cast.rival, cast.operator):
        assert other.client.post(root + "ties/introduction/", {}).status_code == 404
    assert cast.broker.client.post(root + "ties/other/", {}).status_code == 404


def test_what_a_case_holds_is_read_by_api_as_far_as_it_is_open(cast: Cast) -> None:
    case = opened(cast)
    shown = listings.published(cast.home)
    one: dict[str, Any] = {"actor": cast.broker.actor, "case_id": case.pk}
    add_client(**one, organisation=cast.home.public_id)
    add_listing(**one, listing=shown.public_id)
    add_contact(**one, name="Ann", mail="ann@example.org")
    address = f"/api/v1/cases/{case.public_id}/parts/"
    rows = cast.broker.api.get(address).json()
    assert [row["kind"] for row in rows] == ["clients", "listings", "contacts"]
    assert (rows[0]["organisation"], rows[1]["listing"]) == (cast.home.public_id, shown.public_id)
    Listing.objects.filter(pk=shown.pk).update(visibility="confidential")
    hidden = cast.broker.api.get(address).json()[1]
    assert (hidden["listing"], hidden["name"]) == (None, "")
    assert cast.owner.api.get(address).status_code == 404


def test_an_introduction_of_others_cannot_be_tied(cast: Cast) -> None:
    made = introductions.introduced(cast)  # no broker: the institution may not know of it
    case = opened(cast)
    root = f"/cases/{case.public_id}/"
    assert made.public_id not in cast.broker.client.get(root).content.decode()
    page = cast.broker.client.post(root + "ties/introduction/", {"number": made.public_id})
    assert page.status_code == 422


def test_what_is_to_be_done_stands_before_what_was_done(cast: Cast) -> None:
    case = opened(cast)
    first = case.tasks.earliest("pk")
    CaseTask.objects.filter(pk=first.pk).update(done_at=timezone.now())
    rows = cast.broker.api.get(f"/api/v1/cases/{case.public_id}/tasks/").json()
    assert [bool(row["done_at"]) for row in rows] == [False, True]
    page = cast.broker.client.get(f"/cases/{case.public_id}/").context["tasks"]
    assert [bool(task.done_at) for task in page] == [False, True]


def test_a_task_is_edited_by_page_and_keeps_its_other_language(cast: Cast) -> None:
    case = opened(cast)
    task = case.tasks.earliest("pk")
    root = f"/cases/tasks/{task.public_id}/edit/"
    day = timezone.localdate() + dt.timedelta(days=9)
    given = {
        "title": task.title_en, "assignee": cast.broker.user.public_id, "due_on": str(day),
        "version": 1,
    }  # fmt: skip
    assert cast.broker.client.post(root, given).status_code == 302
    task.refresh_from_db()
    assert (task.due_on, bool(task.title_zh)) == (day, True)
    stale = cast.broker.client.post(root, {**given, "title": "Other words"})
    assert stale.status_code == 422
    assert "Other words" in stale.content.decode()
    for other in (cast.owner, cast.rival, cast.operator):
        assert other.client.get(root).status_code == 404


# --- Filters -------------------------------------------------------------------------------------


def test_a_stage_says_its_pipeline(cast: Cast) -> None:
    found = wanted_from({"stage": "otl.marketing"})
    assert (found.pipeline, found.stage) == ("otl", "marketing")
    found = wanted_from({"stage": "intake"})
    assert (found.pipeline, found.stage) == ("three_channels", "intake")
    for wrong in ("otl.x", "x.marketing", ".", "otl."):
        assert wanted_from({"stage": wrong}).stage == ""
    opened(cast)
    page = cast.broker.client.get("/cases/").content.decode()
    assert 'value="otl.marketing"' in page


def test_cases_of_one_pipeline_can_be_moved_from_the_list(cast: Cast) -> None:
    case = opened(cast, stage="search")
    page = cast.broker.client.get("/cases/")
    assert "stage" in page.context["form"].fields
    asked = {"step": "stage", "stage": "negotiation", "pipeline": "need_brokerage"}
    cast.broker.client.post("/cases/bulk/", {**asked, "cases": case.public_id})
    case.refresh_from_db()
    assert case.stage == "search", "without a version nobody knows what was seen"
    cast.broker.client.post("/cases/bulk/", {**asked, "cases": f"{case.public_id}:{case.version}"})
    case.refresh_from_db()
    assert case.stage == "negotiation"
    opened(cast, pipeline="otl")
    assert "stage" not in cast.broker.client.get("/cases/").context["form"].fields


def test_the_page_of_a_case_asks_the_same_number_of_queries_however_much_it_holds(
    cast: Cast, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deals.pipelines._source", [])
    case = opened(cast)
    root = f"/cases/{case.public_id}/"
    add_client(actor=cast.broker.actor, case_id=case.pk, name="Kite works")
    cast.broker.client.get(root)
    with django_assert_num_queries(CASE_QUERIES):
        cast.broker.client.get(root)
    for nth in range(5):
        add_client(actor=cast.broker.actor, case_id=case.pk, name=f"Works {nth}")
    with django_assert_num_queries(CASE_QUERIES):
        cast.broker.client.get(root)


CASE_QUERIES = 28
