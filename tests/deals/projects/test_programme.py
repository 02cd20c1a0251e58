"""What came of projects from abroad: by what was recorded, by field and country, with the lists."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from deals.actions.case_endings import close_case
from deals.actions.case_parts import add_client
from deals.actions.cases import change_case, move_case
from deals.models import Case, ForeignProject
from deals.queries.case_filters import narrowed, wanted_from
from deals.queries.cases import visible_to
from deals.queries.foreign_projects import figures
from tests.deals.cases.factories import opened
from tests.deals.projects.factories import rival_institution
from tests.plans import leave_only

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
PAGE = "/cases/projects/"


@pytest.fixture(autouse=True)
def _shipped_pipelines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read anew every few seconds would make the counting of queries depend on time."""
    monkeypatch.setattr("deals.pipelines._source", [])


def project(cast: Cast, number: int, field: str = "", country: str = "", to: str = "") -> Case:
    """A case of the pipeline, carried on to a stage."""
    case = opened(cast, pipeline="cross_border", title=f"Project {number}")
    ForeignProject.objects.create(
        case=case, organisation=cast.tti, reference=f"P-{number}", key=f"p-{number}", field=field,
        country=country,
    )  # fmt: skip
    one: dict[str, Any] = {"actor": cast.broker.actor, "case_id": case.pk}
    if to:
        move_case(**one, stage="linked")
    if to == "converted":
        add_client(**one, name="Kite Works")
        change_case(**one, facts={"next_action": "Sign", "next_action_on": timezone.localdate()})
        move_case(**one, stage="converted")
    return case


def some(cast: Cast) -> list[Case]:
    return [
        project(cast, 1, "biology_medicine", "ES"),
        project(cast, 2, "biology_medicine", "ES", "linked"),
        project(cast, 3, "biology_medicine", "DE", "converted"),
        project(cast, 4, "advanced_manufacturing", "DE"),
        opened(cast, pipeline="cross_border", title="By hand"),
        opened(cast, title="Another pipeline"),
    ]


def of(rows: list[Any]) -> dict[str, list[int]]:
    return {row.code: row.counts for row in rows}


def test_stages_ever_reached_by_field_and_country(cast: Cast) -> None:
    some(cast)
    found = figures(visible_to(cast.broker.actor), YEAR)
    assert (found.years, found.total.counts) == ([YEAR], [5, 2, 1])
    assert of(found.fields) == {
        "biology_medicine": [3, 2, 1], "advanced_manufacturing": [1, 0, 0], "none": [1, 0, 0],
    }  # fmt: skip
    assert of(found.countries) == {"DE": [2, 1, 1], "ES": [2, 1, 0], "none": [1, 0, 0]}
    assert [f"{rate:.3f}" for rate in found.total.rates if rate is not None] == ["0.400", "0.200"]
    assert figures(visible_to(cast.broker.actor), 1999).total.counts == [0, 0, 0]


def test_what_was_linked_stays_linked_when_closed_or_moved_back(cast: Cast) -> None:
    closed = project(cast, 1, "biology_medicine", "ES", "linked")
    back = project(cast, 2, "biology_medicine", "ES", "linked")
    actor = cast.broker.actor
    close_case(actor=actor, case_id=closed.pk, outcome="lost", reason="funds")
    move_case(actor=actor, case_id=back.pk, stage="screened")
    again = project(cast, 3, "biology_medicine", "ES", "converted")
    move_case(actor=actor, case_id=again.pk, stage="screened")
    assert figures(visible_to(actor), YEAR).total.counts == [3, 3, 1]


def test_every_number_opens_a_list_of_as_many_cases(cast: Cast) -> None:
    cases = some(cast)
    close_case(actor=cast.broker.actor, case_id=cases[1].pk, outcome="lost", reason="funds")
    text = cast.broker.client.get(f"{PAGE}?year={YEAR}").content.decode()
    links = re.findall(r'href="(/cases/\?[^"]*)" aria-label="[^"]*: (\d+)"', text)
    assert len(links) == 11, "a stage that nothing reached has no list"
    for address, count in links:
        page = cast.broker.client.get(unescape(address))
        assert page.context["total"] == int(count), address
    for name in ("year", "reached", "field", "country"):
        assert f'name="{name}"' in page.content.decode(), "what narrows the list can be seen"


def test_the_list_narrows_by_what_is_known_of_a_project(cast: Cast) -> None:
    cases = some(cast)
    actor = cast.broker.actor

    def asked(**query: str) -> set[str]:
        wanted = wanted_from({"pipeline": "cross_border", "state": "all", **query})
        return set(narrowed(visible_to(actor), wanted, actor).values_list("title", flat=True))

    assert asked(field="none") == {"By hand"}
    assert asked(country="de", reached="linked") == {"Project 3"}
    assert asked(year="1999") == set()
    assert asked(q="P-4") == {"Project 4"}
    assert len(asked(field="\x00", country="Nowhere", year="99999", reached="x")) == 5
    assert cases


def test_the_page_asks_the_same_number_of_queries_however_many_projects(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    project(cast, 1, "biology_medicine", "ES")
    cast.broker.client.get(PAGE)
    with django_assert_num_queries(PAGE_QUERIES):
        cast.broker.client.get(PAGE)
    for nth in range(2, 12):
        project(cast, nth, "biology_medicine" if nth % 2 else "aerospace", "DE", "linked")
    with django_assert_num_queries(PAGE_QUERIES):
        cast.broker.client.get(PAGE)


PAGE_QUERIES = 15


def test_the_figures_of_thousands_come_from_indexes(cast: Cast) -> None:
    some(cast)
    leave_only("events_event", "event_of_object")
    leave_only("deals_case", "case_board")
    counted: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted.append(sql)
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.cursor.execute("EXPLAIN " + sql, params)
                plans.append("\n".join(row[0] for row in cursor.cursor.fetchall()))
        return execute(sql, params, many, context)

    plans: list[str] = []
    with connection.execute_wrapper(note):
        figures(visible_to(cast.broker.actor), YEAR)
    assert len(counted) == 2
    assert all("case_board" in plan for plan in plans)
    assert "event_of_object" in plans[1]


def test_the_chart_is_one_image_with_a_name_beside_its_table(cast: Cast) -> None:
    some(cast)
    text = cast.broker.client.get(PAGE).content.decode()
    assert text.count('role="img"') == 2
    assert 'aria-label="By technology field: how many projects' in text
    assert text.count('class="series-1"') >= 5
    empty = cast.broker.client.get(f"{PAGE}?year=1999").content.decode()
    assert "No projects from abroad yet" in empty and '<svg class="chart"' not in empty


def test_the_file_says_the_same(cast: Cast) -> None:
    some(cast)
    answer = cast.broker.client.get(f"{PAGE}figures.csv?year={YEAR}")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    lines = text.splitlines()
    assert lines[1].split(",")[-5:] == ["5", "2", "1", "40.0", "20.0"]
    assert any("DE,Germany,2,1,1,50.0,50.0" in line for line in lines)
    assert len(lines) == 1 + 1 + 3 + 3


def test_a_case_page_shows_the_project(cast: Cast) -> None:
    case = project(cast, 1, "biology_medicine", "ES")
    ForeignProject.objects.update(website="https://ribera.example", summary="<b>Heat</b>", trl=6)
    text = cast.broker.client.get(f"/cases/{case.public_id}/").content.decode()
    assert "P-1" in text and "Spain" in text and "&lt;b&gt;Heat" in text
    assert 'rel="noopener noreferrer nofollow"' in text


def test_a_rival_institution_and_all_others_find_nothing(cast: Cast) -> None:
    some(cast)
    rival = rival_institution(cast.rival)
    address = f"{PAGE}?tti={cast.tti.public_id}"
    assert cast.rival.client.get(address).status_code == 404
    assert cast.rival.client.get(f"{PAGE}figures.csv?tti={cast.tti.public_id}").status_code == 404
    text = cast.rival.client.get(PAGE).content.decode()
    assert "No projects from abroad yet" in text
    assert cast.rival.client.get(f"{PAGE}?tti=%00").status_code == 404
    assert rival.public_id
    for player in (cast.owner, cast.operator, cast.newcomer, cast.registrar):
        assert player.client.get(PAGE).status_code in (403, 404)
    assert cast.visitor.client.get(PAGE).status_code == 302


@pytest.mark.parametrize("year", ["9999", "10000", "0", "x", "-1", "²²²²", "\x00"])
def test_odd_years_are_no_fault(cast: Cast, year: str) -> None:
    some(cast)
    assert cast.broker.client.get(PAGE, {"year": year}).status_code == 200
    assert cast.broker.client.get("/cases/", {"year": year}).status_code == 200
