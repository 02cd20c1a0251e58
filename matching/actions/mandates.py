"""Giving an institution the right to answer matches, and taking it back. Owners only."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.access import locked_organisation
from accounts.models import Membership, Organisation
from accounts.queries import organisations
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, field_error
from marketplace.core.gates import lock
from matching import event_kinds, notices
from matching.models import Mandate
from matching.queries.mandates import visible_to

MOST = 20  # institutions that may answer for one organisation at a time


@transaction.atomic
def give_mandate(*, actor: Actor, organisation_id: int, institution_id: int) -> Mandate:
    """Let the brokers of a verified institution answer matches of the organisation.

    Given again, it stays as it is. Raises NotFound, Refused without the role of an owner, Invalid
    on `institution` for what is no verified institution or the organisation itself, Conflict
    `too_many_mandates`.
    """
    organisation = locked_organisation(organisation_id, actor)
    institution = organisations.ttis_visible_to(actor).filter(pk=institution_id).first()
    if institution is None:
        raise field_error(
            "institution",
            _("This is no verified technology transfer institution."),
            code="no_institution",
        )
    if institution.pk == organisation.pk:
        raise field_error(
            "institution", _("Your own brokers answer your matches anyway."), code="own"
        )
    in_force = Mandate.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
    if known := in_force.filter(institution=institution).first():
        return known
    if in_force.count() >= MOST:
        raise Conflict(
            "too_many_mandates",
            _("At most %(limit)s institutions may answer for you. Withdraw one first.")
            % {"limit": MOST},
        )
    try:
        with transaction.atomic():
            mandate = Mandate.objects.create(
                organisation=organisation, institution=institution, given_by_id=actor.user_id
            )
    except IntegrityError:  # another owner at the same moment
        return in_force.get(institution=institution)
    _record(event_kinds.MANDATE_GIVEN, mandate, actor)
    _tell(notices.MANDATE_GIVEN, mandate, organisation, institution)
    return mandate


@transaction.atomic
def withdraw_mandate(*, actor: Actor, mandate_id: int) -> Mandate:
    """Take it back; from now on the institution looks and proposes only. What it has answered
    stands, and can be changed by the organisation. Raises NotFound, Refused."""
    if not visible_to(actor).filter(pk=mandate_id).exists():
        raise NotFound
    mandate = lock(Mandate.objects.select_related("organisation", "institution"), mandate_id)
    locked_organisation(mandate.organisation_id, actor)
    if not mandate.is_in_force:
        return mandate
    mandate.withdrawn_at = timezone.now()
    mandate.withdrawn_by_id = actor.user_id
    mandate.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record(event_kinds.MANDATE_WITHDRAWN, mandate, actor)
    _tell(notices.MANDATE_WITHDRAWN, mandate, mandate.organisation, mandate.institution)
    return mandate


def brokers_of(institution_id: int) -> list[int]:
    """User ids of an institution's brokers and owners."""
    return list(
        Membership.objects.filter(
            organisation_id=institution_id,
            roles__overlap=["owner", "broker"],
            user__is_active=True,
        )
        .order_by("user_id")
        .values_list("user_id", flat=True)
    )


def names(organisation: Organisation, name: str) -> dict[str, str]:
    """Parameters of a notice: the organisation's name in both languages."""
    return {f"{name}_en": organisation.name_en, f"{name}_zh": organisation.name_zh}


def _record(kind: str, mandate: Mandate, actor: Actor) -> None:
    record(
        kind, actor=actor, obj=mandate,
        organisation_ids=[mandate.organisation_id, mandate.institution_id],
        data={
            "client": mandate.organisation.public_id,
            "institution": mandate.institution.public_id,
        },
    )  # fmt: skip


def _tell(kind: str, mandate: Mandate, client: Organisation, institution: Organisation) -> None:
    notify(
        brokers_of(institution.pk), kind, url="/matches/triage/",
        params={**names(client, "client"), **names(institution, "institution")},
        key=f"{kind}-{mandate.pk}",
    )  # fmt: skip
