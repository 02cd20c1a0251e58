"""What the API says, and takes, of an institution's settings and of own schemes."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from contracts.api.fields import code_field, paid_field
from deals.actions.scheme_document import KINDS
from deals.api.referral_shapes import FeeTierShape
from deals.distribution.example import worked
from deals.distribution.parties import PARTIES
from deals.models import Binding, CaseReading, CentreNda, FeeDue, OwnScheme, Takers
from deals.models.centres import MAX_NDA
from deals.queries.own_schemes import scheme_of
from marketplace.core.codes import CURRENCIES


class CentreNdaSerializer(serializers.ModelSerializer[CentreNda]):
    """One version; `name` is what rooms say as the version of their agreement."""

    id = serializers.CharField(source="public_id", read_only=True)
    name = serializers.CharField(source="version", read_only=True)
    text_hash = serializers.CharField(source="digest", read_only=True)

    class Meta:
        model = CentreNda
        fields = [
            "id", "name", "number", "title_en", "title_zh", "text_en", "text_zh", "binding",
            "text_hash", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class CentreSettingsSerializer(serializers.Serializer[Any]):
    """What holds for an institution. `version` rises with every change; 0 before the first."""

    id = serializers.CharField(help_text="Of the institution.")
    institution = OrganisationReference()
    currency = serializers.CharField()
    tiers = FeeTierShape(many=True, help_text="Usual prices; empty where there are none.")
    minimum = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    cap = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    due = serializers.ChoiceField(choices=FeeDue.choices)
    costs_cap = serializers.DecimalField(max_digits=18, decimal_places=2)
    referring_percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True,
        help_text="Its part of the fee where it refers a case to an alliance without usual terms.",
    )  # fmt: skip
    takers = serializers.ChoiceField(choices=Takers.choices, help_text="Who may take cases.")
    people = serializers.ListField(
        child=serializers.CharField(), help_text="People named, by their public ids."
    )
    pipeline = serializers.CharField(help_text="With which new cases begin.")
    readers = serializers.ChoiceField(
        choices=CaseReading.choices, help_text="What brokers and editors read."
    )
    nda = CentreNdaSerializer(allow_null=True, help_text="Null: the platform's text.")
    misfits = serializers.ListField(
        child=serializers.CharField(), allow_null=True,
        help_text="Cases that are not closed and whose responsible person fits no longer; for "
        "owners, null for others. At most 200.",
    )  # fmt: skip
    version = serializers.IntegerField()


class CentrePricesWrite(serializers.Serializer[Any]):
    currency = code_field(CURRENCIES)
    tiers = FeeTierShape(many=True, help_text="Empty: no usual prices.")
    minimum = paid_field(required=False, allow_null=True)
    cap = paid_field(required=False, allow_null=True)
    due = serializers.ChoiceField(choices=FeeDue.choices, default=FeeDue.SIGNING.value)
    costs_cap = paid_field(required=False, allow_null=True)


class CentreSplitWrite(serializers.Serializer[Any]):
    referring_percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, allow_null=True
    )


class CentrePeopleWrite(serializers.Serializer[Any]):
    takers = serializers.ChoiceField(choices=Takers.choices)
    people = serializers.ListField(
        child=serializers.CharField(max_length=10), max_length=500, required=False, default=list,
        help_text="Public ids of owners and brokers, where people are named.",
    )  # fmt: skip
    pipeline = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    readers = serializers.ChoiceField(choices=CaseReading.choices, default=CaseReading.ALL.value)


def _text(most: int) -> serializers.CharField:
    return serializers.CharField(
        max_length=most, required=False, allow_blank=True, default="", trim_whitespace=True
    )


class CentreNdaWrite(serializers.Serializer[Any]):
    title_zh = _text(160)
    text_zh = _text(MAX_NDA)
    title_en = _text(160)
    text_en = _text(MAX_NDA)
    binding = serializers.ChoiceField(choices=Binding.choices, default=Binding.BOTH.value)


# --- Own schemes ---------------------------------------------------------------------------------


class SchemeDeductionShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=[(one, one) for one in KINDS],
        help_text="A percentage of what came in (gross) or of what is left (rest), or costs.",
    )
    percent = serializers.DecimalField(
        max_digits=7, decimal_places=4, min_value=0, max_value=100, required=False, allow_null=True
    )
    name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="",
        help_text="On statements, in every language.",
    )  # fmt: skip


class SchemeTierShape(serializers.Serializer[Any]):
    above = paid_field(help_text="Of the net income of a licence; the first is 0.")
    shares = serializers.DictField(
        child=serializers.DecimalField(max_digits=7, decimal_places=4, min_value=0, max_value=100),
        help_text="Percent by beneficiary: " + ", ".join(one.code for one in PARTIES)
        + ". They come to 100 exactly.",
    )  # fmt: skip


class OwnSchemeWrite(serializers.Serializer[Any]):
    name_en = _text(120)
    name_zh = _text(120)
    valid_from = serializers.DateField()
    currency = code_field(
        CURRENCIES, required=False, allow_blank=True, default="",
        help_text="Of the tiers; only where there are several.",
    )  # fmt: skip
    deductions = SchemeDeductionShape(many=True, required=False)
    tiers = SchemeTierShape(many=True)
    rounding_to = serializers.ChoiceField(choices=[(one.code, one.code) for one in PARTIES])


class OwnSchemeOpen(OwnSchemeWrite):
    organisation = serializers.CharField(max_length=10, help_text="One of your organisations.")
    of = serializers.CharField(
        max_length=10, required=False, default="",
        help_text="An approved scheme of which this is the next version.",
    )  # fmt: skip


class OwnSchemeSerializer(serializers.ModelSerializer[OwnScheme]):
    """`code` names the scheme to accounts whatever its version, `edition_code` this version, which
    runs keep."""

    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)
    code = serializers.CharField(source="family_code", read_only=True)
    edition_code = serializers.CharField(source="code", read_only=True)
    name_en = serializers.CharField(read_only=True)
    name_zh = serializers.CharField(read_only=True)
    currency = serializers.CharField(source="document.currency", read_only=True)
    rounding_to = serializers.CharField(source="document.rounding_to", read_only=True)
    deductions = serializers.SerializerMethodField()
    tiers = serializers.SerializerMethodField()
    examples = serializers.SerializerMethodField()

    class Meta:
        model = OwnScheme
        fields = [
            "id", "organisation", "code", "edition_code", "edition", "name_en", "name_zh",
            "valid_from", "state", "currency", "deductions", "tiers", "rounding_to", "examples",
            "approved_at", "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_deductions(self, row: OwnScheme) -> list[dict[str, str]]:
        return [dict(one) for one in row.document["deductions"]]

    def get_tiers(self, row: OwnScheme) -> list[dict[str, Any]]:
        return [{"above": one["above"], "shares": one["shares"]} for one in row.document["tiers"]]

    def get_examples(self, row: OwnScheme) -> list[dict[str, Any]]:
        return [
            {
                "gross": str(told.gross), "cumulative": str(told.cumulative), "net": str(told.net),
                "shares": {one.party: str(one.amount) for one in told.shares},
            }
            for told in worked(scheme_of(row))
        ]  # fmt: skip
