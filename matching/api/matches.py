"""/matches/: ranked pairs, their reasons, and answers."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.api.pagination import NewestFirst
from marketplace.core.api.permissions import actor_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.codes import FIELDS
from matching.actions import answers, undo
from matching.api import shapes
from matching.explanation import explain
from matching.models import Answer, Level, Match, Side
from matching.queries import inbox
from matching.queries.sides import ROLES
from matching.queries.visibility import for_triage, of_side, visible_to
from matching.readings import read, read_many

SCOPES: dict[str, str] = {"read": "matches:read", "write": "matches:write"}


class BestFirst(NewestFirst):
    """Newest first; best first when one side is asked for."""

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        side = request.query_params.get("side", "")
        if side in Side.values:
            return (f"-{side}_score", "-id")
        return ("-id",)


class MatchFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Left out on purpose: scores, features and reasons (they tell of closed texts), owners (an
    anonymous one would be found), who answered (people)."""

    side = django_filters.ChoiceFilter(
        choices=Side.choices, method="by_side",
        help_text="Matches of your own needs or technologies, best first.",
    )  # fmt: skip
    need = django_filters.CharFilter(method="by_listing", max_length=10)
    technology = django_filters.CharFilter(method="by_listing", max_length=10)
    field = django_filters.ChoiceFilter(
        choices=[(entry.code, entry.code) for entry in FIELDS], method="by_field",
        help_text="Of the other side's listing; leaves out confidential ones.",
    )  # fmt: skip
    level = django_filters.MultipleChoiceFilter(choices=Level.choices)
    answer = django_filters.ChoiceFilter(
        choices=[("none", "none"), *Answer.choices], method="by_answer",
        help_text="Your side's answer; `none` for what waits for one.",
    )  # fmt: skip
    is_new = django_filters.BooleanFilter(method="by_new", help_text="Not looked at by your side.")
    both_interested = django_filters.BooleanFilter(method="by_interest")
    triage = django_filters.BooleanFilter(
        method="by_triage", help_text="For brokers: open pairs to bring together."
    )
    model_version = django_filters.CharFilter(max_length=20)
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    scored_after = django_filters.IsoDateTimeFilter(field_name="scored_at", lookup_expr="gte")

    class Meta:
        model = Match
        fields: list[str] = []

    @property
    def _actor(self) -> Actor:
        return actor_of(self.request)

    def by_side(self, rows: QuerySet[Match], _name: str, value: str) -> QuerySet[Match]:
        return rows & of_side(self._actor, value)

    def by_listing(self, rows: QuerySet[Match], name: str, value: str) -> QuerySet[Match]:
        # Only by what one may know of, or the filter would tell which listing a blind pair hides.
        known = listings_visible_to(self._actor).filter(public_id=value).values_list("pk")
        found = known.first()
        return rows.filter(**{f"{name}_id": found[0]}) if found else rows.none()

    def by_field(self, rows: QuerySet[Match], _name: str, value: str) -> QuerySet[Match]:
        own = sorted(self._actor.ids_with(*ROLES))
        return rows.filter(
            (Q(need_owner__in=own) & inbox.in_field(Side.NEED, value))
            | (Q(technology_owner__in=own) & inbox.in_field(Side.TECHNOLOGY, value))
        )

    def by_answer(self, rows: QuerySet[Match], _name: str, value: str) -> QuerySet[Match]:
        return rows.filter(self._own("answer", "" if value == "none" else value))

    def by_new(self, rows: QuerySet[Match], _name: str, value: bool) -> QuerySet[Match]:
        fresh = self._own("seen_at__isnull", True) & self._own("answer", "")
        return rows.filter(fresh) if value else rows.exclude(fresh)

    def by_interest(self, rows: QuerySet[Match], _name: str, value: bool) -> QuerySet[Match]:
        both = Q(need_answer=Answer.INTERESTED, technology_answer=Answer.INTERESTED)
        return rows.filter(both) if value else rows.exclude(both)

    def by_triage(self, rows: QuerySet[Match], _name: str, value: bool) -> QuerySet[Match]:
        return rows & for_triage(self._actor) if value else rows

    def _own(self, name: str, value: object) -> Q:
        own = sorted(self._actor.ids_with(*ROLES))
        return Q(**{"need_owner__in": own, f"need_{name}": value}) | Q(
            **{"technology_owner__in": own, f"technology_{name}": value}
        )


class MatchViewSet(GatedViewSet):
    """Pairs of needs and technologies, as far as you may know of them: those of your own
    organisations, and for brokers those that they may bring together."""

    serializer_class = shapes.MatchSerializer
    pagination_class = BestFirst
    visible = staticmethod(visible_to)
    required_scopes = SCOPES
    filterset_class = MatchFilter

    def get_queryset(self) -> Any:
        return inbox.with_listings(super().get_queryset())

    def list(self, request: Request) -> Response:
        """Newest first; with `side`, best first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        rows = read_many(page, self.actor, request.query_params.get("side", ""))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(responses=shapes.MatchDetailSerializer)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One pair with its reasons."""
        found = explain(self.get_object(), self.actor)
        shape = shapes.MatchDetailSerializer(
            found.reading, context={**self.get_serializer_context(), "explanation": found}
        )
        return Response(self._narrowed(shape).data)

    @extend_schema(
        request=shapes.AnswerSerializer,
        responses=shapes.MatchSerializer,
        examples=[
            OpenApiExample("Interested", request_only=True, value={"answer": "interested"}),
            OpenApiExample(
                "Not for us", request_only=True, value={"answer": "declined", "reason": "immature"}
            ),
        ],
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: str) -> Response:
        """Answer for your side. When both sides are interested, an introduction is opened."""
        match = self.get_object()
        given = shapes.AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answers.answer(
            actor=self.actor, match_id=match.pk, expected_version=self.expected_version(),
            **given.validated_data,
        )  # fmt: skip
        return self._as_now(match.pk, given.validated_data["side"])

    @extend_schema(
        request=shapes.OwnSideSerializer, responses=shapes.MatchSerializer, filters=False
    )
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, public_id: str) -> Response:
        """Take your side's answer back, until both sides are interested."""
        match = self.get_object()
        given = shapes.OwnSideSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        side = given.validated_data["side"]
        undo.take_back(
            actor=self.actor, match_id=match.pk, side=side,
            expected_version=self.expected_version(),
        )  # fmt: skip
        return self._as_now(match.pk, side)

    @extend_schema(request=None, responses=shapes.MatchSerializer, filters=False)
    @action(detail=True, methods=["post"])
    def seen(self, request: Request, public_id: str) -> Response:
        """Say that your side has looked at it."""
        match = self.get_object()
        answers.mark_seen(actor=self.actor, match=match)
        return self._as_now(match.pk)

    def _as_now(self, pk: int, side: str = "") -> Response:
        """The pair after a change. It is the caller's own, so it is read without the gate."""
        match = inbox.with_listings(Match.objects.all()).get(pk=pk)
        return Response(shapes.MatchSerializer(read(match, self.actor, side)).data)

    def _narrowed(self, shape: shapes.MatchDetailSerializer) -> shapes.MatchDetailSerializer:
        wanted = self._names("fields", tuple(shape.fields))
        for name in set(shape.fields) - wanted if wanted else ():
            shape.fields.pop(name)
        return shape
