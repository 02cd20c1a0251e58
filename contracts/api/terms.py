"""Terms of payment as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from contracts.api.fields import code_field, paid_field
from contracts.codes import ROYALTY_BASES, ROYALTY_PERIODS, ROYALTY_RATES
from contracts.models import ContractInstalment, ContractRoyalty, RoyaltyStep
from contracts.payment import (
    INSTALMENT_FACTS,
    MAX_STEPS,
    ROYALTY_FACTS,
    STEP_FACTS,
)


class InstalmentSerializer(serializers.ModelSerializer[ContractInstalment]):
    class Meta:
        model = ContractInstalment
        fields = INSTALMENT_FACTS
        read_only_fields = fields


class RoyaltyStepSerializer(serializers.ModelSerializer[RoyaltyStep]):
    class Meta:
        model = RoyaltyStep
        fields = STEP_FACTS
        read_only_fields = fields


class RoyaltySerializer(serializers.ModelSerializer[ContractRoyalty]):
    steps = RoyaltyStepSerializer(source="contract.royalty_steps", many=True, read_only=True)

    class Meta:
        model = ContractRoyalty
        fields = (*ROYALTY_FACTS, "steps")
        read_only_fields = fields


class ScheduleRowSerializer(serializers.Serializer[Any]):
    """A line of the schedule, in the reader's language; without an amount: as realised."""

    on = serializers.DateField(allow_null=True)
    when = serializers.CharField(help_text="The event in words where there is no day.")
    what = serializers.CharField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    note = serializers.CharField()


class InstalmentWrite(serializers.Serializer[Any]):
    """`due_on` or `event`; with a royalty, a sum that is known."""

    due_on = serializers.DateField(required=False, allow_null=True)
    event = serializers.CharField(max_length=200, required=False, allow_blank=True)
    amount = paid_field()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RoyaltyStepWrite(serializers.Serializer[Any]):
    from_year = serializers.IntegerField(
        required=False, min_value=1, max_value=100, help_text="Of the royalty; 1 without it."
    )
    from_amount = paid_field(required=False)
    rate = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=0, max_value=100, help_text="Percent."
    )


class RoyaltyWrite(serializers.Serializer[Any]):
    """Replaces the royalty whole; null takes it off."""

    base = code_field(ROYALTY_BASES, required=False, allow_blank=True)
    rate_kind = code_field(ROYALTY_RATES, required=False)
    entry_fee = paid_field(required=False, allow_null=True)
    entry_fee_on = serializers.DateField(required=False, allow_null=True)
    minimum_per_year = paid_field(required=False, allow_null=True)
    runs_from = serializers.DateField(required=False, allow_null=True)
    runs_to = serializers.DateField(required=False, allow_null=True)
    reporting = code_field(ROYALTY_PERIODS, required=False, allow_blank=True)
    steps = serializers.ListField(child=RoyaltyStepWrite(), required=False, max_length=MAX_STEPS)


def taken_terms(facts: dict[str, Any]) -> dict[str, Any]:
    """The terms out of validated facts, as draft_contract and change_contract take them."""
    found: dict[str, Any] = {
        name: facts.pop(name) for name in ("instalments", "royalty") if name in facts
    }
    if found.get("royalty", ...) is None:
        found["royalty"] = {}
    return found
