"""Shapes of royalty statements. Amounts as the columns say; see docs/explanation/royalties.md."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from contracts.api.fields import code_field, money_field
from deals.models import RoyaltyPeriod, RoyaltyStatement
from deals.queries.royalties import current_of, is_late
from marketplace.core.codes import CURRENCIES


class RoyaltyStatementSerializer(serializers.ModelSerializer[RoyaltyStatement]):
    """sales and deductions in `currency`, what follows in the contract's. owed = royalty +
    topped_up. verdict: queried or accepted, empty before the licensor has answered."""

    id = serializers.CharField(source="public_id", read_only=True)
    verdict = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField(help_text="What the licensor asks.")

    class Meta:
        model = RoyaltyStatement
        fields = [
            "id", "position", "sales", "currency", "deductions", "deductions_note", "units", "rate",
            "rate_source", "note", "base", "before", "earlier", "royalty", "topped_up", "owed",
            "verdict", "words", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_verdict(self, row: RoyaltyStatement) -> str:
        answer = getattr(row, "answer", None)  # the reverse of a one-to-one raises where none is
        return answer.verdict if answer else ""

    def get_words(self, row: RoyaltyStatement) -> str:
        answer = getattr(row, "answer", None)
        return answer.words if answer else ""


class RoyaltyPeriodSerializer(serializers.ModelSerializer[RoyaltyPeriod]):
    """A period for which a licensee owes a statement, by the edition in force on its last day."""

    id = serializers.CharField(source="public_id", read_only=True)
    contract = serializers.CharField(source="contract.public_id", read_only=True)
    edition = serializers.IntegerField(source="contract.edition", read_only=True)
    currency = serializers.CharField(source="contract.currency", read_only=True)
    title_en = serializers.CharField(source="contract.title_en", read_only=True)
    title_zh = serializers.CharField(source="contract.title_zh", read_only=True)
    licensee = OrganisationReference(read_only=True)
    is_late = serializers.SerializerMethodField()
    statement = serializers.SerializerMethodField(help_text="The newest one.")

    class Meta:
        model = RoyaltyPeriod
        fields = [
            "id", "contract", "number", "edition", "title_en", "title_zh", "licensee", "starts_on",
            "ends_on", "due_on", "state", "is_late", "currency", "statement", "version",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_is_late(self, period: RoyaltyPeriod) -> bool:
        return is_late(period)

    @extend_schema_field(RoyaltyStatementSerializer(allow_null=True))
    def get_statement(self, period: RoyaltyPeriod) -> Any:
        row = current_of(period)
        return RoyaltyStatementSerializer(row).data if row else None


class RoyaltyStatementWrite(serializers.Serializer[Any]):
    """`rate` and `rate_source` where the currency is not the contract's. `replaces`: id of the
    statement that this one corrects, with `note` saying why."""

    sales = money_field(min_value=0)
    currency = code_field(CURRENCIES, required=False)
    deductions = money_field(required=False, min_value=0)
    deductions_note = serializers.CharField(max_length=400, required=False, allow_blank=True)
    units = serializers.DecimalField(
        max_digits=16, decimal_places=3, required=False, allow_null=True, min_value=0
    )
    rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, required=False, allow_null=True,
        help_text="Units of the contract's currency for one unit of another.",
    )  # fmt: skip
    rate_source = serializers.CharField(max_length=120, required=False, allow_blank=True)
    note = serializers.CharField(max_length=400, required=False, allow_blank=True)
    replaces = serializers.CharField(max_length=10, required=False, allow_blank=True)


class RoyaltyAcceptWrite(serializers.Serializer[Any]):
    statement = serializers.CharField(
        max_length=10, help_text="Id of the statement that was read: a newer one is refused."
    )


class RoyaltyQueryWrite(RoyaltyAcceptWrite):
    words = serializers.CharField(max_length=1000, help_text="What is asked.")
