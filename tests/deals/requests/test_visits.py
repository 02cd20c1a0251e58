"""The log of visits: who reads it, what becomes of findings, pages and endpoints."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from deals.actions import visits as actions
from deals.models import Visit
from deals.people import cases_of
from deals.queries import visits as queries
from events.models import Event, Notification
from listings.models import Listing
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from matching.actions.mandates import give_mandate, withdraw_mandate
from tests.deals.requests.visits import visited

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_only_the_institution_reads_it(cast: Cast) -> None:
    visit = visited(cast)
    for name, player in cast.everybody.items():
        sees = queries.visible_to(player.actor).filter(pk=visit.pk).exists()
        assert sees == (name == "broker"), name
        if name not in ("broker", "visitor"):
            for address in ("/visits/", "/visits/new/", visit.get_absolute_url()):
                assert player.client.get(address).status_code == 404, (name, address)
            said = player.client.post(f"{visit.get_absolute_url()}step/case/", {"version": 1})
            assert said.status_code == 404
            assert player.api.get(f"/api/v1/visits/{visit.public_id}/").status_code == 404
            with pytest.raises(Refused):
                actions.record_visit(actor=player.actor, facts={"name": "X"})
    told = str(list(Notification.objects.values())) + str(list(Event.objects.values()))
    assert "kiln" not in told and "Mei" not in told
    event = Event.objects.get(kind="visit.recorded")
    assert event.organisation_ids == [cast.tti.pk]


@pytest.mark.parametrize("facts", [{}, {"organisation": "", "name": "Kiln Works"}])
def test_the_page_of_a_visit_names_whom_was_visited(cast: Cast, facts: dict[str, str]) -> None:
    visit = visited(cast, **facts)
    page = cast.broker.client.get(visit.get_absolute_url())
    name = visit.name or visit.organisation.name_en  # type: ignore[union-attr]
    assert page.status_code == 200 and name in page.content.decode()


def test_a_need_only_under_a_mandate_in_force(cast: Cast) -> None:
    visit = visited(cast)
    row = visit.findings.earliest("pk")
    one: dict[str, Any] = {
        "actor": cast.broker.actor, "visit_id": visit.pk, "finding": row.public_id,
    }  # fmt: skip
    with pytest.raises(Refused):
        actions.draft_finding_need(**one)
    mandate = give_mandate(
        actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk
    )
    withdraw_mandate(actor=cast.owner.actor, mandate_id=mandate.pk)
    with pytest.raises(Refused):
        actions.draft_finding_need(**one)
    assert not Listing.objects.exists()
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    actions.draft_finding_need(**one)
    need = Listing.objects.get()
    assert (need.owner, need.kind, need.state) == (cast.home, "need", "draft")
    assert (need.title_en, need.body_en, need.field) == (
        "The kiln loses heat.", row.words, "new_energy",
    )  # fmt: skip
    assert not listings_visible_to(cast.broker.actor).exists()
    assert Notification.objects.filter(
        kind="visit.need_drafted", recipient=cast.owner.user
    ).exists()
    with pytest.raises(Conflict):
        actions.draft_finding_need(**one)
    with pytest.raises(Conflict):
        actions.remove_finding(**one)


def test_a_case_knows_whom_was_visited(cast: Cast) -> None:
    for visit in (visited(cast), visited(cast, organisation="", name="Kiln Works")):
        row = visit.findings.earliest("pk")
        one: dict[str, Any] = {
            "actor": cast.broker.actor, "visit_id": visit.pk, "finding": row.public_id,
        }  # fmt: skip
        with pytest.raises(Stale):
            actions.open_finding_case(**one, expected_version=9)
        case = actions.open_finding_case(**one)
        client = case.clients.get()
        assert (client.organisation, client.name) == (visit.organisation, visit.name)
        assert case.title == "The kiln loses heat."
        with pytest.raises(Conflict):
            actions.open_finding_case(**one)
        other = visited(cast)
        with pytest.raises(NotFound):  # a finding of another visit
            actions.remove_finding(**{**one, "visit_id": other.pk})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"organisation": "", "name": ""}, "name"), ({"name": "X"}, "name"),
        ({"organisation": "0000000000"}, "organisation"),
        ({"organisation": "\x00"}, "organisation"),
        ({"visited_on": None}, "visited_on"), ({"visited_on": dt.date(9999, 12, 31)}, "visited_on"),
        ({"people": "x" * 401}, "people"), ({"people": "\x00"}, "people"),
        ({"findings": [{"words": "ok"}, {"words": " "}]}, "findings.1.words"),
        ({"findings": [{"words": "ok", "field": "alchemy"}]}, "findings.0.field"),
        ({"findings": [{"words": "ok"}] * 11}, "findings"),
    ],
)  # fmt: skip
def test_each_fault_stands_at_its_field(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        visited(cast, **wrong)
    assert set(error.value.fields) == {field}
    assert not Visit.objects.exists()


def test_whom_is_a_name_or_an_organisation_by_number_or_whole_name(cast: Cast) -> None:
    rows = {"findings-TOTAL_FORMS": "1", "findings-INITIAL_FORMS": "0", "findings-0-words": "X"}
    given = {"visited_on": "2026-01-05", **rows}
    broker = cast.broker.client
    offered = f'<option value="{cast.home.name_en}">'
    assert offered not in broker.get("/visits/new/").content.decode()  # nothing is known of it
    give_mandate(actor=cast.owner.actor, organisation_id=cast.home.pk, institution_id=cast.tti.pk)
    assert offered in broker.get("/visits/new/").content.decode()
    for typed, found in (
        (cast.home.name_en.upper(), cast.home), (f" {cast.home.public_id} ", cast.home),
        (cast.home.name_en[:-1], None), ("Kiln Works", None),
    ):  # fmt: skip
        assert broker.post("/visits/new/", {**given, "name": typed}).status_code == 302
        visit = Visit.objects.latest("pk")
        assert visit.organisation == found and bool(visit.name) == (found is None)
    unknown = broker.post("/visits/new/", {**given, "name": "0ABCDEFGHJ"})
    assert (
        unknown.status_code == 422 and "There is no such organisation" in unknown.content.decode()
    )


def test_by_pages(cast: Cast) -> None:
    rows = {"findings-TOTAL_FORMS": "2", "findings-INITIAL_FORMS": "0"}
    given = {"name": "Kiln Works", "visited_on": "2026-01-05", "findings-1-words": "Noise", **rows}
    broker = cast.broker.client
    for wrong in ({"visited_on": "10000-01-01"}, {"findings-1-words": "a\x00b"}, {"name": ""},
                  {"findings-0-field": "new_energy"}):  # fmt: skip
        said = broker.post("/visits/new/", {**given, **wrong})
        assert said.status_code == 422, wrong
    assert not Visit.objects.exists()
    assert broker.post("/visits/new/", given).status_code == 302
    visit = Visit.objects.get()
    page = visit.get_absolute_url()
    assert "Kiln Works" in broker.get("/visits/").content.decode()
    assert broker.post(f"{page}findings/", {"words": "Heat", "version": ""}).status_code == 422
    assert broker.post(f"{page}findings/", {"words": "Heat", "version": 1}).status_code == 302
    first = visit.findings.earliest("pk").public_id
    broker.post(f"{page}step/remove/", {"finding": first, "version": 2})
    assert [one.words for one in visit.findings.all()] == ["Heat"]
    assert "Heat" in broker.get(page).content.decode()


def test_by_api_and_in_a_persons_data(cast: Cast) -> None:
    given = {"name": "Kiln Works", "visited_on": "2026-01-05", "findings": [{"words": "Noise"}]}
    api = cast.broker.api
    made = api.post("/api/v1/visits/", given, format="json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/visits/{made.json()['id']}/"
    said = api.post(f"{address}findings/", {"words": "Heat"}, format="json").json()
    assert [one["words"] for one in said["findings"]] == ["Noise", "Heat"]
    finding = {"finding": said["findings"][0]["id"]}
    assert api.post(f"{address}open-case/", finding, format="json").json()["findings"][0]["case"]
    assert api.post(f"{address}draft-need/", finding, format="json").status_code == 403
    assert api.post(f"{address}remove-finding/", finding, format="json").status_code == 409
    assert cast.broker.user is not None
    assert "Kiln Works" in str(cases_of(cast.broker.user.pk))


@pytest.mark.parametrize("number", [1, 5])
def test_the_list_asks_a_fixed_number_of_times(
    cast: Cast, number: int, django_assert_num_queries: Any
) -> None:
    for _one in range(number):
        visited(cast)
    cast.broker.client.get("/visits/")
    with django_assert_num_queries(12):
        cast.broker.client.get("/visits/")
