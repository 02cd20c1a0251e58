"""Assessment, protection and marketing of a case: figures, deadlines, costs, who reads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from deals.actions import approaches, assessments, ip_events
from deals.actions.case_endings import close_case
from deals.assessing import current, result, templates
from deals.models import Approach, CaseScore, CaseTask, IpEvent, LicenceCost
from deals.queries.case_work import assessment_of, outcomes_of
from deals.queries.my_day import my_day
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Stale
from tests.deals.cases.factories import opened
from tests.deals.income import factories as incomes

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def refused(error: type[Exception], act: Any, /, **given: Any) -> Any:
    with pytest.raises(error) as raised:
        act(**given)
    return raised.value


def second_broker(cast: Cast) -> Any:
    Membership.objects.get_or_create(
        user=cast.newcomer.user, organisation=cast.tti, defaults={"roles": ["broker"]}
    )
    return cast.newcomer.fresh()


def scored(cast: Cast, case: Any, actor: Any = None, **scores: Any) -> Any:
    given = {name: {"score": score, "evidence": "seen"} for name, score in scores.items()}
    return assessments.save_scorecard(
        actor=actor or cast.broker.actor, case_id=case.pk, scores=given
    )


# --- Assessment ----------------------------------------------------------------------------------


def test_weights_of_every_template_come_to_a_hundred_and_dates_rise() -> None:
    found = list(templates().values())
    assert [sum(one.weight for one in each.criteria) for each in found] == [100] * len(found)
    assert [one.valid_from for one in found] == sorted(one.valid_from for one in found)
    assert current(dt.date(1999, 1, 1)) == found[0]


def test_the_mean_is_over_what_is_known_and_the_rest_is_shown() -> None:
    """Worked by hand: weights 15, 15 and 10 are known; feasibility by both."""
    template = templates()["2026-01"]
    first = {"feasibility": 5, "novelty": 2, "applications": None}
    second = {"feasibility": 2, "applications": 4}
    found = result(template, [first, second])
    # (15 × 3.5 + 15 × 2 + 10 × 4) / 40 = 122.5 / 40
    assert found.mean == Decimal("3.06")
    # 15·0 + 15·½ + 10·½ + 60·1
    assert found.unknown == Decimal("72.50")
    # (5·15 + 2·15) / 30 = 3.5; (2·15 + 4·10) / 25 = 2.8
    assert (found.low, found.high, found.deviation) == (
        Decimal("2.80"), Decimal("3.50"), Decimal("0.35"),
    )  # fmt: skip
    feasibility = found.rows[0]
    assert (feasibility.mean, feasibility.low, feasibility.high) == (Decimal("3.50"), 2, 5)
    assert feasibility.deviation == Decimal("1.50")
    assert (found.rows[1].known, found.rows[1].unknown) == (1, 1)
    assert found.rows[4].mean is None


@pytest.mark.parametrize("cards", [[], [{}], [{"feasibility": None}, {}]])
def test_where_nobody_knows_there_is_no_mean(cards: Any) -> None:
    found = result(templates()["2026-01"], cards)
    assert (found.mean, found.low, found.deviation) == (None, None, None)
    assert found.unknown == Decimal("100.00")


def test_each_assessor_has_one_card_that_is_replaced(cast: Cast) -> None:
    case = opened(cast)
    card = scored(cast, case, feasibility=5)
    scored(cast, case, second_broker(cast), feasibility=2)
    scored(cast, case, feasibility=4, novelty=3)
    found = assessment_of(case)
    assert found.result.cards == 2
    assert found.result.rows[0].mean == Decimal("3.00")
    assert CaseScore.objects.count() == 2 * len(found.template.criteria)
    one = {"actor": cast.broker.actor, "case_id": case.pk, "scores": {}}
    refused(Stale, assessments.save_scorecard, **one, expected_version=card.version)
    refused(Stale, assessments.save_scorecard, **one, expected_version=0)


@pytest.mark.parametrize(
    ("scores", "field"),
    [
        ({"feasibility": {"score": 6}}, "feasibility.score"),
        ({"feasibility": {"score": 0}}, "feasibility.score"),
        ({"feasibility": {"score": "much"}}, "feasibility.score"),
        ({"novelty": {"score": 3, "evidence": "a\x00"}}, "novelty.evidence"),
        ({"novelty": {"score": 3, "evidence": "x" * 1001}}, "novelty.evidence"),
        ({"luck": {"score": 3}}, "luck"),
    ],
)
def test_a_faulty_score_is_named(cast: Cast, scores: Any, field: str) -> None:
    case = opened(cast)
    error = refused(
        Invalid, assessments.save_scorecard, actor=cast.broker.actor, case_id=case.pk, scores=scores
    )
    assert field in error.fields
    assert not CaseScore.objects.exists()


def test_deciding_later_makes_one_task_on_the_day(cast: Cast) -> None:
    case = opened(cast)
    before = CaseTask.objects.count()
    day = TODAY() + dt.timedelta(days=30)
    one: dict[str, Any] = {"actor": cast.broker.actor, "case_id": case.pk, "verdict": "defer"}
    refused(Invalid, assessments.decide_assessment, **one, reason="strong_case", until=day)
    refused(Invalid, assessments.decide_assessment, **one, reason="data", until=TODAY())
    refused(Invalid, assessments.decide_assessment, **one, reason="data")
    given = {**one, "reason": "data", "until": day, "expected_version": case.version}
    assessments.decide_assessment(**given)
    refused(Stale, assessments.decide_assessment, **given)  # the second click
    task = CaseTask.objects.latest("pk")
    assert CaseTask.objects.count() == before + 1
    assert (task.due_on, task.assignee_id) == (day, case.responsible_id)
    assert task.title_en and task.title_zh


def test_readiness_keeps_its_history_and_needs_evidence(cast: Cast) -> None:
    case = opened(cast)
    one: dict[str, Any] = {"actor": cast.broker.actor, "case_id": case.pk}
    refused(Invalid, assessments.note_readiness, **one, level=10, evidence="Pilot")
    refused(Invalid, assessments.note_readiness, **one, level=4, evidence="  ")
    assessments.note_readiness(**one, level=4, evidence="Bench")
    assessments.note_readiness(**one, level=6, evidence="Pilot")
    assert list(case.readiness.order_by("id").values_list("level", flat=True)) == [4, 6]


# --- Protection ----------------------------------------------------------------------------------


def filed(cast: Cast, case: Any, **facts: Any) -> IpEvent:
    given = {"kind": "filing", "office": "CNIPA", "happened_on": TODAY(), **facts}
    return ip_events.add_ip_event(actor=cast.broker.actor, case_id=case.pk, facts=given)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"happened_on": None}, "happened_on"), ({"kind": "wish"}, "kind"),
        ({"cost": Decimal("-1")}, "cost"), ({"cost": Decimal("1e12")}, "cost"),
        ({"cost": Decimal("0.001")}, "cost"), ({"cost": Decimal("NaN")}, "cost"),
        ({"currency": "XXX"}, "currency"), ({"number": "1\x00"}, "number"),
        ({"done_on": dt.date(9999, 12, 31)}, "done_on"),
    ],
)  # fmt: skip
def test_odd_steps_of_protection_are_refused_at_their_field(
    cast: Cast, facts: Any, field: str
) -> None:
    case = opened(cast)
    assert field in refused(Invalid, filed, cast=cast, case=case, **facts).fields


def test_a_deadline_is_told_at_thirty_seven_and_one_day_and_once_late(cast: Cast) -> None:
    case, day = opened(cast), TODAY() + dt.timedelta(days=100)
    row = filed(cast, case, kind="annuity", deadline=day)

    def told(left: int) -> int:
        ip_events.remind_of_deadlines(day - dt.timedelta(days=left))
        ip_events.remind_of_deadlines(day - dt.timedelta(days=left))
        return Notification.objects.filter(kind="case.deadline_near").count()

    assert [told(left) for left in (31, 30, 20, 7, 5, 1, 0, -1, -5, -8)] == [
        0, 1, 1, 2, 2, 3, 3, 4, 4, 4,
    ]  # fmt: skip
    ip_events.change_ip_event(actor=cast.broker.actor, event_id=row.pk, facts={"done_on": TODAY()})
    Notification.objects.all().delete()
    assert told(1) == 0


def test_who_left_is_told_of_no_deadline(cast: Cast) -> None:
    case = opened(cast)
    filed(cast, case, deadline=TODAY() + dt.timedelta(days=1))
    Membership.objects.filter(user=cast.broker.user).delete()
    ip_events.remind_of_deadlines()
    assert not Notification.objects.filter(kind="case.deadline_near").exists()


def test_deadlines_stand_on_my_day_and_in_the_calendar(cast: Cast) -> None:
    case = opened(cast)
    row = filed(cast, case, kind="office_action", deadline=TODAY() + dt.timedelta(days=3))
    assert [item.deadline for item in my_day(cast.broker.actor).soon if item.deadline] == [row]
    page = cast.broker.client.get("/desk/").content.decode()
    assert f"/cases/{case.public_id}/protection/" in page
    address = cast.broker.client.post("/cases/calendar/").context["address"]
    feed = cast.visitor.client.get(address).content.decode()
    assert f"deadline-{row.public_id}@" in feed


def test_a_cost_is_entered_in_an_income_once_and_never_twice(cast: Cast) -> None:
    account = incomes.opened(cast)
    Membership.objects.create(user=cast.broker.user, organisation=cast.home, roles=["editor"])
    cast.broker.fresh()
    case = opened(cast)
    row = filed(cast, case, cost=Decimal("5000.50"), currency=account.currency)
    one: dict[str, Any] = {"actor": cast.broker.actor, "event_id": row.pk}
    cost = ip_events.book_cost(**one, account=account.public_id)
    assert (cost.amount, cost.account_id, cost.kind) == (Decimal("5000.50"), account.pk, "patent")
    refused(Conflict, ip_events.book_cost, **one, account=account.public_id)
    refused(Conflict, ip_events.remove_ip_event, **one)
    assert (
        "cost"
        in refused(
            Invalid, ip_events.change_ip_event, **one, facts={"cost": Decimal("6000")}
        ).fields
    )
    assert LicenceCost.objects.count() == 1
    ip_events.change_ip_event(**one, facts={"note": "paid"})


def test_an_income_of_strangers_or_in_other_money_takes_no_cost(cast: Cast) -> None:
    account = incomes.opened(cast)
    case = opened(cast)
    row = filed(cast, case, cost=Decimal("10"), currency="EUR")
    one: dict[str, Any] = {"actor": cast.broker.actor, "event_id": row.pk}
    refused(NotFound, ip_events.book_cost, **one, account=account.public_id)
    refused(NotFound, ip_events.book_cost, **one, account="\x00")
    Membership.objects.create(user=cast.broker.user, organisation=cast.home, roles=["editor"])
    one["actor"] = cast.broker.fresh()
    error = refused(Invalid, ip_events.book_cost, **one, account=account.public_id)
    assert "account" in error.fields
    assert not LicenceCost.objects.exists()


def test_an_older_version_of_a_step_or_contact_changes_nothing(cast: Cast) -> None:
    case = opened(cast)
    row, contact = filed(cast, case), reached(cast, case)
    one: dict[str, Any] = {"actor": cast.broker.actor, "expected_version": 7}
    refused(Stale, ip_events.change_ip_event, **one, event_id=row.pk, facts={"note": "x"})
    refused(Stale, approaches.change_approach, **one, approach_id=contact.pk, facts={})


# --- Marketing -----------------------------------------------------------------------------------


def reached(cast: Cast, case: Any, **facts: Any) -> Approach:
    given = {
        "name": "Kite Batteries", "made_on": TODAY(), "channel": "mail", "outcome": "no_answer",
        **facts,
    }  # fmt: skip
    return approaches.add_approach(actor=cast.broker.actor, case_id=case.pk, facts=given)


def test_contacts_are_counted_by_outcome(cast: Cast) -> None:
    case = opened(cast)
    first = reached(cast, case)
    reached(cast, case, outcome="not_interested", reason="too_dear")
    reached(cast, case, name="", organisation=cast.home.public_id, outcome="in_talks")
    approaches.change_approach(
        actor=cast.broker.actor, approach_id=first.pk,
        facts={"outcome": "interested", "next_step": "Call", "next_on": TODAY()},
    )  # fmt: skip
    assert [number for _code, _label, number in outcomes_of(case)] == [0, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 161}, "name"), ({"name": "a\x00"}, "name"),
        ({"name": "", "organisation": "0000000000"}, "name"),
        ({"outcome": "not_interested"}, "reason"), ({"outcome": "love"}, "outcome"),
        ({"made_on": dt.date(9999, 12, 31)}, "made_on"), ({"next_step": "Call"}, "next_on"),
        ({"channel": "dove"}, "channel"),
    ],
)  # fmt: skip
def test_an_odd_contact_is_refused_at_its_field(cast: Cast, facts: Any, field: str) -> None:
    case = opened(cast)
    assert field in refused(Invalid, reached, cast=cast, case=case, **facts).fields


# --- Doors ---------------------------------------------------------------------------------------


def test_outsiders_and_who_left_find_no_door(cast: Cast) -> None:
    case = opened(cast)
    row, contact = filed(cast, case), reached(cast, case)
    below = [
        "assessment/", "assessment/mine/", "protection/", "protection/new/",
        f"protection/{row.public_id}/", "marketing/", "marketing/new/",
        f"marketing/{contact.public_id}/",
    ]  # fmt: skip
    pages = [f"/cases/{case.public_id}/{one}" for one in below]
    api = [
        f"/api/v1/case-assessments/{case.public_id}/",
        f"/api/v1/case-ip-events/{row.public_id}/", f"/api/v1/case-approaches/{contact.public_id}/",
    ]  # fmt: skip
    for page in pages:
        assert cast.broker.client.get(page).status_code == 200, page
    for address in api:
        assert cast.broker.api.get(address).status_code == 200, address
    Membership.objects.filter(user=cast.broker.user).delete()
    for name in ("owner", "rival", "registrar", "operator", "moderator", "newcomer", "broker"):
        player = getattr(cast, name)
        assert {player.client.get(page).status_code for page in pages} == {404}, name
        assert {player.api.get(one).status_code for one in api} == {404}, name
    lists = ("/api/v1/case-ip-events/", "/api/v1/case-approaches/")
    assert [cast.rival.api.get(one).data["results"] for one in lists] == [[], []]


def test_events_tell_operators_no_word_of_it(cast: Cast) -> None:
    case = opened(cast)
    scored(cast, case, feasibility=5)
    assessments.note_readiness(actor=cast.broker.actor, case_id=case.pk, level=4, evidence="Bench")
    filed(cast, case, number="CN1234567", cost=Decimal("777"))
    reached(cast, case, next_step="Dinner", next_on=TODAY())
    told = "".join(f"{row.data}{row.before}{row.after}" for row in Event.objects.all())
    for word in ("seen", "Bench", "CN1234567", "777", "Kite", "Dinner"):
        assert word not in told


def test_a_closed_case_is_read_and_no_longer_changed(cast: Cast) -> None:
    case = opened(cast)
    row, contact = filed(cast, case), reached(cast, case)
    close_case(actor=cast.broker.actor, case_id=case.pk, outcome="lost", reason="funds")
    one = cast.broker.actor
    refused(Conflict, scored, cast=cast, case=case, feasibility=5)
    refused(Conflict, filed, cast=cast, case=case)
    refused(Conflict, reached, cast=cast, case=case)
    refused(Conflict, ip_events.remove_ip_event, actor=one, event_id=row.pk)
    refused(Conflict, approaches.change_approach, actor=one, approach_id=contact.pk, facts={})
    # annuities run on: what was filed is still looked after
    done = timezone.localdate()
    ip_events.change_ip_event(actor=one, event_id=row.pk, facts={"done_on": done})
    row.refresh_from_db()
    assert row.done_on == done
    assert cast.broker.client.get(f"/cases/{case.public_id}/protection/").status_code == 200


# --- Pages ---------------------------------------------------------------------------------------


def test_forms_keep_what_was_typed_and_name_the_field(cast: Cast) -> None:
    case = opened(cast)
    root = f"/cases/{case.public_id}/"
    posts = [
        ("protection/new/", {"kind": "filing", "office": "Typed office", "cost": "many",
                             "currency": "CNY", "happened_on": "10000-01-01"}),
        ("marketing/new/", {"name": "Typed name", "made_on": "yesterday", "channel": "mail",
                            "outcome": "not_interested"}),
        ("assessment/mine/", {"feasibility_score": "9", "feasibility_evidence": "Typed words"}),
        ("assessment/readiness/", {"level": "12", "evidence": "Typed evidence"}),
        ("assessment/decision/", {"verdict": "defer", "reason": "strong_case",
                                  "words": "Typed reasons"}),
    ]  # fmt: skip
    for where, data in posts:
        answer = cast.broker.client.post(root + where, data)
        text = answer.content.decode()
        assert answer.status_code == 422, where
        assert "Typed" in text and "error" in text, where
    assert not (IpEvent.objects.exists() or Approach.objects.exists())


def test_pages_do_what_they_say(cast: Cast) -> None:
    case = opened(cast)
    root, client = f"/cases/{case.public_id}/", cast.broker.client
    good = [
        ("protection/new/", {"kind": "filing", "office": "EPO", "cost": "1.2万",
                             "currency": "CNY", "happened_on": "2026-01-05"}),
        ("marketing/new/", {"name": cast.home.public_id, "made_on": "2026-01-05",
                            "channel": "mail", "outcome": "interested"}),
        ("assessment/mine/", {"feasibility_score": "4", "version": "0"}),
        ("assessment/readiness/", {"level": "4", "evidence": "Bench"}),
        ("assessment/decision/", {"verdict": "accept", "reason": "strong_case"}),
    ]  # fmt: skip
    for where, data in good:
        case.refresh_from_db()
        seen = {"version": str(case.version), **data}
        assert client.post(root + where, seen).status_code == 302, where
    row = IpEvent.objects.get()
    assert row.cost == Decimal("12000")
    text = client.get(root + "assessment/").content.decode()
    assert "<svg" in text and "4.00" in text and "85%" in text
    assert "Lantern Works" in client.get(root + "marketing/").content.decode()
    assert client.post(f"{root}protection/{row.public_id}/remove/").status_code == 302
    assert not IpEvent.objects.exists()
    for odd in ("?page=x", "?outcome=%00", "?outcome=love&page=99999999999"):
        assert client.get(root + "marketing/" + odd).status_code == 200


def test_pages_ask_the_same_number_of_queries_however_many_rows(cast: Cast) -> None:
    case = opened(cast)
    root, client = f"/cases/{case.public_id}/", cast.broker.client
    for number in (1, 4):
        for _nth in range(number):
            filed(cast, case, cost=Decimal("5"))
            reached(cast, case)
        scored(cast, case, second_broker(cast) if number == 4 else None, feasibility=4)
        found = {}
        for page in PAGE_QUERIES:
            client.get(root + page)
            with CaptureQueriesContext(connection) as queries:
                client.get(root + page)
            found[page] = len(queries)
        assert found == PAGE_QUERIES


PAGE_QUERIES = {"assessment/": 14, "protection/": 12, "marketing/": 13}


def test_the_api_works_on_a_case(cast: Cast) -> None:
    case = opened(cast)
    api = cast.broker.api
    scores = [{"criterion": "feasibility", "score": 5}, {"criterion": "novelty", "score": None}]
    answer = api.post(
        f"/api/v1/case-assessments/{case.public_id}/score/", {"scores": scores}, format="json"
    )
    assert (answer.status_code, answer.data["mean"]) == (200, "5.00")
    assert answer.data["unknown"] == "85.00"
    made = api.post("/api/v1/case-ip-events/", {
        "case": case.public_id, "kind": "pct", "deadline": "2027-01-01", "cost": "10.50",
    }, format="json")  # fmt: skip
    assert (made.status_code, made.data["cost"]) == (201, "10.50")
    address = f"/api/v1/case-ip-events/{made.data['id']}/"
    changed = api.patch(address, {"office": "WIPO"}, format="json", HTTP_IF_MATCH='"1"')
    assert changed.data["version"] == 2
    old = api.patch(address, {"office": "EPO"}, format="json", HTTP_IF_MATCH='"1"')
    assert old.status_code == 412
    contact = {"case": case.public_id, "name": "Kite", "made_on": "2026-01-05", "channel": "mail",
               "outcome": "not_interested"}  # fmt: skip
    assert api.post("/api/v1/case-approaches/", contact, format="json").status_code == 400
    contact["reason"] = "too_dear"
    assert api.post("/api/v1/case-approaches/", contact, format="json").status_code == 201
    assert len(api.get(f"/api/v1/case-approaches/?case={case.public_id}").data["results"]) == 1
    assert api.delete(address).status_code == 204
