"""Filters of the lists of this room."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contracts.codes import (
    CONTRACT_TYPES,
    IP_KINDS,
    PAYMENT_MODES,
    PLAN_SOURCES,
    ROLES,
    STATES,
    SUB_TYPES,
)
from contracts.models import Contract
from contracts.queries import desk, mine, register
from marketplace.core import regions
from marketplace.core.api.permissions import actor_of
from marketplace.core.codes import CURRENCIES, FIELDS, SUB_FIELDS
from marketplace.core.codes.lists import CodeList
from marketplace.core.errors import field_error

_MANY = "May be given several times."


def _many(codes: CodeList, **kwargs: Any) -> django_filters.MultipleChoiceFilter:
    kwargs.setdefault("help_text", _MANY)
    return django_filters.MultipleChoiceFilter(
        choices=[(entry.code, entry.code) for entry in codes], **kwargs
    )


class ContractFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        method="by_text", max_length=100, help_text="Part of a title or party, or of the number."
    )
    state = _many(STATES)
    type = _many(CONTRACT_TYPES)
    sub_type = _many(SUB_TYPES)
    field = _many(FIELDS)
    sub_field = _many(SUB_FIELDS)
    ip_kind = _many(IP_KINDS)
    plan_source = _many(PLAN_SOURCES)
    payment_mode = _many(PAYMENT_MODES)
    currency = _many(CURRENCIES)
    rule_set = django_filters.CharFilter(max_length=20)
    number = django_filters.CharFilter(max_length=16)
    origin = django_filters.CharFilter(max_length=60)
    region = django_filters.CharFilter(
        method="in_region", max_length=6, help_text="A province or city finds what lies in it."
    )
    organisation = django_filters.CharFilter(
        method="of_organisation", max_length=10, help_text="Id of a party, or of who drafted it."
    )
    role = django_filters.ChoiceFilter(
        method="in_role", choices=[(entry.code, entry.code) for entry in ROLES],
        help_text="Together with organisation: its side.",
    )  # fmt: skip
    registration_point = django_filters.CharFilter("registration_point__public_id", max_length=10)
    signed_from = django_filters.DateFilter("signed_on", "gte")
    signed_to = django_filters.DateFilter("signed_on", "lte")
    registered_from = django_filters.DateFilter("numbered_at", "date__gte")
    registered_to = django_filters.DateFilter("numbered_at", "date__lte")
    due_to = django_filters.DateFilter("due_on", "lte")
    amount_from = django_filters.NumberFilter("technology_cny", "gte", help_text="CNY")
    amount_to = django_filters.NumberFilter("technology_cny", "lte", help_text="CNY")

    class Meta:
        model = Contract
        fields: list[str] = []

    def by_text(self, queryset: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return mine.find(queryset, value)

    def in_region(self, queryset: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return queryset.filter(region__startswith=_prefix(value))

    def of_organisation(
        self, queryset: QuerySet[Contract], name: str, value: str
    ) -> QuerySet[Contract]:
        role = self.data.get("role")
        if role:
            return queryset.filter(
                parties__organisation__public_id=value, parties__role=role
            ).distinct()
        return (
            queryset.filter(parties__organisation__public_id=value)
            | queryset.filter(filed_by__public_id=value)
        ).distinct()

    def in_role(self, queryset: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return queryset  # read by of_organisation


class DeskFilter(ContractFilter):
    tab = django_filters.ChoiceFilter(
        method="in_tab", choices=[(name, name) for name in desk.TABS],
        help_text="A tab of the desk; most urgent first on the page, newest first here.",
    )  # fmt: skip

    asked = django_filters.ChoiceFilter(
        method="by_questions", choices=[(name, name) for name in desk.ASKED],
        help_text="open: a side has not answered a question; answered: all have.",
    )  # fmt: skip

    def by_questions(
        self, queryset: QuerySet[Contract], name: str, value: str
    ) -> QuerySet[Contract]:
        return desk.by_questions(queryset, value)

    def in_tab(self, queryset: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return desk.in_tab(queryset, value, actor_of(self.request)).order_by()


class RegisterFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Only over what is public."""

    q = django_filters.CharFilter(
        method="by_text", max_length=100, help_text="Beginning of the number, or public title."
    )
    type = _many(CONTRACT_TYPES)
    field = _many(FIELDS)
    state = django_filters.MultipleChoiceFilter(
        choices=[(s, s) for s in ("registered", "cancelled", "revoked")], help_text=_MANY
    )
    year = django_filters.NumberFilter(method="in_year", help_text="Year of the number.")
    region = django_filters.CharFilter(
        method="in_region", max_length=6, help_text="A province or city finds what lies in it."
    )

    class Meta:
        model = Contract
        fields: list[str] = []

    def by_text(self, queryset: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return register.narrow(queryset, text=value)

    def in_year(self, queryset: QuerySet[Contract], name: str, value: Any) -> QuerySet[Contract]:
        if not 2000 <= value <= 2200:
            return queryset.none()
        return register.narrow(queryset, years=[int(value)])

    def in_region(self, queryset: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        return register.narrow(queryset, regions=[_prefix(value)])


def _prefix(code: str) -> str:
    if regions.get(code) is None:
        raise field_error("region", _("This is not a region code."), code="unknown_code")
    return regions.prefix(code)
