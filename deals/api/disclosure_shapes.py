"""What the API says and takes about disclosures."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from deals.disclosure_content import content_digest, novelty
from deals.models import Disclosure, DisclosureInventor, DisclosureReason, InformalTransfer, Route
from deals.models.cases import MAX_TITLE
from deals.models.disclosures import MAX_SHORT, MAX_TEXT


class DisclosureInventorSerializer(serializers.ModelSerializer[DisclosureInventor]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = DisclosureInventor
        fields = ["id", "name", "email", "affiliation", "share", "signed_at", "signed_name"]
        read_only_fields = ["signed_at", "signed_name"]


class DisclosureRow(serializers.ModelSerializer[Disclosure]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = serializers.CharField(source="organisation.public_id")
    institution = serializers.CharField(
        source="institution.public_id", default=None, allow_null=True
    )
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Disclosure
        fields = [
            "id", "title_en", "title_zh", "organisation", "institution", "state", "submitted_at",
            "version", "created_at", "updated_at", "url",
        ]  # fmt: skip


class DisclosureSerializer(DisclosureRow):
    inventors = DisclosureInventorSerializer(many=True)
    case = serializers.SerializerMethodField(help_text="Named to those who may see it.")
    novelty = serializers.SerializerMethodField(
        help_text="`published`: novelty may be lost; `soon`: publication within 90 days."
    )
    digest = serializers.SerializerMethodField(help_text="SHA-256 of the content; what one signs.")

    class Meta(DisclosureRow.Meta):
        fields = [
            *DisclosureRow.Meta.fields, "description_en", "description_zh", "prior_art",
            "interested_firms", "trl", "funder", "grant_number", "funder_may_claim",
            "conceived_on", "published_on", "remarks", "reason", "decided_at", "inventors", "case",
            "novelty", "digest",
        ]  # fmt: skip

    def get_case(self, disclosure: Disclosure) -> str | None:
        known: bool = self.context.get("knows_case", False)
        return disclosure.case.public_id if known and disclosure.case else None

    def get_novelty(self, disclosure: Disclosure) -> str:
        return novelty(disclosure.published_on, timezone.localdate())

    def get_digest(self, disclosure: Disclosure) -> str:
        return content_digest(disclosure, list(disclosure.inventors.all()))


def _text(limit: int) -> serializers.CharField:
    return serializers.CharField(max_length=limit, required=False, allow_blank=True)


class DisclosureWrite(serializers.Serializer[Any]):
    title_en = _text(MAX_TITLE)
    title_zh = _text(MAX_TITLE)
    description_en = _text(MAX_TEXT)
    description_zh = _text(MAX_TEXT)
    prior_art = _text(MAX_SHORT)
    interested_firms = _text(MAX_SHORT)
    trl = serializers.IntegerField(min_value=1, max_value=9, required=False, allow_null=True)
    funder = _text(MAX_TITLE)
    grant_number = _text(80)
    funder_may_claim = serializers.BooleanField(required=False)
    conceived_on = serializers.DateField(
        required=False, allow_null=True, help_text="Today or before."
    )
    published_on = serializers.DateField(
        required=False, allow_null=True, help_text="First publication, past or planned."
    )
    institution = serializers.CharField(
        max_length=10, required=False, allow_null=True, help_text="Public id of an institution."
    )


class DisclosureBegin(DisclosureWrite):
    organisation = serializers.CharField(
        max_length=10, required=False, default="", help_text="Only when you are in several."
    )


class DisclosureInventorWrite(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    email = serializers.CharField(max_length=254)
    affiliation = serializers.CharField(
        max_length=160, required=False, default="", allow_blank=True
    )
    share = serializers.DecimalField(max_digits=5, decimal_places=2, help_text="Per cent.")


class DisclosureInventorsWrite(serializers.Serializer[Any]):
    rows = DisclosureInventorWrite(many=True, help_text="Shares come to 100.00 exactly.")


class DisclosureSignWrite(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, help_text="Your name as it stands there.")
    digest = serializers.CharField(max_length=64, help_text="Of the content that you have read.")


class DisclosureLinkWrite(serializers.Serializer[Any]):
    inventor = serializers.CharField(max_length=10)


class DisclosureAcceptWrite(serializers.Serializer[Any]):
    responsible = serializers.CharField(
        max_length=10, required=False, default="", help_text="Public id of a broker; you, if empty."
    )


class DisclosureReturnWrite(serializers.Serializer[Any]):
    remarks = serializers.CharField(max_length=MAX_SHORT)


class DisclosureDeclineWrite(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=DisclosureReason.choices)
    remarks = serializers.CharField(
        max_length=MAX_SHORT, required=False, default="", allow_blank=True
    )


class InformalSerializer(serializers.ModelSerializer[InformalTransfer]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = serializers.CharField(source="organisation.public_id")
    institution = serializers.CharField(source="institution.public_id")

    class Meta:
        model = InformalTransfer
        fields = [
            "id", "organisation", "institution", "route", "what", "partner", "happened_on",
            "created_at",
        ]  # fmt: skip


class InformalWrite(serializers.Serializer[Any]):
    route = serializers.ChoiceField(choices=Route.choices)
    what = serializers.CharField(max_length=MAX_TITLE)
    partner = serializers.CharField(max_length=160)
    happened_on = serializers.DateField(help_text="Today or before.")
    institution = serializers.CharField(max_length=10)
