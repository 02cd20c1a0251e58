"""Members of an organisation: roles, removal, leaving. There is always an owner."""

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, notices, rules
from accounts.actions.access import locked_organisation, one_or_not_found
from accounts.actions.verification import names_of
from accounts.models import Membership, Organisation
from accounts.models.memberships import Role
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict


@transaction.atomic
def change_roles(*, actor: Actor, membership_id: int, roles: Iterable[str]) -> Membership:
    """An owner changes somebody's roles. Raises Invalid on `roles`, Conflict `last_owner`."""
    organisation, membership = _locked(actor, membership_id)
    wanted = rules.clean_roles(roles, is_registration_point=organisation.is_registration_point)
    if wanted == list(membership.roles):
        return membership
    if Role.OWNER not in wanted:
        require_another_owner(membership)
    before = list(membership.roles)
    membership.roles = wanted
    membership.save(update_fields=["roles"])
    record(
        event_kinds.ROLES_CHANGED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        before={"roles": before},
        after={"roles": wanted},
        data={"member": membership.public_id},
    )
    if membership.user_id != actor.user_id:
        notify(
            [membership.user_id],
            notices.ROLES_CHANGED,
            params=names_of(organisation),
            url=reverse("organisation", args=[organisation.public_id]),
        )
    return membership


@transaction.atomic
def remove_member(*, actor: Actor, membership_id: int) -> None:
    """An owner ends somebody's membership; what the person wrote stays with the organisation."""
    organisation, membership = _locked(actor, membership_id)
    require_another_owner(membership)
    member, user_id = membership.public_id, membership.user_id
    membership.delete()
    record(
        event_kinds.MEMBER_REMOVED,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"member": member},
    )
    if user_id != actor.user_id:
        notify([user_id], notices.MEMBER_REMOVED, params=names_of(organisation))


@transaction.atomic
def leave_organisation(*, actor: Actor, organisation_id: int) -> None:
    """Leave an organisation oneself. Raises Conflict `last_owner`."""
    organisation = _locked_with_members(organisation_id)
    membership: Membership = one_or_not_found(
        Membership.objects.filter(user_id=actor.user_id or 0), organisation=organisation
    )
    require_another_owner(membership)
    member = membership.public_id
    membership.delete()
    record(
        event_kinds.MEMBER_LEFT,
        actor=actor,
        obj=organisation,
        organisation_ids=[organisation.pk],
        data={"member": member},
    )


def require_another_owner(membership: Membership) -> None:
    """Raises Conflict `last_owner` when nobody else owns the organisation (which is locked)."""
    if Role.OWNER not in membership.roles:
        return
    others = Membership.objects.filter(
        organisation_id=membership.organisation_id,
        roles__contains=[Role.OWNER],
        user__is_active=True,
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise Conflict(
            "last_owner",
            _("An organisation needs an owner. Make somebody else an owner first."),
        )


def _locked(actor: Actor, membership_id: int) -> tuple[Organisation, Membership]:
    """The organisation first, then the membership: every action takes them in this order."""
    organisation_id = (
        Membership.objects.filter(pk=membership_id)
        .values_list("organisation_id", flat=True)
        .first()
    )
    organisation = locked_organisation(organisation_id or 0, actor)
    membership: Membership = one_or_not_found(
        Membership.objects.filter(organisation=organisation), pk=membership_id
    )
    return organisation, membership


def _locked_with_members(organisation_id: int) -> Organisation:
    return locked_organisation(organisation_id, Actor.system())
