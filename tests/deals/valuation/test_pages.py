"""Pages and API of valuations: shown to the organisation alone, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from deals.models import ApproachCode, Simulation, Valuation
from tests.deals.valuation import factories
from tests.deals.valuation.vectors import AVONEX, COST, DAVANRIK, RELIEF

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/valuations/"
PATHS = ("", "by/relief/", "by/relief/simulation/", "report/", "report.pdf", "figures.csv")
STEPS = ("by/relief/", "by/relief/remove/", "by/relief/simulate/", "final/", "copy/")


def api(player: Any, made: Valuation, name: str, **body: Any) -> Any:
    return player.api.post(f"{ROOT}{made.public_id}/{name}/", body, format="json")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200), ("colleague", 200), ("outsider", 404), ("rival", 404), ("broker", 404),
        ("newcomer", 404), ("operator", 404), ("moderator", 404), ("registrar", 404),
        ("visitor", 302),
    ],
)  # fmt: skip
def test_it_is_there_for_its_organisation_alone(cast: Cast, who: str, status: int) -> None:
    made = factories.valued(cast)
    player = getattr(cast, who)

    for path in PATHS:
        answer = player.client.get(f"{made.get_absolute_url()}{path}")
        redirects = path == "by/relief/simulation/" and status == 200
        assert answer.status_code == (302 if redirects else status), path
    for path in () if status == 200 else STEPS:
        answer = player.client.post(f"{made.get_absolute_url()}{path}")
        assert answer.status_code == status, path
    for path in ("", "report/", "figures/"):
        expected = {200: 200, 404: 404, 302: 401}[status]
        assert player.api.get(f"{ROOT}{made.public_id}/{path}").status_code == expected, path
    if status != 200:
        for name in ("compute", "simulate", "finalise", "copy"):
            assert api(player, made, name).status_code == (401 if status == 302 else 404)
        for path in ("/valuations/", f"{ROOT}", "/events/", "/desk/"):
            text = player.client.get(path).content.decode()
            assert factories.SECRET not in text and made.public_id not in text, path
    assert Valuation.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_approach_is_shown_in_both_languages(
    cast: Cast, language: str, run_jobs: Callable[..., Any]
) -> None:
    made = factories.valued(cast)
    flows = [{"label": "Sales", "year": 1, "amount": {"low": 1, "base": 5, "high": 9}, "chance": 1}]
    inputs: dict[str, Any] = {
        "cost": COST, "market": {"rows": [{"label": "A deal", "price": "9"}]},
        "dcf": {"rate": 10, "rows": [{k: v for k, v in flows[0].items() if k != "chance"}]},
        "rnpv": {"rate": 10, "rows": flows}, "relief": RELIEF, "black_scholes": AVONEX,
        "binomial": {**AVONEX, "style": "american"}, "tree": DAVANRIK,
    }  # fmt: skip
    for code in ApproachCode.values:
        answer = api(cast.owner, made, "compute", approach=code, inputs=inputs[code])
        assert answer.status_code == 200, answer.json()
    assert api(cast.owner, made, "simulate", approach="relief", seed=1).status_code == 202
    client = cast.owner.client
    client.cookies["language"] = language
    client.cookies["django_language"] = language
    waiting = client.get(made.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    run_jobs()

    for path in ("", "report/", *(f"by/{code}/" for code in ApproachCode.values)):
        answer = client.get(f"{made.get_absolute_url()}{path}")
        assert answer.status_code == 200, path
    html = client.get(made.get_absolute_url()).content.decode()
    assert html.count('role="img"') >= 4
    for figure in ("14.55%", "40.93%", "396,868.67"):
        assert figure in html, figure
    for code in ("zh", "en"):
        pdf = client.get(f"{made.get_absolute_url()}report.pdf?language={code}")
        assert pdf.content.startswith(b"%PDF") and b"/StructTreeRoot" in pdf.content
    assert client.get(f"{made.get_absolute_url()}report.pdf?language=fr").status_code == 400
    csv = client.get(f"{made.get_absolute_url()}figures.csv").content.decode("utf-8-sig")
    assert "relief,value," in csv and "396868.67" in csv and "relief,simulation,P50" in csv


def test_a_draft_becomes_final_by_pages_alone(cast: Cast) -> None:
    client = cast.owner.client
    begun = client.post("/valuations/begin/", {
        "title": "A coating", "organisation": cast.home.public_id, "currency": "CNY",
        "valued_on": "2026-11-22",
    })  # fmt: skip
    assert begun.status_code == 302, begun.content.decode()
    url = begun.headers["Location"]
    assert client.get(url).status_code == 200
    typed = {
        "obsolescence_base": "10", "rows": "3", "row-0-label": "Research",
        "row-0-amount_base": "1万",
        "row-0-amount_low": "8000", "row-1-label": "Pilot", "row-1-amount_base": "many",
        "note": "First",
    }  # fmt: skip

    more = client.post(f"{url}by/cost/", {**typed, "do": "rows"}).content.decode()
    wrong = client.post(f"{url}by/cost/", {**typed, "do": "save"})
    right = client.post(f"{url}by/cost/", {**typed, "row-1-amount_base": "5000", "do": "save"})

    assert 'name="row-5-label"' in more and 'value="1万"' in more and 'value="Pilot"' in more
    assert wrong.status_code == 422 and "This is no number" in wrong.content.decode()
    assert 'value="many"' in wrong.content.decode() and 'value="8000"' in wrong.content.decode()
    assert right.status_code == 302
    page = client.get(url).content.decode()
    assert "(10,000 + " not in page and "15,000 × (1 − 0.1) = 13,500" in page
    refused = client.post(f"{url}final/", {"base": "x", "low": "12000"})
    assert refused.status_code == 422 and 'value="12000"' in refused.content.decode()
    made = Valuation.objects.get()
    final = {"base": "1.3万", "low": "12000", "high": "", "conclusion": "Cost."}
    assert client.post(f"{url}final/", final).status_code == 422  # a version that nobody saw
    client.post(f"{url}final/", {**final, "version": str(made.version)})
    made.refresh_from_db()
    assert (made.state, str(made.low), str(made.base)) == ("final", "12000.00", "13000.00")
    assert client.get(f"{url}by/cost/").status_code == 302
    assert client.post(f"{url}copy/").status_code == 302
    assert Valuation.objects.count() == 2


def test_what_was_stored_comes_back_in_the_form(cast: Cast) -> None:
    made = factories.valued(cast, "tree", DAVANRIK)
    client, url = cast.owner.client, f"{made.get_absolute_url()}by/tree/"
    html = client.get(url).content.decode()

    assert html.count("-label") >= 15 and 'value="Phase II fails"' in html
    typed = {"rows": "15", "do": "save", "policy": "may_stop"}
    for place, row in enumerate(DAVANRIK["rows"]):
        typed |= {
            f"row-{place}-label": row["label"], f"row-{place}-parent": row["parent"],
            f"row-{place}-chance_base": row["chance"], f"row-{place}-cost_base": row["cost"],
            f"row-{place}-payoff_base": row["payoff"],
        }  # fmt: skip
    assert client.post(url, typed).status_code == 302
    assert made.versions.count() == 1  # the same again is no new version
    answer = client.post(url, {**typed, "row-1-parent": "nobody"})
    assert answer.status_code == 422 and "No row has this name" in answer.content.decode()


def test_comparables_say_why_there_are_none(cast: Cast) -> None:
    made, dollars = factories.begun(cast), factories.begun(cast, currency="USD")
    typed = {"rows": "1", "row-0-label": "Mine", "row-0-price_base": "5", "do": "draw"}

    few = cast.owner.client.post(f"{made.get_absolute_url()}by/market/", typed)
    foreign = cast.owner.client.post(f"{dollars.get_absolute_url()}by/market/", typed)

    assert few.status_code == 422 and "at least 5 are needed" in few.content.decode()
    assert 'value="Mine"' in few.content.decode()
    assert foreign.status_code == 422 and "without a rate" in foreign.content.decode()


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("compute", {"approach": "cost", "inputs": {"rows": [{"amount": "NaN"}]}},
         "inputs.rows.0.amount.base"),
        ("compute", {"approach": "cost", "inputs": None}, "inputs"),
        ("compute", {"approach": "guess", "inputs": {}}, "approach"),
        ("simulate", {"approach": "relief", "draws": 5}, "draws"),
        ("finalise", {"base": "5", "low": "6"}, "low"),
        ("finalise", {"base": "1e30"}, "base"),
    ],
)  # fmt: skip
def test_the_api_names_the_field(cast: Cast, name: str, body: dict[str, Any], field: str) -> None:
    answer = api(cast.owner, factories.valued(cast), name, **body)

    assert answer.status_code == 400, answer.json()
    assert field in str(answer.json()), answer.json()


def test_by_api_alone_with_versions_and_scopes(cast: Cast, run_jobs: Callable[..., Any]) -> None:
    begun = cast.owner.api.post(
        ROOT, {"organisation": cast.home.public_id, "title": "By program"}, format="json"
    )
    assert begun.status_code == 201, begun.json()
    made = Valuation.objects.get(public_id=begun.json()["id"])
    done = api(cast.owner, made, "compute", approach="relief", inputs=RELIEF)
    api(cast.owner, made, "simulate", approach="relief", seed=3, draws=1000)
    run_jobs()
    first = cast.owner.api.get(f"{ROOT}{made.public_id}/").json()["approaches"][0]["simulation"]
    final = api(cast.owner, made, "finalise", base="400000.00")

    assert done.json()["approaches"][0]["outcome"]["base"] == "396868.67"
    assert first["result"]["draws"] == 1000 and Simulation.objects.count() == 1
    assert final.json()["state"] == "final"
    assert api(cast.owner, made, "compute", approach="cost", inputs=COST).status_code == 409
    copied = api(cast.owner, made, "copy")
    assert (copied.status_code, copied.json()["edition"]) == (201, 2)
    assert cast.owner.api.post(
        ROOT, {"organisation": cast.outside.public_id, "title": "x"}, format="json"
    ).status_code == 404  # fmt: skip
    assert cast.owner.user is not None
    cast.owner.user.api_tokens.update(scopes=["valuations:read"])
    assert cast.owner.api.get(ROOT).status_code == 200
    assert api(cast.owner, made, "copy").status_code == 403


def test_the_list_asks_the_same_however_many_there_are(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for _number in range(3):
        factories.valued(cast)
    cast.owner.api.get(ROOT)

    with django_assert_num_queries(3):
        assert cast.owner.api.get(ROOT).json()["results"]


def test_a_listing_that_one_may_not_see_cannot_be_named(cast: Cast) -> None:
    from tests.listings.factories import published

    hidden = published(cast.outside, visibility="confidential")
    answer = cast.owner.api.post(
        ROOT,
        {"organisation": cast.home.public_id, "title": "x", "technology": hidden.public_id},
        format="json",
    )

    assert answer.status_code == 400 and "listing" in str(answer.json())
