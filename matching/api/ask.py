"""POST /matches/rank/ and /matches/score/: texts and pairs judged for a program.

Both work by what the caller may read alone (matching.asking), but for a pair of its own that the
matcher has judged: there it gets the reading of that match, as everywhere.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from listings.api.shapes import SpecificationShape
from listings.models import Listing
from listings.models.listings import Kind
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor
from marketplace.core.api.permissions import actor_of
from marketplace.core.api.throttles import ByToken
from marketplace.core.errors import NotFound, field_error
from matching.api import shapes
from matching.asking.ranking import MAX_RESULTS, Ranked, judge, rank
from matching.asking.rates import AskRate
from matching.asking.text import read_text
from matching.explanation import explain
from matching.models import Level
from matching.queries.inbox import with_listings
from matching.queries.visibility import visible_to


class _Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := [n for n in data if n not in self.fields]):
            raise serializers.ValidationError(
                {str(name)[:60]: [_("There is no such field.")] for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class RankInput(_Strict):
    text = serializers.CharField(
        trim_whitespace=False, allow_blank=True,
        help_text="In Chinese or English; the first 8,000 characters are used. Stored nowhere.",
    )  # fmt: skip
    kind = serializers.ChoiceField(
        choices=Kind.choices, default=Kind.TECHNOLOGY.value,
        help_text="What is looked for: technologies for a problem, or needs for a solution.",
    )  # fmt: skip
    limit = serializers.IntegerField(min_value=1, max_value=MAX_RESULTS, default=10)
    language = serializers.ChoiceField(
        choices=[("en", "en"), ("zh", "zh")], allow_blank=True, default="",
        help_text="Only listings that are written in it.",
    )  # fmt: skip
    figures = serializers.BooleanField(
        default=True, help_text="Whether figures read from the text count as requirements."
    )


class ReadFigureShape(serializers.Serializer[Any]):
    text = serializers.CharField()
    specification = SpecificationShape()


class RankedShape(serializers.Serializer[Ranked]):
    listing = shapes.MatchedListingSerializer()
    level = serializers.ChoiceField(choices=Level.choices)
    score = serializers.IntegerField(help_text="0 to 100, by what you may read.")
    verdicts = shapes.VerdictCountsSerializer()
    explanation = serializers.SerializerMethodField()
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="Words of the text that others hold and this listing does not.",
    )

    @extend_schema_field(shapes.ExplanationSerializer)
    def get_explanation(self, row: Ranked) -> Any:
        return shapes.ExplanationSerializer(row).data  # type: ignore[arg-type]


class RankingShape(serializers.Serializer[Any]):
    text_language = serializers.CharField(help_text="en or zh, as it was read.")
    used_characters = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="The text was longer than what is used.")
    by_meaning = serializers.BooleanField(help_text="False when only words were compared.")
    figures = ReadFigureShape(many=True, help_text="Read from the text.")
    model_version = serializers.CharField()
    total = serializers.IntegerField(help_text="How many fit.")
    results = RankedShape(many=True)


class ScoreInput(_Strict):
    need = serializers.CharField(max_length=10)
    technology = serializers.CharField(max_length=10)


class ScoreShape(serializers.Serializer[Any]):
    """How a need and a technology fit, as far as the caller may know."""

    need = shapes.MatchedListingSerializer()
    technology = shapes.MatchedListingSerializer()
    match = serializers.CharField(
        allow_null=True, help_text="Id of the match, when the two are one that you may see."
    )
    level = serializers.ChoiceField(
        choices=Level.choices, allow_null=True, help_text="null: they do not fit."
    )
    score = serializers.IntegerField(
        allow_null=True, help_text="null where only the level may be known."
    )
    verdicts = shapes.VerdictCountsSerializer()
    hidden_fits = serializers.BooleanField()
    explanation = serializers.SerializerMethodField()
    model_version = serializers.CharField()

    @extend_schema_field(shapes.ExplanationSerializer)
    def get_explanation(self, found: dict[str, Any]) -> Any:
        return shapes.ExplanationSerializer(found["explanation"]).data


class AskViewSet(viewsets.ViewSet):
    """Judging without storing."""

    required_scopes = {"read": "matches:read", "write": "matches:read"}
    throttle_classes = [ByToken, AskRate]

    @extend_schema(
        operation_id="matches_rank", request=RankInput, responses={200: RankingShape},
        examples=[OpenApiExample("A problem", request_only=True, value={
            "text": "Pouch cells lose capacity in winter; capacity retention >= 80 % at -40 degC.",
            "kind": "technology", "limit": 5,
        })],
    )  # fmt: skip
    def rank(self, request: Request) -> Response:
        """Rank the market by a text in your own words: listings that you may read, best first.

        Nothing of the text is stored. Only what you may read of a listing decides its place.
        """
        given = RankInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        own_kind = Kind.NEED if wanted["kind"] == Kind.TECHNOLOGY else Kind.TECHNOLOGY
        asked = read_text(wanted["text"], own_kind.value)
        if not wanted["figures"]:
            asked = asked.without({one.text for one in asked.figures})
        found = rank(
            asked, actor_of(request), limit=wanted["limit"], language=wanted["language"]
        )  # fmt: skip
        answer = {
            "text_language": asked.language, "used_characters": asked.used,
            "is_cut": asked.is_cut, "by_meaning": found.by_meaning,
            "figures": [one for one in asked.figures if one.is_used],
            "model_version": found.model_version, "total": found.total,
            "results": [row for row in found.rows if row.level],
        }  # fmt: skip
        return Response(RankingShape(answer).data)

    @extend_schema(
        operation_id="matches_score", request=ScoreInput, responses={200: ScoreShape},
        examples=[OpenApiExample("A pair", request_only=True, value={
            "need": "7K3M9PQRST", "technology": "4D8F2GHJKM",
        })],
    )  # fmt: skip
    def score(self, request: Request) -> Response:
        """Judge one pair of listings that you may read.

        When the two are a match of yours, this is that match, with its score where you may know
        it. Otherwise it is computed from what you may read of both.
        """
        given = ScoreInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        need = _listing(given.validated_data["need"], Kind.NEED, actor)
        technology = _listing(given.validated_data["technology"], Kind.TECHNOLOGY, actor)
        return Response(ScoreShape(_judged(need, technology, actor)).data)


def _listing(public_id: str, kind: Kind, actor: Actor) -> Listing:
    """One that the actor may know of; what is hidden is as absent as what never was."""
    rows = published_for(actor).filter(kind=kind, public_id=public_id).select_related("owner")
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _judged(need: Listing, technology: Listing, actor: Actor) -> dict[str, Any]:
    stored = with_listings(visible_to(actor).filter(need=need, technology=technology)).first()
    if stored is not None:
        found = explain(stored, actor)
        seen = found.reading
        if seen.need is not None and seen.technology is not None:
            return {
                "need": seen.need, "technology": seen.technology, "match": seen.public_id,
                "level": seen.level, "score": seen.score, "verdicts": seen.reasons.verdicts,
                "hidden_fits": seen.hidden_fits, "explanation": found,
                "model_version": seen.model_version,
            }  # fmt: skip
    judged = judge(need, technology, actor)
    if judged is None:
        raise field_error(
            "technology", _("One of the two is still being read. Ask again in a minute."),
            code="not_indexed",
        )  # fmt: skip
    return {
        "need": judged.need, "technology": judged.technology, "match": None,
        "level": judged.ranked.level or None, "score": judged.ranked.score,
        "verdicts": judged.ranked.verdicts, "hidden_fits": False, "explanation": judged.ranked,
        "model_version": judged.model_version,
    }  # fmt: skip
