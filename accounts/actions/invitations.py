"""Invite by a link in a mail; the link is bound to the address it was sent to."""

import datetime as dt
import secrets
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, mail, notices, rules
from accounts.actions.access import locked_organisation, one_or_not_found, require_person
from accounts.actions.verification import names_of
from accounts.models import Invitation, Membership, Organisation, User
from accounts.queries.organisations import open_invitations, owner_ids
from accounts.queries.tokens import digest
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import Conflict, NotFound, Refused, field_error


@transaction.atomic
def invite_member(
    *, actor: Actor, organisation_id: int, email: str, roles: Iterable[str]
) -> Invitation:
    """An owner invites somebody by e-mail; the link works for two weeks.

    An address that was invited before gets a new link, and the older one stops working. Raises
    Invalid on `email` or `roles`, Conflict `already_member`, `invited_just_now` or
    `too_many_invitations`.
    """
    organisation = locked_organisation(organisation_id, actor)
    wanted = rules.clean_roles(roles, is_registration_point=organisation.is_registration_point)
    address = _checked_address(email)
    if Membership.objects.filter(organisation=organisation, user__email__iexact=address).exists():
        raise Conflict("already_member", _("This person is already a member."))
    now = timezone.now()
    _refuse_flood(organisation, address, now)
    waiting = open_invitations(organisation)
    waiting.filter(expires_at__lte=now).update(withdrawn_at=now)
    waiting.filter(email=address).update(withdrawn_at=now)
    if waiting.count() >= rules.MAX_OPEN_INVITATIONS:
        raise Conflict(
            "too_many_invitations",
            _("Too many invitations are unanswered. Withdraw some before you invite more."),
        )
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        roles=wanted,
        digest=digest(secret),
        invited_by_id=actor.user_id,
        expires_at=now + dt.timedelta(days=rules.INVITATION_DAYS),
    )
    record(
        event_kinds.MEMBER_INVITED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"invitation": invitation.public_id, "roles": wanted},
    )
    _post(invitation, organisation, secret, actor)
    return invitation


def _refuse_flood(organisation: Organisation, address: str, now: dt.datetime) -> None:
    """Our mails carry words of the sender to any address: few a day, and not one on another."""
    sent = Invitation.objects.filter(organisation=organisation, accepted_at=None)
    if sent.filter(email=address, created_at__gt=now - rules.INVITE_AGAIN_AFTER).exists():
        raise Conflict(
            "invited_just_now", _("This address was invited just now. Wait ten minutes.")
        )
    limit = rules.INVITATIONS_A_DAY[organisation.verified_at is not None]
    if sent.filter(created_at__gt=now - dt.timedelta(days=1)).count() >= limit:
        raise Conflict(
            "too_many_invitations",
            _("An organisation sends at most %(limit)s invitations a day.") % {"limit": limit},
        )


@transaction.atomic
def withdraw_invitation(*, actor: Actor, invitation_id: int) -> None:
    """An owner takes an open invitation back; its link stops working."""
    organisation_id = (
        Invitation.objects.filter(pk=invitation_id)
        .values_list("organisation_id", flat=True)
        .first()
    )
    organisation = locked_organisation(organisation_id or 0, actor)
    invitation: Invitation = one_or_not_found(open_invitations(organisation), pk=invitation_id)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    record(
        event_kinds.INVITATION_WITHDRAWN,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"invitation": invitation.public_id},
    )


def find_invitation(secret: str) -> Invitation:
    """The open invitation of a link. Raises NotFound when there is none (any more)."""
    found = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(
            digest=digest(secret),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=timezone.now(),
        )
        .first()
        if 0 < len(secret) <= 100
        else None
    )
    if found is None:
        raise NotFound(
            "invitation_gone",
            _("This invitation was used, withdrawn or has expired. Ask for a new one."),
        )
    return found


def is_for(invitation: Invitation, person: User) -> bool:
    """Whether the invited address is one that this person has confirmed."""
    if person.email.lower() == invitation.email:
        return True
    return bool(
        EmailAddress.objects.filter(
            user=person, email__iexact=invitation.email, verified=True
        ).exists()
    )


@transaction.atomic
def accept_invitation(*, actor: Actor, secret: str) -> Membership:
    """Join the organisation of the link. Raises NotFound, Refused `other_address`.

    Somebody who is a member already keeps the roles and gets the new ones too.
    """
    person = require_person(actor)
    invitation = find_invitation(secret)
    organisation = locked_organisation(invitation.organisation_id, Actor.system())
    invitation = find_invitation(secret)  # again under the lock: a link works once
    if not is_for(invitation, person):
        raise Refused(
            "other_address",
            _("This invitation was sent to another address. Sign in with that address, or add it "
              "to your account first."),
        )  # fmt: skip
    roles = rules.clean_roles(
        [role for role in invitation.roles if role != "registrar"]
        if not organisation.is_registration_point and len(invitation.roles) > 1
        else invitation.roles,
        is_registration_point=organisation.is_registration_point,
    )
    membership, created = Membership.objects.get_or_create(
        user=person, organisation=organisation, defaults={"roles": roles}
    )
    if not created:
        membership.roles = rules.clean_roles(
            {*membership.roles, *roles}, is_registration_point=organisation.is_registration_point
        )
        membership.save(update_fields=["roles"])
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    record(
        event_kinds.MEMBER_JOINED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        after={"roles": membership.roles},
        data={"member": membership.public_id, "invitation": invitation.public_id},
    )
    notify(
        [pk for pk in owner_ids(organisation.pk) if pk != person.pk],
        notices.MEMBER_JOINED,
        params={**names_of(organisation), "person": person.name or invitation.email},
        url=reverse("organisation_members", args=[organisation.public_id]),
    )
    return membership


def _checked_address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise field_error("email", _("Enter an e-mail address.")) from None
    if len(address) > 254:
        raise field_error("email", _("Enter an e-mail address."))
    return address


def _post(invitation: Invitation, organisation: Organisation, secret: str, actor: Actor) -> None:
    """The mail, in the language of the invited person if it has an account, else the inviter's."""
    known = User.objects.filter(email__iexact=invitation.email, is_active=True).first()
    language = known.language if known else actor.language
    inviter = User.objects.filter(pk=actor.user_id or 0).first()
    with translation.override(language):
        name = pick(organisation, "name", language).value
        text = render_to_string(
            "accounts/mail/invitation.txt",
            {
                "organisation": name,
                "inviter": inviter.name if inviter else "",
                "url": settings.PUBLIC_URL + reverse("invitation", args=[secret]),
                "invitation": invitation,
                "site_url": settings.PUBLIC_URL,
            },
        )
        subject = _text("Invitation to join %(organisation)s") % {"organisation": name}
    mail.post(to=[invitation.email], subject=subject, text=text)
