"""A person's own account: profile, data, closing; and who operates the platform."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import closing, event_kinds, personal_data
from accounts.actions.access import changed_names, require_person, tidy
from accounts.models import (
    ApiToken,
    BrokerQualification,
    ExpertProfile,
    Invitation,
    Membership,
    Organisation,
    User,
)
from accounts.models.memberships import Role
from events.actions import record
from events.models import MailPreference, Notification
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.forms import invalid_from

PROFILE = ("name", "language", "agreed_to_be_found")
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@transaction.atomic
def change_profile(*, actor: Actor, facts: Mapping[str, Any]) -> User:
    """Change one's own name, language, or whether one is named on public pages."""
    person = User.objects.select_for_update().get(pk=require_person(actor).pk)
    before = {name: getattr(person, name) for name in PROFILE}
    problems: dict[str, list[Any]] = {}
    for name in set(facts) & set(PROFILE):
        try:
            setattr(person, name, tidy(facts[name]))
        except ValidationError as error:
            problems[name] = list(error.messages)
    if not person.name:
        problems.setdefault("name", []).append(_("Enter your name."))
    if person.language not in LANGUAGES:
        problems["language"] = [_("Choose one of the languages.")]
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        for name, messages in invalid_from(error).fields.items():
            problems.setdefault(name, []).extend(messages)
    if problems:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=problems)
    changed = changed_names(before, person)
    if changed:
        person.save(update_fields=list(PROFILE))
        record(event_kinds.ACCOUNT_CHANGED, actor=actor, obj=person, data={"fields": changed})
    return person


def export_data(*, actor: Actor) -> bytes:
    """A ZIP of everything the platform holds about the person."""
    person = require_person(actor)
    content = personal_data.export(person)
    record(event_kinds.ACCOUNT_EXPORTED, actor=actor, obj=person)
    return content


def left_alone(actor: Actor) -> frozenset[int]:
    """Organisations whose only owner is this person."""
    owned = actor.ids_with(Role.OWNER)
    others = set(
        Membership.objects.filter(
            organisation_id__in=sorted(owned),
            roles__contains=[Role.OWNER],
            user__is_active=True,
        )
        .exclude(user_id=actor.user_id or 0)
        .values_list("organisation_id", flat=True)
    )
    return frozenset(owned - others)


def reasons_against_closing(actor: Actor) -> list[Any]:
    """What must be done before the account can be closed; empty when nothing."""
    alone = left_alone(actor)
    reasons: list[Any] = []
    for membership in Membership.objects.filter(
        user_id=actor.user_id or 0, organisation_id__in=sorted(alone)
    ).select_related("organisation"):
        organisation = membership.organisation
        if organisation.memberships.filter(user__is_active=True).count() > 1:
            name = pick(organisation, "name", actor.language)
            reasons.append(
                _(
                    "You are the only owner of %(organisation)s, which has other members. Make one "
                    "of them an owner."
                )
                % {"organisation": name}
            )
    reasons += closing.obstacles(alone)
    operators = User.objects.filter(is_operator=True, is_active=True)
    if actor.is_operator and not operators.exclude(pk=actor.user_id or 0).exists():
        reasons.append(_("You are the only operator. Make another one first."))
    return reasons


@transaction.atomic
def close_account(*, actor: Actor) -> None:
    """Remove the person's data for good. Events keep the id, which then names nobody.

    Raises Conflict `cannot_close` with what to do first.
    """
    person = User.objects.select_for_update().get(pk=require_person(actor).pk)
    # Two owners who close at once must not leave an organisation without one: they queue here.
    owned = Organisation.objects.filter(pk__in=sorted(actor.ids_with(Role.OWNER)))
    list(owned.select_for_update().order_by("pk"))
    reasons = reasons_against_closing(actor)
    if reasons:
        raise Conflict(
            "cannot_close", _("Some things must be settled first."), fields={"": reasons}
        )
    email = person.email
    addresses = {email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
    sessions = list(UserSession.objects.filter(user=person).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=sessions).delete()
    for model in (
        UserSession, Authenticator, EmailAddress, ApiToken, BrokerQualification, ExpertProfile,
        Membership,
    ):  # fmt: skip
        model.objects.filter(user=person).delete()
    Notification.objects.filter(recipient=person).delete()
    MailPreference.objects.filter(user=person).delete()
    Invitation.objects.filter(email__in=[address.lower() for address in addresses]).delete()
    for farewell in closing.FAREWELLS:
        farewell(person.pk)
    for log in (AccessAttempt, AccessFailureLog, AccessLog):
        log.objects.filter(username__in=addresses).delete()
    person.email = f"{person.public_id.lower()}@closed.invalid"
    person.name = ""
    person.is_active = person.is_operator = person.is_moderator = False
    person.agreed_to_be_found = False
    person.last_login = None
    person.closed_at = timezone.now()
    person.set_unusable_password()
    person.save()
    record(event_kinds.ACCOUNT_CLOSED, actor=actor, obj=person)


@transaction.atomic
def make_operator(*, email: str, name: str = "") -> tuple[User, bool]:
    """Make a person an operator, and an account for it if there is none (then without password:
    it is set by a reset link). For the command line; returns the person and whether it is new."""
    address = email.strip().lower()
    person = User.objects.filter(email__iexact=address).first()
    created = person is None
    if person is None:
        person = User(email=address, name=name)
        person.set_unusable_password()
        try:
            person.full_clean(exclude=["password"])
        except ValidationError as error:
            raise invalid_from(error) from None
    person.is_operator = True
    person.is_moderator = True
    person.save()
    EmailAddress.objects.update_or_create(
        user=person, email=address, defaults={"verified": True, "primary": True}
    )
    record(event_kinds.OPERATOR_MADE, actor=Actor.system(), obj=person)
    return person, created
