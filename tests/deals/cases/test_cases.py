"""Opening, changing and moving cases; docket numbers; who sees them."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from deals.actions.case_bulk import MarkedCase, change_many
from deals.actions.case_endings import close_case, defer_case, queue_waking, reopen_case
from deals.actions.case_parts import add_client, add_listing, write_note
from deals.actions.case_tasks import finish_task, remind_of_tasks
from deals.actions.cases import change_case, move_case, open_case
from deals.models import Case, CaseSequence, CaseTask
from deals.queries.case_filters import has_left
from deals.queries.cases import visible_to
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.deals import factories as introductions
from tests.deals.cases.factories import opened
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def refused(error: type[Exception], act: Any, /, **given: Any) -> Any:
    with pytest.raises(error) as raised:
        act(**given)
    return raised.value


# --- Docket numbers ------------------------------------------------------------------------------


def test_dockets_count_by_institution_and_year_and_a_refusal_leaves_no_gap(cast: Cast) -> None:
    year = timezone.localdate().year
    first = opened(cast)
    refused(Invalid, opened, cast=cast, title="")
    refused(Invalid, opened, cast=cast, value=Decimal("-1"))
    second = opened(cast)
    assert [first.docket, second.docket] == [f"{year}-0001", f"{year}-0002"]
    assert CaseSequence.objects.get().last == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_dockets_have_no_gap_when_twelve_open_at_once(cast: Cast) -> None:
    def one(nth: int) -> None:
        try:
            facts = {"pipeline": "otl", "title": f"Case {nth}" if nth % 3 else ""}
            open_case(actor=cast.broker.actor, organisation_id=cast.tti.pk, facts=facts)
        except Invalid:
            pass
        finally:
            connection.close()

    assert cast.broker.actor
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(12)))
    assert sorted(Case.objects.values_list("number", flat=True)) == list(range(1, 9))


# --- Opening -------------------------------------------------------------------------------------


def test_a_case_of_an_introduction_takes_over_what_the_market_names_and_is_opened_once(
    cast: Cast,
) -> None:
    made = introductions.with_broker(cast)
    facts = {"title": "Pair", "pipeline": "need_brokerage"}
    case, is_new = open_case(
        actor=cast.broker.actor, organisation_id=None, facts=facts, introduction=made
    )
    again, again_new = open_case(
        actor=cast.broker.actor, organisation_id=None, facts=facts, introduction=made
    )
    assert (is_new, again_new, again.pk) == (True, False, case.pk)
    assert case.origin == "introduction"
    assert [row.organisation for row in case.clients.all()] == [cast.home]
    assert {row.listing_id for row in case.listings.all()} == {made.need_id, made.technology_id}


def test_an_anonymous_owner_is_no_client_of_the_case(cast: Cast) -> None:
    made = introductions.with_broker(cast, need={"is_anonymous": True})
    case, _new = open_case(
        actor=cast.broker.actor, organisation_id=None, introduction=made,
        facts={"title": "Pair", "pipeline": "need_brokerage"},
    )  # fmt: skip
    assert not case.clients.exists()


def test_only_people_of_a_verified_institution_open_cases(cast: Cast) -> None:
    facts = {"title": "x", "pipeline": "otl"}
    for player in (cast.owner, cast.newcomer, cast.operator, cast.registrar):
        error = refused(Refused, open_case, actor=player.actor, organisation_id=None, facts=facts)
        assert error.code == "no_institution"
    refused(Refused, open_case, actor=cast.broker.actor, organisation_id=cast.home.pk, facts=facts)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"value": Decimal("NaN")}, "value"),
        ({"value": Decimal("-0.01")}, "value"),
        ({"value": Decimal(10) ** 12}, "value"),
        ({"value": Decimal("1.005")}, "value"),
        ({"currency": "XXX"}, "currency"),
        ({"probability": 101}, "probability"),
        ({"pipeline": "none"}, "pipeline"),
        ({"stage": "assessment"}, "stage"),
        ({"next_action": "Call"}, "next_action_on"),
        ({"next_action": "Call", "next_action_on": dt.date(2001, 1, 1)}, "next_action_on"),
        ({"title": "a\x00b"}, "title"),
        ({"responsible": 0}, "responsible"),
    ],
)
def test_a_faulty_field_is_named(cast: Cast, facts: dict[str, Any], field: str) -> None:
    assert field in refused(Invalid, opened, cast=cast, **facts).fields


def test_who_is_no_broker_of_the_institution_cannot_be_responsible(cast: Cast) -> None:
    case = opened(cast)
    error = refused(
        Invalid, change_case, actor=cast.broker.actor, case_id=case.pk,
        facts={"responsible": cast.owner.user.pk},
    )  # fmt: skip
    assert error.fields["responsible"]


# --- Moving --------------------------------------------------------------------------------------


def test_what_blocks_is_named_and_what_is_advice_lets_pass(cast: Cast) -> None:
    case = opened(cast)
    error = refused(Conflict, move_case, actor=cast.broker.actor, case_id=case.pk, stage="search")
    assert error.code == "stage_blocked"
    assert "Name a client" in str(error)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="A works")
    moved = move_case(actor=cast.broker.actor, case_id=case.pk, stage="search")
    assert (moved.stage, moved.probability) == ("search", 20)
    back = move_case(actor=cast.broker.actor, case_id=case.pk, stage="contact")
    assert back.stage == "contact"


def test_a_stage_makes_its_tasks_once(cast: Cast) -> None:
    case = opened(cast)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="A works")
    for stage in ("search", "contact", "search"):
        move_case(actor=cast.broker.actor, case_id=case.pk, stage=stage)
    assert sorted(case.tasks.values_list("template", flat=True)) == [
        "call", "diagnose", "shortlist",
    ]  # fmt: skip


def test_a_judged_probability_stays_when_the_case_moves(cast: Cast) -> None:
    case = opened(cast, probability=77)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="A works")
    assert move_case(actor=cast.broker.actor, case_id=case.pk, stage="search").probability == 77


def test_another_channel_is_no_way_forward(cast: Cast) -> None:
    case = opened(cast, pipeline="three_channels", stage="licence")
    moved = move_case(actor=cast.broker.actor, case_id=case.pk, stage="company")
    assert moved.stage == "company"
    refused(Conflict, move_case, actor=cast.broker.actor, case_id=case.pk, stage="agreement")


def test_a_stage_of_another_pipeline_is_refused(cast: Cast) -> None:
    case = opened(cast)
    error = refused(Invalid, move_case, actor=cast.broker.actor, case_id=case.pk, stage="equity")
    assert "stage" in error.fields


def test_a_stale_move_says_what_changed_and_changes_nothing(cast: Cast) -> None:
    case = opened(cast)
    seen = case.version
    add_client(actor=cast.broker.actor, case_id=case.pk, name="A works")
    move_case(actor=cast.broker.actor, case_id=case.pk, stage="search")
    error = refused(
        Stale, move_case, actor=cast.broker.actor, case_id=case.pk, stage="negotiation",
        expected_version=seen,
    )  # fmt: skip
    assert "First contact → Search (Broker)" in str(error)
    case.refresh_from_db()
    assert case.stage == "search"


# --- Putting aside, closing -----------------------------------------------------------------------


def test_a_deferred_case_wakes_by_itself_once(cast: Cast, run_jobs: Any) -> None:
    case = opened(cast)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    refused(
        Invalid, defer_case, actor=cast.broker.actor, case_id=case.pk,
        until=timezone.localdate(), reason="data",
    )  # fmt: skip
    defer_case(actor=cast.broker.actor, case_id=case.pk, until=tomorrow, reason="data")
    assert queue_waking() == 0
    Case.objects.update(deferred_until=timezone.localdate())
    queue_waking()
    queue_waking()
    run_jobs()
    case.refresh_from_db()
    assert (case.state, case.deferred_until, case.defer_reason) == ("open", None, "")
    assert Event.objects.filter(kind="case.woken").count() == 1
    assert Notification.objects.filter(kind="case.woken").count() == 1


def test_a_reason_must_go_with_the_outcome(cast: Cast) -> None:
    case = opened(cast)
    given = {"actor": cast.broker.actor, "case_id": case.pk}
    assert "reason" in refused(Invalid, close_case, outcome="won", reason="funds", **given).fields
    assert "outcome" in refused(Invalid, close_case, outcome="x", reason="funds", **given).fields
    closed = close_case(outcome="lost", reason="funds", **given)
    assert closed.closed_at
    refused(Conflict, move_case, stage="search", **given)
    assert reopen_case(**given).state == "open"


def test_closing_lets_the_same_introduction_be_opened_anew_and_then_not_reopened(
    cast: Cast,
) -> None:
    made = introductions.with_broker(cast)
    given = {
        "actor": cast.broker.actor, "organisation_id": None, "introduction": made,
        "facts": {"title": "Pair", "pipeline": "need_brokerage"},
    }  # fmt: skip
    first, _new = open_case(**given)
    close_case(actor=cast.broker.actor, case_id=first.pk, outcome="lost", reason="funds")
    second, is_new = open_case(**given)
    assert is_new and second.pk != first.pk
    assert refused(Conflict, reopen_case, actor=cast.broker.actor, case_id=first.pk).code == (
        "case_there"
    )


# --- Who ----------------------------------------------------------------------------------------


def test_nobody_else_sees_a_case_and_a_former_member_not_from_the_same_moment(cast: Cast) -> None:
    case = opened(cast)
    for name, player in cast.everybody.items():
        seen = visible_to(player.actor).filter(pk=case.pk).exists()
        assert seen == (name == "broker"), name
        if name != "broker":
            refused(NotFound, move_case, actor=player.actor, case_id=case.pk, stage="search")
    Membership.objects.filter(user=cast.broker.user).delete()
    refused(NotFound, write_note, actor=cast.broker.fresh(), case_id=case.pk, body="x")
    assert Case.objects.filter(has_left()).get() == case


def test_an_analyst_of_the_institution_sees_nothing(cast: Cast) -> None:
    opened(cast)
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.tti, roles=["analyst"])
    assert not visible_to(cast.newcomer.fresh()).exists()
    Membership.objects.filter(user=cast.newcomer.user).update(roles=["editor"])
    assert visible_to(cast.newcomer.fresh()).exists()


def test_a_listing_that_is_closed_to_the_broker_cannot_be_added(cast: Cast) -> None:
    case = opened(cast)
    secret = published(cast.home, kind="need", visibility="confidential")
    given = {"actor": cast.broker.actor, "case_id": case.pk}
    assert "listing" in refused(Invalid, add_listing, listing=secret.public_id, **given).fields
    shown = published(cast.home, kind="need")
    assert add_listing(listing=shown.public_id, **given).listing_id == shown.pk
    refused(Invalid, add_listing, listing=shown.public_id, **given)


def test_events_hold_no_words_and_no_value(cast: Cast) -> None:
    case = opened(cast, title="SECRET title", value=Decimal("123456.78"))
    write_note(actor=cast.broker.actor, case_id=case.pk, body="SECRET note")
    add_client(actor=cast.broker.actor, case_id=case.pk, name="SECRET client")
    for row in Event.objects.filter(object_type="case"):
        said = f"{row.before}{row.after}{row.data}"
        assert "SECRET" not in said and "123456" not in said


# --- Tasks and many at once -----------------------------------------------------------------------


def test_a_reminder_is_told_once_for_each_date(cast: Cast) -> None:
    opened(cast)
    CaseTask.objects.update(due_on=timezone.localdate())
    CaseTask.objects.filter(template="diagnose").update(
        due_on=timezone.localdate() + dt.timedelta(days=9)
    )
    assert remind_of_tasks() == 1
    remind_of_tasks()
    assert Notification.objects.filter(kind="case.task_due").count() == 1


def test_a_finished_task_can_be_unfinished_and_again_changes_nothing(cast: Cast) -> None:
    task = opened(cast).tasks.get(template="call")
    done = finish_task(actor=cast.broker.actor, task_id=task.pk)
    assert done.done_by_id == cast.broker.user.pk
    assert finish_task(actor=cast.broker.actor, task_id=task.pk).version == done.version
    assert finish_task(actor=cast.broker.actor, task_id=task.pk, done=False).done_at is None


def test_each_of_many_is_done_or_refused_on_its_own(cast: Cast) -> None:
    good, closed, stale = opened(cast), opened(cast), opened(cast)
    close_case(actor=cast.broker.actor, case_id=closed.pk, outcome="lost", reason="funds")
    write_note(actor=cast.broker.actor, case_id=stale.pk, body="x")
    marked = [
        MarkedCase(good.public_id, good.version), MarkedCase(closed.public_id),
        MarkedCase(stale.public_id, 1), MarkedCase("0000000000"),
    ]  # fmt: skip
    report = change_many(
        actor=cast.broker.actor, marked=marked, step="close", outcome="declined",
        reason="no_capacity",
    )  # fmt: skip
    assert [one.pk for one in report.done] == [good.pk]
    assert [one.code for one in report.refused] == ["case_closed", "stale_version", "not_found"]
    too_many = [MarkedCase(f"{n:010d}") for n in range(201)]
    refused(Invalid, change_many, actor=cast.broker.actor, marked=too_many, step="close")
