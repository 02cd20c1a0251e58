"""What the API takes about listings. Shapes only: listings.actions.content is the judge, as for
forms and imports."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from listings.models.listings import Tier
from listings.rules import MAX_CO_OWNERS, MAX_RIGHTS, MAX_SPECIFICATIONS
from marketplace.core.codes import (
    COMPARATORS,
    CURRENCIES,
    FIELDS,
    IP_KINDS,
    IP_STATUSES,
    PRICE_KINDS,
    PROJECT_SOURCES,
    TRANSFER_MODES,
    CodeList,
)

MAX_BULK = 200


def _text(limit: int) -> serializers.CharField:
    return serializers.CharField(max_length=limit, required=False, allow_blank=True)


def _code(codes: CodeList, *, blank: bool = True) -> serializers.ChoiceField:
    return serializers.ChoiceField(
        choices=[code.code for code in codes], required=False, allow_blank=blank
    )


def _codes(codes: CodeList) -> serializers.ListField:
    """A list of codes; one that is unknown is named by the action."""
    child = serializers.CharField(max_length=40, help_text=f"A code of {codes.name}.")
    return serializers.ListField(child=child, required=False, max_length=len(codes))


def _words() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=20
    )


class Strict(serializers.Serializer[Any]):
    """Refuses names it does not know: a misspelt field is not silently dropped."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [str(name)[:60] for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("There is no such field.")] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


class SpecificationInput(Strict):
    metric_en = _text(120)
    metric_zh = _text(120)
    comparator = serializers.ChoiceField(choices=[code.code for code in COMPARATORS])
    value = serializers.DecimalField(max_digits=24, decimal_places=8)
    upper = serializers.DecimalField(
        max_digits=24, decimal_places=8, required=False, allow_null=True
    )
    unit = _text(40)
    condition_en = _text(200)
    condition_zh = _text(200)
    compared_with_en = _text(200)
    compared_with_zh = _text(200)
    strength = serializers.ChoiceField(choices=["must", "wish"], required=False)
    tier = serializers.ChoiceField(choices=Tier.values, required=False)


class RightInput(Strict):
    kind = serializers.ChoiceField(choices=[code.code for code in IP_KINDS])
    status = serializers.ChoiceField(choices=[code.code for code in IP_STATUSES])
    title = _text(200)
    number = _text(60)
    office = _text(20)
    expires_on = serializers.DateField(required=False, allow_null=True)


class ListingInput(Strict):
    """Content of a listing; what is left out stays as it is. Lists are given whole."""

    title_en = _text(200)
    title_zh = _text(200)
    summary_en = _text(600)
    summary_zh = _text(600)
    body_en = _text(20_000)
    body_zh = _text(20_000)
    tried_en = _text(4_000)
    tried_zh = _text(4_000)
    judged_en = _text(4_000)
    judged_zh = _text(4_000)
    members_text_en = _text(20_000)
    members_text_zh = _text(20_000)
    confidential_text_en = _text(20_000)
    confidential_text_zh = _text(20_000)
    keywords_en = _words()
    keywords_zh = _words()
    field = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="A code of fields."
    )
    sub_field = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="A code of sub_fields."
    )
    more_fields = _codes(FIELDS)
    trl = serializers.IntegerField(min_value=1, max_value=9, required=False, allow_null=True)
    country = serializers.CharField(max_length=2, required=False)
    region = _text(6)
    modes = _codes(TRANSFER_MODES)
    price_kind = _code(PRICE_KINDS, blank=False)
    price_min = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    price_max = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = _code(CURRENCIES, blank=False)
    project_source = _code(PROJECT_SOURCES)
    deadline = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    visibility = serializers.CharField(
        max_length=12, required=False, help_text="public, members or confidential"
    )
    is_anonymous = serializers.BooleanField(required=False)
    source_url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    specifications = SpecificationInput(  # type: ignore[call-arg]
        many=True, required=False, max_length=MAX_SPECIFICATIONS
    )
    ip_rights = RightInput(  # type: ignore[call-arg]
        many=True, required=False, max_length=MAX_RIGHTS
    )
    co_owners = serializers.ListField(
        child=serializers.CharField(max_length=160), required=False, max_length=MAX_CO_OWNERS
    )


class NewListingInput(ListingInput):
    """owner: the organisation to post for."""

    owner = serializers.CharField(max_length=10)


class BulkItem(ListingInput):
    external_id = serializers.CharField(max_length=120)


class BulkInput(Strict):
    """Up to 200 listings, known by their id at the source; sent again, they are changed."""

    owner = serializers.CharField(max_length=10)
    source = serializers.CharField(max_length=40)  # type: ignore[assignment]
    submit = serializers.BooleanField(default=False, help_text="Submit what is complete.")
    items = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=MAX_BULK,
        help_text="Objects with external_id and any field of a listing.",
    )  # fmt: skip


class BulkResult(serializers.Serializer[Any]):
    """outcome: created, changed, same or refused; errors as in a problem answer."""

    external_id = serializers.CharField()
    outcome = serializers.CharField()
    id = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    errors = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(child=serializers.CharField())
    )


class BulkAnswer(serializers.Serializer[Any]):
    results = BulkResult(many=True)


class ReasonInput(Strict):
    reason = serializers.CharField(max_length=2000)


class RenewInput(Strict):
    until = serializers.DateField(required=False, help_text="Default: a full term from today.")


class ReleaseInput(Strict):
    """Release the owner’s name and texts up to a tier to one organisation."""

    organisation = serializers.CharField(max_length=10)
    tier = serializers.ChoiceField(choices=Tier.values, default=Tier.PUBLIC)
    reveals_owner = serializers.BooleanField(default=True)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ReleaseEnd(Strict):
    organisation = serializers.CharField(max_length=10)


class DocumentInput(Strict):
    file = serializers.FileField()
    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    tier = serializers.ChoiceField(choices=Tier.values, default=Tier.MEMBERS)


class DocumentChange(Strict):
    title = serializers.CharField(max_length=200, required=False)
    tier = serializers.ChoiceField(choices=Tier.values, required=False)
