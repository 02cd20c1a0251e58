"""Verification: evidence in, a decision out; nobody else sees the papers."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from accounts.actions import verification as actions
from accounts.models import Organisation, Verification
from events.models import Event, Notification
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, TooLarge
from tests.accounts.factories import OrganisationFactory, UserFactory, person_in
from tests.cast import Cast

CODE = "91350100M000100Y43"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def evidence(name="licence.pdf", content=PDF, kind="application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def ask(cast: Cast, **given) -> Verification:
    Organisation.objects.filter(pk=cast.claim.pk).update(registration_code=CODE)
    return actions.ask_verification(
        actor=cast.claimant.actor,
        organisation_id=cast.claim.pk,
        evidence=given.pop("evidence", evidence()),
        **given,
    )


def test_asking_stores_the_evidence_privately_and_tells_the_operators(cast: Cast, tmp_path):
    request = ask(cast, note="Renamed in June.")
    assert request.state == "waiting"
    assert (tmp_path / request.evidence.name).read_bytes() == PDF
    assert "licence" not in request.evidence.name
    told = Notification.objects.get(kind="organisation.to_verify")
    assert told.recipient == cast.operator.user


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (evidence("licence.exe"), "file_kind"),
        (evidence("licence.pdf", b"PK\x03\x04 a zip"), "file_type_mismatch"),
        (evidence("licence.docx"), "file_kind"),
        (evidence("licence.png", PDF), "file_type_mismatch"),
        (evidence("empty.pdf", b""), "file_empty"),
    ],
)
def test_evidence_that_is_not_what_it_says_is_refused(cast: Cast, upload, code, tmp_path):
    with pytest.raises(Invalid) as refusal:
        ask(cast, evidence=upload)
    assert refusal.value.code == code
    assert not Verification.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


def test_evidence_over_the_cap_is_refused(cast: Cast, settings):
    settings.UPLOAD_MAX_BYTES = 20
    with pytest.raises(TooLarge):
        ask(cast)
    assert not Verification.objects.exists()


def test_asking_needs_a_code_and_an_owner_and_no_second_request(cast: Cast):
    with pytest.raises(Invalid) as refusal:
        actions.ask_verification(
            actor=cast.claimant.actor, organisation_id=cast.claim.pk, evidence=evidence()
        )
    assert "registration_code" in refusal.value.fields
    with pytest.raises(NotFound):  # a claim is nobody's business but its members'
        actions.ask_verification(
            actor=cast.owner.actor, organisation_id=cast.claim.pk, evidence=evidence()
        )
    with pytest.raises(Refused):
        actions.ask_verification(
            actor=cast.colleague.actor, organisation_id=cast.home.pk, evidence=evidence()
        )
    with pytest.raises(Conflict) as conflict:
        actions.ask_verification(
            actor=cast.owner.actor, organisation_id=cast.home.pk, evidence=evidence()
        )
    assert conflict.value.code == "already_verified"
    ask(cast)
    with pytest.raises(Conflict) as conflict:
        ask(cast)
    assert conflict.value.code == "already_waiting"


def test_while_a_request_waits_the_facts_stay_as_they_are(cast: Cast):
    from accounts.actions.organisations import change_organisation

    ask(cast)
    with pytest.raises(Conflict):
        change_organisation(
            actor=cast.claimant.actor, organisation_id=cast.claim.pk, facts={"name_en": "Other"}
        )


def test_approving_verifies_tells_the_owners_and_opens_the_members_tier(cast: Cast):
    request = ask(cast)
    assert not cast.claimant.actor.is_verified_member
    actions.approve_verification(actor=cast.operator.actor, verification_id=request.pk)
    cast.claim.refresh_from_db()
    assert cast.claim.is_verified
    assert cast.claimant.fresh().is_verified_member
    assert Notification.objects.filter(
        recipient=cast.claimant.user, kind="organisation.verified"
    ).exists()
    assert Event.objects.filter(kind="organisation.verified").count() == 1


def test_refusing_needs_a_reason_which_the_owners_read_and_they_may_ask_again(cast: Cast):
    request = ask(cast)
    for reason in ("", "  ", "x" * 1001, "a\x00b"):
        with pytest.raises(Invalid):
            actions.refuse_verification(
                actor=cast.operator.actor, verification_id=request.pk, reason=reason
            )
    actions.refuse_verification(
        actor=cast.operator.actor, verification_id=request.pk, reason="The seal is missing."
    )
    request.refresh_from_db()
    cast.claim.refresh_from_db()
    assert (request.state, cast.claim.is_verified) == ("refused", False)
    page = cast.claimant.client.get(reverse("organisation_verify", args=[cast.claim.public_id]))
    assert "The seal is missing." in page.content.decode()
    assert ask(cast).pk != request.pk


@pytest.mark.parametrize("first", ["approve", "refuse"])
@pytest.mark.parametrize("second", ["approve", "refuse"])
def test_a_decision_is_made_once(cast: Cast, first: str, second: str):
    request = ask(cast)

    def decide(move: str) -> None:
        if move == "approve":
            actions.approve_verification(actor=cast.operator.actor, verification_id=request.pk)
        else:
            actions.refuse_verification(
                actor=cast.operator.actor, verification_id=request.pk, reason="No."
            )

    decide(first)
    with pytest.raises(Conflict):
        decide(second)
    request.refresh_from_db()
    assert request.state == {"approve": "approved", "refuse": "refused"}[first]


@pytest.mark.parametrize("who", ["claimant", "owner", "moderator", "newcomer", "visitor"])
def test_only_operators_decide(cast: Cast, who: str):
    request = ask(cast)
    with pytest.raises(Refused):
        actions.approve_verification(actor=cast.everybody[who].actor, verification_id=request.pk)
    cast.claim.refresh_from_db()
    assert not cast.claim.is_verified


def test_a_code_is_verified_once(cast: Cast):
    OrganisationFactory(registration_code=CODE.lower())
    request = ask(cast)
    with pytest.raises(Conflict) as refusal:
        actions.approve_verification(actor=cast.operator.actor, verification_id=request.pk)
    assert refusal.value.code == "code_taken"
    request.refresh_from_db()
    assert request.state == "waiting"


def test_withdrawing_a_verification_ends_the_standing(cast: Cast):
    Organisation.objects.filter(pk=cast.home.pk).update(is_trusted=True)
    with pytest.raises(Invalid):
        actions.revoke_verification(
            actor=cast.operator.actor, organisation_id=cast.home.pk, reason=""
        )
    actions.revoke_verification(
        actor=cast.operator.actor, organisation_id=cast.home.pk, reason="Wound up."
    )
    cast.home.refresh_from_db()
    assert not cast.home.is_verified
    assert not cast.home.is_trusted


def test_the_papers_are_for_operators_and_owners_and_reading_them_is_written_down(cast: Cast):
    request = ask(cast, evidence=evidence("../../营业执照 <1>.pdf"))
    page = reverse("verification_evidence", args=[request.public_id])
    api = f"/api/v1/verifications/{request.public_id}/evidence/"
    for name, player in cast.everybody.items():
        allowed = name in {"operator", "claimant"}
        expected = {200} if allowed else {302} if name == "visitor" else {404}
        for client, address, wanted in (
            (player.client, page, expected),
            (player.api, api, {200} if allowed else {401, 404}),
        ):
            answer = client.get(address)
            assert answer.status_code in wanted, name
            b"".join(answer)  # a file is closed when it has been read
    answer = cast.operator.client.get(page)
    assert b"".join(answer) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.filter(kind="organisation.evidence_read").count() == 5


def test_the_page_decides(cast: Cast):
    request = ask(cast)
    page = reverse("verification", args=[request.public_id])
    answer = cast.operator.client.post(page, {"decision": "refuse", "reason": ""})
    assert answer.status_code == 422
    answer = cast.operator.client.post(page, {"decision": "approve", "reason": "ok"})
    assert answer.status_code == 302
    cast.claim.refresh_from_db()
    assert cast.claim.is_verified


def test_the_api_asks_and_decides(cast: Cast):
    Organisation.objects.filter(pk=cast.claim.pk).update(registration_code=CODE)
    base = f"/api/v1/organisations/{cast.claim.public_id}/verify/"
    asked = cast.claimant.api.post(base, {"evidence": evidence()}, format="multipart")
    assert asked.status_code == 201, asked.json()
    one = f"/api/v1/verifications/{asked.json()['id']}/"
    assert cast.claimant.api.post(one + "approve/", {}, format="json").status_code == 403
    assert cast.operator.api.get("/api/v1/verifications/?state=waiting").json()["results"]
    assert cast.owner.api.get("/api/v1/verifications/").json()["results"] == []
    decided = cast.operator.api.post(one + "approve/", {}, format="json")
    assert decided.json()["state"] == "approved"
    again = cast.operator.api.post(one + "refuse/", {"reason": "late"}, format="json")
    assert again.status_code == 409


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_make_one_decision():
    from accounts.queries import actor_for

    organisation = OrganisationFactory(unverified=True, registration_code=CODE)
    owner = person_in(organisation)
    operators = [UserFactory(is_operator=True) for _number in range(2)]
    request = actions.ask_verification(
        actor=actor_for(owner), organisation_id=organisation.pk, evidence=evidence()
    )
    barrier, outcomes = threading.Barrier(2), []

    def decide(operator) -> None:
        try:
            actor = actor_for(operator)
            barrier.wait(10)
            actions.approve_verification(actor=actor, verification_id=request.pk)
            outcomes.append("done")
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[one]) for one in operators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["done", "wrong_state"]
    assert Event.objects.filter(kind="organisation.verified").count() == 1
