"""Filters of the lists of this room."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Alliance, AllianceMember, Organisation, Verification
from accounts.queries.organisations import narrow, own
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.api.permissions import actor_of
from marketplace.core.codes import FIELDS, ORGANISATION_KINDS, TTI_TYPES
from marketplace.core.errors import field_error


def _codes(code_list: Any) -> list[tuple[str, str]]:
    return [(code.code, code.code) for code in code_list]


class TtiFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        method="by_name", max_length=100, help_text="Part of the name in either language."
    )
    tti_type = django_filters.MultipleChoiceFilter(
        choices=_codes(TTI_TYPES), help_text="May be given several times."
    )
    region = django_filters.CharFilter(
        method="in_region", max_length=6,
        help_text="GB/T 2260 code; a province or city finds what lies in it.",
    )  # fmt: skip
    field = django_filters.MultipleChoiceFilter(
        choices=_codes(FIELDS), method="in_fields", help_text="May be given several times."
    )
    alliance = django_filters.CharFilter(
        method="in_alliance", max_length=10, help_text="Id of an alliance: its members."
    )
    verified_after = django_filters.IsoDateTimeFilter("verified_at", "gte")

    class Meta:
        model = Organisation
        fields: list[str] = []

    def by_name(
        self, queryset: QuerySet[Organisation], name: str, value: str
    ) -> QuerySet[Organisation]:
        return narrow(queryset, text=value)

    def in_region(
        self, queryset: QuerySet[Organisation], name: str, value: str
    ) -> QuerySet[Organisation]:
        if regions.get(value) is None:
            raise field_error("region", _("This is not a region code."), code="unknown_code")
        return narrow(queryset, region=value)

    def in_fields(
        self, queryset: QuerySet[Organisation], name: str, value: list[str]
    ) -> QuerySet[Organisation]:
        return narrow(queryset, fields=value) if value else queryset

    def in_alliance(
        self, queryset: QuerySet[Organisation], name: str, value: str
    ) -> QuerySet[Organisation]:
        return queryset.filter(
            pk__in=AllianceMember.objects.filter(
                alliance__public_id=value, state=AllianceMember.State.MEMBER
            ).values("organisation_id")
        )


class OrganisationFilter(TtiFilter):
    kind = django_filters.MultipleChoiceFilter(
        choices=_codes(ORGANISATION_KINDS), help_text="May be given several times."
    )
    country = django_filters.CharFilter(max_length=2, lookup_expr="exact")
    verified = django_filters.BooleanFilter("verified_at", "isnull", exclude=True)
    registration_point = django_filters.BooleanFilter("is_registration_point")
    mine = django_filters.BooleanFilter(method="only_mine", help_text="Those you belong to.")

    def only_mine(
        self, queryset: QuerySet[Organisation], name: str, value: bool
    ) -> QuerySet[Organisation]:
        mine = own(_actor(self)).values("pk")
        return queryset.filter(pk__in=mine) if value else queryset.exclude(pk__in=mine)


class AllianceFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(method="by_name", max_length=100)
    member = django_filters.CharFilter(
        method="with_member", max_length=10, help_text="Id of an organisation."
    )
    mine = django_filters.BooleanFilter(method="only_mine", help_text="Those you belong to.")

    class Meta:
        model = Alliance
        fields: list[str] = []

    def by_name(self, queryset: QuerySet[Alliance], name: str, value: str) -> QuerySet[Alliance]:
        return queryset.filter(Q(name_en__icontains=value) | Q(name_zh__icontains=value))

    def with_member(
        self, queryset: QuerySet[Alliance], name: str, value: str
    ) -> QuerySet[Alliance]:
        return queryset.filter(
            pk__in=AllianceMember.objects.filter(
                organisation__public_id=value, state=AllianceMember.State.MEMBER
            ).values("alliance_id")
        )

    def only_mine(self, queryset: QuerySet[Alliance], name: str, value: bool) -> QuerySet[Alliance]:
        mine = AllianceMember.objects.filter(
            organisation_id__in=sorted(_actor(self).organisation_ids),
            state=AllianceMember.State.MEMBER,
        ).values("alliance_id")
        return queryset.filter(pk__in=mine) if value else queryset.exclude(pk__in=mine)


class VerificationFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=Verification.State.choices)
    organisation = django_filters.CharFilter("organisation__public_id", max_length=10)

    class Meta:
        model = Verification
        fields: list[str] = []


def _actor(filters: django_filters.FilterSet) -> Actor:
    return actor_of(filters.request) if filters.request is not None else Actor.visitor()
