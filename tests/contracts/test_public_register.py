"""The public register tells what the parties allow and not a word more."""

import pytest
from django.utils import timezone

from contracts.actions.endings import cancel
from contracts.models import Contract
from contracts.queries import register
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db

SECRETS = (
    "Secret of the kiln", "窑炉的秘密", "Lantern Works", "灯笼工坊", "湖畔大学", "91440300TEST00001A",  # noqa: E501
    "123456.78", "123,456.78", "40% at signing", "Ms Lake", "contract.pdf",
)  # fmt: skip


def secretive(cast: Cast, **values: object) -> Contract:
    sides = factories.parties(cast)
    sides[1]["contact"] = "Ms Lake"
    return factories.registered(
        cast, sides=sides, title_en="Secret of the kiln", title_zh="窑炉的秘密",
        total_amount="123456.78", payment_terms="40% at signing", **values,
    )  # fmt: skip


def public_texts(cast: Cast, number: str, player: str = "visitor") -> list[str]:
    who = cast.everybody[player]
    answers = [
        who.client.get("/register/"),
        who.client.get(f"/register/{number}/"),
        who.client.get("/register/?q=kiln"),
        who.client.get(f"/register/?q={number[:12]}"),
        who.api.get("/api/v1/register/"),
        who.api.get(f"/api/v1/register/{number}/"),
        who.api.get("/api/v1/register/?q=kiln"),
    ]
    assert all(answer.status_code == 200 for answer in answers)
    return [answer.content.decode() for answer in answers]


@pytest.mark.parametrize("player", ["visitor", "rival", "newcomer"])
def test_nothing_private_is_told_when_the_parties_allow_nothing(cast: Cast, player: str) -> None:
    contract = secretive(cast)
    texts = public_texts(cast, contract.number, player)
    for text in texts:
        for secret in SECRETS:
            assert secret not in text
    assert contract.number in texts[1] and contract.number in texts[5]
    assert register.registered().count() == 1
    assert contract.number not in texts[2], "a title that is not public cannot be searched"
    assert '"results":[]' in texts[6]


def test_each_allowed_fact_is_shown_and_no_other(cast: Cast) -> None:
    for allowed, shown in (
        ("title", {"Secret of the kiln", "窑炉的秘密"}),
        ("parties", {"灯笼工坊", "湖畔大学"}),
        ("amount", {"123456.78"}),
    ):
        contract = secretive(cast, public_facts=[allowed])
        text = cast.visitor.api.get(f"/api/v1/register/{contract.number}/").content.decode()
        assert {secret for secret in SECRETS if secret in text} == shown


def test_the_band_stands_where_the_amount_may_not(cast: Cast) -> None:
    contract = secretive(cast)
    entry = cast.visitor.api.get(f"/api/v1/register/{contract.number}/").json()
    assert (entry["total_cny"], entry["technology_cny"], entry["amount_band"]) == (None, None, "b2")


def test_only_registered_contracts_are_in_the_register(cast: Cast) -> None:
    for state in ("draft", "submitted", "returned", "under_examination", "refused", "withdrawn"):
        factories.in_state(cast, state)
    assert register.registered().count() == 0
    assert "0 contracts" in cast.visitor.client.get("/register/").content.decode()


def test_a_number_is_found_by_itself_and_leads_to_its_page(cast: Cast) -> None:
    contract = factories.registered(cast)
    answer = cast.visitor.client.get("/register/", {"q": contract.number})
    assert (answer.status_code, answer["Location"]) == (302, f"/register/{contract.number}/")
    page = cast.visitor.client.get(answer["Location"]).content.decode()
    assert "Registered and in force" in page


@pytest.mark.parametrize(("state", "word"), [("cancelled", "cancelled"), ("revoked", "revoked")])
def test_an_ended_registration_says_so(cast: Cast, state: str, word: str) -> None:
    contract = factories.in_state(cast, state)
    page = cast.visitor.client.get(f"/register/{contract.number}/").content.decode()
    assert f"This registration was {word}" in page
    assert "Registered and in force" not in page
    entry = cast.visitor.api.get(f"/api/v1/register/{contract.number}/").json()
    assert entry["state"] == state and entry["ended_on"] == str(timezone.localdate())


def test_a_number_shows_its_newest_edition_once(cast: Cast) -> None:
    old = factories.registered(cast, public_facts=["amount"])
    factories.amended(cast, old, total_amount="150000.00")
    rows = cast.visitor.api.get("/api/v1/register/").json()["results"]
    assert [(row["edition"], row["total_cny"]) for row in rows] == [(2, "150000.00")]
    page = cast.visitor.client.get(f"/register/{old.number}/").content.decode()
    assert "edition 2" in page and "150,000.00" in page and "120,000.00" not in page


def test_filters_and_their_counts_agree(cast: Cast) -> None:
    for kind, field in (("service", "agriculture"), ("service", "aerospace"),
                        ("licence", "agriculture")):  # fmt: skip
        factories.registered(cast, kind, field=field, public_facts=["title"])
    cancel(
        actor=cast.registrar.actor, words="Rescinded.",
        contract_id=Contract.objects.filter(type="licence").get().pk,
    )  # fmt: skip
    year = timezone.localdate().year
    get = cast.visitor.api.get

    def count(query: str) -> int:
        return len(get(f"/api/v1/register/?{query}").json()["results"])

    assert count("type=service") == 2
    assert count("type=service&field=agriculture") == 1
    assert count("type=service&type=licence&field=agriculture") == 2
    assert count(f"year={year}") == 3 and count(f"year={year - 1}") == 0
    assert count("state=cancelled") == 1
    assert count("region=440000") == 3 and count("region=310000") == 0
    assert count("q=fabric") == 3 and count("q=zebra") == 0
    context = cast.visitor.client.get("/register/?type=service").context
    assert {row["value"]: row["count"] for row in context["facets"]["type"]} == {
        "development": 0, "transfer": 0, "licence": 1, "consulting": 0, "service": 2,
    }  # fmt: skip
    assert {row["value"]: row["count"] for row in context["facets"]["field"]} == {
        "aerospace": 1, "agriculture": 1,
    }  # fmt: skip
    assert context["facets"]["year"] == [{"value": str(year), "label": str(year), "count": 2}]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=" + "x" * 5000, "type=zzz", "field=%27", "year=abc", "year=99999999999999999999",
     "year=%C2%B2", "page=zz", "page=-4", "type=service&type=service&type=zz"],
)  # fmt: skip
def test_odd_queries_of_the_page_do_no_harm(cast: Cast, query: str) -> None:
    factories.registered(cast)
    assert cast.visitor.client.get(f"/register/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [("type=zzz", 400), ("year=abc", 400), ("year=1e400", 400), ("year=99999999", 200),
     ("region=999999", 400), ("state=draft", 400), ("fields=secret", 400), ("q=%00", 400),
     ("q=" + "x" * 101, 400)],
)  # fmt: skip
def test_odd_queries_of_the_api_are_refused_in_one_shape(
    cast: Cast, query: str, status: int
) -> None:
    answer = cast.visitor.api.get(f"/api/v1/register/?{query}")
    assert answer.status_code == status
    if status == 400:
        assert answer["Content-Type"] == "application/problem+json"


def test_the_list_costs_the_same_for_one_and_for_three(cast: Cast) -> None:
    for rows in (1, 3):
        while Contract.objects.count() < rows:
            factories.registered(cast, public_facts=["parties", "title"])
        # rows, parties, and for a text what holds it (the counts of all are sums of figures)
        assert own_queries(lambda: cast.visitor.client.get("/register/")) == 2
        assert own_queries(lambda: cast.visitor.client.get("/register/?q=fabric")) == 3
        assert own_queries(lambda: cast.visitor.api.get("/api/v1/register/")) == 2
