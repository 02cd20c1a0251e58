"""What the API says about matches, and what it takes.

Made from a Reading or an Explanation, never from a Match: see matching.readings.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from listings.api.shapes import SpecificationShape
from listings.disclosure import Disclosed
from matching.explanation import Explanation
from matching.models import Answer, Level, Match, Reason, Side
from matching.models.matches import MAX_TEXT
from matching.readings import Reading


class MatchedListingSerializer(serializers.Serializer[Disclosed]):
    """A side's listing in short; the whole is at /technologies/ or /needs/."""

    id = serializers.CharField(source="public_id")
    title_en = serializers.CharField()
    title_zh = serializers.CharField()
    summary_en = serializers.CharField()
    summary_zh = serializers.CharField()
    field = serializers.CharField()
    sub_field = serializers.CharField()
    trl = serializers.IntegerField(allow_null=True)
    owner = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_owner(self, listing: Disclosed) -> str | None:
        """Public id of the owner, null while it is not named."""
        return listing.owner.public_id if listing.owner else None


class VerdictCountsSerializer(serializers.Serializer[dict[str, int]]):
    met = serializers.IntegerField()
    nearly = serializers.IntegerField()
    unmet = serializers.IntegerField()
    unknown = serializers.IntegerField()


class ProposalSerializer(serializers.Serializer[Any]):
    institution = serializers.CharField(
        source="institution.public_id", help_text="Public id of the transfer institution."
    )
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


class MatchSerializer(serializers.Serializer[Reading]):
    id = serializers.CharField(source="public_id")
    side = serializers.ChoiceField(
        choices=Side.choices, allow_blank=True, help_text="Yours; empty for a broker between them."
    )
    level = serializers.ChoiceField(choices=Level.choices)
    score = serializers.IntegerField(
        allow_null=True, help_text="0 to 100; null where only the level may be known."
    )
    is_blind = serializers.BooleanField(help_text="The other side is confidential.")
    need = MatchedListingSerializer(allow_null=True)
    technology = MatchedListingSerializer(allow_null=True)
    verdicts = VerdictCountsSerializer(
        source="reasons.verdicts", help_text="Of the requirements that you may read."
    )
    hidden_fits = serializers.BooleanField(help_text="Details not shown to you also fit.")
    need_answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True)
    need_reason = serializers.ChoiceField(choices=Reason.choices, allow_blank=True)
    technology_answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True)
    technology_reason = serializers.ChoiceField(choices=Reason.choices, allow_blank=True)
    own_text = serializers.CharField(help_text="Your side's note to its answer.")
    is_new = serializers.BooleanField(help_text="Your side has not looked at it.")
    both_interested = serializers.BooleanField()
    model_version = serializers.CharField()
    scored_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    proposal = ProposalSerializer(
        allow_null=True, help_text="When a broker proposed the pair: who, and its note."
    )

    class Meta:
        model = Match  # for the schema of the viewset


class TermSerializer(serializers.Serializer[Any]):
    zh = serializers.CharField()
    en = serializers.CharField()


class PointSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()


class SpecificationVerdictSerializer(serializers.Serializer[Any]):
    """A requirement, the claim that answers it (null when none does), and how it stands."""

    required = SpecificationShape()  # type: ignore[assignment]
    claimed = SpecificationShape(allow_null=True)
    verdict = serializers.ChoiceField(choices=["met", "nearly", "unmet", "unknown"])


class ExplanationSerializer(serializers.Serializer[Explanation]):
    """Why, in the language of the request, from what you may read."""

    terms = TermSerializer(many=True)
    specifications = SpecificationVerdictSerializer(many=True)
    fits = PointSerializer(many=True)
    against = PointSerializer(many=True)
    ask = PointSerializer(many=True)


class MatchDetailSerializer(MatchSerializer):
    explanation = serializers.SerializerMethodField()

    @extend_schema_field(ExplanationSerializer)
    def get_explanation(self, reading: Reading) -> Any:
        return ExplanationSerializer(self.context["explanation"]).data


class OwnSideSerializer(serializers.Serializer[Any]):
    side = serializers.ChoiceField(
        choices=Side.choices, required=False, default="", allow_blank=True,
        help_text="Only for people who belong to both sides.",
    )  # fmt: skip


class AnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.ChoiceField(
        choices=Reason.choices, required=False, default="", allow_blank=True,
        help_text="Wanted with `declined`, refused with the others.",
    )  # fmt: skip
    text = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_TEXT,
        help_text="A note for your own side; wanted with the reason `other`.",
    )  # fmt: skip
    side = serializers.ChoiceField(
        choices=Side.choices, required=False, default="", allow_blank=True,
        help_text="Only for people who belong to both sides.",
    )  # fmt: skip
    on_behalf = serializers.BooleanField(
        required=False, default=False,
        help_text="As a broker, for a side that lets your institution answer (see /mandates/).",
    )  # fmt: skip

    def to_internal_value(self, data: Any) -> Any:
        unknown = [str(name)[:60] for name in data if name not in self.fields]
        if isinstance(data, dict) and unknown:
            raise serializers.ValidationError(
                {name: [_("There is no such field.")] for name in unknown[:20]}
            )
        return super().to_internal_value(data)
