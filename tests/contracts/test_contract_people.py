"""What accounts asks of this room."""

import pytest

from contracts.people import data_of, running_contracts
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def test_the_data_of_a_person_are_ids_states_and_steps(cast: Cast) -> None:
    contract = factories.registered(cast, title_en="Secret of the kiln")
    drafter, registrar = data_of(cast.colleague.user.pk), data_of(cast.registrar.user.pk)
    assert [row["number"] for row in drafter["drafted"]] == [contract.number]
    assert [row["kind"] for row in drafter["steps"]] == ["submitted"]
    assert [row["kind"] for row in registrar["steps"]] == ["claimed", "registered"]
    assert "Secret of the kiln" not in str((drafter, registrar))


def test_running_contracts_stand_against_leaving_an_organisation_alone(cast: Cast) -> None:
    ids = frozenset({cast.home.pk, cast.outside.pk, cast.point.pk})
    factories.drafted(cast)
    assert list(running_contracts(ids)) == []
    factories.submitted(cast)
    reasons = [str(reason) for reason in running_contracts(ids)]
    assert len(reasons) == 2
    assert "Lantern Works" in reasons[0] and "Harbour Registration Point" in reasons[1]
