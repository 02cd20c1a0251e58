"""Shapes of requests for help."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from contracts.api.fields import code_field
from deals.models import LocatorAnswer, LocatorOutcome, LocatorPass, LocatorRequest
from deals.queries import requests as queries
from marketplace.core.codes import FIELDS


class LocatorSerializer(serializers.ModelSerializer[LocatorRequest]):
    """`need` is told to the asker, `case` to the institution that works on it; null otherwise."""

    id = serializers.CharField(source="public_id", read_only=True)
    asker = OrganisationReference(read_only=True)
    institution = OrganisationReference(read_only=True, allow_null=True)
    alliance = serializers.CharField(source="alliance.public_id", read_only=True, default=None)
    need = serializers.SerializerMethodField()
    case = serializers.SerializerMethodField()

    class Meta:
        model = LocatorRequest
        fields = [
            "id", "asker", "institution", "alliance", "title", "words", "field", "region",
            "contact", "answer_by", "state", "outcome", "outcome_words", "need", "case", "version",
            "created_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields

    def _is(self, row: LocatorRequest, side: str) -> bool:
        return side in queries.sides_of(row, self.context["view"].actor)

    def get_need(self, row: LocatorRequest) -> str | None:
        return row.need.public_id if row.need and self._is(row, queries.ASKER) else None

    def get_case(self, row: LocatorRequest) -> str | None:
        return row.case.public_id if row.case and self._is(row, queries.INSTITUTION) else None


class LocatorWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(
        max_length=10, required=False, help_text="Which of your organisations, if several."
    )
    to = serializers.CharField(
        max_length=10, help_text="Public id of a verified institution or of an alliance."
    )
    title = serializers.CharField(max_length=200)
    words = serializers.CharField(max_length=4000)
    field = code_field(FIELDS, required=False, allow_blank=True)
    region = serializers.CharField(
        max_length=6, required=False, allow_blank=True, help_text="A code of GB/T 2260."
    )
    contact = serializers.CharField(max_length=200, required=False, allow_blank=True)
    answer_by = serializers.DateField()


class LocatorTakeWrite(serializers.Serializer[Any]):
    institution = serializers.CharField(
        max_length=10, required=False, help_text="Which of your institutions, if several."
    )


class LocatorAnswerSerializer(serializers.ModelSerializer[LocatorAnswer]):
    """`listings`: public ids of those that are open to you."""

    id = serializers.CharField(source="public_id", read_only=True)
    institution = OrganisationReference(read_only=True)
    listings = serializers.SerializerMethodField()

    class Meta:
        model = LocatorAnswer
        fields = ["id", "institution", "body", "listings", "created_at"]
        read_only_fields = fields

    def get_listings(self, row: LocatorAnswer) -> list[str]:
        return [one.public_id for one in self.context["suggested"].get(row.pk, [])]


class LocatorAnswerWrite(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=4000)
    listings = serializers.ListField(
        child=serializers.CharField(max_length=10), max_length=10, required=False,
        help_text="Public ids of published listings.",
    )  # fmt: skip


class LocatorPassSerializer(serializers.ModelSerializer[LocatorPass]):
    """`words` are empty for the asker: they are for the institutions."""

    id = serializers.CharField(source="public_id", read_only=True)
    giver = OrganisationReference(read_only=True)
    receiver = OrganisationReference(read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = LocatorPass
        fields = ["id", "giver", "receiver", "words", "created_at"]
        read_only_fields = fields

    def get_words(self, row: LocatorPass) -> str:
        return row.words if self.context["sees_words"] else ""


class LocatorPassWrite(serializers.Serializer[Any]):
    receiver = serializers.CharField(
        max_length=10, help_text="Public id of another institution of the alliance."
    )
    words = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class LocatorCloseWrite(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=LocatorOutcome.choices)
    words = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class LocatorCaseWrite(serializers.Serializer[Any]):
    responsible = serializers.CharField(
        max_length=10, required=False, allow_blank=True, default="",
        help_text="Public id of a broker; you, if empty.",
    )  # fmt: skip


class LocatorCaseSerializer(serializers.Serializer[Any]):
    case = serializers.CharField(read_only=True, help_text="Public id of the case.")
    docket = serializers.CharField(read_only=True)
