"""Shapes of income and its distribution."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from contracts.api.fields import code_field, money_field
from deals.models import (
    Beneficiary,
    DistributionLine,
    DistributionRun,
    IncomeAccount,
    LicenceCost,
    Purpose,
    Receipt,
)
from marketplace.core.codes import CURRENCIES


class IncomeAccountSerializer(serializers.ModelSerializer[IncomeAccount]):
    """Income of an organisation from a registered contract; amounts in `currency`."""

    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)
    title_en = serializers.CharField(source="contract.title_en", read_only=True)
    title_zh = serializers.CharField(source="contract.title_zh", read_only=True)
    received = money_field(read_only=True, default=Decimal(0), help_text="Income, all of it.")
    waiting = money_field(read_only=True, default=Decimal(0), help_text="That no run holds.")

    class Meta:
        model = IncomeAccount
        fields = [
            "id", "organisation", "number", "title_en", "title_zh", "currency", "scheme",
            "received", "waiting", "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Any) -> Any:
        told = super().to_representation(instance)
        for name in ("received", "waiting"):
            told[name] = told[name] if told.get(name) is not None else "0.00"
        return told


class OpenIncomeSerializer(serializers.Serializer[Any]):
    contract = serializers.CharField(
        max_length=10, help_text="Public id of a registered contract in which you sell."
    )


class SchemeWrite(serializers.Serializer[Any]):
    scheme = serializers.CharField(max_length=40)


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    """Money that came in. `booked` is in the account's currency; reversals are negative."""

    id = serializers.CharField(source="public_id", read_only=True)
    reverses = serializers.CharField(source="reverses.public_id", default=None, read_only=True)
    run = serializers.CharField(
        read_only=True, allow_null=True, help_text="The run that distributes it."
    )

    class Meta:
        model = Receipt
        fields = [
            "id", "purpose", "instalment", "received_on", "amount", "currency", "rate",
            "rate_source", "booked", "reference", "note", "reverses", "run", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ReceiptWrite(serializers.Serializer[Any]):
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    instalment = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=999
    )
    received_on = serializers.DateField()
    amount = money_field()
    currency = code_field(CURRENCIES, required=False)
    rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, required=False, allow_null=True,
        help_text="Units of the account's currency for one unit of another.",
    )  # fmt: skip
    rate_source = serializers.CharField(max_length=120, required=False, allow_blank=True)
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True)
    note = serializers.CharField(max_length=400, required=False, allow_blank=True)


class CostSerializer(serializers.ModelSerializer[LicenceCost]):
    id = serializers.CharField(source="public_id", read_only=True)
    reverses = serializers.CharField(source="reverses.public_id", default=None, read_only=True)

    class Meta:
        model = LicenceCost
        fields = ["id", "kind", "spent_on", "amount", "note", "reverses", "created_at"]
        read_only_fields = fields


class CostWrite(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=LicenceCost.Kind.choices)
    spent_on = serializers.DateField()
    amount = money_field()
    note = serializers.CharField(max_length=400, required=False, allow_blank=True)


class ReverseWrite(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=400, help_text="Why.")


class ReverseRowWrite(ReverseWrite):
    id = serializers.CharField(max_length=10, help_text="Of the row to reverse.")


class InventorSerializer(serializers.ModelSerializer[Beneficiary]):
    percent = serializers.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        model = Beneficiary
        fields = ["name", "email", "percent"]


class InventorsWrite(serializers.Serializer[Any]):
    """Parts that come to 100 exactly; they replace the present ones."""

    rows = InventorSerializer(many=True)


class DueSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    purpose = serializers.CharField()
    instalment = serializers.IntegerField(allow_null=True)
    on = serializers.DateField(allow_null=True)
    when = serializers.CharField(help_text="The event, where no day is stated.")
    what = serializers.CharField()
    amount = money_field()
    received = money_field()
    state = serializers.CharField(help_text="late, due, part, paid or open.")


class RunLineSerializer(serializers.ModelSerializer[DistributionLine]):
    """parts: rows of amount, weight, and of which whole the weight is."""

    id = serializers.CharField(source="public_id", read_only=True)
    parts = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), read_only=True
    )

    class Meta:
        model = DistributionLine
        fields = ["id", "kind", "code", "name_en", "name_zh", "parts", "rounding", "amount"]
        read_only_fields = fields


class RunRow(serializers.ModelSerializer[DistributionRun]):
    """gross = deducted + net. `cumulative` is the net income that earlier runs distributed."""

    id = serializers.CharField(source="public_id", read_only=True)
    account = serializers.CharField(source="account.public_id", read_only=True)
    reverses = serializers.CharField(source="reverses.public_id", default=None, read_only=True)

    class Meta:
        model = DistributionRun
        fields = [
            "id", "account", "number", "state", "up_to", "scheme", "currency", "gross", "deducted",
            "costs", "net", "cumulative", "receipts_count", "words", "reverses", "approved_at",
            "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class RunSerializer(RunRow):
    lines = RunLineSerializer(many=True, read_only=True)

    class Meta(RunRow.Meta):
        fields = [*RunRow.Meta.fields, "lines"]
        read_only_fields = fields


class RunWrite(serializers.Serializer[Any]):
    up_to = serializers.DateField(help_text="Receipts up to this day.")


class StatementSerializer(serializers.Serializer[Any]):
    """A beneficiary's part of a run, with the steps down to the inventors' part."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="name_en")
    organisation = OrganisationReference(source="run.account.organisation")
    contract_number = serializers.CharField(source="run.account.number")
    title_en = serializers.CharField(source="run.account.contract.title_en")
    title_zh = serializers.CharField(source="run.account.contract.title_zh")
    run_number = serializers.IntegerField(source="run.number")
    approved_at = serializers.DateTimeField(source="run.approved_at")
    up_to = serializers.DateField(source="run.up_to")
    scheme = serializers.CharField(source="run.scheme")
    currency = serializers.CharField(source="run.currency")
    amount = money_field()
    parts = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))

    class Meta:
        model = DistributionLine


class SchemeSerializer(serializers.Serializer[Any]):
    """A scheme as dated data."""

    code = serializers.CharField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    note_en = serializers.CharField()
    note_zh = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    sources = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField(help_text="Of thresholds; empty where it has none.")
    rounding_to = serializers.CharField(help_text="Who takes what rounding leaves over.")
    deductions = serializers.SerializerMethodField()
    tiers = serializers.SerializerMethodField()

    def get_deductions(self, scheme: Any) -> list[dict[str, str]]:
        return [
            {
                "code": one.code, "name_en": one.name_en, "name_zh": one.name_zh, "kind": one.kind,
                "of": one.of, "rate": str(one.rate), "amount": str(one.amount),
            }
            for one in scheme.deductions
        ]  # fmt: skip

    def get_tiers(self, scheme: Any) -> list[dict[str, Any]]:
        return [
            {
                "above": str(tier.above), "of": str(tier.of),
                "shares": {party.code: str(tier.weight_of(party.code)) for party in scheme.parties},
            }
            for tier in scheme.tiers
        ]  # fmt: skip
