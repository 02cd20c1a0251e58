"""Drafting: what is taken, what is refused, and that a refusal changes nothing."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from contracts.actions import add_file, change_contract, draft_contract, remove_file
from contracts.models import Contract, ContractFile
from events.models import Event
from marketplace.core.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    Refused,
    Stale,
    TooLarge,
)
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db
TOMORROW = timezone.localdate() + dt.timedelta(days=1)


def state_of_all() -> tuple[Any, ...]:
    return (
        list(Contract.objects.order_by("pk").values()),
        list(Contract.objects.order_by("pk").values_list("parties__name", "deductions__amount")),
        ContractFile.objects.count(),
        Event.objects.count(),
    )


def test_only_the_type_is_needed_for_a_draft(cast: Cast) -> None:
    contract = draft_contract(
        actor=cast.colleague.actor, filed_by_id=cast.home.pk, facts={"type": "licence"}
    )
    assert (contract.state, contract.rule_set, contract.version) == ("draft", "CN-2021", 1)
    assert contract.public_facts == [] and contract.technology_amount is None


def test_an_organisation_fills_what_the_row_leaves_out(cast: Cast) -> None:
    cast.outside.registration_code = "12420000SECRET"
    cast.outside.save()
    contract = draft_contract(
        actor=cast.colleague.actor, filed_by_id=cast.home.pk, facts={"type": "service"},
        parties=[{"role": "seller", "organisation_id": cast.home.pk},
                 {"role": "buyer", "organisation": cast.outside.public_id, "contact": "Ms Lake"}],
        origin="introduction:0123456789",
    )  # fmt: skip
    seller, buyer = contract.parties.all()
    assert (seller.name, seller.kind, seller.region) == ("灯笼工坊", "", "440305")
    assert (buyer.name, buyer.kind) == ("湖畔大学", "institution_university")
    assert buyer.contact == "Ms Lake"
    assert buyer.code == "", "the code of another organisation is not handed out"
    assert contract.region == "440305", "the region of the contract is the seller’s"
    assert contract.origin == "introduction:0123456789"


def test_amounts_are_worked_out_and_the_typed_form_is_kept(cast: Cast) -> None:
    contract = factories.drafted(
        cast, total_amount="10000.00", currency="USD", rate="7.1234",
        rate_on=timezone.localdate(), with_file=False,
        deductions=[{"kind": "equipment", "amount": "1234.56", "note": "Camera"}],
    )  # fmt: skip
    assert contract.technology_amount == Decimal("8765.44")
    assert contract.total_cny == Decimal("71234.00")
    assert contract.technology_cny == Decimal("62439.74")


def test_back_to_yuan_forgets_the_rate(cast: Cast) -> None:
    contract = factories.drafted(
        cast, currency="USD", rate="7", rate_on=timezone.localdate(), with_file=False
    )
    changed = change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk, facts={"currency": "CNY"}
    )
    assert (changed.rate, changed.rate_on, changed.total_cny) == (None, None, changed.total_amount)


def test_a_contract_of_2019_is_judged_by_the_rules_of_2001(cast: Cast) -> None:
    contract = factories.drafted(
        cast, "transfer", signed_on="2019-05-06", valid_from="2019-05-06",
        sub_type="patent_licence", with_file=False,
    )  # fmt: skip
    assert contract.rule_set == "CN-2001"


BAD_FACTS: list[tuple[str, dict[str, Any]]] = [
    ("type", {"type": "sale"}),
    ("type", {"type": ""}),
    ("type", {"type": "licence", "sub_type": "", "signed_on": "2019-05-06"}),
    ("sub_type", {"sub_type": "patent_transfer"}),
    ("sub_type", {"sub_type": "nonsense"}),
    ("signed_on", {"signed_on": TOMORROW}),
    ("signed_on", {"signed_on": "1999-12-31"}),
    ("signed_on", {"signed_on": "yesterday"}),
    ("valid_to", {"valid_from": "2026-05-02", "valid_to": "2026-05-01", "signed_on": None}),
    ("total_amount", {"total_amount": "-1"}),
    ("total_amount", {"total_amount": "1.0000000000001"}),
    ("total_amount", {"total_amount": "1e30"}),
    ("total_amount", {"total_amount": "NaN"}),
    ("total_amount", {"total_amount": "a lot"}),
    ("currency", {"currency": "XXX"}),
    ("rate", {"currency": "USD", "rate": "0"}),
    ("rate", {"currency": "USD", "rate": "-7"}),
    ("rate_on", {"currency": "USD", "rate": "7", "rate_on": TOMORROW}),
    ("field", {"field": "astrology"}),
    ("sub_field", {"field": "agriculture", "sub_field": "batteries"}),
    ("payment_mode", {"payment_mode": "barter"}),
    ("payment_terms", {"payment_terms": "x" * 4001}),
    ("title_en", {"title_en": "x" * 201}),
    ("title_en", {"title_en": "a\x00b"}),
    ("title_zh", {"title_zh": "合同\u202e"}),
    ("ip_kind", {"ip_kind": "magic"}),
    ("plan_source", {"plan_source": "moon"}),
    ("region", {"region": "999999"}),
    ("region", {"region": "44030"}),
    ("public_facts", {"public_facts": ["everything"]}),
    ("registration_point", {"registration_point": "0000000000"}),
]


@pytest.mark.parametrize(("field", "values"), BAD_FACTS)
def test_a_wrong_fact_is_refused_at_its_field(
    cast: Cast, field: str, values: dict[str, Any]
) -> None:
    contract = factories.drafted(cast, with_file=False)
    before = state_of_all()
    with pytest.raises(Invalid) as refusal:
        change_contract(actor=cast.colleague.actor, contract_id=contract.pk, facts=values)
    assert field in {name.split(".")[0] for name in refusal.value.fields}
    assert state_of_all() == before


BAD_PARTIES: list[tuple[str, list[dict[str, Any]]]] = [
    ("parties.0.role", [{"role": "judge", "name": "A"}]),
    ("parties.0.name", [{"role": "seller", "name": ""}]),
    ("parties.0.name", [{"role": "seller", "name": "x" * 161}]),
    ("parties.0.name", [{"role": "seller", "name": "a\x00"}]),
    ("parties.0.kind", [{"role": "seller", "name": "A", "kind": "alien"}]),
    ("parties.0.country", [{"role": "seller", "name": "A", "country": "XX"}]),
    ("parties.0.region", [{"role": "seller", "name": "A", "region": "000001"}]),
    ("parties.0.organisation", [{"role": "seller", "organisation": "0000000000"}]),
    ("parties.1.name", [{"role": "seller", "name": "A"}, {"role": "buyer", "name": "a"}]),
    ("parties.1.name", [{"role": "seller", "name": "A", "code": "X1"},
                        {"role": "buyer", "name": "B", "code": "x1"}]),
    ("parties", [{"role": "buyer", "name": f"B{n}"} for n in range(13)]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "rows"), BAD_PARTIES)
def test_a_wrong_party_is_refused_at_its_row(
    cast: Cast, field: str, rows: list[dict[str, Any]]
) -> None:
    contract = factories.drafted(cast, with_file=False)
    before = state_of_all()
    with pytest.raises(Invalid) as refusal:
        change_contract(actor=cast.colleague.actor, contract_id=contract.pk, parties=rows)
    assert field in refusal.value.fields
    assert state_of_all() == before


def test_an_organisation_on_both_sides_is_refused(cast: Cast) -> None:
    row = {"organisation": cast.home.public_id}
    with pytest.raises(Invalid) as refusal:
        factories.drafted(cast, sides=[{**row, "role": "seller"}, {**row, "role": "buyer"}])
    assert set(refusal.value.fields) == {"parties.1.name"}


def test_an_unverified_organisation_cannot_be_probed_by_naming_it(cast: Cast) -> None:
    with pytest.raises(Invalid):
        factories.drafted(cast, sides=[{"role": "buyer", "organisation": cast.claim.public_id}])


@pytest.mark.parametrize(
    ("field", "rows"),
    [
        ("deductions.0.kind", [{"kind": "lunch", "amount": "1"}]),
        ("deductions.0.amount", [{"kind": "parts", "amount": "-1"}]),
        ("deductions.0.amount", [{"kind": "parts", "amount": "x"}]),
        ("deductions.0.amount", [{"kind": "parts", "amount": None}]),
        ("deductions.0.amount", [{"kind": "parts", "amount": "1.001"}]),
        ("deductions.0.note", [{"kind": "parts", "amount": "1", "note": "x" * 201}]),
        ("deductions", [{"kind": "parts", "amount": "120000.01"}]),
        ("deductions", [{"kind": "parts", "amount": "1"}] * 10_000),
    ],
)
def test_a_wrong_deduction_is_refused(cast: Cast, field: str, rows: list[dict[str, Any]]) -> None:
    contract = factories.drafted(cast, with_file=False)
    before = state_of_all()
    with pytest.raises(Invalid) as refusal:
        change_contract(actor=cast.colleague.actor, contract_id=contract.pk, deductions=rows)
    assert field in refusal.value.fields
    assert state_of_all() == before


def test_rows_are_replaced_whole_and_stay_when_not_given(cast: Cast) -> None:
    contract = factories.drafted(
        cast, with_file=False, deductions=[{"kind": "parts", "amount": "5.00"}]
    )
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk, facts={"total_amount": "50.00"}
    )
    assert contract.parties.count() == 2 and contract.deductions.count() == 1
    changed = change_contract(actor=cast.colleague.actor, contract_id=contract.pk, deductions=[])
    assert contract.deductions.count() == 0
    assert changed.technology_amount == Decimal("50.00")


def test_a_change_based_on_an_older_version_is_refused(cast: Cast) -> None:
    contract = factories.drafted(cast, with_file=False)
    change_contract(actor=cast.owner.actor, contract_id=contract.pk, facts={"region": "440306"})
    before = state_of_all()
    with pytest.raises(Stale):
        change_contract(
            actor=cast.colleague.actor, contract_id=contract.pk,
            facts={"region": "440305"}, expected_version=contract.version,
        )  # fmt: skip
    assert state_of_all() == before


DRAFTERS = {"owner", "colleague"}


def test_only_people_with_a_role_draft_for_an_organisation(cast: Cast) -> None:
    for name, player in cast.everybody.items():
        values = {"filed_by_id": cast.home.pk, "facts": {"type": "service"}}
        if name in DRAFTERS:
            assert draft_contract(actor=player.actor, **values).filed_by_id == cast.home.pk
        else:
            with pytest.raises(Refused):
                draft_contract(actor=player.actor, **values)


def test_who_may_change_a_draft(cast: Cast) -> None:
    """The seller's people change it; the buyer's see it and are told so; others find nothing."""
    contract = factories.drafted(cast, with_file=False)
    expected: dict[str, type[DomainError] | None] = {
        "owner": None, "colleague": None, "outsider": Refused,
    }  # fmt: skip
    for name, player in cast.everybody.items():
        error = expected.get(name, NotFound)
        facts = {"title_en": f"By {name}"}
        if error is None:
            change_contract(actor=player.actor, contract_id=contract.pk, facts=facts)
            continue
        before = state_of_all()
        with pytest.raises(error):
            change_contract(actor=player.actor, contract_id=contract.pk, facts=facts)
        assert state_of_all() == before, name


def test_too_many_drafts_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.actions.drafts.MAX_DRAFTS", 1)
    factories.drafted(cast, with_file=False)
    with pytest.raises(Conflict):
        factories.drafted(cast, with_file=False)


# --- Files ---------------------------------------------------------------------------------------


def test_files_are_kept_by_hash_and_can_be_taken_off(cast: Cast, settings: Any) -> None:
    contract = factories.drafted(cast, with_file=False)
    row = add_file(
        actor=cast.colleague.actor, contract_id=contract.pk, upload=factories.pdf(mark=1)
    )
    assert len(row.sha256) == 64 and row.media_type == "application/pdf"
    assert contract.public_id not in row.file.name and "contract.pdf" not in row.file.name
    with pytest.raises(Conflict):
        add_file(actor=cast.colleague.actor, contract_id=contract.pk, upload=factories.pdf(mark=1))
    remove_file(actor=cast.colleague.actor, contract_id=contract.pk, file_public_id=row.public_id)
    assert contract.files.count() == 0


def test_wrong_files_are_refused(cast: Cast, settings: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    contract = factories.drafted(cast, with_file=False)
    before = state_of_all()
    zip_as_pdf = SimpleUploadedFile("contract.pdf", b"PK\x03\x04" + b"\x00" * 50)
    table = SimpleUploadedFile("contract.csv", b"a,b\n")
    empty = SimpleUploadedFile("contract.pdf", b"")
    for upload in (zip_as_pdf, table, empty):
        with pytest.raises(Invalid) as refusal:
            add_file(actor=cast.colleague.actor, contract_id=contract.pk, upload=upload)
        assert set(refusal.value.fields) == {"file"}
    with pytest.raises(Invalid):
        add_file(
            actor=cast.colleague.actor, contract_id=contract.pk, upload=factories.pdf(),
            kind="spell",
        )  # fmt: skip
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(TooLarge):
        add_file(actor=cast.colleague.actor, contract_id=contract.pk, upload=factories.pdf())
    assert state_of_all() == before


def test_a_submitted_contract_takes_no_files(cast: Cast) -> None:
    contract = factories.submitted(cast)
    with pytest.raises(Conflict):
        add_file(actor=cast.colleague.actor, contract_id=contract.pk, upload=factories.pdf())
    with pytest.raises(Conflict):
        remove_file(
            actor=cast.colleague.actor, contract_id=contract.pk,
            file_public_id=contract.files.get().public_id,
        )  # fmt: skip
    assert contract.files.count() == 1
