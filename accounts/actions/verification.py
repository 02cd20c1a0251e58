"""The one door of `Organisation.verified_at`: ask with evidence, decide with a reason."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, notices
from accounts.actions.access import (
    locked_organisation,
    one_or_not_found,
    require_operator,
    tidy,
)
from accounts.models import Organisation, User, Verification
from accounts.queries import verifications
from accounts.queries.organisations import owner_ids
from accounts.states import VERIFICATION
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.uploads import check_upload

EVIDENCE_KINDS = frozenset({".pdf", ".png", ".jpg", ".jpeg"})
REASON_LENGTH = 1000


@transaction.atomic
def ask_verification(
    *, actor: Actor, organisation_id: int, evidence: "UploadedFile[Any]", note: str = ""
) -> Verification:
    """Ask an operator to verify the organisation, with a copy of its certificate.

    Raises Invalid on `evidence`, TooLarge, Conflict `already_verified` or `already_waiting`.
    """
    organisation = locked_organisation(organisation_id, actor)
    if organisation.is_verified:
        raise Conflict("already_verified", _("The organisation is verified already."))
    if organisation.verifications.filter(state=Verification.State.WAITING).exists():
        raise Conflict("already_waiting", _("A request is already waiting for a decision."))
    if not organisation.registration_code and organisation.kind != "individual":
        raise field_error(
            "registration_code",
            _("Enter the registration code of the organisation first: it is what is verified."),
            code="required",
        )
    checked = check_upload(evidence, allowed=EVIDENCE_KINDS, field="evidence")
    request = Verification(
        organisation=organisation,
        evidence_name=checked.name,
        evidence_sha256=checked.sha256,
        evidence_type=checked.media_type,
        evidence_size=checked.size,
        asked_by_id=actor.user_id,
    )
    try:
        request.note = tidy(note)
        request.full_clean(exclude=["evidence"])
    except ValidationError as error:
        raise invalid_from(error) from None
    # The stored name is our own: what the sender called it is kept as text only.
    extension = checked.name.rsplit(".", 1)[-1].lower()
    request.evidence.save(f"{request.public_id}.{extension}", evidence, save=False)
    request.save()
    record(
        event_kinds.VERIFICATION_ASKED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"verification": request.public_id, "sha256": checked.sha256},
    )
    notify(
        User.objects.filter(is_operator=True, is_active=True).values_list("pk", flat=True),
        notices.TO_VERIFY,
        params=names_of(organisation),
        url=reverse("verification", args=[request.public_id]),
        key=f"verify-{request.public_id}",
    )
    return request


@transaction.atomic
def approve_verification(*, actor: Actor, verification_id: int, note: str = "") -> Verification:
    """An operator has compared the evidence: the organisation is verified.

    Raises Conflict `wrong_state`, or `code_taken` when another verified one has the same code.
    """
    request = _decide(actor, verification_id, "approve", note)
    organisation = request.organisation
    organisation.verified_at = timezone.now()
    organisation.version += 1
    try:
        with transaction.atomic():
            organisation.save(update_fields=["verified_at", "version", "updated_at"])
    except IntegrityError:
        raise Conflict(
            "code_taken",
            _("Another verified organisation has this registration code. Refuse this request, or "
              "withdraw the other verification first."),
        ) from None  # fmt: skip
    record(
        event_kinds.VERIFIED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"verification": request.public_id},
    )
    notify(
        owner_ids(organisation.pk),
        notices.VERIFIED,
        params=names_of(organisation),
        url=reverse("organisation", args=[organisation.public_id]),
        key=f"verified-{request.public_id}",
    )
    return request


@transaction.atomic
def refuse_verification(*, actor: Actor, verification_id: int, reason: str) -> Verification:
    """An operator refuses with a reason, which the owners read; they may ask again."""
    reason = _checked_reason(reason)
    request = _decide(actor, verification_id, "refuse", reason)
    organisation = request.organisation
    record(
        event_kinds.VERIFICATION_REFUSED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"verification": request.public_id},
    )
    notify(
        owner_ids(organisation.pk),
        notices.VERIFICATION_REFUSED,
        params={**names_of(organisation), "reason": reason},
        url=reverse("organisation_verify", args=[organisation.public_id]),
        key=f"refused-{request.public_id}",
    )
    return request


@transaction.atomic
def revoke_verification(*, actor: Actor, organisation_id: int, reason: str) -> Organisation:
    """An operator withdraws a verification, with a reason. Standing ends with it."""
    require_operator(actor)
    reason = _checked_reason(reason)
    organisation = locked_organisation(organisation_id, Actor.system())
    if not organisation.is_verified:
        raise Conflict("not_verified", _("The organisation is not verified."))
    before = {
        "is_trusted": organisation.is_trusted,
        "is_registration_point": organisation.is_registration_point,
    }
    organisation.verified_at = None
    organisation.is_trusted = False
    organisation.is_registration_point = False
    organisation.version += 1
    organisation.save()
    record(
        event_kinds.VERIFICATION_REVOKED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        before=before,
    )
    notify(
        owner_ids(organisation.pk),
        notices.VERIFICATION_REVOKED,
        params={**names_of(organisation), "reason": reason},
        url=reverse("organisation_verify", args=[organisation.public_id]),
    )
    return organisation


def note_evidence_read(*, actor: Actor, verification: Verification) -> None:
    """Opening somebody's papers leaves a trace."""
    record(
        event_kinds.EVIDENCE_READ,
        actor=actor,
        obj=verification.organisation,
        organisation_ids=[verification.organisation_id],
        data={"verification": verification.public_id},
    )


def names_of(organisation: Organisation) -> dict[str, str]:
    """Both names for a notice, which is worded when it is read."""
    return {"organisation_en": organisation.name_en, "organisation_zh": organisation.name_zh}


def _decide(actor: Actor, verification_id: int, move: str, reason: str) -> Verification:
    require_operator(actor)
    request: Verification = one_or_not_found(verifications.visible_to(actor), pk=verification_id)
    # Always the organisation after the request, so that two operators cannot lock each other out.
    request.organisation = locked_organisation(request.organisation_id, Actor.system())
    request.state = VERIFICATION.target(move, request.state)
    try:
        request.reason = tidy(reason)[:REASON_LENGTH]
    except ValidationError as error:
        raise field_error("reason", error.messages[0]) from None
    request.decided_by_id = actor.user_id
    request.decided_at = timezone.now()
    request.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    return request


def _checked_reason(reason: str) -> str:
    try:
        cleaned: str = tidy(reason)
    except ValidationError as error:
        raise field_error("reason", error.messages[0]) from None
    if not cleaned:
        raise field_error("reason", _("Say why; the owners read it."), code="required")
    if len(cleaned) > REASON_LENGTH:
        raise field_error("reason", _("At most 1,000 characters."), code="too_long")
    return cleaned
