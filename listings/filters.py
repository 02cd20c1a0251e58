"""Filters of the API's lists of technologies and needs.

Every column of a listing is a filter here or stands in NOT_FILTERED with the reason (a test holds
the two together). What an anonymous listing withholds from a reader is no filter for that reader.
"""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from listings.models import Listing
from listings.models.listings import State, Tier
from listings.queries import narrowing, search
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.api.permissions import actor_of
from marketplace.core.codes import (
    CURRENCIES,
    FIELDS,
    IP_KINDS,
    IP_STATUSES,
    ORGANISATION_KINDS,
    PRICE_KINDS,
    PROJECT_SOURCES,
    SUB_FIELDS,
    TRANSFER_MODES,
    CodeList,
)
from marketplace.core.errors import field_error

MAX_VALUES = 50
NOT_FILTERED = {
    "id": "internal; the public id is the address",
    "kind": "technologies and needs have lists of their own",
    "posted_by": "a person's data",
    "revision_of": "prepared changes are not listed",
    "title_en": "found by `search`",
    "title_zh": "found by `search`",
    "summary_en": "found by `search`",
    "summary_zh": "found by `search`",
    "body_en": "found by `search`",
    "body_zh": "found by `search`",
    "members_text_en": "found by `search`, in the reader's tier",
    "members_text_zh": "found by `search`, in the reader's tier",
    "confidential_text_en": "found by nobody but its owner",
    "confidential_text_zh": "found by nobody but its owner",
    "tried_en": "found by `search`",
    "tried_zh": "found by `search`",
    "judged_en": "found by `search`",
    "judged_zh": "found by `search`",
    "source_url": "the external id names the entry",
    "content_hash": "internal to imports",
    "coach_score": "advice to the owner alone",
    "fingerprint": "internal",
    "fingerprint_bands": "internal",
    "version": "in the ETag",
    "published_version": "in the history",
    "created_at": "would tell when a draft was begun",
}


def _codes(code_list: CodeList) -> list[tuple[str, str]]:
    return [(code.code, code.code) for code in code_list]


def _many(code_list: CodeList, **options: Any) -> django_filters.MultipleChoiceFilter:
    return django_filters.MultipleChoiceFilter(
        choices=_codes(code_list), help_text="May be given several times.", **options
    )


class ListingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What technologies and needs share."""

    search = django_filters.CharFilter(
        method="by_words", max_length=300,
        help_text="Words in Chinese or English, all of which must be there. Newest first.",
    )  # fmt: skip
    public_id = django_filters.CharFilter(
        method="by_public_id", max_length=600, help_text="Ids, separated by commas; at most 50."
    )
    state = django_filters.MultipleChoiceFilter(
        choices=State.choices, help_text="Of your own listings; others show while published."
    )
    visibility = django_filters.MultipleChoiceFilter(choices=Tier.choices)
    is_anonymous = django_filters.BooleanFilter()
    owner = django_filters.CharFilter(
        method="by_owner", max_length=10, help_text="Id of an organisation, for its named listings."
    )
    owner_kind = _many(ORGANISATION_KINDS, method="by_owner_kind")
    owner_verified = django_filters.BooleanFilter("owner__verified_at", "isnull", exclude=True)
    mine = django_filters.BooleanFilter(method="only_mine", help_text="Of your organisations.")
    field = _many(FIELDS, method="in_fields")
    sub_field = _many(SUB_FIELDS)
    more_fields = django_filters.CharFilter(
        method="also_in", max_length=40, help_text="A further field, beside the main one."
    )
    keyword = django_filters.CharFilter(
        method="with_keyword", max_length=60, help_text="A keyword, whole, in either language."
    )
    trl_min = django_filters.NumberFilter("trl", "gte", min_value=1, max_value=9)
    trl_max = django_filters.NumberFilter("trl", "lte", min_value=1, max_value=9)
    country = django_filters.CharFilter("country", max_length=2)
    region = django_filters.CharFilter(
        method="in_region", max_length=6,
        help_text="GB/T 2260 code; a province or city finds what lies in it.",
    )  # fmt: skip
    mode = _many(TRANSFER_MODES, method="with_modes")
    price_kind = _many(PRICE_KINDS)
    currency = django_filters.ChoiceFilter(choices=_codes(CURRENCIES))
    price_min = django_filters.NumberFilter(
        method="with_price", min_value=0, max_value=10**14,
        help_text="In units of `currency` (CNY unless given): whose range reaches this or more.",
    )  # fmt: skip
    price_max = django_filters.NumberFilter(
        method="with_price", min_value=0, max_value=10**14,
        help_text="In units of `currency` (CNY unless given): whose range begins at this or less.",
    )  # fmt: skip
    project_source = _many(PROJECT_SOURCES)
    language = django_filters.ChoiceFilter(
        choices=[("en", "en"), ("zh", "zh")], method="in_language",
        help_text="Whose title is in that language.",
    )  # fmt: skip
    deadline_after = django_filters.DateFilter("deadline", "gte")
    deadline_before = django_filters.DateFilter("deadline", "lte")
    valid_until_after = django_filters.DateFilter("valid_until", "gte")
    valid_until_before = django_filters.DateFilter("valid_until", "lte")
    published_after = django_filters.IsoDateTimeFilter("published_at", "gte")
    published_before = django_filters.IsoDateTimeFilter("published_at", "lte")
    updated_after = django_filters.IsoDateTimeFilter("updated_at", "gte")
    updated_before = django_filters.IsoDateTimeFilter("updated_at", "lte")
    source = django_filters.CharFilter(method="from_source", max_length=60)
    external_id = django_filters.CharFilter(method="from_source", max_length=120)
    has_specification = django_filters.CharFilter(
        method="with_metric", max_length=120, help_text="Part of a metric's name that you may see."
    )

    class Meta:
        model = Listing
        fields: list[str] = []

    # --- words ----------------------------------------------------------------------------------

    def by_words(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        return queryset.filter(search.finds(value, self.actor))

    def by_public_id(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        ids = [one.strip() for one in value.split(",") if one.strip()]
        if len(ids) > MAX_VALUES:
            raise field_error(name, _("At most 50 ids in one request."), code="too_many")
        return queryset.filter(public_id__in=ids)

    def with_keyword(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        return queryset.filter(Q(keywords_en__contains=[value]) | Q(keywords_zh__contains=[value]))

    def with_metric(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        """Only in specifications of the tiers that are open to the reader."""
        tiers = [Tier.PUBLIC, Tier.MEMBERS] if self.actor.is_verified_member else [Tier.PUBLIC]
        seen = Q(specifications__tier__in=tiers)
        if self.actor.organisation_ids:
            seen |= Q(owner_id__in=sorted(self.actor.organisation_ids))
        named = Q(specifications__metric_en__icontains=value) | Q(
            specifications__metric_zh__icontains=value
        )
        return queryset.filter(pk__in=Listing.objects.filter(seen, named).values("pk"))

    # --- whose ----------------------------------------------------------------------------------

    def by_owner(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        return queryset.filter(self._named, owner__public_id=value)

    def by_owner_kind(
        self, queryset: QuerySet[Listing], name: str, value: list[str]
    ) -> QuerySet[Listing]:
        return queryset.filter(self._named, owner__kind__in=value) if value else queryset

    def only_mine(self, queryset: QuerySet[Listing], name: str, value: bool) -> QuerySet[Listing]:
        mine = Q(owner_id__in=sorted(self.actor.organisation_ids))
        return queryset.filter(mine if value else ~mine)

    def from_source(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        return queryset.filter(self._named, **{name: value})

    # --- what -----------------------------------------------------------------------------------

    def in_fields(
        self, queryset: QuerySet[Listing], name: str, value: list[str]
    ) -> QuerySet[Listing]:
        return queryset.filter(narrowing.in_fields(tuple(value))) if value else queryset

    def also_in(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        if value not in FIELDS:
            raise field_error(name, _("This is not a technology field."), code="unknown_code")
        return queryset.filter(more_fields__contains=[value])

    def with_modes(
        self, queryset: QuerySet[Listing], name: str, value: list[str]
    ) -> QuerySet[Listing]:
        return queryset.filter(narrowing.with_modes(tuple(value))) if value else queryset

    def in_language(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        return queryset.exclude(title_zh="") if value == "zh" else queryset.exclude(title_en="")

    def in_region(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        if regions.get(value) is None:
            raise field_error(name, _("This is not a region code."), code="unknown_code")
        return queryset.filter(narrowing.in_region(value))

    def with_price(self, queryset: QuerySet[Listing], name: str, value: Any) -> QuerySet[Listing]:
        given = self.form.cleaned_data
        low, high = given.get("price_min"), given.get("price_max")
        if low is not None and high is not None and low > high:
            raise field_error(
                "price_max", _("The upper amount is below the lower one."), code="reversed_range"
            )
        return queryset.filter(narrowing.with_price(low, high, given.get("currency") or "CNY"))

    # --- who asks -------------------------------------------------------------------------------

    @property
    def actor(self) -> Actor:
        return actor_of(self.request) if self.request is not None else Actor.visitor()

    @property
    def _named(self) -> Q:
        """Listings whose owner this reader is told anyway by rule: named ones, and its own."""
        own = sorted(self.actor.organisation_ids)
        return narrowing.NAMED | Q(owner_id__in=own) if own else narrowing.NAMED


class TechnologyFilter(ListingFilter):
    ip_kind = _many(IP_KINDS, method="with_rights")
    ip_status = _many(IP_STATUSES, method="with_status")
    ip_number = django_filters.CharFilter(
        method="with_number", max_length=60, help_text="Of named listings."
    )

    def with_rights(
        self, queryset: QuerySet[Listing], name: str, value: list[str]
    ) -> QuerySet[Listing]:
        return queryset.filter(narrowing.with_rights(tuple(value))) if value else queryset

    def with_status(
        self, queryset: QuerySet[Listing], name: str, value: list[str]
    ) -> QuerySet[Listing]:
        if not value:
            return queryset
        found = Listing.objects.filter(ip_rights__status__in=value).values("pk")
        return queryset.filter(pk__in=found)

    def with_number(self, queryset: QuerySet[Listing], name: str, value: str) -> QuerySet[Listing]:
        """A number names its owner to whoever looks it up."""
        found = Listing.objects.filter(self._named, ip_rights__number__iexact=value).values("pk")
        return queryset.filter(pk__in=found)


class NeedFilter(ListingFilter):
    has_deadline = django_filters.BooleanFilter("deadline", "isnull", exclude=True)
