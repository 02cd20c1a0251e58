"""Who may see what a contract could save, and that nothing typed is lost or kept."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from contracts.models import Contract
from contracts.queries.relief import entries_of_year
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
PARTIES = {"owner", "colleague", "outsider"}


def sold(cast: Cast, **values: Any) -> Contract:
    return factories.registered(cast, "transfer", **{"total_amount": "4000000.00", **values})


def year_of(cast: Cast, **more: Any) -> str:
    return f"/contracts/relief/?organisation={cast.home.public_id}&year={YEAR}"


def test_only_parties_see_what_a_contract_could_save(cast: Cast) -> None:
    contract = sold(cast)
    page = f"/contracts/{contract.public_id}/relief/"
    api = f"/api/v1/contracts/{contract.public_id}/relief/"
    for name, player in cast.everybody.items():
        seen = player.client.get(page).status_code
        told = player.api.get(api).status_code
        if name in PARTIES:
            assert (seen, told) == (200, 200), name
        else:
            assert (seen, told) == ((302, 401) if name == "visitor" else (404, 404)), name


def test_only_its_own_people_see_the_year_of_a_firm(cast: Cast) -> None:
    sold(cast)
    api = f"/api/v1/relief/{cast.home.public_id}/{YEAR}/"
    for name, player in cast.everybody.items():
        seen = player.client.get(year_of(cast))
        told = player.api.get(api)
        if name in {"owner", "colleague"}:
            assert (seen.status_code, told.status_code) == (200, 200), name
        else:
            assert (seen.status_code, told.status_code) == (
                (302, 401) if name == "visitor" else (404, 404)
            ), name
            assert b"4,000,000" not in seen.content and b"4000000" not in told.content


def test_a_buyer_learns_nothing_of_the_sellers_other_contracts(cast: Cast) -> None:
    sold(cast)
    page = cast.outsider.client.get("/contracts/relief/").content.decode()
    assert "No registered contract in this year" in page and "4,000,000" not in page


def test_the_vector_by_page_and_by_api(cast: Cast) -> None:
    first, second = sold(cast), sold(cast, total_amount="5000000.00")
    client = cast.colleague.client
    data = {
        f"{first.public_id}-revenue": "400万", f"{first.public_id}-cost": "50万",
        f"{second.public_id}-revenue": "5,000,000", f"{second.public_id}-cost": "1,000,000",
        f"{second.public_id}-taxes": "500000",
    }  # fmt: skip
    answer = client.post(year_of(cast), data)
    page = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert ">¥7,000,000.00<" in page and ">¥250,000.00<" in page and "1,500,000.00" in page
    told = cast.colleague.api.post(
        f"/api/v1/relief/{cast.home.public_id}/{YEAR}/",
        {"contracts": {
            first.public_id: {"cost": "500000.00"},
            second.public_id: {"cost": "1000000.00", "taxes": "500000.00"},
        }},
        format="json",
    )  # fmt: skip
    assert told.json()["tax"] == {
        "income": "7000000.00", "exempt": "5000000.00", "halved": "2000000.00",
        "due": "250000.00", "usual": "1750000.00", "saved": "1500000.00",
    }  # fmt: skip
    assert ">¥250,000.00<" not in client.get(year_of(cast)).content.decode(), "nothing was stored"


def test_a_wrong_amount_is_marked_and_what_was_typed_stays(cast: Cast) -> None:
    contract = sold(cast)
    answer = cast.colleague.client.post(
        year_of(cast),
        {f"{contract.public_id}-revenue": "much", f"{contract.public_id}-cost": "-1"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="much"' in page and 'value="-1"' in page and "has-errors" in page
    one = cast.colleague.client.post(
        f"/contracts/{contract.public_id}/relief/", {"revenue": "much"}
    )
    assert one.status_code == 422 and 'value="much"' in one.content.decode()


def test_what_does_not_count_stands_there_with_the_reason(cast: Cast) -> None:
    sold(cast)
    factories.registered(cast, "service", total_amount="3000000.00")
    page = cast.colleague.client.get(year_of(cast)).content.decode()
    assert "1 of 2 contracts counts" in page and "not this type" in page
    told = cast.colleague.api.get(f"/api/v1/relief/{cast.home.public_id}/{YEAR}/").json()
    assert told["tax"]["income"] == "4000000.00"


def test_contracts_of_two_years(cast: Cast) -> None:
    """Signed last year and still running: nothing is supposed for this year, all for the last."""
    old = sold(cast, signed_on=dt.date(YEAR - 1, 12, 31), valid_from=None, valid_to=None)
    entries = {
        year: entries_of_year(cast.colleague.actor, cast.home, year, timezone.localdate())
        for year in (YEAR - 2, YEAR - 1, YEAR)
    }
    assert [[(one.contract.pk, one.supposed, one.note) for one in entries[year]]
            for year in sorted(entries)] == [
        [], [(old.pk, 4_000_000, "signed")], [(old.pk, 0, "earlier")],
    ]  # fmt: skip


def test_only_the_present_edition_counts(cast: Cast) -> None:
    old = sold(cast)
    factories.amended(cast, old, total_amount="2000000.00")
    told = cast.colleague.api.get(f"/api/v1/relief/{cast.home.public_id}/{YEAR}/").json()
    assert [row["revenue"] for row in told["contracts"]] == ["2000000.00"]


def test_a_draft_is_worked_out_as_if_it_were_registered_and_says_so(cast: Cast) -> None:
    contract = factories.drafted(cast, "transfer", total_amount="6000000.00")
    page = cast.colleague.client.get(f"/contracts/{contract.public_id}/relief/").content.decode()
    assert "is not registered yet" in page and "125,000.00" in page


def test_value_added_tax_is_shown_as_unconfirmed(cast: Cast) -> None:
    told = cast.colleague.api.get(f"/api/v1/contracts/{sold(cast).public_id}/relief/").json()
    line = next(one for one in told["lines"] if one["kind"] == "vat")
    assert line["is_unconfirmed"] and line["rule"]["unconfirmed_from"] == "2026-01-01"


def test_the_caveat_is_on_top_in_both_languages(cast: Cast) -> None:
    contract = sold(cast)
    client = cast.colleague.client
    for language, words in (("en", "Information, never advice"), ("zh-hans", "不构成税务意见")):
        client.cookies["language"] = language
        for address in (f"/contracts/{contract.public_id}/relief/", year_of(cast)):
            assert words in client.get(address).content.decode()


def test_a_contract_of_another_firm_is_refused_by_name(cast: Cast) -> None:
    answer = cast.colleague.api.post(
        f"/api/v1/relief/{cast.home.public_id}/{YEAR}/",
        {"contracts": {"0000000000": {}}}, format="json",
    )  # fmt: skip
    assert answer.status_code == 400 and "0000000000" in answer.content.decode()
    assert cast.colleague.api.get(f"/api/v1/relief/{cast.home.public_id}/2007/").status_code == 404


def test_a_year_costs_as_much_for_many_contracts_as_for_few(cast: Cast) -> None:
    sold(cast)
    client = cast.colleague.client
    few = own_queries(lambda: client.get(year_of(cast)))
    for _number in range(3):
        sold(cast)
    assert own_queries(lambda: client.get(year_of(cast))) == few == 2
