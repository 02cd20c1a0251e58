"""Organisations: who may see which, the directory of institutions, members."""

from django.db.models import Count, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.models import (
    AllianceMember,
    BrokerQualification,
    Invitation,
    Membership,
    Organisation,
)
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese


def visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Verified ones are public; the others are seen by their members, operators and moderators.

    An unverified organisation is only a claim: shown to strangers, it could pose as another.
    """
    if actor.is_system or actor.is_operator or actor.is_moderator:
        return Organisation.objects.all()
    seen = Q(verified_at__isnull=False)
    if actor.organisation_ids:
        seen |= Q(pk__in=sorted(actor.organisation_ids))
    return Organisation.objects.filter(seen)


def own(actor: Actor) -> QuerySet[Organisation]:
    """Organisations that the actor is a member of."""
    return Organisation.objects.filter(pk__in=sorted(actor.organisation_ids))


def ttis_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """The public directory: verified technology transfer institutions."""
    return Organisation.objects.filter(kind="tti", verified_at__isnull=False)


def narrow(
    queryset: QuerySet[Organisation],
    *,
    text: str = "",
    types: list[str] | None = None,
    region: str = "",
    fields: list[str] | None = None,
    kinds: list[str] | None = None,
    country: str = "",
) -> QuerySet[Organisation]:
    """Narrow by name (part of it, either language), TTI types, region, fields, kinds, country.

    region: a GB/T 2260 code; a province finds its cities too.
    """
    if text:
        queryset = queryset.filter(Q(name_en__icontains=text) | Q(name_zh__icontains=text))
    if types:
        queryset = queryset.filter(tti_type__in=types)
    if region:
        queryset = queryset.filter(country="CN", region__startswith=regions.prefix(region))
    if fields:
        queryset = queryset.filter(field_codes__overlap=fields)
    if kinds:
        queryset = queryset.filter(kind__in=kinds)
    if country:
        queryset = queryset.filter(country=country)
    return queryset


def by_name(queryset: QuerySet[Organisation], language: str) -> QuerySet[Organisation]:
    """Ordered by the name that the reader sees."""
    first, second = ("name_zh", "name_en") if is_chinese(language) else ("name_en", "name_zh")
    return queryset.order_by(Coalesce(NullIf(first, Value("")), second), "id")


def with_people(queryset: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Adds `member_count` and `alliance_count` (members only, not invited ones)."""
    return queryset.annotate(
        member_count=Count("memberships", distinct=True),
        alliance_count=Count(
            "alliance_memberships",
            filter=Q(alliance_memberships__state=AllianceMember.State.MEMBER),
            distinct=True,
        ),
    )


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """All memberships with people and certificates, owners first, in two queries."""
    return (
        Membership.objects.filter(organisation=organisation)
        .select_related("user")
        .annotate(is_owner=Q(roles__contains=["owner"]))
        .order_by("-is_owner", "user__name", "id")
        .prefetch_related(
            Prefetch(
                "user__qualifications",
                BrokerQualification.objects.order_by("-issued_on"),
            )
        )
    )


def people_shown(organisation: Organisation) -> QuerySet[Membership]:
    """Those of its people who agreed to be named on the public page."""
    return members_of(organisation).filter(user__agreed_to_be_found=True, user__is_active=True)


def memberships_visible_to(actor: Actor) -> QuerySet[Membership]:
    """Fellow members see each other; operators see all."""
    if actor.is_system or actor.is_operator:
        return Membership.objects.all()
    return Membership.objects.filter(organisation_id__in=sorted(actor.organisation_ids))


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        organisation=organisation, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).order_by("-id")


def invitations_visible_to(actor: Actor) -> QuerySet[Invitation]:
    """Invitations of the organisations that the actor owns, the open ones."""
    found = Invitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)
    if actor.is_system:
        return found
    return found.filter(organisation_id__in=sorted(actor.ids_with("owner")))


def owner_ids(organisation_id: int) -> list[int]:
    """People who own it, for notices."""
    return list(
        Membership.objects.filter(
            organisation_id=organisation_id, roles__contains=["owner"], user__is_active=True
        ).values_list("user_id", flat=True)
    )


def people_with(organisation_id: int, *roles: str) -> list[int]:
    """People who hold one of the roles there, owners always, for notices."""
    return list(
        Membership.objects.filter(
            organisation_id=organisation_id,
            roles__overlap=["owner", *roles],
            user__is_active=True,
        ).values_list("user_id", flat=True)
    )
