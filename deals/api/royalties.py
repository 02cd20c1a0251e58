"""/royalties/: periods, statements of licensees, and answers of licensors."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import royalties as actions
from deals.api import royalty_shapes as shapes
from deals.models import RoyaltyPeriod
from deals.queries import royalties as queries
from marketplace.core.api.viewsets import GatedViewSet

SCOPES: dict[str, str] = {"read": "income:read", "write": "income:write"}


class RoyaltyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Periods of royalty that your organisations state, or that are stated to them."""

    required_scopes = SCOPES
    filterset_class: Any = None
    serializer_class = shapes.RoyaltyPeriodSerializer
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        return queries.with_details(super().get_queryset())

    @extend_schema(
        methods=["get"], responses=shapes.RoyaltyStatementSerializer(many=True), filters=False
    )
    @extend_schema(
        methods=["post"],
        request=shapes.RoyaltyStatementWrite,
        responses={201: shapes.RoyaltyPeriodSerializer},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def statements(self, request: Request, public_id: str) -> Response:
        """Every statement of a period, newest first; a POST submits one for the licensee."""
        period: RoyaltyPeriod = self.get_object()
        if request.method != "POST":
            rows = period.statements.all()
            return Response(shapes.RoyaltyStatementSerializer(rows, many=True).data)
        given = self._given(shapes.RoyaltyStatementWrite)
        actions.submit_statement(
            actor=self.actor, period_id=period.pk, replaces=given.pop("replaces", ""),
            facts=given, expected_version=self.expected_version(),
        )  # fmt: skip
        return self._answer(period, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.RoyaltyAcceptWrite, responses=shapes.RoyaltyPeriodSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Accept the newest statement, for the licensor."""
        return self._step(actions.accept_statement, shapes.RoyaltyAcceptWrite)

    @extend_schema(request=shapes.RoyaltyQueryWrite, responses=shapes.RoyaltyPeriodSerializer)
    @action(detail=True, methods=["post"])
    def query(self, request: Request, public_id: str) -> Response:
        """Ask the licensee about the newest statement."""
        return self._step(actions.query_statement, shapes.RoyaltyQueryWrite)

    def _step(self, act: Any, shape: Any) -> Response:
        period: RoyaltyPeriod = self.get_object()
        act(
            actor=self.actor, period_id=period.pk, expected_version=self.expected_version(),
            **self._given(shape),
        )  # fmt: skip
        return self._answer(period)

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _answer(self, period: RoyaltyPeriod, code: int = status.HTTP_200_OK) -> Response:
        fresh = queries.with_details(RoyaltyPeriod.objects.filter(pk=period.pk)).get()
        return Response(self.get_serializer(fresh).data, status=code)
