"""What the API shows of matches: always a Reading or an Explanation, never the row."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from listings.api.shapes import SpecificationShape
from marketplace.core.bilingual import pick
from matching.models import Answer, Match, Reason, Side
from matching.models.matches import MAX_TEXT
from matching.readings import Reading


class MatchedListingShape(serializers.Serializer[Any]):
    """One side of a pair, in short; the whole is at /technologies/{id}/ or /needs/{id}/."""

    id = serializers.CharField(source="public_id")
    title = serializers.SerializerMethodField(help_text="In the language of the answer, if given.")
    title_en = serializers.CharField()
    title_zh = serializers.CharField()

    def get_title(self, row: Any) -> str:
        return pick(row, "title", get_language()).value


class MatchSerializer(serializers.ModelSerializer[Match]):
    """need, technology: null where nothing of it may be known (a blind pair); score: null where
    only the level may be known."""

    id = serializers.CharField(source="public_id")
    side = serializers.CharField(help_text="Yours: need, technology, or empty for a broker.")
    score = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)
    need = MatchedListingShape(allow_null=True)
    technology = MatchedListingShape(allow_null=True)
    level = serializers.CharField(help_text="strong, fairly_strong or weak")
    need_answer = serializers.CharField(help_text="interested, later, declined, or empty")
    need_reason = serializers.CharField(help_text="Why it was declined; a code, or empty.")
    technology_answer = serializers.CharField(help_text="As need_answer, of the other side.")
    technology_reason = serializers.CharField(help_text="As need_reason, of the other side.")
    is_blind = serializers.BooleanField()
    is_new = serializers.BooleanField()
    both_interested = serializers.BooleanField()

    class Meta:
        model = Match
        fields = [
            "id", "side", "level", "score", "need", "technology", "is_blind", "is_new",
            "need_answer", "need_reason", "technology_answer", "technology_reason",
            "both_interested", "model_version", "created_at", "version",
        ]  # fmt: skip
        read_only_fields = fields


class TermShape(serializers.Serializer[Any]):
    """A shared term; empty in the language in which it is not known."""

    zh = serializers.CharField()
    en = serializers.CharField()


class VerdictShape(serializers.Serializer[Any]):
    """A requirement, the claim that answers it, and how it stands."""

    required = SpecificationShape()  # type: ignore[assignment]  # a field, not DRF's flag
    claimed = SpecificationShape(allow_null=True)
    verdict = serializers.CharField(help_text="met, nearly, unmet or unknown")


class PointShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not DRF's label
    text = serializers.CharField()


class ReasonsShape(serializers.Serializer[Any]):
    """Why the pair matches, from what the caller may see; hidden_fits: more that may not be shown
    fits too."""

    terms = TermShape(many=True)
    specifications = VerdictShape(many=True)
    fits = PointShape(many=True)
    against = PointShape(many=True)
    ask = PointShape(many=True)
    hidden_fits = serializers.BooleanField()


class ExplainedMatchSerializer(MatchSerializer):
    """One match with its reasons."""

    reasons = serializers.SerializerMethodField()

    class Meta(MatchSerializer.Meta):
        fields = [*MatchSerializer.Meta.fields, "reasons"]
        read_only_fields = fields

    @extend_schema_field(ReasonsShape)
    def get_reasons(self, row: Reading) -> Any:
        return ReasonsShape(self.context["explanation"]).data


class AnswerSerializer(serializers.Serializer[Any]):
    """reason is needed to decline, text with the reason `other`; side only for who is of both."""

    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.ChoiceField(choices=Reason.choices, required=False, default="")
    text = serializers.CharField(
        max_length=MAX_TEXT, required=False, default="", allow_blank=True,
        help_text="Read by your own side only.",
    )  # fmt: skip
    side = serializers.ChoiceField(choices=Side.choices, required=False, default="")
