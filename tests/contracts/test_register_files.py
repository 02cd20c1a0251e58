"""The register as a file and by organisation: public facts, no formulas, no more than the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from tests.contracts import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_took_files() -> None:
    cache.clear()


def lines(cast: Cast, query: str = "") -> list[str]:
    answer = cast.visitor.client.get(f"/register/export.csv{query}")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


def test_a_file_holds_what_the_register_shows(cast: Cast) -> None:
    shut = factories.registered(cast, title_en="Secret of the kiln", total_amount="123456.78")
    open_one = factories.registered(
        cast, "licence", title_en="=HYPERLINK(1)", public_facts=["title", "parties", "amount"]
    )
    [head, *rows] = lines(cast)
    assert head.startswith("number,edition,state,title_en")
    assert [row.split(",")[0] for row in rows] == [open_one.number, shut.number]
    text = "\n".join(rows)
    assert "Secret of the kiln" not in text and "123456.78" not in text
    assert "'=HYPERLINK" in rows[0] and "120000" in rows[0] and "灯笼工坊" in rows[0]
    assert len(lines(cast, "?type=licence")) == 2
    assert len(lines(cast, "?q=kiln&year=abc&type=zz")) == 1


def test_an_organisations_part_needs_parties_that_are_public(cast: Cast) -> None:
    factories.registered(cast, public_facts=["title"])
    shown = factories.registered(cast, public_facts=["parties", "title"])
    for organisation in (cast.home, cast.outside):
        page = cast.visitor.client.get(f"/register/organisations/{organisation.public_id}/")
        assert page.status_code == 200
        assert [entry.number for entry in page.context["entries"]] == [shown.number]
    page = cast.visitor.client.get(f"/register/organisations/{cast.rivals.public_id}/")
    assert "No contract names it in public" in page.content.decode()
    assert cast.visitor.client.get("/register/organisations/0000000000/").status_code == 404


def test_odd_years_are_left_away(cast: Cast) -> None:
    for year in ("0020261", "20261", "99999999", "%C2%B2026"):
        assert cast.visitor.client.get(f"/register/?year={year}").status_code == 200
        assert len(lines(cast, f"?year={year}")) == 1


def test_files_are_so_many_an_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from listings.exports import sending

    monkeypatch.setattr(sending, "VISITOR_RATE", 2)
    for _ in range(2):
        lines(cast)
    assert cast.visitor.client.get("/register/export.csv").status_code == 429
