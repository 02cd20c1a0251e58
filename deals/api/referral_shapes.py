"""Shapes of referrals and commissions."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from contracts.api.fields import code_field, money_field, paid_field
from deals.models import (
    BrokerageAgreement,
    CommissionStatement,
    FeeDue,
    Referral,
    ReferralAgreement,
    ReferralChoice,
    ReferralClaim,
    ReferralMode,
    ReferralReport,
    ReferralSeeks,
)
from deals.queries.commissions import is_of_case
from marketplace.core.api.permissions import actor_of
from marketplace.core.codes import CURRENCIES


def _percent(places: int = 2) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=places + 3, decimal_places=places, min_value=Decimal(0),
        max_value=Decimal(100),
    )  # fmt: skip


class ReferralSerializer(serializers.ModelSerializer[Referral]):
    """What the board says; of the case itself nothing."""

    id = serializers.CharField(source="public_id", read_only=True)
    alliance = serializers.CharField(source="alliance.public_id", read_only=True)
    publisher = OrganisationReference(read_only=True)
    carrier = OrganisationReference(read_only=True, allow_null=True)

    class Meta:
        model = Referral
        fields = [
            "id", "alliance", "publisher", "carrier", "title", "words", "seeks", "mode", "choice",
            "referring_percent", "closing_percent", "claim_by", "report_days", "report_by", "state",
            "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ReferralWrite(serializers.Serializer[Any]):
    case = serializers.CharField(max_length=10, help_text="Public id of a case of yours.")
    alliance = serializers.CharField(max_length=10, help_text="Public id of an alliance.")
    title = serializers.CharField(max_length=200)
    words = serializers.CharField(max_length=4000)
    seeks = serializers.ChoiceField(choices=ReferralSeeks.choices)
    mode = serializers.ChoiceField(choices=ReferralMode.choices)
    choice = serializers.ChoiceField(choices=ReferralChoice.choices)
    referring_percent = _percent()
    closing_percent = _percent()
    claim_by = serializers.DateField()
    report_days = serializers.IntegerField(min_value=1, max_value=180)
    listing = serializers.CharField(max_length=10, required=False, allow_blank=True)


class ReferralClaimSerializer(serializers.ModelSerializer[ReferralClaim]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)

    class Meta:
        model = ReferralClaim
        fields = ["id", "organisation", "name", "words", "state", "created_at"]
        read_only_fields = fields


class ReferralClaimWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(
        max_length=10, required=False, help_text="Which of your institutions, if several."
    )
    words = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    accepts_split = serializers.BooleanField()


class ReferralClaimStepWrite(serializers.Serializer[Any]):
    claim = serializers.CharField(max_length=10, help_text="Id of a claim that waits.")


class ReferralReportSerializer(serializers.ModelSerializer[ReferralReport]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)

    class Meta:
        model = ReferralReport
        fields = ["id", "organisation", "body", "created_at"]
        read_only_fields = fields


class ReferralReportWrite(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=4000)


class FeeSplitSerializer(serializers.ModelSerializer[ReferralAgreement]):
    """In force: the newest one that both sides accepted."""

    class Meta:
        model = ReferralAgreement
        fields = [
            "number", "referring_percent", "closing_percent", "text", "digest", "referring_name",
            "referring_at", "closing_name", "closing_at",
        ]  # fmt: skip
        read_only_fields = fields


class FeeSplitWrite(serializers.Serializer[Any]):
    referring_percent = _percent()
    closing_percent = _percent()


class FeeSplitAnswerWrite(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1, max_value=9999)
    accept = serializers.BooleanField()


class FeeTierShape(serializers.Serializer[Any]):
    above = paid_field(help_text="From which amount; the first is 0.")
    percent = _percent(4)


class BrokerageSerializer(serializers.ModelSerializer[BrokerageAgreement]):
    """Terms with a client; amounts in `currency`."""

    id = serializers.CharField(source="public_id", read_only=True)
    case = serializers.CharField(source="case.public_id", read_only=True)
    tiers = FeeTierShape(many=True, read_only=True)

    class Meta:
        model = BrokerageAgreement
        fields = [
            "id", "case", "client", "signed_on", "currency", "tiers", "minimum", "cap", "due",
            "costs_cap", "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class BrokerageWrite(serializers.Serializer[Any]):
    case = serializers.CharField(max_length=10, help_text="Public id of a case of yours.")
    client = serializers.CharField(max_length=160)
    signed_on = serializers.DateField()
    currency = code_field(CURRENCIES)
    tiers = FeeTierShape(many=True)
    minimum = paid_field(required=False, allow_null=True)
    cap = paid_field(required=False, allow_null=True)
    due = serializers.ChoiceField(choices=FeeDue.choices)
    costs_cap = paid_field(required=False, allow_null=True)
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1,
        help_text="Of the terms that you read; others are refused.",
    )  # fmt: skip


class CommissionDraftWrite(serializers.Serializer[Any]):
    received = paid_field(
        required=False, allow_null=True,
        help_text="Came in so far, in the contract's currency; where the fee follows payments.",
    )  # fmt: skip
    rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, required=False, allow_null=True,
        help_text="Units of the fee's currency for one unit of the contract's.",
    )  # fmt: skip
    rate_source = serializers.CharField(max_length=120, required=False, allow_blank=True)
    costs = paid_field(required=False, allow_null=True)
    costs_for = serializers.CharField(max_length=400, required=False, allow_blank=True)


class CommissionSerializer(serializers.ModelSerializer[CommissionStatement]):
    """total = fee + costs; fee = referring_fee + closing_fee. Amounts in `currency`."""

    id = serializers.CharField(source="public_id", read_only=True)
    referring = OrganisationReference(read_only=True, allow_null=True)
    closing = OrganisationReference(read_only=True)
    base = money_field(read_only=True)
    whole_fee = money_field(read_only=True)
    earned = money_field(read_only=True)
    before = money_field(read_only=True)
    fee = money_field(read_only=True)
    total = money_field(read_only=True)
    referring_fee = money_field(read_only=True)
    closing_fee = money_field(read_only=True)
    slices = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), read_only=True,
        help_text="Rows of part, percent and fee.",
    )  # fmt: skip
    reverses = serializers.CharField(source="reverses.public_id", default=None, read_only=True)
    words = serializers.SerializerMethodField(
        help_text="Why it takes another back; empty but for the institution of the case."
    )

    class Meta:
        model = CommissionStatement
        fields = [
            "id", "number", "state", "currency", "contract_number", "contract_amount",
            "contract_currency", "rate", "rate_source", "received", "base", "slices", "whole_fee",
            "earned", "before", "fee", "costs", "costs_for", "total", "referring", "closing",
            "referring_percent", "referring_fee", "closing_fee", "words", "reverses", "approved_at",
            "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_words(self, row: CommissionStatement) -> str:
        return row.words if is_of_case(row, actor_of(self.context["request"])) else ""
