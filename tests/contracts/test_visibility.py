"""Who sees which contract in which state: the whole table, by every door."""

import pytest

from contracts.codes import STATES
from contracts.models import Contract
from contracts.queries.desk import at_points
from contracts.queries.visibility import of_parties, visible_to
from marketplace.core.actor import Actor
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db

# Sellers home (owner, editor) and buyer outside see it from the first draft; the registrar of its
# point from the first submission; nobody else ever.
PARTIES = {"owner", "colleague", "outsider"}
ALL_STATES = [entry.code for entry in STATES]
BEFORE_SUBMISSION = {"draft", "withdrawn"}  # this one is withdrawn from a draft


def seeing(cast: Cast, contract: Contract) -> set[str]:
    return {
        name
        for name, player in cast.everybody.items()
        if visible_to(player.actor).filter(pk=contract.pk).exists()
    }


@pytest.mark.parametrize("state", ALL_STATES)
def test_who_sees_a_contract_in_each_state(cast: Cast, state: str) -> None:
    contract = factories.in_state(cast, state)
    expected = PARTIES if state in BEFORE_SUBMISSION else PARTIES | {"registrar"}
    assert seeing(cast, contract) == expected
    assert visible_to(Actor.system()).filter(pk=contract.pk).exists()
    at_desk = {"registrar"} - ({"registrar"} if state in BEFORE_SUBMISSION else set())
    assert at_desk == {
        name
        for name, player in cast.everybody.items()
        if at_points(player.actor).filter(pk=contract.pk).exists()
    }


@pytest.mark.parametrize("state", ["draft", "submitted", "registered"])
def test_pages_and_api_open_to_those_who_see_it_and_nobody_else(cast: Cast, state: str) -> None:
    contract = factories.in_state(cast, state)
    expected = PARTIES if state in BEFORE_SUBMISSION else PARTIES | {"registrar"}
    for name, player in cast.everybody.items():
        see = name in expected
        assert player.client.get(f"/contracts/{contract.public_id}/").status_code == (
            200 if see else 302 if name == "visitor" else 404
        ), name
        assert player.api.get(f"/api/v1/contracts/{contract.public_id}/").status_code == (
            200 if see else 401 if name == "visitor" else 404
        ), name
        listed = player.api.get("/api/v1/contracts/")
        if name != "visitor":
            ids = {row["id"] for row in listed.json()["results"]}
            assert (contract.public_id in ids) is see, name
        desk = player.api.get(f"/api/v1/registrar/contracts/{contract.public_id}/")
        at_desk = name == "registrar" and state not in BEFORE_SUBMISSION
        assert desk.status_code == (200 if at_desk else 401 if name == "visitor" else 404), name


def test_a_typed_in_party_gives_nobody_a_view(cast: Cast) -> None:
    contract = factories.drafted(
        cast,
        sides=[factories.parties(cast)[0], {"role": "buyer", "name": "湖畔大学", "code": "B"}],
    )
    assert seeing(cast, contract) == {"owner", "colleague"}


def test_the_broker_of_a_contract_sees_it(cast: Cast) -> None:
    sides = [*factories.parties(cast), {"role": "broker", "organisation": cast.tti.public_id}]
    contract = factories.drafted(cast, sides=sides)
    assert seeing(cast, contract) == PARTIES | {"broker"}


def test_an_analyst_of_a_party_does_not_see_it(cast: Cast) -> None:
    from accounts.models import Membership

    contract = factories.drafted(cast)
    Membership.objects.create(user=cast.newcomer.user, organisation=cast.home, roles=["analyst"])
    assert not visible_to(cast.newcomer.fresh()).filter(pk=contract.pk).exists()


def test_whoever_leaves_the_organisation_sees_it_no_more(cast: Cast) -> None:
    from accounts.models import Membership

    contract = factories.drafted(cast, actor=cast.colleague.actor)
    assert contract.drafted_by_id == cast.colleague.user.pk
    Membership.objects.filter(user=cast.colleague.user).delete()
    assert not visible_to(cast.colleague.fresh()).filter(pk=contract.pk).exists()


def test_the_lists_of_the_two_sides_do_not_mix(cast: Cast) -> None:
    contract = factories.submitted(cast)
    assert list(of_parties(cast.colleague.actor)) == [contract]
    assert list(of_parties(cast.registrar.actor)) == []
    assert list(at_points(cast.registrar.actor)) == [contract]
    assert list(at_points(cast.colleague.actor)) == []


def test_files_are_for_the_parties_and_registrars_without_ties(cast: Cast) -> None:
    from django.test import Client

    from accounts.models import Membership
    from accounts.queries import actor_for

    contract = factories.submitted(cast)
    file = contract.files.get()
    page = f"/contracts/{contract.public_id}/files/{file.public_id}/"
    api = f"/api/v1/contracts/{contract.public_id}/files/{file.public_id}/content/"
    allowed = PARTIES | {"registrar"}
    for name, player in cast.everybody.items():
        answer = player.client.get(page)
        assert answer.status_code == (
            200 if name in allowed else 302 if name == "visitor" else 404
        ), name
        if name in allowed:
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Disposition"].startswith("attachment")
            assert b"".join(answer.streaming_content).startswith(b"%PDF")
        answer = player.api.get(api)
        assert answer.status_code == (
            200 if name in allowed else 401 if name == "visitor" else 404
        ), name
        if name in allowed:
            assert b"".join(answer.streaming_content).startswith(b"%PDF")
    tied = factories.second_registrar(cast)
    Membership.objects.create(user=tied, organisation=cast.outside, roles=["analyst"])
    client = Client()
    client.force_login(tied, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert actor_for(tied, "en").roles
    assert client.get(page).status_code == 403
    assert client.get(f"/registrar/contracts/{contract.public_id}/").status_code == 200


def test_an_id_that_names_nothing_is_not_found(cast: Cast) -> None:
    file = factories.submitted(cast).files.get()
    other = factories.drafted(cast)
    for address in (
        "/contracts/0000000000/",
        "/contracts/0000000000/edit/",
        f"/contracts/{other.public_id}/files/{file.public_id}/",
        "/registrar/contracts/0000000000/",
        "/register/9999999999999999/",
        "/register/123/",
        "/contracts/nonsense/",
    ):
        assert cast.registrar.client.get(address).status_code == 404, address
