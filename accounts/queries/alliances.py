"""Alliances and who sees them."""

from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Alliance, AllianceMember
from marketplace.core.actor import Actor

_STATE = AllianceMember.State


def visible_to(actor: Actor) -> QuerySet[Alliance]:
    """Alliances are public; their referral rules are not (see `sees_rules`)."""
    return Alliance.objects.all()


def with_members(queryset: QuerySet[Alliance]) -> QuerySet[Any]:
    """Lead and member organisations in two queries; `member_count` counts members."""
    return (
        queryset.select_related("lead")
        .annotate(
            member_count=Count("members", filter=Q(members__state=_STATE.MEMBER), distinct=True)
        )
        .prefetch_related(
            Prefetch(
                "members",
                AllianceMember.objects.filter(state=_STATE.MEMBER)
                .select_related("organisation")
                .order_by("changed_at", "id"),
                to_attr="present_members",
            )
        )
    )


def own(actor: Actor) -> QuerySet[Alliance]:
    """Alliances that one of the actor's organisations is a member of."""
    return Alliance.objects.filter(
        pk__in=AllianceMember.objects.filter(
            state=_STATE.MEMBER, organisation_id__in=sorted(actor.organisation_ids)
        ).values("alliance_id")
    )


def invitations_for(actor: Actor) -> QuerySet[AllianceMember]:
    """Open invitations of organisations that the actor owns."""
    return (
        AllianceMember.objects.filter(
            state=_STATE.INVITED, organisation_id__in=sorted(actor.ids_with("owner"))
        )
        .select_related("alliance", "organisation")
        .order_by("-changed_at")
    )


def invited_to(alliance: Alliance) -> QuerySet[AllianceMember]:
    """Organisations that have not answered yet; for the lead."""
    return (
        alliance.members.filter(state=_STATE.INVITED)
        .select_related("organisation")
        .order_by("-changed_at")
    )


def of_organisation(organisation_id: int) -> QuerySet[Alliance]:
    return Alliance.objects.filter(
        pk__in=AllianceMember.objects.filter(
            organisation_id=organisation_id, state=_STATE.MEMBER
        ).values("alliance_id")
    ).order_by("id")


def sees_rules(actor: Actor, alliance: Alliance) -> bool:
    """Referral rules are for people of member organisations."""
    if actor.is_system or actor.is_operator:
        return True
    return alliance.members.filter(
        state=_STATE.MEMBER, organisation_id__in=sorted(actor.organisation_ids)
    ).exists()


def allied_ids(organisation_ids: frozenset[int]) -> frozenset[int]:
    """Organisations that share an alliance with one of these, themselves included."""
    if not organisation_ids:
        return frozenset()
    shared = AllianceMember.objects.filter(
        state=_STATE.MEMBER, organisation_id__in=sorted(organisation_ids)
    ).values("alliance_id")
    found = AllianceMember.objects.filter(state=_STATE.MEMBER, alliance_id__in=shared).values_list(
        "organisation_id", flat=True
    )
    return frozenset(found) | organisation_ids
