"""Workload and turnaround of a registration point, with numbers worked out by hand."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test.utils import CaptureQueriesContext

from accounts.queries import actor_for
from contracts.actions import submit_contract
from contracts.actions.decisions import approve_second, refuse, register_contract
from contracts.actions.examination import claim, return_
from contracts.models import Contract, PointSettings
from contracts.queries.workload import period_of, workload
from contracts.turnaround import buckets, days_taken, percentile
from contracts.working_days import Calendar
from tests.accounts.factories import OrganisationFactory
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def on(day: str) -> Any:
    return time_machine.travel(f"{day}T04:00:00+00:00", tick=False)


def claimed(cast: Cast, contract: Contract, **values: Any) -> Contract:
    return claim(actor=values.get("actor", cast.registrar.actor), contract_id=contract.pk)


@pytest.fixture
def autumn(cast: Cast) -> Any:
    """Five files, decided in November 2026 (the 2nd is a Monday, the point is closed on the 5th):
    A 2 days, returned, 2 days = 4; B the same day = 0; C from Friday the 30th to the 10th = 6;
    D refused the next day = 1; E large, with a second person = 4."""
    registrar = cast.registrar.actor
    second = actor_for(factories.second_registrar(cast), "en")
    with on("2026-10-30"):
        settings = PointSettings.objects.create(
            point=cast.point, code=cast.point.region, closed_days=[dt.date(2026, 11, 5)]
        )
        assert settings.pk
        c = factories.submitted(cast)
    with on("2026-11-02"):
        a, b, d = (factories.submitted(cast) for _one in range(3))
        for one in (a, b, d):
            claimed(cast, one)
        register_contract(actor=registrar, contract_id=b.pk)
    with on("2026-11-03"):
        refuse(actor=registrar, contract_id=d.pk, reason="not_technology")
    with on("2026-11-04"):
        return_(
            actor=registrar, contract_id=a.pk, remarks={"files": "Seal?", "signed_on": "Which?"}
        )
    with on("2026-11-09"):
        submit_contract(actor=cast.colleague.actor, contract_id=a.pk)
        e = factories.submitted(cast, total_amount=factories.LARGE)
        claimed(cast, e)
        claim(actor=second, contract_id=c.pk)
    with on("2026-11-10"):
        register_contract(actor=registrar, contract_id=e.pk)
        register_contract(actor=second, contract_id=c.pk)
    with on("2026-11-11"):
        claimed(cast, a)
        register_contract(actor=registrar, contract_id=a.pk)
    with on("2026-11-13"):
        approve_second(actor=second, contract_id=e.pk)
    return second


def test_the_whole_point_for_its_owner(cast: Cast, autumn: Any) -> None:
    period = period_of("2026-10", "2026-11", dt.date(2026, 11, 20))
    found = workload(cast.point, cast.registrar.actor, period)
    total = found.total
    assert sorted(total.days) == [0, 1, 4, 4, 6]
    assert (total.decided, total.registered, total.refused, total.returns) == (5, 4, 1, 1)
    assert (total.median, total.ninetieth, total.returned_share) == (4.0, 6, 20.0)
    assert total.second_reviews == 1
    assert [row.decided for row in found.months.values()] == [0, 5]
    people = {person.pk: figures for person, figures in found.people}
    mine, other = people[cast.registrar.user.pk], people[autumn.user_id]
    assert (sorted(mine.days), mine.returns, mine.second_reviews) == ([0, 1, 4, 4], 1, 0)
    assert (other.days, other.returns, other.second_reviews) == ([6], 0, 1)
    assert found.remarks == {"files": 1, "signed_on": 1}
    assert found.grounds == {(Contract.objects.first().rule_set, "not_technology"): 1}


def test_another_registrar_gets_its_own_figures(cast: Cast, autumn: Any) -> None:
    period = period_of("2026-11", "2026-11", dt.date(2026, 11, 20))
    found = workload(cast.point, autumn, period)
    assert not found.whole and found.people == []
    assert (found.total.days, found.total.second_reviews, found.total.returns) == ([6], 1, 0)
    assert not found.remarks and not found.grounds
    assert [row.days for row in found.months.values()] == [[6]]


def test_time_at_another_point_counts_there(cast: Cast) -> None:
    """Returned by one point, registered by another: neither answers for the other's days."""
    elsewhere = OrganisationFactory(registration_point=True, region="510100")
    with on("2026-11-02"):
        contract = factories.submitted(cast)
        claimed(cast, contract)
    with on("2026-11-06"):
        return_(actor=cast.registrar.actor, contract_id=contract.pk, words="Go elsewhere.")
    Contract.objects.filter(pk=contract.pk).update(registration_point=elsewhere)
    found = workload(
        cast.point, cast.registrar.actor, period_of("2026-11", "2026-11", dt.date(2026, 11, 20))
    )
    assert (found.total.returns, found.total.decided) == (1, 0)


def test_what_waits_by_deadline(cast: Cast) -> None:
    today = dt.date(2026, 11, 20)  # a Friday
    with on("2026-11-20"):
        dues = {
            "2026-11-19": "late", "2026-11-20": "today", "2026-11-21": "today", "2026-11-23": "3",
            "2026-11-25": "3", "2026-11-26": "7", "2026-12-02": "more",
        }  # fmt: skip
        for due in dues:
            made = factories.submitted(cast)
            Contract.objects.filter(pk=made.pk).update(due_on=due)
        factories.in_state(cast, "returned")
        found = workload(cast.point, cast.registrar.actor, period_of("", "", today))
    assert found.waiting == {"late": 1, "today": 2, "3": 2, "7": 1, "more": 1}
    assert (found.waiting_total, found.returned_waiting) == (7, 1)


def test_costs_the_same_for_one_file_and_for_many(cast: Cast, autumn: Any) -> None:
    actor = cast.registrar.actor
    for months in (("2026-11", "2026-11"), ("2026-01", "2026-11")):
        with CaptureQueriesContext(_connection()) as captured:
            workload(cast.point, actor, period_of(*months, dt.date(2026, 11, 20)))
        assert len(captured) == 5, [query["sql"] for query in captured]


def _connection() -> Any:
    from django.db import connection

    return connection


def test_page_file_and_api_say_the_same_and_only_to_registrars(cast: Cast, autumn: Any) -> None:
    root = f"/registrar/points/{cast.point.public_id}"
    asked = "?from=2026-10&to=2026-11"
    page = cast.registrar.client.get(f"{root}/workload/{asked}")
    text = page.content.decode()
    assert page.status_code == 200 and text.count('<svg class="chart"') >= 2
    assert "Workload and turnaround" in text and "By registrar" in text
    file = cast.registrar.client.get(f"{root}/workload.csv{asked}")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1] == "point,,5,4,1,1,20.0,4.0,6,1"
    api = cast.registrar.api.get(f"/api/v1{root}/workload/{asked}").json()
    assert api["total"] == {
        "decided": 5, "registered": 4, "refused": 1, "returns": 1, "returned_share": 20.0,
        "median_days": 4.0, "p90_days": 6, "second_reviews": 1,
    }  # fmt: skip
    assert [row["month"] for row in api["months"]] == ["2026-10", "2026-11"]
    assert api["refused_for"][0]["code"] == "not_technology"
    for address in (f"{root}/workload/", f"{root}/workload.csv"):
        for person in (cast.colleague, cast.operator, cast.rival):
            assert person.client.get(address).status_code == 403
        assert cast.visitor.client.get(address).status_code in (302, 401)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-13", ""), ("x", ""), ("2026-05", "2026-04"), ("2020-01", "2026-01")]
)
def test_wrong_months_are_told_and_the_page_still_shows_figures(
    cast: Cast, first: str, last: str
) -> None:
    root = f"/registrar/points/{cast.point.public_id}/workload"
    page = cast.registrar.client.get(f"{root}/?from={first}&to={last}")
    assert page.status_code == 400 and "These months cannot be shown" in page.content.decode()
    assert first in page.content.decode()
    api = cast.registrar.api.get(f"/api/v1{root}/?from={first}&to={last}")
    assert api.status_code == 400 and "from" in str(api.json()["errors"])


def test_days_percentiles_and_buckets_by_hand() -> None:
    week = Calendar()
    day = dt.date(2026, 11, 2)
    assert days_taken([("submitted", day)], dt.date(2026, 11, 9), week) == 5
    assert days_taken([], day, week) == 0
    assert [percentile(list(range(1, 11)), share) for share in (50, 90, 100)] == [5, 9, 10]
    assert percentile([7], 90) == 7 and percentile([], 90) is None
    assert buckets({day: 2}, day, week) == {"today": 2}
