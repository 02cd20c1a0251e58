"""Found and change organisations."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, rules
from accounts.actions.access import (
    changed_names,
    locked_organisation,
    require_operator,
    require_person,
    tidy,
)
from accounts.models import Membership, Organisation, Verification
from accounts.models.memberships import Role
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.forms import invalid_from

MAX_OWNED = 20  # nobody founds more than this; a script that tries is stopped


@transaction.atomic
def create_organisation(*, actor: Actor, facts: Mapping[str, Any]) -> Organisation:
    """Found an organisation; the founder becomes its owner. It is not verified yet.

    facts: names of rules.WRITABLE. Raises Invalid with field messages.
    """
    person = require_person(actor)
    held = Membership.objects.filter(user=person, roles__contains=[Role.OWNER]).count()
    if held >= MAX_OWNED:
        raise Conflict("too_many_organisations", _("You own as many organisations as you may."))
    organisation = Organisation()
    _apply(organisation, facts)
    organisation.save()
    Membership.objects.create(user=person, organisation=organisation, roles=[Role.OWNER])
    record(
        event_kinds.ORGANISATION_CREATED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        after={"kind": organisation.kind, "country": organisation.country},
    )
    return organisation


@transaction.atomic
def change_organisation(
    *,
    actor: Actor,
    organisation_id: int,
    facts: Mapping[str, Any],
    expected_version: int | None = None,
) -> Organisation:
    """Change the facts given; the others stay.

    What an operator has verified, or is looking at, only an operator changes. Raises Invalid,
    Refused, Conflict `verified_facts`, Stale.
    """
    if actor.is_operator:
        organisation = _locked_by_operator(organisation_id, actor, expected_version)
    else:
        organisation = locked_organisation(
            organisation_id, actor, Role.EDITOR, expected_version=expected_version
        )
    before = {name: getattr(organisation, name) for name in rules.WRITABLE}
    _apply(organisation, facts)
    changed = changed_names(before, organisation)
    if not changed:
        return organisation
    _require_identity_free(organisation, changed, actor)
    organisation.version += 1
    organisation.save()
    record(
        event_kinds.ORGANISATION_CHANGED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"fields": changed},
    )
    return organisation


@transaction.atomic
def set_standing(
    *,
    actor: Actor,
    organisation_id: int,
    is_trusted: bool | None = None,
    is_registration_point: bool | None = None,
) -> Organisation:
    """An operator lets an organisation publish without review, or register contracts.

    Raises Conflict `not_verified`: standing is for verified organisations.
    """
    organisation = _locked_by_operator(organisation_id, actor, None)
    before = {
        "is_trusted": organisation.is_trusted,
        "is_registration_point": organisation.is_registration_point,
    }
    wanted = {
        "is_trusted": organisation.is_trusted if is_trusted is None else is_trusted,
        "is_registration_point": organisation.is_registration_point
        if is_registration_point is None
        else is_registration_point,
    }
    if any(wanted.values()) and not organisation.is_verified:
        raise Conflict("not_verified", _("Verify the organisation first."))
    if wanted == before:
        return organisation
    for name, value in wanted.items():
        setattr(organisation, name, value)
    organisation.version += 1
    organisation.save()
    if before["is_registration_point"] and not organisation.is_registration_point:
        _end_registrars(organisation)
    record(
        event_kinds.STANDING_CHANGED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        before=before,
        after=wanted,
    )
    return organisation


def _end_registrars(organisation: Organisation) -> None:
    """Without the standing there are no registrars; who was only that becomes an analyst."""
    for membership in Membership.objects.select_for_update().filter(
        organisation=organisation, roles__contains=[Role.REGISTRAR]
    ):
        left = [role for role in membership.roles if role != Role.REGISTRAR]
        membership.roles = left or [Role.ANALYST]
        membership.save(update_fields=["roles"])


def _locked_by_operator(
    organisation_id: int, actor: Actor, expected_version: int | None
) -> Organisation:
    """Operators need no role in the organisation itself."""
    require_operator(actor)
    return locked_organisation(organisation_id, Actor.system(), expected_version=expected_version)


def _apply(organisation: Organisation, facts: Mapping[str, Any]) -> None:
    """Set and check the facts; all field messages are gathered in one Invalid."""
    unknown = set(facts) - set(rules.WRITABLE)
    if unknown:
        raise Invalid(
            "unknown_field",
            _("Please correct what is marked below."),
            fields={name: [_("There is no such field.")] for name in sorted(unknown)},
        )
    problems: dict[str, list[Any]] = {}
    for name, value in facts.items():
        try:
            setattr(organisation, name, tidy(value))
        except ValidationError as error:
            problems[name] = list(error.messages)
    if "registration_code" in facts:
        organisation.registration_code = organisation.registration_code.upper().replace(" ", "")
    if organisation.kind != "tti" and "tti_type" not in facts:
        organisation.tti_type = ""
    if organisation.country != "CN":
        if facts.get("region"):
            problems["region"] = [_("Regions are for China; elsewhere the country says it.")]
        else:
            organisation.region = ""
    if not problems.get("field_codes"):
        organisation.field_codes = list(dict.fromkeys(organisation.field_codes))
    try:
        organisation.full_clean()
    except ValidationError as error:
        for name, messages in invalid_from(error).fields.items():
            problems.setdefault(name, []).extend(messages)
    try:
        rules.check_registration_code(
            country=organisation.country,
            kind=organisation.kind,
            code=organisation.registration_code,
        )
    except Invalid as error:
        problems.update(error.fields)
    _name_the_field(organisation, problems)
    if problems:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=problems)


def _name_the_field(organisation: Organisation, problems: dict[str, list[Any]]) -> None:
    """Constraints speak of the whole row; the reader is helped by the field they are about."""
    if not organisation.name_en and not organisation.name_zh and "" in problems:
        problems.setdefault("name_en", []).append(_("Give the name in English or Chinese."))
        problems.pop("")
    if (organisation.kind == "tti") != bool(organisation.tti_type):
        problems.pop("", None)
        problems["tti_type"] = [
            _("Choose the type of the institution.")
            if organisation.kind == "tti"
            else _("Only a technology transfer institution has a type.")
        ]


def _require_identity_free(organisation: Organisation, changed: list[str], actor: Actor) -> None:
    locked = [name for name in changed if name in rules.IDENTITY]
    if not locked or actor.is_operator or actor.is_system:
        return
    waiting = Verification.objects.filter(
        organisation=organisation, state=Verification.State.WAITING
    ).exists()
    if organisation.is_verified or waiting:
        raise Conflict(
            "verified_facts",
            _("These facts were verified, or are being looked at. An operator can change them."),
            fields={name: [_("Verified: only an operator changes this.")] for name in locked},
        )
