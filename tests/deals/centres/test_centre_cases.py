"""Who may take cases of an institution, and who reads them: at every door."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import BrokerQualification, Membership
from accounts.queries import actor_for
from deals.actions.case_bulk import MarkedCase, change_many
from deals.actions.case_parts import add_client, write_note
from deals.actions.case_tasks import add_task, finish_task
from deals.actions.cases import change_case, open_case
from deals.actions.commissions import approve_statement, draft_statement
from deals.actions.disclosure_decisions import accept_disclosure
from deals.actions.referrals import claim_referral, confirm_claim
from deals.actions.request_work import open_request_case
from deals.actions.visits import open_finding_case
from deals.models import Case, CommissionStatement
from deals.queries import cases as queries
from deals.queries import commissions
from deals.queries.centres import misfits_of
from marketplace.core.errors import Conflict, Invalid, Refused
from tests.deals import factories as introductions
from tests.deals.alliance import factories as alliances
from tests.deals.alliance import fees
from tests.deals.cases.factories import opened
from tests.deals.centres.factories import certified, client_of, colleague, decided
from tests.deals.disclosures.factories import submitted
from tests.deals.requests import factories as requests
from tests.deals.requests.visits import visited

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
FACTS = {"title": "A pump", "pipeline": "need_brokerage"}


def by(actor: Any, cast: Cast, **facts: Any) -> Case:
    case, _new = open_case(actor=actor, organisation_id=cast.tti.pk, facts={**FACTS, **facts})
    return case


def test_without_a_decision_every_broker_takes_cases(cast: Cast) -> None:
    _user, actor = colleague(cast)
    assert by(actor, cast).responsible_id == actor.user_id


def test_a_certificate_counts_on_its_days_alone(cast: Cast) -> None:
    user, actor = colleague(cast)
    decided(cast, "qualified")
    today = timezone.localdate()
    with pytest.raises(Refused) as refused:
        by(actor, cast)
    assert refused.value.code == "may_not_take" and "certificate" in str(refused.value)
    row = certified(user, issued_on=today, expires_on=today + dt.timedelta(days=1))
    assert by(actor, cast).responsible_id == user.pk
    for issued, expires in (
        (today - dt.timedelta(days=9), today - dt.timedelta(days=1)),  # yesterday was the last
        (today + dt.timedelta(days=1), None),  # from tomorrow on
    ):
        BrokerQualification.objects.filter(pk=row.pk).update(issued_on=issued, expires_on=expires)
        with pytest.raises(Refused):
            by(actor, cast)
    BrokerQualification.objects.filter(pk=row.pk).update(
        issued_on=today - dt.timedelta(days=9), expires_on=today
    )
    assert by(actor, cast)


def test_named_people_and_nobody_else(cast: Cast) -> None:
    user, actor = colleague(cast)
    other, other_actor = colleague(cast, name="Wu Fan")
    decided(cast, "named", people=[user.pk])
    assert by(actor, cast)
    with pytest.raises(Refused) as refused:
        by(other_actor, cast)
    assert "named" in str(refused.value)
    with pytest.raises(Invalid) as wrong:
        by(actor, cast, responsible=other.pk)
    assert "Wu Fan" in str(wrong.value.fields["responsible"][0])
    # an owner opens it for somebody who fits, not for itself
    with pytest.raises(Invalid):
        by(cast.broker.actor, cast)
    assert by(cast.broker.actor, cast, responsible=user.pk).responsible_id == user.pk
    # so does an editor, who is never responsible
    _editor, editor = colleague(cast, "editor")
    assert by(editor, cast, responsible=user.pk)


def test_each_door_asks(cast: Cast) -> None:
    """By hand, from an introduction, a disclosure, a request, a visit; handing over."""
    user, actor = colleague(cast)
    mine, theirs = by(actor, cast), opened(cast)
    group = alliances.allied(cast)
    made = introductions.with_broker(cast)
    type(made).objects.filter(pk=made.pk).update(broker=user)
    made.refresh_from_db()
    disclosure = submitted(cast)
    request = requests.taken(cast)
    visit = visited(cast)
    finding = visit.findings.first()
    assert finding
    decided(cast, "qualified")
    certified(cast.broker.user)
    house = {"actor": actor, "organisation_id": cast.tti.pk, "facts": FACTS}
    doors: dict[str, Any] = {
        "hand": lambda: open_case(**house),
        "introduction": lambda: open_case(**house, introduction=made),
        "disclosure": lambda: accept_disclosure(actor=actor, disclosure_id=disclosure.pk),
        "request": lambda: open_request_case(actor=actor, request_id=request.pk),
        "visit": lambda: open_finding_case(
            actor=actor, visit_id=visit.pk, finding=finding.public_id
        ),
    }
    for name, door in doors.items():
        with pytest.raises(Refused) as refused:
            door()
        assert refused.value.code == "may_not_take", name
    with pytest.raises(Invalid) as wrong:
        change_case(actor=actor, case_id=theirs.pk, facts={"responsible": user.pk})
    assert "Lin Lan" in str(wrong.value.fields["responsible"][0])
    report = change_many(
        actor=actor, marked=[MarkedCase(theirs.public_id)], step="responsible", responsible=user.pk
    )
    assert not report.done and report.refused[0].code == "may_not_take"
    # what it has it keeps, and goes on with it
    changed = change_case(
        actor=actor, case_id=mine.pk, facts={"responsible": user.pk, "title": "Better"}
    )
    assert changed.title == "Better" and changed.responsible_id == user.pk
    assert [one.pk for one in misfits_of(cast.tti.pk)] == [mine.pk]
    with pytest.raises(Invalid):  # an owner cannot give it one either
        accept_disclosure(actor=cast.broker.actor, disclosure_id=disclosure.pk, responsible=user.pk)
    assert accept_disclosure(actor=cast.broker.actor, disclosure_id=disclosure.pk)
    assert group


def test_claiming_a_referral_asks_too(cast: Cast) -> None:
    group = alliances.allied(cast)
    from deals.actions.centres import set_people
    from tests.accounts.factories import person_in

    referral = alliances.published(cast, group, choice="pick")
    helper: Any = person_in(group.second, "broker")
    set_people(
        actor=group.second_broker, organisation_id=group.second.pk, takers="named",
        people=[group.second_user.pk],
    )  # fmt: skip
    one = {"referral_id": referral.pk, "accepts_split": True}
    with pytest.raises(Refused) as refused:
        claim_referral(actor=actor_for(helper, "en"), **one)
    assert refused.value.code == "may_not_take"
    claim = claim_referral(actor=group.second_broker, **one)
    # meanwhile another was named: the case comes, and the owner finds it without a person
    set_people(
        actor=group.second_broker, organisation_id=group.second.pk, takers="named",
        people=[helper.pk],
    )  # fmt: skip
    confirm_claim(actor=cast.broker.actor, referral_id=referral.pk, claim=claim.public_id)
    case = Case.objects.get(organisation=group.second)
    assert case.responsible_id is None
    assert [row.pk for row in misfits_of(group.second.pk)] == [case.pk]


def test_new_cases_begin_with_the_chosen_pipeline(cast: Cast) -> None:
    house = {"actor": cast.broker.actor, "organisation_id": cast.tti.pk}
    case, _new = open_case(**house, facts={"title": "A"})
    assert case.pipeline == "need_brokerage"
    decided(cast, pipeline_code="otl")
    case, _new = open_case(**house, facts={"title": "B"})
    assert case.pipeline == "otl"
    assert by(cast.broker.actor, cast).pipeline == "need_brokerage"  # what is named counts
    request = requests.taken(cast)
    assert open_request_case(actor=cast.broker.actor, request_id=request.pk).pipeline == "otl"
    page = cast.broker.client.get("/cases/new/").content.decode()
    assert '<option value="otl" selected>' in page
    answer = cast.broker.api.post("/api/v1/cases/", {"title": "C"}, format="json")
    assert answer.status_code == 201 and answer.json()["pipeline"] == "otl"


def test_the_form_says_who_cannot_be_chosen(cast: Cast) -> None:
    user, _actor = colleague(cast)
    certified(cast.broker.user)
    case = by(_actor, cast)
    decided(cast, "qualified")
    page = cast.broker.client.get("/cases/new/").content.decode()
    assert "no valid certificate is entered: Lin Lan" in page
    assert f'value="{user.public_id}"' not in page
    edit = cast.broker.client.get(f"/cases/{case.public_id}/edit/").content.decode()
    assert f'value="{user.public_id}" selected' in edit  # who has it keeps it
    answer = client_of(user).post("/cases/new/", {
        "title": "A", "pipeline": "otl", "responsible": cast.broker.user.public_id,
        "currency": "CNY",
    })  # fmt: skip
    assert answer.status_code == 422 and "valid today" in answer.content.decode()
    answer = cast.broker.api.post(
        "/api/v1/cases/", {"title": "C", "responsible": user.public_id}, format="json"
    )
    assert answer.status_code == 400 and "Lin Lan" in answer.content.decode()


# --- Reading -------------------------------------------------------------------------------------

SECRET = "Gannetwick Foundry"


def readers(cast: Cast) -> tuple[Any, Any, Any, Case]:
    """Two brokers, and a case of the first with a secret; each reads their own."""
    user, actor = colleague(cast)
    other, other_actor = colleague(cast, name="Wu Fan")
    case = by(actor, cast, title=f"Coating for {SECRET}")
    add_client(actor=actor, case_id=case.pk, name=SECRET)
    write_note(actor=actor, case_id=case.pk, body=f"{SECRET} wants out of its lease")
    decided(cast, reading="own")
    return (user, actor), (other, other_actor), cast.broker.actor, case


def test_colleagues_read_nothing_of_a_case_that_is_not_theirs(cast: Cast) -> None:
    """Every page and endpoint of cases: list, board, search, counts, export, and the case."""
    (user, _actor), (other, other_actor), owner, case = readers(cast)
    assert queries.visible_to(owner).filter(pk=case.pk).exists()
    assert not queries.visible_to(other_actor).exists()
    root = case.get_absolute_url()
    client, own = client_of(other), client_of(user)
    for page in (
        "/cases/?state=all", "/cases/board/", "/cases/?q=Gannetwick", "/cases/barriers/",
        "/cases/cases.csv", "/desk/", "/cases/calendar/", "/visits/", "/disclosures/inbox/",
        "/referrals/", "/dashboard/",
    ):  # fmt: skip
        answer = client.get(page)
        body = b"".join(answer) if answer.streaming else answer.content
        assert SECRET.encode() not in body and case.docket.encode() not in body, page
    for page in (root, f"{root}edit/", f"{root}commission/", f"{root}assessment/",
                 f"/referrals/new/?case={case.public_id}"):  # fmt: skip
        assert client.get(page).status_code == 404, page
        assert own.get(page).status_code == 200, page
    for step, given in (("note/", {"body": "x"}), ("close/", {}), ("move/", {"stage": "search"})):
        assert client.post(root + step, given).status_code == 404, step
    assert SECRET in own.get(root).content.decode()
    report = change_many(
        actor=other_actor, marked=[MarkedCase(case.public_id)], step="close", outcome="lost",
        reason="other",
    )  # fmt: skip
    assert not report.done and report.refused[0].case is None


def test_by_api_the_same(cast: Cast) -> None:
    _one, (other, _actor), _owner, case = readers(cast)
    Membership.objects.filter(user=cast.broker.user, organisation=cast.tti).update(roles=["broker"])
    api = cast.broker.api  # an owner no longer
    assert api.get("/api/v1/cases/?state=all").json()["results"] == []
    for path in (f"cases/{case.public_id}/", f"case-assessments/{case.public_id}/"):
        assert api.get(f"/api/v1/{path}").status_code == 404, path
    assert api.get("/api/v1/case-tasks/").json()["results"] == []
    assert other


def test_a_case_of_the_same_pair_is_not_handed_out(cast: Cast) -> None:
    (user, actor), (_other, other_actor), _owner, _case = readers(cast)
    made = introductions.with_broker(cast)
    type(made).objects.filter(pk=made.pk).update(broker=user)
    made.refresh_from_db()
    one = {"organisation_id": cast.tti.pk, "facts": FACTS, "introduction": made}
    case, is_new = open_case(actor=actor, **one)
    assert is_new and open_case(actor=actor, **one) == (case, False)
    type(made).objects.filter(pk=made.pk).update(broker=_other)
    with pytest.raises(Conflict) as refused:
        open_case(actor=other_actor, **one)
    assert refused.value.code == "case_of_a_colleague"
    assert case.docket not in str(refused.value)


def test_a_task_opens_the_case_while_it_is_to_be_done(cast: Cast) -> None:
    (_user, actor), (other, other_actor), _owner, case = readers(cast)
    task = add_task(
        actor=actor, case_id=case.pk, facts={"title": "Call", "assignee": other.pk, "due_on": None}
    )
    assert queries.visible_to(other_actor).filter(pk=case.pk).exists()
    finish_task(actor=actor, task_id=task.pk)
    assert not queries.visible_to(other_actor).filter(pk=case.pk).exists()


def test_handed_over_it_is_the_other_ones_and_stays_with_whoever_opened_it(cast: Cast) -> None:
    (_user, actor), (other, other_actor), owner, _case = readers(cast)
    case = by(owner, cast, responsible=other.pk)
    assert queries.visible_to(other_actor).filter(pk=case.pk).exists()
    assert not queries.visible_to(actor).filter(pk=case.pk).exists()
    change_case(actor=owner, case_id=case.pk, facts={"responsible": actor.user_id})
    assert queries.visible_to(actor).filter(pk=case.pk).exists()
    assert not queries.visible_to(other_actor).filter(pk=case.pk).exists()


def test_another_institutions_decision_changes_nothing_here(cast: Cast) -> None:
    group = alliances.allied(cast)
    case = opened(cast)
    decided(cast, reading="own")
    _user, actor = colleague(cast)
    Membership.objects.create(user_id=actor.user_id, organisation=group.second, roles=["broker"])
    mine, _new = open_case(actor=group.second_broker, organisation_id=group.second.pk, facts=FACTS)
    seen = queries.visible_to(actor_for(_user, "en"))
    assert [one.pk for one in seen] == [mine.pk] != [case.pk]


def test_a_fee_is_read_with_its_case_alone(cast: Cast) -> None:
    """A statement of a shared fee names the client's costs: to a colleague of the case's own
    institution it is as closed as the case."""
    group = alliances.allied(cast)
    carried = alliances.carried(cast, group)
    case = Case.objects.get(pk=carried.carried_case_id)
    fees.agreed(group.second_broker, case, client=SECRET)
    from decimal import Decimal

    from deals.actions.centres import set_people
    from tests.accounts.factories import person_in

    draft = draft_statement(
        actor=group.second_broker, case_id=case.pk,
        facts={"costs": Decimal(100), "costs_for": "Trip"},
    )  # fmt: skip
    approve_statement(actor=fees.second_owner(group.second), statement_id=draft.pk)
    helper = actor_for(person_in(group.second, "broker"), "en")  # type: ignore[arg-type]
    assert commissions.visible_to(helper).filter(pk=draft.pk).exists()
    set_people(
        actor=group.second_broker, organisation_id=group.second.pk, takers="all", reading="own"
    )
    assert not commissions.visible_to(helper).exists()
    assert not commissions.brokerages_visible_to(helper).exists()
    assert commissions.visible_to(group.second_broker).filter(pk=draft.pk).exists()
    # the referring institution reads its part as before
    row = CommissionStatement.objects.get(pk=draft.pk)
    assert commissions.visible_to(cast.broker.actor).filter(pk=row.pk).exists() == bool(
        row.referring_id
    )
