"""Income by API: the same actions, scopes of its own, one problem shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from tests.contracts.factories import registered
from tests.deals.income import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
INCOME, RUNS = "/api/v1/income/", "/api/v1/distribution-runs/"
STATEMENTS = "/api/v1/distribution-statements/"


def test_from_a_contract_to_a_frozen_run(cast: Cast) -> None:
    contract = registered(cast, "licence")
    api = cast.colleague.api
    made = api.post(INCOME, {"contract": contract.public_id}, format="json")
    assert made.status_code == 201 and made.json()["number"] == contract.number
    assert api.post(INCOME, {"contract": contract.public_id}, format="json").status_code == 200
    one = f"{INCOME}{made.json()['id']}/"
    assert [due["state"] for due in api.get(f"{one}dues/").json()] == ["open"]
    assert api.post(f"{one}scheme/", {"scheme": "OTL-THIRDS"}, format="json").status_code == 200
    refused = api.post(
        f"{one}inventors/", {"rows": [{"name": "Wei", "percent": "99.99"}]}, format="json"
    )
    assert refused.status_code == 400 and "99.99%" in refused.content.decode()
    rows = [{"name": "Wei", "percent": "50"}, {"name": "Ada", "percent": "50"}]
    assert api.post(f"{one}inventors/", {"rows": rows}, format="json").status_code == 200
    today = timezone.localdate().isoformat()
    facts = {"purpose": "upfront", "received_on": today, "amount": "1000.00", "reference": "B 1"}
    entered = api.post(f"{one}receipts/", facts, format="json")
    assert entered.status_code == 201 and entered.json()["booked"] == "1000.00"
    wrong = api.post(f"{one}receipts/", {**facts, "amount": "-1"}, format="json")
    assert wrong.status_code == 400
    cost = {"kind": "patent", "spent_on": today, "amount": "50"}
    assert api.post(f"{one}costs/", cost, format="json").status_code == 201
    assert api.get(one).json()["waiting"] == "1000.00"
    run = api.post(f"{one}draft-run/", {"up_to": today}, format="json")
    assert run.status_code == 201 and run.json()["net"] == "800.00"
    assert sum(line["kind"] == "inventor" for line in run.json()["lines"]) == 2
    address = f"{RUNS}{run.json()['id']}/"
    assert api.post(f"{address}approve/").status_code == 403
    owner = cast.owner.api
    told = owner.post(f"{address}approve/", HTTP_IF_MATCH=owner.get(address)["ETag"])
    assert told.status_code == 200 and told.json()["number"] == 1
    assert owner.post(f"{address}discard/").status_code == 409
    assert api.get(STATEMENTS).json()["results"][0]["amount"] == "133.33"
    back = owner.post(f"{address}reverse/", {"words": "Wrong."}, format="json")
    assert back.status_code == 201 and back.json()["reverses"] == run.json()["id"]
    assert api.get(one).json()["waiting"] == "0.00"


def test_scopes_and_strangers(cast: Cast) -> None:
    account = factories.opened(cast)
    run = factories.approved(cast, account, "1000")
    one = f"{INCOME}{account.public_id}/"
    tokens: Any = cast.owner.user.api_tokens  # type: ignore[union-attr]
    tokens.update(scopes=["income:read"])
    assert cast.owner.api.get(one).status_code == 200
    refused = cast.owner.api.post(f"{one}scheme/", {"scheme": "CN-50"}, format="json")
    assert refused.status_code == 403
    tokens.update(scopes=["contracts:read", "contracts:write"])
    assert cast.owner.api.get(one).status_code == 403
    for player in (cast.outsider, cast.operator, cast.registrar, cast.rival, cast.moderator):
        assert player.api.get(one).status_code == 404
        assert player.api.get(f"{RUNS}{run.public_id}/").status_code == 404
        for address in (INCOME, RUNS, STATEMENTS):
            assert player.api.get(address).json()["results"] == []
    assert cast.visitor.api.get(INCOME).status_code == 401


@pytest.mark.parametrize("count", [1, 4])
def test_lists_by_literal_counts(
    cast: Cast, count: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(count):
        factories.approved(cast, factories.opened(cast), "10")
    for address in (INCOME, RUNS, STATEMENTS):
        with django_assert_max_num_queries(8):
            assert len(cast.owner.api.get(address).json()["results"]) >= count
