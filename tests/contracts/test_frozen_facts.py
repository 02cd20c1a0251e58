"""The database itself keeps what is registered, whoever asks and by whatever statement."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from contracts.models import (
    Contract,
    ContractDecision,
    ContractDeduction,
    ContractFile,
    ContractParty,
    ContractVersion,
    NumberSequence,
)
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def refused(change: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def sql(statement: str, *values: object) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


FROZEN = [
    field
    for field in Contract._meta.concrete_fields
    if field.name not in {"state", "ended_at", "version", "updated_at"}
]


OTHER_VALUES = {
    "CharField": "'x'",
    "TextField": "'x'",
    "DateField": "'2000-01-01'",
    "DateTimeField": "'2000-01-01Z'",
    "DecimalField": "1.23",
    "ArrayField": "'{parties}'",
}


def test_no_registered_fact_can_be_updated(cast: Cast) -> None:
    contract = factories.registered(cast)
    before = Contract.objects.filter(pk=contract.pk).values().get()
    for field in FROZEN:
        value = OTHER_VALUES.get(field.get_internal_type(), "777")
        refused(
            sql(
                f"UPDATE contracts_contract SET {field.column} = {value} WHERE id = %s", contract.pk
            )
        )
    assert Contract.objects.filter(pk=contract.pk).values().get() == before


def test_a_registered_row_cannot_be_deleted_in_any_state(cast: Cast) -> None:
    for state in ("registered", "amended", "cancelled", "revoked"):
        contract = factories.in_state(cast, state)
        refused(sql("DELETE FROM contracts_contract WHERE id = %s", contract.pk))
        assert Contract.objects.filter(pk=contract.pk).exists()


@pytest.mark.parametrize("state", ["draft", "submitted", "under_examination", "refused"])
def test_a_registered_contract_never_goes_back(cast: Cast, state: str) -> None:
    contract = factories.registered(cast)
    refused(lambda: Contract.objects.filter(pk=contract.pk).update(state=state))


def test_an_ended_registration_does_not_come_to_life_again(cast: Cast) -> None:
    for state in ("cancelled", "revoked", "amended"):
        contract = factories.in_state(cast, state)
        for target in {"registered", "cancelled", "revoked", "amended"} - {state}:
            refused(
                lambda pk=contract.pk, to=target: Contract.objects.filter(pk=pk).update(state=to)
            )
        refused(lambda pk=contract.pk: Contract.objects.filter(pk=pk).update(ended_at=None))


def test_parts_of_a_registered_contract_are_closed(cast: Cast) -> None:
    contract = factories.registered(cast, deductions=[{"kind": "parts", "amount": "5.00"}])
    party, row, file = contract.parties.first(), contract.deductions.get(), contract.files.get()
    refused(lambda: ContractParty.objects.filter(pk=party.pk).update(name="Other"))
    refused(lambda: ContractParty.objects.filter(pk=party.pk).delete())
    refused(
        lambda: ContractParty.objects.create(contract=contract, role="broker", name="Late Broker")
    )
    refused(lambda: ContractDeduction.objects.filter(pk=row.pk).update(amount=1))
    refused(lambda: ContractDeduction.objects.filter(pk=row.pk).delete())
    refused(lambda: ContractDeduction.objects.create(contract=contract, kind="parts", amount=1))
    refused(lambda: ContractFile.objects.filter(pk=file.pk).update(sha256="0" * 64))
    refused(lambda: ContractFile.objects.filter(pk=file.pk).delete())
    draft = factories.drafted(cast)
    refused(
        lambda: ContractParty.objects.filter(contract=draft, role="buyer").update(contract=contract)
    )


def test_decisions_and_versions_are_append_only(cast: Cast) -> None:
    contract = factories.submitted(cast)
    refused(lambda: ContractDecision.objects.filter(contract=contract).update(words="never"))
    refused(lambda: ContractDecision.objects.filter(contract=contract).delete())
    refused(lambda: ContractVersion.objects.filter(contract=contract).update(facts={}))
    refused(lambda: ContractVersion.objects.filter(contract=contract).delete())


def test_a_number_has_sixteen_digits_and_belongs_to_registered_contracts_only(cast: Cast) -> None:
    contract = factories.examined(cast)
    own = Contract.objects.filter(pk=contract.pk)
    refused(lambda: own.update(number="2026440300000001"))
    refused(lambda: own.update(state="registered"))
    other = factories.registered(cast)
    for number in ("202644030000001", "2026A40300000001"):
        refused(
            lambda number=number: own.update(
                number=number,
                state="registered",
                numbered_at=other.numbered_at,
                registered_at=other.registered_at,
            )
        )
    refused(
        lambda: own.update(
            number=other.number,
            state="registered",
            numbered_at=other.numbered_at,
            registered_at=other.registered_at,
            edition=2,
        )
    )


def test_a_sequence_counts_up_by_one_only(cast: Cast) -> None:
    factories.registered(cast)
    rows = NumberSequence.objects.filter(point=cast.point)
    for last in (0, 1, 3, 999):
        refused(lambda last=last: rows.update(last=last))
    refused(lambda: rows.update(year=1999))
    refused(rows.delete)
    assert rows.get().last == 1


def test_the_second_approver_cannot_be_the_examiner(cast: Cast) -> None:
    contract = factories.in_second_review(cast)
    refused(
        lambda: Contract.objects.filter(pk=contract.pk).update(second_approver=cast.registrar.user)
    )


def test_amounts_are_held_by_constraints(cast: Cast) -> None:
    contract = factories.drafted(cast)
    own = Contract.objects.filter(pk=contract.pk)
    refused(lambda: own.update(total_amount=-1))
    refused(lambda: own.update(technology_amount=120000.01))
    refused(lambda: own.update(technology_amount=-0.01))
    refused(lambda: own.update(valid_from="2026-02-02", valid_to="2026-02-01"))
