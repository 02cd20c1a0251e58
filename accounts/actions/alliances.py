"""Alliances: found, invite, answer, leave. `AllianceMember.state` has its one door here."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, followers, notices
from accounts.actions.access import changed_names, locked_organisation, tidy
from accounts.actions.verification import names_of
from accounts.models import Alliance, AllianceMember, Organisation
from accounts.queries import organisations
from accounts.queries.organisations import owner_ids
from accounts.states import ALLIANCE_MEMBER
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from marketplace.core.forms import invalid_from

WRITABLE = ("name_en", "name_zh", "about_en", "about_zh", "referral_rules")
MAX_MEMBERS = 500
_STATE = AllianceMember.State


@transaction.atomic
def create_alliance(*, actor: Actor, lead_id: int, facts: Mapping[str, Any]) -> Alliance:
    """Found an alliance led by a verified organisation that the actor owns."""
    lead = locked_organisation(lead_id, actor)
    _require_verified(lead)
    alliance = Alliance(lead=lead)
    _apply(alliance, facts)
    alliance.save()
    AllianceMember.objects.create(alliance=alliance, organisation=lead, state=_STATE.MEMBER)
    record(event_kinds.ALLIANCE_CREATED, actor=actor, obj=alliance, organisation_ids=[lead.pk])
    return alliance


@transaction.atomic
def change_alliance(*, actor: Actor, alliance_id: int, facts: Mapping[str, Any]) -> Alliance:
    """Owners of the lead change names, text and referral rules."""
    alliance = _locked_by_lead(alliance_id, actor)
    before = {name: getattr(alliance, name) for name in WRITABLE}
    _apply(alliance, facts)
    changed = changed_names(before, alliance)
    if changed:
        alliance.save()
        record(
            event_kinds.ALLIANCE_CHANGED,
            actor=actor,
            obj=alliance,
            organisation_ids=[alliance.lead_id],
            data={"fields": changed},
        )
    return alliance


@transaction.atomic
def invite_organisation(*, actor: Actor, alliance_id: int, organisation_id: int) -> AllianceMember:
    """Owners of the lead invite a verified organisation; one that left may be invited again.

    Raises NotFound for an organisation the actor may not see, Conflict `already_member`,
    `already_invited`, `not_verified` or `too_many_members`.
    """
    alliance = _locked_by_lead(alliance_id, actor)
    organisation = organisations.visible_to(actor).filter(pk=organisation_id).first()
    if organisation is None:
        raise NotFound
    _require_verified(organisation)
    if alliance.members.exclude(state=_STATE.LEFT).count() >= MAX_MEMBERS:
        raise Conflict("too_many_members", _("An alliance has at most 500 members."))
    member = alliance.members.select_for_update().filter(organisation=organisation).first()
    if member is None:
        member = AllianceMember(alliance=alliance, organisation=organisation)
    elif member.state == _STATE.LEFT:
        member.state = ALLIANCE_MEMBER.target("invite", member.state)
    else:
        raise Conflict(
            "already_member" if member.state == _STATE.MEMBER else "already_invited",
            _("This organisation is already invited or a member."),
        )
    member.save()
    record(
        event_kinds.ALLIANCE_INVITED,
        actor=actor,
        obj=alliance,
        organisation_ids=[alliance.lead_id, organisation.pk],
    )
    notify(
        owner_ids(organisation.pk),
        notices.ALLIANCE_INVITED,
        params=_names(alliance, organisation),
        url=_page(alliance),
    )
    return member


@transaction.atomic
def answer_invitation(
    *, actor: Actor, alliance_id: int, organisation_id: int, accept: bool
) -> AllianceMember:
    """An owner of the invited organisation joins or declines. Raises Conflict `wrong_state`."""
    alliance = _locked(alliance_id)
    organisation = locked_organisation(organisation_id, actor)
    member = _member(alliance, organisation)
    if accept:
        _require_verified(organisation)
    _move(
        alliance,
        member,
        "accept" if accept else "decline",
        event_kinds.ALLIANCE_JOINED if accept else event_kinds.ALLIANCE_DECLINED,
        actor,
    )
    if accept:
        notify(
            owner_ids(alliance.lead_id),
            notices.ALLIANCE_JOINED,
            params=_names(alliance, organisation),
            url=_page(alliance),
        )
    return member


@transaction.atomic
def leave_alliance(*, actor: Actor, alliance_id: int, organisation_id: int) -> AllianceMember:
    """An owner takes its organisation out. The lead hands the lead over first. Raises Conflict
    while a room above holds it back (accounts.followers)."""
    alliance = _locked(alliance_id)
    organisation = locked_organisation(organisation_id, actor)
    _require_not_lead(alliance, organisation)
    member = _member(alliance, organisation)
    followers.ask_before_leaving(alliance.pk, organisation.pk)
    _move(alliance, member, "leave", event_kinds.ALLIANCE_LEFT, actor)
    notify(
        owner_ids(alliance.lead_id),
        notices.ALLIANCE_LEFT,
        params=_names(alliance, organisation),
        url=_page(alliance),
    )
    return member


@transaction.atomic
def remove_organisation(*, actor: Actor, alliance_id: int, organisation_id: int) -> AllianceMember:
    """Owners of the lead end a membership, or withdraw an invitation."""
    alliance = _locked_by_lead(alliance_id, actor)
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is None:
        raise NotFound
    _require_not_lead(alliance, organisation)
    member = _member(alliance, organisation)
    was_member = member.state == _STATE.MEMBER
    if was_member:
        followers.ask_before_leaving(alliance.pk, organisation.pk)
    _move(alliance, member, "remove", event_kinds.ALLIANCE_REMOVED, actor)
    if was_member:
        notify(
            owner_ids(organisation.pk),
            notices.ALLIANCE_LEFT,
            params=_names(alliance, organisation),
            url=_page(alliance),
        )
    return member


@transaction.atomic
def hand_over_lead(*, actor: Actor, alliance_id: int, organisation_id: int) -> Alliance:
    """Owners of the lead make another member organisation the lead."""
    alliance = _locked_by_lead(alliance_id, actor)
    successor = alliance.members.filter(
        organisation_id=organisation_id, state=_STATE.MEMBER
    ).first()
    if successor is None:
        raise NotFound
    before = alliance.lead_id
    alliance.lead_id = successor.organisation_id
    alliance.save(update_fields=["lead"])
    record(
        event_kinds.ALLIANCE_LEAD,
        actor=actor,
        obj=alliance,
        organisation_ids=[before, successor.organisation_id],
        before={"lead": before},
        after={"lead": successor.organisation_id},
    )
    followers.tell_handed_over(alliance.pk, actor)
    return alliance


def leads(actor: Actor, alliance: Alliance) -> bool:
    """Whether the actor may change the alliance: owners of its lead, and operators."""
    return actor.is_operator or actor.can(alliance.lead_id)


def require_lead(actor: Actor, alliance: Alliance) -> None:
    """Raises Refused unless the actor may change the alliance."""
    if not leads(actor, alliance) and not actor.is_system:
        raise Refused("lead_only", _("Only owners of the leading organisation may do this."))


def _locked(alliance_id: int) -> Alliance:
    alliance = Alliance.objects.select_for_update().filter(pk=alliance_id).first()
    if alliance is None:
        raise NotFound
    return alliance


def _locked_by_lead(alliance_id: int, actor: Actor) -> Alliance:
    alliance = _locked(alliance_id)
    require_lead(actor, alliance)
    return alliance


def _member(alliance: Alliance, organisation: Organisation) -> AllianceMember:
    member = alliance.members.select_for_update().filter(organisation=organisation).first()
    if member is None:
        raise NotFound
    return member


def _move(alliance: Alliance, member: AllianceMember, move: str, event: str, actor: Actor) -> None:
    before = member.state
    member.state = ALLIANCE_MEMBER.target(move, member.state)
    member.save(update_fields=["state", "changed_at"])
    record(
        event,
        actor=actor,
        obj=alliance,
        organisation_ids=[alliance.lead_id, member.organisation_id],
        before={"state": before},
        after={"state": member.state},
    )


def _require_verified(organisation: Organisation) -> None:
    if not organisation.is_verified:
        raise Conflict(
            "not_verified", _("Alliances are of verified organisations. Ask for verification.")
        )


def _require_not_lead(alliance: Alliance, organisation: Organisation) -> None:
    if alliance.lead_id == organisation.pk:
        raise Conflict(
            "is_lead", _("This organisation leads the alliance. Hand the lead over first.")
        )


def _apply(alliance: Alliance, facts: Mapping[str, Any]) -> None:
    unknown = set(facts) - set(WRITABLE)
    if unknown:
        raise Invalid(
            "unknown_field",
            _("Please correct what is marked below."),
            fields={name: [_("There is no such field.")] for name in sorted(unknown)},
        )
    problems: dict[str, list[Any]] = {}
    for name, value in facts.items():
        try:
            setattr(alliance, name, tidy(value))
        except ValidationError as error:
            problems[name] = list(error.messages)
    if not alliance.name_en and not alliance.name_zh:
        problems.setdefault("name_en", []).append(_("Give the name in English or Chinese."))
    try:
        alliance.full_clean(validate_constraints=False)
    except ValidationError as error:
        for name, messages in invalid_from(error).fields.items():
            problems.setdefault(name, []).extend(messages)
    if problems:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=problems)


def _names(alliance: Alliance, organisation: Organisation) -> dict[str, str]:
    return {
        **names_of(organisation),
        "alliance_en": alliance.name_en,
        "alliance_zh": alliance.name_zh,
    }


def _page(alliance: Alliance) -> str:
    return reverse("alliance", args=[alliance.public_id])
