"""Submitting: what is asked for by type, who may, to which point."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AllianceMember
from contracts.actions import add_file, change_contract, draft_contract, submit_contract
from contracts.completeness import missing
from contracts.models import Contract
from events.models import Notification
from marketplace.core.errors import Conflict, Invalid, Refused
from tests.accounts.factories import AllianceFactory
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", list(factories.BY_TYPE))
def test_a_complete_contract_of_each_type_is_submitted(cast: Cast, kind: str) -> None:
    contract = factories.submitted(cast, kind)
    assert (contract.state, contract.versions.count()) == ("submitted", 1)
    version = contract.versions.get()
    assert version.facts["type"] == kind and len(version.facts["parties"]) == 2
    told = Notification.objects.filter(kind="contract.submitted")
    assert [row.recipient_id for row in told] == [cast.registrar.user.pk]


def test_an_empty_draft_is_told_everything_that_is_missing(cast: Cast) -> None:
    contract = draft_contract(
        actor=cast.colleague.actor, filed_by_id=cast.home.pk, facts={"type": "licence"}
    )
    with pytest.raises(Invalid) as refusal:
        submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert refusal.value.code == "incomplete"
    assert set(refusal.value.fields) == {
        "sub_type", "signed_on", "total_amount", "payment_mode", "field", "registration_point",
        "title_zh", "ip_kind", "parties", "files",
    }  # fmt: skip
    assert len(refusal.value.fields["parties"]) == 2
    contract.refresh_from_db()
    assert (contract.state, contract.version) == ("draft", 1)


@pytest.mark.parametrize(
    ("kind", "field", "values"),
    [
        ("transfer", "ip_kind", {"ip_kind": "none"}),
        ("licence", "ip_kind", {"ip_kind": ""}),
        ("service", "rate", {"currency": "EUR"}),
        ("service", "rate_on", {"currency": "EUR", "rate": "7.8"}),
        ("service", "instalments", {"payment_mode": "instalments"}),
        ("service", "royalty.base", {"payment_mode": "royalty", "total_amount": "0"}),
        ("service", "total_amount", {"total_amount": "0"}),
        ("service", "valid_to", {"signed_on": "2025-01-01", "valid_from": "2025-01-01",
                                 "valid_to": "2025-06-01"}),
    ],
)  # fmt: skip
def test_what_is_missing_by_type_and_payment(
    cast: Cast, kind: str, field: str, values: dict[str, Any]
) -> None:
    contract = factories.drafted(cast, kind, **values)
    with pytest.raises(Invalid) as refusal:
        submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert field in refusal.value.fields


def test_a_royalty_may_be_submitted_while_the_sum_is_unknown(cast: Cast) -> None:
    contract = factories.drafted(
        cast, "licence", total_amount="0", payment_mode="royalty",
        royalty={"base": "sales", "reporting": "year", "steps": [{"rate": "3"}]},
    )  # fmt: skip
    assert missing(contract, timezone.localdate()) == {}
    assert submit_contract(actor=cast.colleague.actor, contract_id=contract.pk).state == "submitted"


def test_parties_need_kind_region_and_code_in_china(cast: Cast) -> None:
    sides = [
        {"role": "seller", "organisation": cast.home.public_id},
        {"role": "buyer", "name": "Nobody’s Works", "kind": "abroad"},
    ]
    contract = factories.drafted(cast, sides=sides)
    found = missing(contract, timezone.localdate())
    assert set(found) == {"parties.0.kind", "parties.1.kind", "parties.1.region", "parties.1.code"}


def test_a_buyer_abroad_needs_neither_region_nor_code(cast: Cast) -> None:
    sides = [
        factories.parties(cast)[0],
        {"role": "buyer", "name": "Fjord Sensors AS", "kind": "abroad", "country": "NO"},
    ]
    contract = factories.drafted(cast, sides=sides)
    assert missing(contract, timezone.localdate()) == {}


def test_the_code_of_an_organisation_is_filled_in_on_submission(cast: Cast) -> None:
    cast.outside.registration_code = "12420000REAL"
    cast.outside.save()
    sides = [
        factories.parties(cast)[0],
        {"role": "buyer", "organisation": cast.outside.public_id},
    ]
    contract = factories.drafted(cast, sides=sides)
    assert contract.parties.get(role="buyer").code == ""
    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert contract.parties.get(role="buyer").code == "12420000REAL"


def test_the_buyer_cannot_submit_for_a_seller_in_china(cast: Cast) -> None:
    contract = draft_contract(
        actor=cast.outsider.actor, filed_by_id=cast.outside.pk,
        facts=factories.facts(cast), parties=factories.parties(cast),
    )  # fmt: skip
    add_file(actor=cast.outsider.actor, contract_id=contract.pk, upload=factories.pdf())
    with pytest.raises(Refused) as refusal:
        submit_contract(actor=cast.outsider.actor, contract_id=contract.pk)
    assert refusal.value.code == "not_the_registrant"
    assert Contract.objects.get(pk=contract.pk).state == "draft"
    # the seller, who sees the draft, can
    assert submit_contract(actor=cast.owner.actor, contract_id=contract.pk).state == "submitted"


def test_the_buyer_submits_a_purchase_from_abroad(cast: Cast) -> None:
    sides = [
        {"role": "seller", "name": "Fjord Sensors AS", "kind": "abroad", "country": "NO"},
        {**factories.parties(cast)[0], "role": "buyer"},
    ]
    contract = factories.drafted(cast, "licence", sides=sides)
    submitted = submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert submitted.state == "submitted"


def test_the_buyer_submits_what_its_seller_abroad_has_drafted(cast: Cast) -> None:
    """The seller is not verified and may not submit; who registers may change the draft, too."""
    cast.claim.country = "NO"
    cast.claim.save()
    sides = [
        {"role": "seller", "organisation": cast.claim.public_id, "kind": "abroad"},
        {**factories.parties(cast)[0], "role": "buyer"},
    ]
    contract = draft_contract(
        actor=cast.claimant.actor, filed_by_id=cast.claim.pk,
        facts=factories.facts(cast, "licence"), parties=sides,
    )  # fmt: skip
    add_file(actor=cast.colleague.actor, contract_id=contract.pk, upload=factories.pdf())
    assert cast.colleague.client.get(f"/contracts/{contract.public_id}/edit/").status_code == 200
    with pytest.raises((Refused, Conflict)):
        submit_contract(actor=cast.claimant.actor, contract_id=contract.pk)
    submitted = submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert submitted.state == "submitted"


def test_a_buyer_gains_nothing_while_a_seller_is_in_china(cast: Cast) -> None:
    contract = factories.drafted(
        cast, "licence",
        sides=[
            {"role": "seller", "name": "Fjord Sensors AS", "kind": "abroad", "country": "NO"},
            *factories.parties(cast),
        ],
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        change_contract(
            actor=cast.outsider.actor, contract_id=contract.pk, facts={"title_en": "Ours"}
        )
    assert refusal.value.code == "not_your_contract"
    with pytest.raises(Refused):
        submit_contract(actor=cast.outsider.actor, contract_id=contract.pk)


def test_a_broker_named_in_the_contract_submits_it(cast: Cast) -> None:
    sides = [*factories.parties(cast), {"role": "broker", "organisation": cast.tti.public_id,
             "kind": "enterprise_limited", "code": "91T"}]  # fmt: skip
    contract = factories.drafted(cast, sides=sides)
    assert submit_contract(actor=cast.broker.actor, contract_id=contract.pk).state == "submitted"


def test_an_organisation_that_is_not_verified_cannot_submit(cast: Cast) -> None:
    contract = draft_contract(
        actor=cast.claimant.actor, filed_by_id=cast.claim.pk, facts=factories.facts(cast),
        parties=[
            {"role": "seller", "organisation": cast.claim.public_id, "kind": "enterprise_private",
             "code": "91C"},
            factories.parties(cast)[1],
        ],
    )  # fmt: skip
    add_file(actor=cast.claimant.actor, contract_id=contract.pk, upload=factories.pdf())
    with pytest.raises(Conflict) as refusal:
        submit_contract(actor=cast.claimant.actor, contract_id=contract.pk)
    assert refusal.value.code == "not_verified"


def test_a_point_allied_with_a_party_cannot_be_chosen(cast: Cast) -> None:
    alliance = AllianceFactory(lead=cast.outside)
    AllianceMember.objects.create(
        alliance=alliance, organisation=cast.point, state=AllianceMember.State.MEMBER
    )
    contract = factories.drafted(cast)
    with pytest.raises(Invalid) as refusal:
        submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert set(refusal.value.fields) == {"registration_point"}
    assert Contract.objects.get(pk=contract.pk).state == "draft"


def test_a_returned_contract_stays_at_its_point(cast: Cast) -> None:
    from tests.accounts.factories import OrganisationFactory

    other = OrganisationFactory(registration_point=True, region="510100")
    contract = factories.in_state(cast, "returned")
    with pytest.raises(Invalid) as refusal:
        change_contract(
            actor=cast.colleague.actor, contract_id=contract.pk,
            facts={"registration_point": other.public_id},
        )  # fmt: skip
    assert set(refusal.value.fields) == {"registration_point"}


def test_two_points_of_one_region_never_share_a_code(cast: Cast) -> None:
    from tests.accounts.factories import OrganisationFactory

    factories.submitted(cast)
    twin = OrganisationFactory(registration_point=True, region=cast.point.region)
    contract = factories.drafted(cast, registration_point=twin.public_id)
    with pytest.raises(Conflict) as refusal:
        submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    assert refusal.value.code == "point_without_code"


def test_the_version_keeps_what_was_submitted(cast: Cast) -> None:
    from contracts.actions.examination import claim, return_
    from contracts.differences import differences

    contract = factories.submitted(cast, total_amount="100000.00")
    claim(actor=cast.registrar.actor, contract_id=contract.pk)
    return_(actor=cast.registrar.actor, contract_id=contract.pk, words="Check the total.")
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        facts={"total_amount": "90000.00", "payment_mode": "lump_sum"},
    )  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    new, old = contract.versions.all()
    assert (old.number, new.number) == (1, 2)
    found = {str(row.label): (row.before, row.after) for row in differences(old.facts, new.facts)}
    assert found == {
        "Total contract amount": ("¥100,000.00", "¥90,000.00"),
        "Technology transaction amount": ("¥100,000.00", "¥90,000.00"),
        "Total in yuan": ("¥100,000.00", "¥90,000.00"),
        "Technology amount in yuan": ("¥100,000.00", "¥90,000.00"),
    }


def test_due_dates_are_never_in_the_past(cast: Cast) -> None:
    contract = factories.submitted(cast)
    assert contract.due_on is not None
    assert contract.due_on > timezone.localdate() + dt.timedelta(days=14)
