"""Where people read their own cases only: the doors beside the case itself. Tables of projects,
referrals, shared fees, reminders, and where one is led after a step."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import actor_for
from deals.actions import fee_clock, ip_events
from deals.actions.agreements import answer_split, propose_split
from deals.actions.case_tasks import add_task
from deals.actions.cases import change_case, open_case
from deals.actions.centres import set_people
from deals.actions.commissions import approve_statement, draft_statement
from deals.actions.project_imports import run_project_import, start_project_import
from deals.actions.referral_carrying import end_referral, report, take_back
from deals.actions.referrals import (
    claim_referral,
    confirm_claim,
    publish_referral,
    release_claim,
    withdraw_referral,
)
from deals.actions.request_work import open_request_case
from deals.actions.visits import open_finding_case
from deals.models import Case, CommissionStatement, Referral
from deals.queries import commissions, referrals
from deals.queries.foreign_projects import imports_visible_to
from events.models import Notification
from marketplace.core.errors import Invalid, NotFound, Refused
from tests.accounts.factories import person_in
from tests.contracts.factories import registered
from tests.deals.alliance import factories as alliances
from tests.deals.alliance import fees
from tests.deals.cases.factories import opened
from tests.deals.centres.factories import client_of, colleague, decided
from tests.deals.projects import factories as projects
from tests.deals.requests import factories as requests
from tests.deals.requests.visits import visited

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
FACTS = {"title": "A pump", "pipeline": "need_brokerage"}
API = "/api/v1/foreign-projects/imports/"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def by(actor: Any, cast: Cast, **facts: Any) -> Case:
    case, _new = open_case(actor=actor, organisation_id=cast.tti.pk, facts={**FACTS, **facts})
    return case


# --- Tables of projects --------------------------------------------------------------------------


def brought_in(actor: Any, cast: Cast, *rows: dict[str, Any]) -> Any:
    run, _new = start_project_import(
        actor=actor, organisation_id=cast.tti.pk, upload=projects.table(list(rows))
    )
    return projects.worked(run)


def imported(actor: Any, cast: Cast, *rows: dict[str, Any]) -> Any:
    run = run_project_import(actor=actor, run_id=brought_in(actor, cast, *rows).pk)
    return projects.worked(run)


def test_a_colleagues_table_is_as_closed_as_its_cases(cast: Cast) -> None:
    _user, actor = colleague(cast)
    other, other_actor = colleague(cast, name="Wu Fan")
    run = imported(actor, cast, projects.a_row(1))
    root, client = run.get_absolute_url(), client_of(other)
    pages = (root, f"{root}report.csv", f"{root}file/")
    assert client.get(root).status_code == 200  # until it is decided
    decided(cast, reading="own")
    assert [one.pk for one in imports_visible_to(actor)] == [run.pk]
    assert [one.pk for one in imports_visible_to(cast.broker.actor)] == [run.pk]  # an owner
    assert not imports_visible_to(other_actor).exists()
    for page in pages:
        assert client.get(page).status_code == 404, page
    assert run.public_id not in client.get("/cases/projects/import/").content.decode()
    Membership.objects.filter(user=cast.broker.user, organisation=cast.tti).update(roles=["broker"])
    for path in ("", f"{run.public_id}/", f"{run.public_id}/rows/"):
        answer = cast.broker.api.get(API + path)
        assert answer.status_code == 404 or answer.json()["results"] == [], path
    with pytest.raises(NotFound):
        run_project_import(actor=other_actor, run_id=run.pk)


def test_the_same_table_of_a_colleague_is_not_handed_out(cast: Cast) -> None:
    _user, actor = colleague(cast)
    _other, other_actor = colleague(cast, name="Wu Fan")
    decided(cast, reading="own")
    one = {"organisation_id": cast.tti.pk}
    first, _new = start_project_import(
        actor=actor, upload=projects.table([projects.a_row(1)]), **one
    )
    again = start_project_import(actor=actor, upload=projects.table([projects.a_row(1)]), **one)
    assert again == (first, False)
    second, is_new = start_project_import(
        actor=other_actor, upload=projects.table([projects.a_row(1)]), **one
    )
    assert is_new and second.pk != first.pk


def test_a_reference_that_is_there_does_not_tell_whose_case_it_is(cast: Cast) -> None:
    _user, actor = colleague(cast)
    other, other_actor = colleague(cast, name="Wu Fan")
    imported(actor, cast, projects.a_row(1))
    case = Case.objects.get()
    decided(cast, reading="own")
    run = brought_in(other_actor, cast, projects.a_row(1), projects.a_row(2))
    assert [one for _line, one, _faults in projects.outcomes(run)] == ["there", "new"]
    client, root = client_of(other), run.get_absolute_url()
    for page in (root, f"{root}report.csv"):
        answer = client.get(page)
        body = b"".join(answer) if answer.streaming else answer.content
        assert case.docket.encode() not in body and case.public_id.encode() not in body, page
        assert b"EU-0001" in body
    # its own it sees: what it opens itself
    run = projects.worked(run_project_import(actor=other_actor, run_id=run.pk))
    mine = Case.objects.exclude(pk=case.pk).get()
    page = client.get(root).content.decode()
    assert mine.docket in page and case.docket not in page
    owner = cast.broker.api.get(f"{API}{run.public_id}/rows/").json()["results"]
    assert [one["docket"] for one in owner] == [case.docket, mine.docket]
    Membership.objects.filter(user=cast.broker.user, organisation=cast.tti).update(roles=["broker"])
    type(run).objects.filter(pk=run.pk).update(person=cast.broker.user)
    rows = cast.broker.api.get(f"{API}{run.public_id}/rows/").json()["results"]
    assert [(one["outcome"], one["case"], one["docket"]) for one in rows] == [
        ("there", None, ""), ("opened", None, ""),
    ]  # fmt: skip


def test_an_import_makes_nobody_responsible_who_may_not_take(cast: Cast) -> None:
    user, actor = colleague(cast)
    imported(actor, cast, projects.a_row(1))
    assert Case.objects.get().responsible_id == user.pk
    _editor, editor = colleague(cast, "editor")
    run = imported(editor, cast, projects.a_row(2))
    case = Case.objects.get(project__reference="EU-0002")
    assert case.responsible_id is None and case.opened_by_id == editor.user_id
    # between the word and the work the institution decides otherwise
    run = brought_in(actor, cast, projects.a_row(3))
    run = run_project_import(actor=actor, run_id=run.pk)
    decided(cast, "named", people=[cast.broker.user.pk])
    projects.worked(run)
    assert Case.objects.get(project__reference="EU-0003").responsible_id is None


# --- Referrals -----------------------------------------------------------------------------------

PARTS = {"referring_percent": Decimal(10), "closing_percent": Decimal(90)}


@pytest.fixture
def group(cast: Cast) -> alliances.Allied:
    return alliances.allied(cast)


def referred(cast: Cast, group: alliances.Allied, actor: Any, **more: Any) -> Referral:
    """A colleague's case, offered to the alliance."""
    case = by(actor, cast)
    return publish_referral(
        actor=actor, case_id=case.pk, alliance=group.alliance.public_id,
        facts=alliances.facts(**more),
    )  # fmt: skip


def test_a_colleague_is_no_side_of_a_referral_whose_case_it_does_not_read(
    cast: Cast, group: alliances.Allied
) -> None:
    _user, actor = colleague(cast)
    other, other_actor = colleague(cast, name="Wu Fan")
    referral = referred(cast, group, actor, choice="pick")
    claim = claim_referral(
        actor=group.second_broker, referral_id=referral.pk, accepts_split=True,
        words="We know a buyer.",
    )  # fmt: skip
    assert referrals.side_of(referral, other_actor) == "publisher"
    decided(cast, reading="own")
    one: dict[str, Any] = {"actor": other_actor, "referral_id": referral.pk}
    assert referrals.side_of(referral, actor) == "publisher"
    assert referrals.side_of(referral, cast.broker.actor) == "publisher"  # an owner
    assert referrals.side_of(referral, other_actor) == ""
    assert not referrals.claims_shown(referral, other_actor).exists()
    assert referrals.claims_shown(referral, actor).get() == claim
    page = client_of(other).get(referral.get_absolute_url())
    assert page.status_code == 200 and "We know a buyer." not in page.content.decode()
    for step in (
        lambda: withdraw_referral(**one),
        lambda: confirm_claim(**one, claim=claim.public_id),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.code == "not_a_party" and "read" in str(refused.value)
    with pytest.raises(NotFound):
        release_claim(**one, claim=claim.public_id)
    claim.refresh_from_db()
    assert claim.state == "waiting"
    # what was its publisher's stays: who reads the case declines, and the claimant withdraws
    release_claim(actor=actor, referral_id=referral.pk, claim=claim.public_id)


def test_a_colleague_neither_reads_nor_steers_what_a_member_carries(
    cast: Cast, group: alliances.Allied
) -> None:
    _user, actor = colleague(cast)
    other, other_actor = colleague(cast, name="Wu Fan")
    referral = referred(cast, group, actor)
    claim = claim_referral(actor=group.second_broker, referral_id=referral.pk, accepts_split=True)
    confirm_claim(actor=actor, referral_id=referral.pk, claim=claim.public_id)
    report(actor=group.second_broker, referral_id=referral.pk, body="Gannetwick signs in May.")
    made = propose_split(actor=group.second_broker, referral_id=referral.pk, **PARTS)
    decided(cast, reading="own")
    referral = alliances.late(Referral.objects.get(pk=referral.pk))
    one: dict[str, Any] = {"actor": other_actor, "referral_id": referral.pk}
    for step in (
        lambda: report(**one, body="x"),
        lambda: end_referral(**one, body="x"),
        lambda: take_back(**one),
        lambda: answer_split(**one, number=made.number, accept=True),
        lambda: answer_split(**one, number=made.number, accept=False),
        lambda: propose_split(**one, **PARTS),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.code == "not_a_party"
    page = client_of(other).get(referral.get_absolute_url()).content.decode()
    assert "Gannetwick" not in page and "10.00" not in page
    page = client_of(_user).get(referral.get_absolute_url()).content.decode()
    assert "Gannetwick" in page
    Membership.objects.filter(user=cast.broker.user, organisation=cast.tti).update(roles=["broker"])
    root = f"/api/v1/referrals/{referral.public_id}/"
    for path in ("reports/", "splits/", "claims/"):
        assert cast.broker.api.get(root + path).json() == [], path
    # the other institution's own decision closes its side
    helper = actor_for(person_in(group.second, "broker"), "en")  # type: ignore[arg-type]
    assert referrals.side_of(referral, helper) == "carrier"
    set_people(
        actor=group.second_broker, organisation_id=group.second.pk, takers="all", reading="own"
    )
    assert referrals.side_of(referral, helper) == ""
    assert referrals.side_of(referral, group.second_broker) == "carrier"
    take_back(actor=actor, referral_id=referral.pk)  # who reads the case does
    assert Case.objects.get(pk=referral.case_id).state == "open"


def test_a_shared_fee_is_read_by_who_reads_the_own_case(
    cast: Cast, group: alliances.Allied
) -> None:
    _user, actor = colleague(cast)
    _other, other_actor = colleague(cast, name="Wu Fan")
    referral = referred(cast, group, actor)
    claim = claim_referral(actor=group.second_broker, referral_id=referral.pk, accepts_split=True)
    confirm_claim(actor=actor, referral_id=referral.pk, claim=claim.public_id)
    carried = Case.objects.get(organisation=group.second)
    fees.agreed(group.second_broker, carried)
    decided(cast, reading="own")
    draft = draft_statement(
        actor=group.second_broker, case_id=carried.pk,
        facts={"costs": Decimal(100), "costs_for": "Trip"},
    )  # fmt: skip
    approve_statement(actor=fees.second_owner(group.second), statement_id=draft.pk)
    row = CommissionStatement.objects.get(pk=draft.pk)
    assert row.referring_id == cast.tti.pk
    assert commissions.visible_to(actor).get() == row
    assert commissions.visible_to(cast.broker.actor).get() == row
    assert not commissions.visible_to(other_actor).exists()
    told = set(
        Notification.objects.filter(kind="commission.approved").values_list(
            "recipient_id", flat=True
        )
    )
    assert told == {actor.user_id, cast.broker.actor.user_id}
    decided(cast, reading="all")
    assert commissions.visible_to(other_actor).get() == row


# --- Reminders -----------------------------------------------------------------------------------


def told(kind: str) -> set[int]:
    rows = Notification.objects.filter(kind=kind)
    found = set(rows.values_list("recipient_id", flat=True))
    rows.delete()
    return found


def test_deadlines_and_fees_are_told_to_who_reads_the_case(cast: Cast) -> None:
    _user, actor = colleague(cast)
    _other, other = colleague(cast, name="Wu Fan")
    _third, third = colleague(cast, name="Qi Bo")
    _helper, helper = colleague(cast, "editor", name="He Ya")
    case = by(actor, cast)
    for who in (other, helper):
        add_task(
            actor=actor, case_id=case.pk,
            facts={"title": "Call", "assignee": who.user_id, "due_on": None},
        )  # fmt: skip
    case.tasks.filter(assignee_id=other.user_id).update(done_at=timezone.now())
    ip_events.add_ip_event(
        actor=actor, case_id=case.pk,
        facts={"kind": "annuity", "deadline": timezone.localdate() + dt.timedelta(days=3)},
    )  # fmt: skip
    fees.agreed(actor, case)
    Case.objects.filter(pk=case.pk).update(contract=registered(cast), responsible=None)
    everybody = {
        cast.broker.actor.user_id, actor.user_id, other.user_id, third.user_id, helper.user_id,
    }  # fmt: skip
    readers = {cast.broker.actor.user_id, actor.user_id, helper.user_id}

    def both() -> tuple[set[int], set[int]]:
        ip_events.remind_of_deadlines()
        assert fee_clock.remind_of_fees() == 1
        return told("case.deadline_near"), told("commission.can_be_stated")

    assert both() == (everybody, everybody)
    decided(cast, reading="own")
    assert both() == (readers, readers)
    # who left is told of nothing, responsible or not
    Case.objects.filter(pk=case.pk).update(responsible=third.user_id)
    assert both() == ({third.user_id}, {third.user_id})
    Membership.objects.filter(user_id=third.user_id).delete()
    assert both() == (readers, readers)


# --- After a step --------------------------------------------------------------------------------


def test_a_step_that_ends_ones_reading_leads_to_ones_list(cast: Cast) -> None:
    _user, actor = colleague(cast)
    other, _other_actor = colleague(cast, name="Wu Fan")
    case = by(actor, cast)
    decided(cast, reading="own")
    client = client_of(other)

    def given(title: str) -> str:
        facts = {"title": title, "assignee": other.pk, "due_on": None}
        return str(add_task(actor=actor, case_id=case.pk, facts=facts).public_id)

    answer = client.post(f"/cases/tasks/{given('Call')}/", follow=True)
    assert answer.status_code == 200 and answer.redirect_chain[-1][0] == "/cases/"
    page = f"/cases/tasks/{given('Write')}/edit/"
    form = client.get(page)
    assert form.status_code == 200
    answer = client.post(
        page, {"title": "Write", "assignee": "", "due_on": "", "version": "1"}, follow=True
    )
    assert answer.status_code == 200 and answer.redirect_chain[-1][0] == "/cases/"
    # a case handed over by who did not open it
    change_case(actor=cast.broker.actor, case_id=case.pk, facts={"responsible": other.pk})
    case.refresh_from_db()
    answer = client.post(f"{case.get_absolute_url()}edit/", {
        "title": case.title, "currency": "CNY", "responsible": cast.broker.user.public_id,
        "version": case.version,
    }, follow=True)  # fmt: skip
    assert answer.status_code == 200 and answer.redirect_chain[-1][0] == "/cases/"
    case.refresh_from_db()
    assert case.responsible == cast.broker.user


# --- For somebody who fits -----------------------------------------------------------------------


def test_an_editor_opens_a_case_of_a_visit_or_a_request_for_a_broker(cast: Cast) -> None:
    user, _actor = colleague(cast)
    helper, editor = colleague(cast, "editor", name="He Ya")
    visit, request = visited(cast), requests.taken(cast)
    first, second = visit.findings.order_by("id")
    for step in (
        lambda: open_finding_case(actor=editor, visit_id=visit.pk, finding=first.public_id),
        lambda: open_request_case(actor=editor, request_id=request.pk),
    ):
        with pytest.raises(Invalid) as refused:
            step()
        assert "responsible" in refused.value.fields
    client = client_of(helper)
    for page, form in (
        (visit.get_absolute_url(), {"finding": first.public_id}),
        (request.get_absolute_url(), {}),
    ):
        shown = client.get(page)
        assert f'<option value="{user.public_id}">Lin Lan</option>' in shown.content.decode()
        version = (shown.context.get("visit") or shown.context["asked"]).version
        answer = client.post(
            f"{page}step/case/", {**form, "version": version, "responsible": user.public_id}
        )
        assert answer.status_code == 302 and answer["Location"].startswith("/cases/")
    assert [one.responsible for one in Case.objects.all()] == [user, user]
    # nobody who could not be chosen, whatever is posted
    visit.refresh_from_db()
    post = {"finding": second.public_id, "version": visit.version, "responsible": helper.public_id}
    client.post(f"{visit.get_absolute_url()}step/case/", post)
    assert Case.objects.count() == 2
    # an owner who fits is asked nothing
    assert (
        'name="responsible"'
        not in cast.broker.client.get(visit.get_absolute_url()).content.decode()
    )


def test_by_api_a_case_of_a_visit_or_a_request_names_its_person(cast: Cast) -> None:
    user, _actor = colleague(cast)
    decided(cast, "named", people=[user.pk])
    visit, request = visited(cast), requests.taken(cast)
    finding = visit.findings.order_by("id").first()
    assert finding
    api = cast.broker.api
    for path, given in (
        (f"visits/{visit.public_id}/", {"finding": finding.public_id}),
        (f"requests/{request.public_id}/", {}),
    ):
        door = f"/api/v1/{path}open-case/"
        for nobody in ({}, {"responsible": ""}):  # the owner, who is not named
            assert api.post(door, {**given, **nobody}, format="json").status_code == 400
        odd = api.post(door, {**given, "responsible": "\x00"}, format="json")
        assert odd.status_code == 400
        answer = api.post(door, {**given, "responsible": user.public_id}, format="json")
        assert answer.status_code in (200, 201), answer.content
    assert [one.responsible for one in Case.objects.all()] == [user, user]


def test_an_own_case_says_who_reads_it(cast: Cast) -> None:
    """What an owner opens for a colleague is read by both, and by nobody else."""
    _user, actor = colleague(cast)
    _other, other_actor = colleague(cast, name="Wu Fan")
    decided(cast, reading="own")
    case = opened(cast, responsible=actor.user_id)
    referral = alliances.published(cast, alliances.allied(cast), case)
    assert referrals.side_of(referral, actor) == "publisher"
    assert referrals.side_of(referral, other_actor) == ""
