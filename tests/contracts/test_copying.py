"""A new draft after an earlier contract: what it takes over, what it leaves, who may do it."""

import pytest

from contracts.actions import change_contract
from contracts.actions.copying import copy_contract
from contracts.models import Contract
from marketplace.core.errors import NotFound, Refused
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def test_a_registered_contract_is_copied_without_number_days_and_files(cast: Cast) -> None:
    source = factories.registered(cast)
    answer = cast.colleague.client.post(f"/contracts/{source.public_id}/copy/")
    copy = Contract.objects.latest("pk")
    assert answer["Location"] == f"/contracts/{copy.public_id}/edit/"
    assert (copy.state, copy.number, copy.filed_by) == ("draft", None, source.filed_by)
    assert copy.signed_on is copy.valid_from is copy.valid_to is copy.submitted_at is None
    assert (copy.type, copy.title_zh, copy.title_en, copy.total_amount, copy.technology_amount) == (
        source.type, source.title_zh, source.title_en, source.total_amount,
        source.technology_amount,
    )  # fmt: skip
    told = [(row.role, row.name, row.code, row.organisation_id) for row in copy.parties.all()]
    assert told == [
        (row.role, row.name, row.code, row.organisation_id) for row in source.parties.all()
    ]
    assert copy.deductions.count() == source.deductions.count()
    assert not copy.files.exists() and source.files.exists()
    assert "Copy as a new draft" in cast.colleague.client.get(
        f"/contracts/{source.public_id}/"
    ).content.decode()  # fmt: skip


def test_terms_come_along_without_their_days(cast: Cast) -> None:
    source = factories.drafted(cast)
    change_contract(
        actor=cast.colleague.actor, contract_id=source.pk,
        facts={"payment_mode": "upfront_royalty"},
        instalments=[
            {"due_on": "2026-01-01", "amount": "1"},
            {"due_on": "2026-02-01", "event": "acceptance", "amount": "2"},
        ],
        royalty={
            "base": "sales", "rate_kind": "falling", "entry_fee": "3", "entry_fee_on": "2026-01-01",
            "runs_from": "2026-01-01", "reporting": "year",
            "steps": [{"rate": "3"}, {"from_year": "3", "rate": "2"}],
        },
    )  # fmt: skip
    copy = copy_contract(actor=cast.colleague.actor, contract_id=source.pk)
    assert [(row.due_on, row.event, row.amount) for row in copy.instalments.all()] == [
        (None, "acceptance", 2)
    ]
    assert (copy.royalty.entry_fee, copy.royalty.entry_fee_on, copy.royalty.runs_from) == (
        3, None, None,
    )  # fmt: skip
    assert [(row.from_year, row.rate) for row in copy.royalty_steps.all()] == [(1, 3), (3, 2)]


def test_who_may_not_read_or_only_examines_copies_nothing(cast: Cast) -> None:
    source = factories.registered(cast)
    with pytest.raises(Refused):
        copy_contract(actor=cast.registrar.actor, contract_id=source.pk)
    with pytest.raises(NotFound):
        copy_contract(actor=cast.rival.actor, contract_id=source.pk)
    page = cast.registrar.client.get(f"/contracts/{source.public_id}/").content.decode()
    assert "Copy as a new draft" not in page
    assert cast.rival.api.post(f"/api/v1/contracts/{source.public_id}/copy/").status_code == 404
    made = cast.colleague.api.post(f"/api/v1/contracts/{source.public_id}/copy/")
    assert made.status_code == 201 and made.json()["state"] == "draft"
    assert made.json()["number"] in (None, "")
