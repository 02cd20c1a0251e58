"""Reports of a year: who writes and reads them, what is refused, what is frozen."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from deals.actions.service_reports import (
    change_report,
    discard_report,
    submit_report,
    write_report,
)
from deals.models import ServiceReport
from deals.queries import service_reports as queries
from deals.service_figures import declared_of
from events.models import Event
from marketplace.core.errors import Conflict, Invalid, NotFound, Stale
from tests.accounts.factories import OrganisationFactory, person_in
from tests.deals.figures.factories import drafted, facts, last_year, submitted

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def address(cast: Cast, rest: str = "", year: int = 0) -> str:
    return f"/service-figures/{cast.tti.public_id}/{year or last_year()}/{rest}"


def test_only_owners_of_the_institution_read_and_write(cast: Cast) -> None:
    report = submitted(cast)
    draft = drafted(cast, income_technical=Decimal(2000))
    colleague = person_in(cast.tti, "editor", "broker")
    from accounts.queries import actor_for

    insiders = actor_for(colleague, "en")
    assert not queries.visible_to(insiders).exists()  # revenue is the owner's to tell
    for name, player in cast.everybody.items():
        sees = set(queries.visible_to(player.actor)) == {report, draft}
        assert sees == (name == "broker"), name
        if name in ("broker", "visitor"):
            continue
        for rest in ("", "enter/income/", "rows/deals/", "versions/1/"):
            assert player.client.get(address(cast, rest)).status_code == 404, (name, rest)
        for step in ("submit", "discard"):
            said = player.client.post(address(cast, f"step/{step}/"), {"version": draft.version})
            assert said.status_code == 404
        assert player.api.get(f"/api/v1/service-reports/{report.public_id}/").status_code == 404
        assert player.api.get("/api/v1/service-reports/").json()["results"] == []
        for act in (submit_report, discard_report):
            with pytest.raises(NotFound):
                act(actor=player.actor, report_id=draft.pk)
        with pytest.raises(NotFound):
            write_report(actor=player.actor, institution_id=cast.tti.pk, year=last_year(), facts={})
    assert cast.visitor.api.get("/api/v1/service-reports/").status_code == 401


def test_events_hold_no_amount(cast: Cast) -> None:
    submitted(cast)
    told = list(Event.objects.filter(object_type="servicereport").order_by("pk"))
    assert [one.kind for one in told] == ["service_report.drafted", "service_report.submitted"]
    assert all(one.organisation_ids == [cast.tti.pk] for one in told)
    assert "1000" not in str([one.data for one in told])


def test_what_is_declared_adds_up(cast: Cast) -> None:
    """1,000.50 + 300 + 200 + 99.50 = 1,600; 35 + 67 + 52 = 154 rights."""
    found = declared_of(drafted(cast))
    assert (found["income"], found["ip"]) == (Decimal("1600.00"), 154)
    assert (found["ip_design"], found["staff_brokers"]) == (0, 4)
    assert declared_of(drafted(cast, last_year() - 1, income_other=None))["income"] == Decimal(
        "1500.50"
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"income_technical": Decimal("-0.01")}, "income_technical"),
        ({"income_technical": Decimal(10**12)}, "income_technical"),
        ({"income_technical": Decimal("0.001")}, "income_technical"),
        ({"income_technical": Decimal("NaN")}, "income_technical"),
        ({"income_technical": Decimal("Infinity")}, "income_technical"),
        ({"income_technical": "much"}, "income_technical"),
        ({"deal_amount": 1.5}, "deal_amount"),
        ({"deals": -1}, "deals"), ({"deals": 10**8}, "deals"), ({"deals": "3"}, "deals"),
        ({"deals": True}, "deals"), ({"ip_invention": -1}, "ip_invention"),
        ({"ip_alchemy": 1}, "ip_alchemy"), ({"income": Decimal(1)}, "income"),
        ({"requests": 1}, "requests"), ({"state": "submitted"}, "state"),
        ({"reason": "\x00"}, "reason"), ({"reason": "x" * 401}, "reason"),
    ],
)  # fmt: skip
def test_each_fault_stands_at_its_field(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        drafted(cast, **wrong)
    assert set(error.value.fields) == {field}
    assert not ServiceReport.objects.exists()


def test_the_year(cast: Cast) -> None:
    today = timezone.localdate().year
    for year in (today + 1, 1984, 0, -1, 10**12):
        with pytest.raises(Invalid) as error:
            drafted(cast, year if year else 1900)
        assert set(error.value.fields) == {"year"}
    draft = drafted(cast, today)  # not over yet: drafted, not submitted
    with pytest.raises(Conflict, match=str(today)):
        submit_report(actor=cast.broker.actor, report_id=draft.pk)
    for year in (today + 1, 99999, 10**15):
        assert cast.broker.client.get(address(cast, "", year)).status_code == 404


def test_submission_asks_for_everything(cast: Cast) -> None:
    draft = write_report(
        actor=cast.broker.actor, institution_id=cast.tti.pk, year=last_year(),
        facts={"income_technical": Decimal(0), "deals": 0},
    )  # fmt: skip
    with pytest.raises(Invalid) as error:
        submit_report(actor=cast.broker.actor, report_id=draft.pk)
    assert "income_other" in error.value.fields and "staff_brokers" in error.value.fields
    assert not {"income_technical", "deals", "ip_invention"} & set(error.value.fields)
    page = cast.broker.client.post(address(cast, "step/submit/"), {"version": draft.version})
    assert page.status_code == 422
    body = page.content.decode()
    assert "Full-time brokers" in body and f"{address(cast)}enter/people/" in body


def test_a_correction_replaces_and_keeps_what_was_submitted(cast: Cast) -> None:
    first = submitted(cast)
    draft = write_report(
        actor=cast.broker.actor, institution_id=cast.tti.pk, year=last_year(),
        facts={"expenditure": Decimal(1400)}, expected_version=0,
    )  # fmt: skip
    # filled with what was submitted, so that nothing else changes
    assert (draft.number, draft.income_technical) == (2, Decimal("1000.50"))
    assert draft.ip_acquired == {"invention": 35, "utility_model": 67, "software": 52}
    with pytest.raises(Invalid) as error:
        submit_report(actor=cast.broker.actor, report_id=draft.pk)
    assert set(error.value.fields) == {"reason"}
    change_report(actor=cast.broker.actor, report_id=draft.pk, facts={"reason": "Audited."})
    submit_report(actor=cast.broker.actor, report_id=draft.pk)
    first.refresh_from_db()
    assert (first.state, first.expenditure) == ("replaced", 1500)
    held = queries.submitted_of(cast.tti.pk, last_year())
    assert held is not None and (held.pk, held.expenditure) == (draft.pk, 1400)
    assert [one.number for one in queries.versions_of(cast.tti.pk, last_year())] == [2, 1]
    assert Event.objects.filter(kind="service_report.corrected").count() == 1
    page = cast.broker.client.get(address(cast, "versions/1/"))
    assert "1,500" in page.content.decode()
    with pytest.raises(Conflict):
        change_report(actor=cast.broker.actor, report_id=first.pk, facts={})
    with pytest.raises(Conflict):
        discard_report(actor=cast.broker.actor, report_id=draft.pk)


def test_the_database_freezes_what_was_submitted(cast: Cast) -> None:
    report = submitted(cast)
    rows = ServiceReport.objects.filter(pk=report.pk)
    for change in (
        {"income_technical": 1}, {"ip_acquired": {}}, {"is_named": True}, {"state": "draft"},
        {"year": 2001}, {"tti_type": "I"}, {"submitted_at": timezone.now()},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceReport.objects.create(
            institution=cast.tti, year=2001, state="submitted", tti_type="II",
            submitted_at=timezone.now(),
        )  # fmt: skip
    rows.update(submitted_by=None)  # a person may go
    rows.update(state="replaced")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="submitted")


def test_an_older_version_changes_nothing(cast: Cast) -> None:
    draft = drafted(cast)
    with pytest.raises(Stale):
        write_report(
            actor=cast.broker.actor, institution_id=cast.tti.pk, year=last_year(), facts={},
            expected_version=0,
        )  # fmt: skip
    drafted(cast, deals=9)
    for act in (submit_report, discard_report):
        with pytest.raises(Stale):
            act(actor=cast.broker.actor, report_id=draft.pk, expected_version=1)
    page = cast.broker.client.post(address(cast, "enter/people/"), {"staff_brokers": "7"})
    assert page.status_code == 422  # without a version nothing is taken unseen
    assert 'value="7"' in page.content.decode()
    assert ServiceReport.objects.get().staff_brokers == 4


def test_a_typo_takes_no_newer_version(cast: Cast) -> None:
    """A colleague saved meanwhile: after a typo the page still carries the version that was seen,
    so that the next attempt is told of it, and not written over it."""
    drafted(cast)
    drafted(cast, deals=9)
    client, at = cast.broker.client, address(cast, "enter/people/")
    page = client.post(at, {"staff_brokers": "many", "staff_others": "6", "version": "1"})
    assert page.status_code == 422 and 'name="version" value="1"' in page.content.decode()
    page = client.post(at, {"staff_brokers": "7", "staff_others": "6", "version": "1"})
    assert page.status_code == 422 and 'name="version" value="2"' in page.content.decode()
    assert ServiceReport.objects.get().staff_brokers == 4
    said = client.post(at, {"staff_brokers": "7", "staff_others": "6", "version": "2"})
    assert said.status_code == 302 and ServiceReport.objects.get().staff_brokers == 7


def test_a_submission_promises_no_day(cast: Cast) -> None:
    draft = drafted(cast)
    said = cast.broker.client.post(
        address(cast, "step/submit/"), {"version": draft.version}, follow=True
    )
    assert "Submitted." in said.content.decode() and "within the day" not in said.content.decode()
    assert "of what is submitted by then" in said.content.decode()


def test_who_lost_its_verification_reports_nothing(cast: Cast) -> None:
    draft = drafted(cast)
    type(cast.tti).objects.filter(pk=cast.tti.pk).update(verified_at=None)
    with pytest.raises(NotFound):
        submit_report(actor=cast.broker.fresh(), report_id=draft.pk)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_draft(cast: Cast) -> None:
    actor = cast.broker.actor
    barrier, wrong = threading.Barrier(2), []

    def write() -> None:
        barrier.wait()
        try:
            write_report(
                actor=actor, institution_id=cast.tti.pk, year=last_year(), facts=facts(),
                expected_version=0,
            )  # fmt: skip
        except Stale as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert ServiceReport.objects.count() == 1 and len(wrong) == 1


# --- Pages and API -------------------------------------------------------------------------------


def test_section_by_section(cast: Cast) -> None:
    client = cast.broker.client
    body = client.get("/service-figures/").content.decode()
    assert cast.tti.name_en in body and f"/{last_year()}/" in body
    said = client.post(
        address(cast, "enter/income/"),
        {"income_technical": "1,000.50", "income_programme": "12万", "income_business": "0",
         "income_other": "", "expenditure": "1 500", "version": "0", "next": "1"},
    )  # fmt: skip
    assert said.status_code == 302 and said["Location"].endswith("/enter/people/")
    report = ServiceReport.objects.get()
    assert (report.income_technical, report.income_programme, report.income_other) == (
        Decimal("1000.50"), 120_000, None,
    )  # fmt: skip
    for name, value in (("staff_brokers", "many"), ("staff_brokers", "-1"),
                        ("staff_brokers", "1.5"), ("staff_brokers", "9" * 30)):  # fmt: skip
        page = client.post(address(cast, "enter/people/"), {name: value, "version": "1"})
        assert page.status_code == 422 and f'value="{value}"' in page.content.decode()
    page = client.get(address(cast, "enter/outside/"))
    assert "Counted on the platform: 0" in page.content.decode()
    assert client.get(address(cast, "enter/alchemy/")).status_code == 404
    assert client.post(address(cast, "step/dance/"), {"version": "1"}).status_code == 404
    assert client.get(address(cast, "rows/income/")).status_code == 404
    assert client.get(address(cast, "rows/deals/")).status_code == 200
    client.post(address(cast, "enter/naming/"), {"is_named": "on", "version": "1"})
    report.refresh_from_db()
    assert report.is_named
    assert client.post(address(cast, "step/discard/"), {"version": "2"}).status_code == 302
    assert not ServiceReport.objects.exists()
    assert client.post(address(cast, "step/discard/"), {"version": "2"}).status_code == 302


def test_counted_and_declared_stand_apart(cast: Cast) -> None:
    """Two visited here, 40 declared: 42 in the column that says so."""
    import datetime as dt

    from tests.deals.requests.visits import visited

    for whom in (cast.home, cast.rivals):
        visited(cast, organisation=whom.public_id, visited_on=dt.date(last_year(), 5, 1))
    report = submitted(cast)
    told = cast.broker.api.get(f"/api/v1/service-reports/{report.public_id}/figures/").json()
    line = next(one for one in told if one["code"] == "enterprises")
    assert (line["counted"], line["declared"], line["total"]) == ("2", "40", "42")
    line = next(one for one in told if one["code"] == "income")
    assert (line["counted"], line["declared"], line["total"]) == (None, "1600.00", "1600.00")
    body = cast.broker.client.get(address(cast)).content.decode()
    assert ">42<" in body and f"{address(cast)}rows/enterprises/" in body
    rows = cast.broker.client.get(address(cast, "rows/enterprises/")).content.decode()
    assert "Torch Works" in rows or "火炬工坊" in rows


def test_by_api(cast: Cast) -> None:
    api, at = cast.broker.api, "/api/v1/service-reports/"
    given = {name: str(value) for name, value in facts().items()}
    whom = {"institution": cast.tti.public_id, "year": last_year()}
    for wrong, status in (
        ({**whom, "institution": cast.home.public_id}, 400), ({**whom, "institution": "\x00"}, 400),
        ({**whom, "year": last_year() + 2}, 400), ({**whom, "year": "soon"}, 400),
        ({**whom, "deals": "-1"}, 400), ({**whom, "income_other": "1e40"}, 400),
        ({**whom, "income_other": "NaN"}, 400), ({"year": 2020}, 400),
    ):  # fmt: skip
        assert api.post(at, wrong, format="json").status_code == status, wrong
    made = api.post(at, {**whom, **given}, format="json")
    assert made.status_code == 201, made.content
    row = made.json()
    assert row["declared"]["income"] == "1600.00" and row["state"] == "draft"
    assert api.post(at, {**whom, **given}, format="json").status_code == 412
    one = f"{at}{row['id']}/"
    changed = api.patch(one, {"deals": 5}, format="json")
    assert changed.json()["declared"]["deals"] == "5"
    stale = api.patch(one, {"deals": 6}, format="json", HTTP_IF_MATCH='"1"')
    assert stale.status_code == 412
    assert api.post(f"{one}submit/").json()["state"] == "submitted"
    assert api.patch(one, {"deals": 6}, format="json").status_code == 409
    assert api.delete(one).status_code == 409
    second = api.post(at, whom, format="json").json()
    assert (second["number"], second["declared"]["deals"]) == (2, "5")
    assert api.delete(f"{at}{second['id']}/").status_code == 204


@pytest.mark.parametrize("number", [1, 4])
def test_statements_of_the_pages(cast: Cast, number: int, django_assert_num_queries: Any) -> None:
    for back in range(number):
        submitted(cast, last_year() - back)
    client = cast.broker.client
    client.get("/service-figures/")
    with django_assert_num_queries(LIST):
        client.get("/service-figures/")
    with django_assert_num_queries(YEAR):
        client.get(address(cast))
    with django_assert_num_queries(SECTION):
        client.get(address(cast, "enter/outside/"))


LIST, YEAR, SECTION = 12, 17, 15


def test_an_institution_has_its_own(cast: Cast) -> None:
    other: Any = OrganisationFactory(tti=True)
    from accounts.queries import actor_for

    theirs = actor_for(person_in(other, "owner"), "en")
    report = submitted(cast, actor=theirs, institution=other)
    assert queries.visible_to(theirs).get() == report
    assert not queries.visible_to(cast.broker.actor).exists()
    page = cast.broker.client.get(f"/service-figures/{other.public_id}/{last_year()}/")
    assert page.status_code == 404
