"""GET /search/ and /suggestions/: the search of the pages, for programs."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from listings.api.shapes import ListingShape
from listings.models.listings import Kind
from listings.notes import notes_on
from listings.passages import best_passage
from listings.queries.browse import Found, browse
from listings.queries.suggestions import suggest
from listings.question import read_question
from listings.wanted import PARAMETERS, SORTS, read_wanted
from marketplace.core.api.permissions import actor_of
from marketplace.core.errors import field_error

_KIND = OpenApiParameter("kind", str, enum=Kind.values, description="Default: technology.")


class HitShape(serializers.Serializer[Any]):
    """words and meaning say what it was found by: 0 to 1 each; meaning is null where there is no
    vector. Both are null when the order is not by relevance."""

    listing = ListingShape()
    words = serializers.FloatField(allow_null=True)
    meaning = serializers.FloatField(allow_null=True)
    alike = serializers.ListField(
        child=serializers.CharField(),
        help_text="Ids of the first of those that say the same and stand behind it.",
    )
    alike_total = serializers.IntegerField(help_text="How many say the same, of the whole list.")
    passage = serializers.CharField(
        allow_null=True, help_text="The best sentence as HTML, words of the question in <mark>."
    )


class ChoiceShape(serializers.Serializer[Any]):
    value = serializers.CharField()
    name = serializers.CharField()
    question = serializers.CharField(help_text="The whole question with it.")


class NoteShape(serializers.Serializer[Any]):
    """A filter written into the question that was left out, since its value is none."""

    part = serializers.CharField(help_text="As it was written.")
    message = serializers.CharField(help_text="What is wrong, in the language of the request.")
    choices = ChoiceShape(many=True)


class SearchShape(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Exact up to 10,000; 10,001 says more than that.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    meant = serializers.CharField(help_text="The question that was answered instead, or empty.")
    notes = NoteShape(many=True)
    folded = serializers.IntegerField(
        help_text="How many stand behind others that say the same; only by relevance."
    )
    is_partial = serializers.BooleanField(help_text="No listing holds all words of the question.")
    counts = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="Filter, value: how many there would be.",
    )
    results = HitShape(many=True)


class SuggestionShape(serializers.Serializer[Any]):
    text = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="How it was found when its letters do not show it."
    )


class SuggestionsShape(serializers.Serializer[Any]):
    results = SuggestionShape(many=True)


class SearchView(APIView):
    """A question in words, with all filters of the pages."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {"read": "listings:read"}

    @extend_schema(
        operation_id="search",
        parameters=[
            _KIND,
            OpenApiParameter(
                "q", str, description='Words, "phrases", -exclusions, field:, trl:, org:, figures.'
            ),
            OpenApiParameter("sort", str, enum=list(SORTS)),
            OpenApiParameter("page", int),
            OpenApiParameter("exact", str, enum=["1"], description="Without correction."),
            OpenApiParameter(
                "unfold", str, enum=["1"], description="Also what says the same, each on its own."
            ),
            *(
                OpenApiParameter(name, str, description="As on the page of the list.")
                for name in sorted(set().union(*PARAMETERS.values()))
            ),
        ],
        responses=SearchShape,
    )
    def get(self, request: Request) -> Response:
        """One page of 20, best first."""
        actor = actor_of(request)
        kind = request.query_params.get("kind") or Kind.TECHNOLOGY.value
        if kind not in Kind.values:
            raise field_error("kind", _("This is not known."), code="unknown_value")
        wanted = read_wanted(kind, request.query_params)
        if wanted.ignored:
            raise field_error(wanted.ignored[0], _("This is not known."), code="unknown_value")
        found = browse(wanted, actor, request.query_params.get("page"))
        answer = {
            "total": found.counts.total, "page": found.page.number,
            "pages": found.page.paginator.num_pages, "meant": found.meant,
            "notes": notes_on(read_question(wanted.question)), "folded": found.folded,
            "is_partial": found.is_partial, "counts": found.counts.choices,
            "results": _hits(found, actor.language),
        }  # fmt: skip
        return Response(SearchShape(answer, context={"request": request}).data)


class SuggestionsView(APIView):
    """What a question may become, while it is typed."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {"read": "listings:read"}

    @extend_schema(
        operation_id="suggestions",
        parameters=[_KIND, OpenApiParameter("q", str, required=True)],
        responses=SuggestionsShape,
    )
    def get(self, request: Request) -> Response:
        """Up to eight keywords, by letters, pinyin or initials."""
        kind = request.query_params.get("kind") or Kind.TECHNOLOGY.value
        if kind not in Kind.values:
            raise field_error("kind", _("This is not known."), code="unknown_value")
        found = suggest(request.query_params.get("q", ""), kind)
        return Response(SuggestionsShape({"results": found}).data)


def _hits(found: Found, language: str) -> list[dict[str, Any]]:
    words = found.query.words if found.query is not None else ()
    weights = {token: weight for word, weight in words for token in word.tokens}
    rows = []
    for listing in found.page.object_list:
        hit = found.hits.get(listing.pk)
        twins = found.twins.get(listing.pk)
        passage = best_passage(listing, weights, language) if weights else None
        rows.append(
            {
                "listing": listing,
                "words": round(hit.words, 3) if hit else None,
                "meaning": round(hit.meaning, 3) if hit and hit.meaning is not None else None,
                "alike": [one.public_id for one in twins.shown] if twins else [],
                "alike_total": twins.number if twins else 0,
                "passage": str(passage.html) if passage else None,
            }
        )
    return rows
