"""The registrar's side: who may examine, return, refuse, second review, duplicates, checks."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AllianceMember, Membership
from accounts.queries import actor_for
from contracts import checks
from contracts.actions import add_file, draft_contract, submit_contract
from contracts.actions.decisions import approve_second, refuse, register_contract, send_back
from contracts.actions.endings import cancel, revoke
from contracts.actions.examination import claim, release, return_
from contracts.models import Contract, NumberSequence
from contracts.queries.desk import at_points, counts
from contracts.queries.duplicates import suspects
from contracts.queries.visibility import with_details
from events.models import Notification
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.accounts.factories import AllianceFactory, MembershipFactory, OrganisationFactory
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db


def second(cast: Cast) -> Actor:
    return actor_for(factories.second_registrar(cast), "en")


def notes(kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_only_registrars_of_the_point_claim(cast: Cast) -> None:
    contract = factories.submitted(cast)
    elsewhere = OrganisationFactory(registration_point=True, region="510100")
    stranger = MembershipFactory(organisation=elsewhere, roles=["registrar"]).user
    for actor in [*(p.actor for n, p in cast.everybody.items() if n != "registrar"),
                  actor_for(stranger, "en")]:  # fmt: skip
        with pytest.raises(NotFound):
            claim(actor=actor, contract_id=contract.pk)
    assert Contract.objects.get(pk=contract.pk).state == "submitted"
    claimed = claim(actor=cast.registrar.actor, contract_id=contract.pk)
    assert claimed.examiner_id == cast.registrar.user.pk


def test_a_point_that_lost_its_standing_has_no_desk(cast: Cast) -> None:
    contract = factories.submitted(cast)
    cast.point.is_registration_point = False
    cast.point.save()
    with pytest.raises(NotFound):
        claim(actor=cast.registrar.actor, contract_id=contract.pk)


@pytest.mark.parametrize("tie", ["party", "typed_buyer", "broker", "alliance", "drafter"])
def test_a_registrar_tied_to_a_party_cannot_examine(cast: Cast, tie: str) -> None:
    person = cast.registrar.user
    sides = factories.parties(cast)
    if tie == "broker":
        sides += [{"role": "broker", "organisation": cast.tti.public_id, "kind": "association",
                   "code": "T1"}]  # fmt: skip
        Membership.objects.create(user=person, organisation=cast.tti, roles=["analyst"])
    elif tie == "party":
        Membership.objects.create(user=person, organisation=cast.home, roles=["analyst"])
    elif tie == "typed_buyer":
        Membership.objects.create(user=person, organisation=cast.outside, roles=["editor"])
    elif tie == "alliance":
        ally = OrganisationFactory()
        alliance = AllianceFactory(lead=ally)
        AllianceMember.objects.create(
            alliance=alliance, organisation=cast.home, state=AllianceMember.State.MEMBER
        )
        MembershipFactory(user=person, organisation=ally, roles=["editor"])
    contract = factories.submitted(cast, sides=sides)
    if tie == "drafter":
        Contract.objects.filter(pk=contract.pk).update(drafted_by=person)
    actor = cast.registrar.fresh()
    for step in (claim, release):
        with pytest.raises(Refused) as refusal:
            step(actor=actor, contract_id=contract.pk)
        assert refusal.value.code == "tied"
    assert Contract.objects.get(pk=contract.pk).state == "submitted"
    # somebody without ties can
    assert claim(actor=second(cast), contract_id=contract.pk).state == "under_examination"


def test_an_ally_that_was_only_invited_or_has_left_is_no_tie(cast: Cast) -> None:
    ally = OrganisationFactory()
    alliance = AllianceFactory(lead=ally)
    AllianceMember.objects.create(
        alliance=alliance, organisation=cast.home, state=AllianceMember.State.INVITED
    )
    MembershipFactory(user=cast.registrar.user, organisation=ally, roles=["editor"])
    contract = factories.submitted(cast)
    assert claim(actor=cast.registrar.fresh(), contract_id=contract.pk)


def test_only_the_examiner_decides_and_the_owner_of_the_point_may_put_back(cast: Cast) -> None:
    contract = factories.submitted(cast)
    other = second(cast)
    claim(actor=other, contract_id=contract.pk)
    registrar = cast.registrar.actor  # owns the point
    with pytest.raises(Refused):
        register_contract(actor=registrar, contract_id=contract.pk)
    with pytest.raises(Refused):
        return_(actor=registrar, contract_id=contract.pk, words="x")
    with pytest.raises(Refused):
        refuse(actor=registrar, contract_id=contract.pk, reason="unclear")
    assert release(actor=registrar, contract_id=contract.pk).examiner_id is None
    claim(actor=registrar, contract_id=contract.pk)
    with pytest.raises(Refused):
        release(actor=other, contract_id=contract.pk)


def test_a_claimed_contract_is_not_claimed_twice(cast: Cast) -> None:
    contract = factories.examined(cast)
    with pytest.raises(Conflict):
        claim(actor=second(cast), contract_id=contract.pk)
    assert Contract.objects.get(pk=contract.pk).examiner_id == cast.registrar.user.pk


# --- Return and refuse ---------------------------------------------------------------------------


def test_returning_tells_the_parties_what_to_correct(cast: Cast) -> None:
    contract = factories.examined(cast)
    remarks = {"total_amount": "Itemise the cameras.", "files": "Page 4 is missing.", "field": ""}
    return_(actor=cast.registrar.actor, contract_id=contract.pk, remarks=remarks)
    decision = contract.decisions.last()
    assert decision.remarks == {
        "total_amount": "Itemise the cameras.", "files": "Page 4 is missing.",
    }  # fmt: skip
    assert notes("contract.returned") == {
        cast.owner.user.pk, cast.colleague.user.pk, cast.outsider.user.pk,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "words"),
        ({"words": "  "}, "words"),
        ({"words": "x" * 4001}, "words"),
        ({"words": "a\x00"}, "words"),
        ({"remarks": {"weather": "bad"}}, "remarks"),
        ({"remarks": {"field": "x" * 1001}}, "remarks.field"),
    ],
)
def test_returning_needs_words_or_remarks(cast: Cast, values: dict, field: str) -> None:
    contract = factories.examined(cast)
    with pytest.raises(Invalid) as refusal:
        return_(actor=cast.registrar.actor, contract_id=contract.pk, **values)
    assert set(refusal.value.fields) == {field}
    assert Contract.objects.get(pk=contract.pk).state == "under_examination"


def test_refusing_needs_a_code_of_the_rule_set_and_other_needs_words(cast: Cast) -> None:
    contract = factories.examined(cast)
    for values, field in (({"reason": "mood"}, "reason"), ({"reason": "other"}, "words")):
        with pytest.raises(Invalid) as refusal:
            refuse(actor=cast.registrar.actor, contract_id=contract.pk, **values)
        assert set(refusal.value.fields) == {field}
    assert Contract.objects.get(pk=contract.pk).state == "under_examination"
    refused = refuse(
        actor=cast.registrar.actor, contract_id=contract.pk, reason="other", words="See letter."
    )
    assert (refused.state, refused.number) == ("refused", None)
    assert not NumberSequence.objects.exists(), "a refusal uses up no number"
    assert cast.colleague.user.pk in notes("contract.refused")


# --- Second review -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "state"), [("4999999.99", "registered"), ("5000000.00", "second_review")]
)
def test_the_threshold_asks_for_a_second_person(cast: Cast, total: str, state: str) -> None:
    contract = factories.examined(cast, total_amount=total)
    decided = register_contract(actor=cast.registrar.actor, contract_id=contract.pk)
    assert decided.state == state
    assert (decided.number is None) == (state == "second_review")


def test_the_threshold_is_of_the_technology_amount_in_yuan(cast: Cast) -> None:
    small = factories.examined(
        cast, total_amount="6000000.00", deductions=[{"kind": "equipment", "amount": "1000000.01"}]
    )
    assert register_contract(actor=cast.registrar.actor, contract_id=small.pk).state == "registered"
    large = factories.examined(
        cast, total_amount="700000.00", currency="USD", rate="7.2", rate_on=timezone.localdate()
    )
    decided = register_contract(actor=cast.registrar.actor, contract_id=large.pk)
    assert decided.state == "second_review"


def test_the_examiner_is_not_the_second_person(cast: Cast) -> None:
    contract = factories.in_second_review(cast)
    registrar = cast.registrar.actor
    for step in (
        lambda: approve_second(actor=registrar, contract_id=contract.pk),
        lambda: send_back(actor=registrar, contract_id=contract.pk, words="x"),
        lambda: refuse(actor=registrar, contract_id=contract.pk, reason="unclear"),
    ):
        with pytest.raises(Refused) as refusal:
            step()
        assert refusal.value.code == "same_person"
    assert Contract.objects.get(pk=contract.pk).state == "second_review"
    assert not NumberSequence.objects.exists()


def test_a_second_person_registers_or_sends_back(cast: Cast) -> None:
    contract = factories.in_second_review(cast)
    other = second(cast)
    back = send_back(actor=other, contract_id=contract.pk, words="The deduction looks wrong.")
    assert (back.state, back.examiner_id) == ("under_examination", cast.registrar.user.pk)
    assert notes("contract.sent_back") == {cast.registrar.user.pk}
    register_contract(actor=cast.registrar.actor, contract_id=contract.pk)
    done = approve_second(actor=other, contract_id=contract.pk)
    assert (done.state, done.second_approver_id) == ("registered", other.user_id)
    assert done.number == f"{timezone.localdate().year}440300000001"


def test_a_tied_second_person_is_refused(cast: Cast) -> None:
    contract = factories.in_second_review(cast)
    person = factories.second_registrar(cast)
    Membership.objects.create(user=person, organisation=cast.home, roles=["analyst"])
    with pytest.raises(Refused) as refusal:
        approve_second(actor=actor_for(person, "en"), contract_id=contract.pk)
    assert refusal.value.code == "tied"


# --- After registration --------------------------------------------------------------------------


def test_who_may_cancel_and_who_revoke(cast: Cast) -> None:
    for name, player in cast.everybody.items():
        contract = factories.registered(cast)
        if name in {"owner", "colleague", "registrar"}:
            done = cancel(actor=player.actor, contract_id=contract.pk, words="Rescinded.")
            assert done.state == "cancelled" and done.ended_at is not None
        else:
            with pytest.raises((NotFound, Refused)):
                cancel(actor=player.actor, contract_id=contract.pk, words="Rescinded.")
        contract = factories.registered(cast)
        if name == "registrar":
            assert revoke(actor=player.actor, contract_id=contract.pk, words="x").state == "revoked"
        else:
            with pytest.raises(NotFound):
                revoke(actor=player.actor, contract_id=contract.pk, words="x")
            assert Contract.objects.get(pk=contract.pk).state == "registered"


def test_a_buyer_who_drafted_it_does_not_cancel_what_the_seller_registered(cast: Cast) -> None:
    draft = draft_contract(
        actor=cast.outsider.actor, filed_by_id=cast.outside.pk,
        facts=factories.facts(cast), parties=factories.parties(cast),
    )  # fmt: skip
    add_file(actor=cast.outsider.actor, contract_id=draft.pk, upload=factories.pdf())
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    claim(actor=cast.registrar.actor, contract_id=draft.pk)
    register_contract(actor=cast.registrar.actor, contract_id=draft.pk)
    address = f"/contracts/{draft.public_id}/"
    assert f"{address}cancel/" not in cast.outsider.client.get(address).content.decode()
    assert f"{address}cancel/" in cast.colleague.client.get(address).content.decode()
    with pytest.raises(Refused) as refusal:
        cancel(actor=cast.outsider.actor, contract_id=draft.pk, words="Rescinded.")
    assert refusal.value.code == "not_the_registrant"
    with pytest.raises(NotFound):
        cancel(actor=cast.rival.actor, contract_id=draft.pk, words="Rescinded.")
    assert cancel(
        actor=cast.colleague.actor, contract_id=draft.pk, words="Rescinded."
    ).state == "cancelled"  # fmt: skip


def test_ending_a_registration_needs_words(cast: Cast) -> None:
    contract = factories.registered(cast)
    for step in (cancel, revoke):
        with pytest.raises(Invalid) as refusal:
            step(actor=cast.registrar.actor, contract_id=contract.pk, words=" ")
        assert set(refusal.value.fields) == {"words"}
    assert Contract.objects.get(pk=contract.pk).state == "registered"


def test_an_amendment_takes_the_place_and_the_number_of_the_contract(cast: Cast) -> None:
    old = factories.registered(cast)
    new = factories.amended(cast, old, total_amount="150000.00")
    old.refresh_from_db()
    assert (old.state, old.number, str(old.total_amount)) == ("amended", new.number, "120000.00")
    assert (new.state, new.edition, str(new.total_amount)) == ("registered", 2, "150000.00")
    assert new.numbered_at == old.numbered_at and new.registered_at > old.registered_at
    assert NumberSequence.objects.get().last == 1, "an amendment uses up no number"
    third = factories.amended(cast, new)
    assert third.edition == 3 and third.number == old.number


def test_an_amendment_of_a_contract_that_ended_meanwhile_is_not_registered(cast: Cast) -> None:
    from contracts.actions import start_amendment

    old = factories.registered(cast)
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    assert start_amendment(actor=cast.owner.actor, contract_id=old.pk).pk == draft.pk, "one only"
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    claim(actor=cast.registrar.actor, contract_id=draft.pk)
    cancel(actor=cast.registrar.actor, contract_id=old.pk, words="Rescinded.")
    with pytest.raises(Conflict) as refusal:
        register_contract(actor=cast.registrar.actor, contract_id=draft.pk)
    assert refusal.value.code == "not_registered_any_more"
    draft.refresh_from_db()
    assert (draft.state, draft.number) == ("under_examination", None)


def test_a_file_shared_by_two_editions_outlives_its_removal_from_one(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    from django.core.files.storage import default_storage

    from contracts.actions import remove_file, start_amendment

    old = factories.registered(cast)
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    shared = draft.files.get()
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(
            actor=cast.colleague.actor, contract_id=draft.pk, file_public_id=shared.public_id
        )
    assert default_storage.exists(old.files.get().file.name)


# --- What the desk shows -------------------------------------------------------------------------


def detailed(contract: Contract) -> Contract:
    return with_details(Contract.objects.all()).get(pk=contract.pk)


def test_duplicate_suspects_by_file_title_date_and_amount(cast: Cast) -> None:
    first = factories.submitted(cast, title_en="Inspection of fabric line seven")
    again = factories.submitted(cast, title_en="Inspection of a fabric line seven")
    [found] = suspects(detailed(again), cast.registrar.actor)
    assert found.contract == first
    assert [str(reason) for reason in found.reasons] == [
        "the same parties", "a similar title", "the same signing date", "the same amount",
    ]  # fmt: skip


def test_the_same_parties_alone_are_no_suspicion(cast: Cast) -> None:
    import datetime as dt

    factories.submitted(cast, title_en="Inspection of fabric line seven")
    day = timezone.localdate() - dt.timedelta(days=40)
    other = factories.submitted(
        cast, title_en="Vaccine for carp", total_amount="77.00", signed_on=day, valid_from=day
    )
    assert suspects(detailed(other), cast.registrar.actor) == []


def test_a_suspect_at_another_point_is_told_without_its_content(cast: Cast) -> None:
    other_point = OrganisationFactory(registration_point=True, region="510100")
    factories.submitted(cast, registration_point=other_point.public_id)
    contract = factories.submitted(cast)
    [found] = suspects(detailed(contract), cast.registrar.actor)
    assert found.contract is None and found.reasons


def test_drafts_of_others_and_own_editions_are_no_suspects(cast: Cast) -> None:
    old = factories.registered(cast)
    factories.drafted(cast)
    new = factories.amended(cast, old)
    assert suspects(detailed(new), cast.registrar.actor) == []


def test_checks_find_what_a_registrar_must_look_at(cast: Cast) -> None:
    contract = factories.submitted(cast, "licence", total_amount=factories.LARGE)
    found = {str(c.text): c.state for c in checks.run_checks(detailed(contract),
             timezone.localdate())}  # fmt: skip
    assert found["All mandatory facts of this type are there"] == "passed"
    assert found["No proof of the right is attached"] == "open"
    assert found["Large contract: a second person must approve it"] == "open"
    assert "failed" not in found.values()


def test_counts_of_the_desk(cast: Cast) -> None:
    factories.submitted(cast)
    factories.examined(cast)
    factories.in_state(cast, "returned")
    factories.registered(cast)
    late = factories.submitted(cast)
    Contract.objects.filter(pk=late.pk).update(due_on="2026-01-05")
    found = counts(at_points(cast.registrar.actor), cast.registrar.actor, timezone.localdate())
    assert found == {
        "waiting": 2, "mine": 1, "others": 0, "second": 0, "returned": 1, "decided": 1, "late": 1,
    }  # fmt: skip
