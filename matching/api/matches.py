"""/matches/."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.core.api.permissions import actor_of
from marketplace.core.api.viewsets import GatedViewSet
from matching.actions.answers import answer
from matching.api import shapes
from matching.explanation import explain
from matching.models import Answer, Level, Match, Side
from matching.queries.inbox import is_new, with_listings
from matching.queries.visibility import of_side, visible_to
from matching.readings import read_many


class MatchFilter(django_filters.FilterSet):  # type: ignore[misc]
    side = django_filters.ChoiceFilter(
        choices=Side.choices, method="of_side", help_text="Of your own needs or technologies."
    )
    level = django_filters.MultipleChoiceFilter(choices=Level.choices)
    need = django_filters.CharFilter(field_name="need__public_id", max_length=10)
    technology = django_filters.CharFilter(field_name="technology__public_id", max_length=10)
    answer = django_filters.ChoiceFilter(
        choices=[("none", "none"), *Answer.choices], method="of_answer",
        help_text="Your own side's answer; none: waits for one.",
    )  # fmt: skip
    new = django_filters.BooleanFilter(method="of_new", help_text="Not looked at, not answered.")
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Match
        fields: list[str] = []

    def _own(self, build: Any) -> Q:
        """`build(side)` for the pairs in which the caller is of that side."""
        actor = actor_of(self.request)
        found = Q(pk__in=[])
        for side in Side.values:
            found |= Q(pk__in=of_side(actor, side).filter(build(side)).values("pk"))
        return found

    def of_side(self, queryset: QuerySet[Match], _name: str, value: str) -> QuerySet[Match]:
        return queryset.filter(pk__in=of_side(actor_of(self.request), value).values("pk"))

    def of_answer(self, queryset: QuerySet[Match], _name: str, value: str) -> QuerySet[Match]:
        given = "" if value == "none" else value
        return queryset.filter(self._own(lambda side: Q(**{f"{side}_answer": given})))

    def of_new(self, queryset: QuerySet[Match], _name: str, value: bool) -> QuerySet[Match]:
        fresh = self._own(is_new)
        return queryset.filter(fresh) if value else queryset.exclude(fresh)


class MatchViewSet(GatedViewSet):
    """Pairs of a need and a technology: yours, and a broker's to bring together."""

    serializer_class = shapes.MatchSerializer
    visible = staticmethod(visible_to)
    required_scopes = {"read": "matches:read", "write": "matches:write"}
    filterset_class = MatchFilter

    def get_queryset(self) -> Any:
        return with_listings(super().get_queryset())

    def list(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        rows = read_many(page, self.actor)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(responses=shapes.ExplainedMatchSerializer)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with its reasons."""
        return self._explained(self.get_object())

    @extend_schema(
        request=shapes.AnswerSerializer,
        responses=shapes.ExplainedMatchSerializer,
        examples=[
            OpenApiExample("Interested", request_only=True, value={"answer": "interested"}),
            OpenApiExample(
                "Not for us", request_only=True, value={"answer": "declined", "reason": "immature"}
            ),
        ],
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: str) -> Response:
        """Say whether it is for you. The other side is told, with the reason and without the text.
        When both are interested, an introduction opens."""
        given = shapes.AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        match = answer(
            actor=self.actor, match_id=self.get_object().pk,
            expected_version=self.expected_version(), **given.validated_data,
        )  # fmt: skip
        return self._explained(match)

    def _explained(self, match: Match) -> Response:
        found = explain(match, self.actor)
        context = {**self.get_serializer_context(), "explanation": found}
        return Response(shapes.ExplainedMatchSerializer(found.reading, context=context).data)
