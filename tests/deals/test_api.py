"""The API of introductions: the same gates and actions as the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.actions.brokers import ask_for_broker
from deals.actions.talks import post_message
from deals.models import Introduction, State
from tests.deals import factories
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast, Player

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/introductions/"


def post(player: Player, introduction: Introduction, name: str, /, **body: Any) -> Any:
    return player.api.post(f"{ROOT}{introduction.public_id}/{name}/", body, format="json")


def test_a_pair_goes_from_asking_to_a_contract_by_api_alone(cast: Cast) -> None:
    need, technology = published(cast.home, kind="need"), published(cast.outside)
    asked = cast.owner.api.post(
        ROOT, {"need": need.public_id, "technology": technology.public_id}, format="json"
    )
    assert asked.status_code == 201, asked.json()
    made = Introduction.objects.get(public_id=asked.json()["id"])

    assert post(cast.owner, made, "messages", body="May we see a sample?").status_code == 201
    assert post(cast.outsider, made, "messages", body="Next week.").status_code == 201
    for player in (cast.owner, cast.outsider):
        text = player.api.get(f"{ROOT}{made.public_id}/nda/").json()
        accepted = post(player, made, "accept-nda", text_hash=text["text_hash"], name=player.name)
        assert accepted.status_code == 200
    assert accepted.json()["nda"]["in_force"] is True
    assert accepted.json()["state"] == State.IN_TALKS
    assert post(cast.outsider, made, "release").status_code == 200
    drafted = post(cast.outsider, made, "draft-contract", mode="exclusive_licence")
    again = post(cast.owner, made, "draft-contract")
    contract = cast.outsider.api.get(f"/api/v1/contracts/{drafted.json()['contract']}/").json()
    closed = post(cast.owner, made, "close", outcome="agreed")

    assert drafted.json() == again.json()
    assert (contract["type"], contract["sub_type"]) == ("licence", "exclusive_licence")
    assert {party["role"] for party in contract["parties"]} == {"seller", "buyer"}
    assert closed.json()["outcome"] == "agreed"


def test_asking_for_an_open_pair_answers_200_with_the_same(cast: Cast) -> None:
    made = factories.asked(cast)

    again = cast.owner.api.post(
        ROOT, {"need": made.need.public_id, "technology": made.technology.public_id},
        format="json",
    )  # fmt: skip

    assert (again.status_code, again.json()["id"]) == (200, made.public_id)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200), ("colleague", 200), ("outsider", 200), ("broker", 200), ("rival", 404),
        ("newcomer", 404), ("operator", 404), ("moderator", 404), ("registrar", 404),
        ("visitor", 401),
    ],
)  # fmt: skip
def test_an_introduction_is_read_by_its_parties_and_its_broker(
    cast: Cast, who: str, status: int
) -> None:
    made = factories.with_broker(cast)
    player: Player = getattr(cast, who)

    for path in ("", "messages/", "nda/"):
        assert player.api.get(f"{ROOT}{made.public_id}/{path}").status_code == status
    if status != 200:
        for name in ("messages", "release", "revoke", "show-name", "ask-for-broker", "close",
                     "draft-contract", "accept-nda", "step-back"):  # fmt: skip
            assert post(player, made, name).status_code == status, name


def test_closed_listings_and_withheld_names_are_null(cast: Cast) -> None:
    made = factories.introduced(
        cast, technology={"visibility": "confidential", "title_en": "Secret title of ours"}
    )
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="We have it.")

    raw = cast.owner.api.get(f"{ROOT}{made.public_id}/")
    thread = cast.owner.api.get(f"{ROOT}{made.public_id}/messages/")
    listed = cast.owner.api.get(ROOT)

    assert raw.json()["technology"] is None and raw.json()["technology_party"] is None
    assert thread.json()["results"][0]["who"] is None
    for answer in (raw, thread, listed):
        for secret in ("Secret title", "Lakeside", "Outsider", cast.outside.public_id):
            assert secret not in answer.content.decode()


def test_brokers_list_and_claim_requests(cast: Cast) -> None:
    made = factories.introduced(cast)
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    requests = f"{ROOT}requests/"

    assert cast.rival.api.get(requests).json()["results"] == []
    assert cast.visitor.api.get(requests).status_code == 401
    [found] = cast.broker.api.get(requests).json()["results"]
    assert found["id"] == made.public_id
    assert cast.rival.api.post(f"{requests}{made.public_id}/claim/").status_code == 404
    claimed = cast.broker.api.post(f"{requests}{made.public_id}/claim/")

    assert claimed.status_code == 200 and claimed.json()["state"] == "with_broker"
    assert post(cast.broker, made, "step-back").status_code == 204


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("messages", {}, 400), ("messages", {"body": "x" * 4001}, 400),
        ("messages", {"body": ["a"]}, 400), ("messages", {"body": "\u0000"}, 400),
        ("messages", {"body": "Hello", "side": "technology"}, 403),
        ("messages", {"body": "Hello", "side": "moon"}, 403),
        ("accept-nda", {"text_hash": "0" * 64, "name": "Lin"}, 412),
        ("accept-nda", {"text_hash": "0" * 65, "name": "Lin"}, 400), ("release", {}, 409),
        ("close", {"outcome": "won"}, 400), ("close", {"outcome": "not_agreed"}, 400),
        ("close", {"outcome": "lapsed", "reason": "bored"}, 400),
        ("draft-contract", {"mode": "magic"}, 400),
    ],
)  # fmt: skip
def test_bad_input_is_refused_as_a_problem_and_changes_nothing(
    cast: Cast, name: str, body: dict[str, Any], status: int
) -> None:
    made = factories.introduced(cast)

    answer = post(cast.owner, made, name, **body)

    assert answer.status_code == status, answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert Introduction.objects.get().version == made.version


@pytest.mark.parametrize(
    "body",
    [
        {}, {"need": "x", "technology": "y"}, {"need": "0" * 10, "technology": "0" * 10},
        {"need": None, "technology": 7}, {"need": "a\u0000", "technology": "b"},
    ],
)  # fmt: skip
def test_opening_with_bad_ids_is_refused(cast: Cast, body: dict[str, Any]) -> None:
    answer = cast.owner.api.post(ROOT, body, format="json")

    assert answer.status_code in (400, 404)
    assert not Introduction.objects.exists()


def test_if_match_guards_against_an_older_reading(cast: Cast) -> None:
    made = factories.introduced(cast)
    read = cast.owner.api.get(f"{ROOT}{made.public_id}/")
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="One moment")

    answer = cast.owner.api.post(
        f"{ROOT}{made.public_id}/close/", {"outcome": "lapsed"}, format="json",
        headers={"If-Match": read["ETag"]},
    )  # fmt: skip

    assert answer.status_code == 412


def test_a_token_without_the_scope_is_refused(cast: Cast) -> None:
    made = factories.introduced(cast)
    cast.owner.user.api_tokens.update(scopes=["introductions:read"])

    assert cast.owner.api.get(f"{ROOT}{made.public_id}/").status_code == 200
    assert post(cast.owner, made, "messages", body="Hello").status_code == 403


def test_filters_and_sparse_fields(cast: Cast) -> None:
    made = factories.introduced(cast)
    factories.introduced(cast)

    def ids(**query: str) -> list[str]:
        answer = cast.owner.api.get(ROOT, query)
        assert answer.status_code == 200, answer.json()
        return [row["id"] for row in answer.json()["results"]]

    assert ids(need=made.need.public_id) == [made.public_id]
    assert len(ids(side="need", state="open")) == 2
    assert ids(side="broker") == ids(state="closed") == ids(outcome="agreed") == []
    assert cast.owner.api.get(ROOT, {"state": "flying"}).status_code == 400
    sparse = cast.owner.api.get(ROOT, {"fields": "id,state"}).json()["results"][0]
    assert set(sparse) == {"id", "state"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(
    cast: Cast, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        factories.introduced(cast)
    cast.owner.api.get(ROOT)

    with django_assert_num_queries(6):
        cast.owner.api.get(ROOT)
