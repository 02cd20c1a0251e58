"""Specifications that a listing's own text proposes, for those who may change it."""

from typing import Any

from rest_framework import serializers

from listings import display
from listings.api.inputs import Strict
from listings.models.listings import Tier
from listings.rules import MAX_PROPOSALS


class ProposalShape(serializers.Serializer[Any]):
    """A figure that the text names and no specification says yet. Nothing is taken over unless it
    is taken; id stays the same while the words do."""

    id = serializers.CharField(source="key")
    metric_en = serializers.CharField()
    metric_zh = serializers.CharField()
    comparator = serializers.CharField(help_text="ge, le, eq or between")
    value = serializers.DecimalField(max_digits=24, decimal_places=8, normalize_output=True)
    upper = serializers.DecimalField(
        max_digits=24, decimal_places=8, allow_null=True, normalize_output=True
    )
    unit = serializers.CharField()
    condition_en = serializers.CharField()
    condition_zh = serializers.CharField()
    strength = serializers.CharField(help_text="must or wish; of needs")
    tier = serializers.ChoiceField(
        choices=Tier.values, help_text="Of the text that it stands in; never a lower one."
    )
    text = serializers.SerializerMethodField(help_text="As a page writes it, for example ≥ 84%.")
    field = serializers.CharField(help_text="The text that it stands in.")
    quote = serializers.CharField(help_text="The sentence, cut when it is long.")
    start = serializers.IntegerField(help_text="Where the sentence begins in the text.")
    end = serializers.IntegerField()

    def get_text(self, proposal: Any) -> str:
        return display.value_text(proposal)


def _ids(text: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=16), required=False, default=list,
        max_length=MAX_PROPOSALS, help_text=text,
    )  # fmt: skip


class ProposalsInput(Strict):
    """What to do with proposals, by their ids; at least one of the three."""

    take = _ids("Add these as specifications.")
    dismiss = _ids("Do not propose these again for the same words.")
    propose_again = serializers.BooleanField(
        default=False, help_text="First forget all that was dismissed."
    )
