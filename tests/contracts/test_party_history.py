"""What the desk knows of the parties: rows of the registrar's own point and nothing else."""

from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract, ContractParty
from contracts.queries import party_history
from contracts.queries.party_history import history_of_parties
from contracts.queries.visibility import with_details
from tests.accounts.factories import OrganisationFactory
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def history(cast: Cast, contract: Contract) -> Any:
    found = with_details(Contract.objects.all()).get(pk=contract.pk)
    return history_of_parties(found, cast.registrar.actor)


def test_earlier_steps_of_the_parties_are_told_with_their_grounds(cast: Cast) -> None:
    refused = factories.in_state(cast, "refused")
    returned = factories.in_state(cast, "returned")
    revoked = factories.in_state(cast, "revoked")
    now = factories.submitted(cast)
    found = history(cast, now)
    assert [row.contract.pk for row in found.rows] == [revoked.pk, returned.pk, refused.pk]
    assert [(row.returned, row.ground, row.ended) for row in found.rows] == [
        (0, "", "Fraud."), (1, "", ""), (0, "not_technology", ""),
    ]  # fmt: skip
    assert found.counts == {"refused": 1, "returned": 1, "revoked": 1}
    assert {party.role for party in found.rows[0].parties} == {"seller", "buyer"}
    page = cast.registrar.client.get(f"/registrar/contracts/{now.public_id}/").content.decode()
    assert "What is known of these parties" in page and "returned once" in page
    api = cast.registrar.api.get(
        f"/api/v1/registrar/contracts/{now.public_id}/party-history/"
    ).json()
    assert api["counts"] == found.counts
    assert [row["refusal"] for row in api["contracts"]] == ["", "", "not_technology"]


def test_other_points_drafts_and_replaced_editions_are_neither_shown_nor_counted(
    cast: Cast,
) -> None:
    elsewhere = OrganisationFactory(registration_point=True, region="510100")
    factories.submitted(cast, registration_point=elsewhere.public_id)
    factories.drafted(cast)
    old = factories.registered(cast)
    newest = factories.amended(cast, old)
    now = factories.submitted(cast)
    found = history(cast, now)
    assert [row.contract.pk for row in found.rows] == [newest.pk]
    assert found.counts == {"registered": 1}


def typed(code: str = "", name: str = "Fjord Works") -> dict[str, str]:
    return {"role": "buyer", "name": name, "kind": "abroad", "code": code, "country": "NO"}


def test_a_party_that_is_typed_in_is_known_by_its_code_and_without_one_by_its_name(
    cast: Cast,
) -> None:
    seller = factories.parties(cast)[:1]
    other = factories.submitted(cast, sides=[*seller, typed("NO1")])
    ContractParty.objects.filter(contract=other, role="seller").update(
        organisation=None, code="", name="Somebody else"
    )
    same_code = factories.submitted(cast, sides=[*seller, typed("NO1", "Fjord Works AS")])
    ContractParty.objects.filter(contract=same_code, role="seller").update(
        organisation=None, code="", name="Nobody else"
    )
    assert [row.contract.pk for row in history(cast, same_code).rows] == [other.pk]
    ContractParty.objects.filter(contract=same_code, role="buyer").update(code="", name="Fjord")
    assert history(cast, same_code).total == 0
    ContractParty.objects.filter(contract=other, role="buyer").update(name="Fjord")
    assert [row.contract.pk for row in history(cast, same_code).rows] == [other.pk]


def test_the_newest_are_listed_and_the_cost_does_not_grow(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    monkeypatch.setattr(party_history, "ROWS", 2)
    now = factories.submitted(cast)
    actor = cast.registrar.actor
    for times in (1, 4):
        while Contract.objects.count() < times + 1:
            factories.submitted(cast)
        contract = with_details(Contract.objects.all()).get(pk=now.pk)
        with CaptureQueriesContext(connection) as captured:
            found = history_of_parties(contract, actor)
        assert len(captured) == 5, [query["sql"] for query in captured]
        assert (found.total, len(found.rows)) == (times, min(times, 2))
    assert found.is_cut
