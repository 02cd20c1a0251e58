"""Board, list and the page of a case, as people use them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from deals.actions.case_endings import close_case
from deals.actions.case_parts import add_client, write_note
from deals.models import Case
from tests.deals.cases.factories import opened

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shipped_pipelines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read anew every few seconds would make the counting of queries depend on time."""
    monkeypatch.setattr("deals.pipelines._source", [])


def many(cast: Cast, number: int, **facts: Any) -> None:
    """Rows in SQL, for counting: without tasks and events."""
    now = timezone.now()
    Case.objects.bulk_create(
        Case(**{
            "organisation": cast.tti, "year": 2020, "number": nth + 1, "title": f"Case {nth}",
            "pipeline": "need_brokerage", "stage": "search", "stage_since": now,
            "probability": 20, "value": Decimal(100), "responsible": cast.broker.user, **facts,
        })
        for nth in range(number)
    )  # fmt: skip


def test_a_column_shows_fifty_and_counts_and_sums_all(cast: Cast) -> None:
    many(cast, 53)
    page = cast.broker.client.get("/cases/board/?pipeline=need_brokerage")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("data-card=") == 50
    assert "¥5,300" in text
    assert "¥1,060" in text
    assert "3 more in the list" in text


def test_the_board_asks_the_same_number_of_queries_however_many_cases(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    many(cast, 3)
    address = "/cases/board/?pipeline=need_brokerage"
    cast.broker.client.get(address)
    with django_assert_num_queries(BOARD_QUERIES):
        cast.broker.client.get(address)
    many(cast, 60, year=2021)
    with django_assert_num_queries(BOARD_QUERIES):
        cast.broker.client.get(address)


def test_the_list_asks_the_same_number_of_queries_however_many_cases(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    many(cast, 3)
    cast.broker.client.get("/cases/")
    with django_assert_num_queries(LIST_QUERIES):
        cast.broker.client.get("/cases/")
    many(cast, 60, year=2021)
    with django_assert_num_queries(LIST_QUERIES):
        cast.broker.client.get("/cases/?sort=-value")


BOARD_QUERIES = 19
LIST_QUERIES = 18


def test_filters_narrow_and_those_that_mean_nothing_are_left_out(cast: Cast) -> None:
    rich = opened(cast, title="Rich", value=Decimal(5000))
    late = opened(cast, title="Late one")
    Case.objects.filter(pk=late.pk).update(next_action_on=dt.date(2020, 1, 1), next_action="Call")
    add_client(actor=cast.broker.actor, case_id=late.pk, name="Kite works")
    lost = opened(cast, title="Lost one")
    close_case(actor=cast.broker.actor, case_id=lost.pk, outcome="lost", reason="funds")

    def titles(query: str) -> set[str]:
        page = cast.broker.client.get(f"/cases/?{query}")
        assert page.status_code == 200, query
        return {card.case.title for card in page.context["cards"]}

    assert titles("") == {"Rich", "Late one"}
    assert titles("value_min=4000") == {"Rich"}
    assert titles("value_min=1e-20000") == titles("value_min=0")
    assert titles("value_max=NaN&value_min=%00&sort=x&stage=%27&pipeline=zz") == titles("")
    assert titles("overdue=1") == {"Late one"}
    assert titles("client=kite") == {"Late one"}
    assert titles(f"q={rich.docket}") == {"Rich"}
    assert titles("reason=funds") == {"Lost one"}
    assert titles("responsible=me&state=all") == {"Rich", "Late one", "Lost one"}
    assert titles("responsible=gone") == set()
    assert titles("page=999") == titles("")


def test_a_move_works_without_script_and_a_stale_one_says_what_changed(cast: Cast) -> None:
    case = opened(cast)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="Kite works")
    case.refresh_from_db()
    post = {"case": case.public_id, "version": case.version, "stage": "search"}
    moved = cast.broker.client.post("/cases/board/move/", post, follow=True)
    assert "is in “Search” now" in moved.content.decode()
    post["stage"] = "introduction"
    stale = cast.broker.client.post("/cases/board/move/", post, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert "First contact → Search (Broker)" in stale.content.decode()
    assert stale.content.decode().lstrip().startswith('<form id="case-board"')


def test_marked_cards_are_moved_together_and_refusals_are_listed(cast: Cast) -> None:
    free, blocked = opened(cast, stage="search"), opened(cast)
    marked = [f"{one.public_id}:{one.version}" for one in (free, blocked)]
    page = cast.broker.client.post(
        "/cases/bulk/",
        {"cases": marked, "step": "stage", "stage": "introduction", "on": "board",
         "pipeline": "need_brokerage"},
    )  # fmt: skip
    assert page.status_code == 409
    assert "1 case was changed" in page.content.decode()
    assert "Name a client" in page.content.decode()
    free.refresh_from_db()
    assert free.stage == "introduction"


def test_nothing_marked_comes_back_with_what_was_chosen(cast: Cast) -> None:
    opened(cast)
    page = cast.broker.client.post("/cases/bulk/", {"step": "close", "outcome": "lost"})
    assert page.status_code == 422
    assert "Mark at least one case." in page.content.decode()


def test_a_case_is_opened_worked_on_and_closed_by_pages(cast: Cast) -> None:
    client = cast.broker.client
    made = client.post(
        "/cases/new/",
        {"title": "Wear-proof coating", "pipeline": "otl", "responsible":
         cast.broker.user.public_id, "currency": "CNY", "value": "1,200,000"},
        follow=True,
    )  # fmt: skip
    case = Case.objects.get()
    root = f"/cases/{case.public_id}/"
    assert case.value == Decimal(1_200_000)
    assert "Name a person to talk to" in made.content.decode()
    assert client.post(root + "parts/contact/", {"name": "Ann"}).status_code == 302
    assert client.post(root + "note/", {"body": "Talked on the phone"}).status_code == 302
    assert client.post(root + "tasks/", {"title": "Visit"}).status_code == 302
    wrong = client.post(root + "tasks/", {"title": "Visit again", "due_on": "2001-01-01"})
    assert wrong.status_code == 422
    assert "Visit again" in wrong.content.decode()
    assert "This day has gone by" in wrong.content.decode()
    page = client.get(root).content.decode()
    assert "Talked on the phone" in page and "Ann" in page and "Visit" in page
    case.refresh_from_db()
    seen = {"reason": "funds", "version": case.version}
    assert client.post(root + "close/", {"outcome": "won", **seen}).status_code == 422
    assert client.post(root + "close/", {"outcome": "lost", "reason": "funds"}).status_code == 422
    assert client.post(root + "close/", {"outcome": "lost", **seen}).status_code == 302
    assert "no funds for it" in client.get("/cases/barriers/").content.decode().lower()
    assert client.post(root + "again/").status_code == 302
    case.refresh_from_db()
    assert case.state == "closed", "a step that names no version is stale"
    assert client.post(root + "again/", {"version": case.version}).status_code == 302
    case.refresh_from_db()
    assert case.state == "open"


def test_faulty_input_keeps_what_was_typed(cast: Cast) -> None:
    page = cast.broker.client.post(
        "/cases/new/",
        {"title": "Keep me", "pipeline": "otl", "responsible": "x", "currency": "CNY",
         "value": "-1", "probability": "200", "next_action_on": "31 June"},
    )  # fmt: skip
    assert page.status_code == 422
    assert "Keep me" in page.content.decode()
    assert not Case.objects.exists()


def test_pages_are_closed_to_everybody_else(cast: Cast) -> None:
    case = opened(cast)
    root = f"/cases/{case.public_id}/"
    for name in ("owner", "rival", "newcomer", "operator", "moderator", "registrar"):
        client = cast.everybody[name].client
        for address in (root, root + "edit/"):
            assert client.get(address).status_code == 404, (name, address)
        for step in ("move/", "note/", "tasks/", "defer/", "close/", "again/", "parts/client/"):
            assert client.post(root + step, {}).status_code == 404, (name, step)
        assert client.get("/cases/").status_code == 403
    assert cast.visitor.client.get(root).status_code == 302


def test_a_file_holds_the_list_and_no_formula(cast: Cast) -> None:
    opened(cast, title="=cmd|' /C calc'!A0")
    body = b"".join(cast.broker.client.get("/cases/cases.csv").streaming_content).decode()
    assert body.startswith("\ufeffdocket,title")
    assert "'=cmd" in body


def test_the_note_is_on_no_page_of_the_client(cast: Cast) -> None:
    case = opened(cast)
    add_client(actor=cast.broker.actor, case_id=case.pk, organisation=cast.home.public_id)
    write_note(actor=cast.broker.actor, case_id=case.pk, body="NOBODY-SHOULD-READ")
    for address in ("/dashboard/", "/notifications/", "/introductions/"):
        text = cast.owner.client.get(address, follow=True).content.decode()
        assert "NOBODY-SHOULD-READ" not in text and case.docket not in text
