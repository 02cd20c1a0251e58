"""/gatherings/: fairs, trainings and roadshows, places, who attended, hours of training."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals import gathering_states as states
from deals.actions import gathering_places as places
from deals.actions import gatherings as actions
from deals.api import gathering_shapes as shapes
from deals.models import Gathering, GatheringKind, GatheringState
from deals.queries import gatherings as queries
from deals.queries.training import years_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, Unauthenticated

SCOPES: dict[str, str] = {"read": "gatherings:read", "write": "gatherings:write"}


class GatheringFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(choices=GatheringKind.choices)
    state = django_filters.ChoiceFilter(choices=GatheringState.choices)
    institution = django_filters.CharFilter(field_name="institution__public_id", max_length=10)
    ends_after = django_filters.IsoDateTimeFilter(field_name="ends_at", lookup_expr="gte")
    starts_before = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = Gathering
        fields: list[str] = []


class GatheringViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Published ones that you may know of, and all of your institutions, drafts too."""

    required_scopes = SCOPES
    open_to_visitors = True
    serializer_class = shapes.GatheringSerializer
    filterset_class: Any = GatheringFilter
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return queries.with_counts(super().get_queryset(), self.actor)

    @extend_schema(request=shapes.GatheringWrite, responses={201: shapes.GatheringSerializer})
    def create(self, request: Request) -> Response:
        """Draft one of your institution."""
        given = self._given(shapes.GatheringWrite)
        made = actions.write_gathering(
            actor=self.actor, institution=given.pop("institution", ""), facts=given
        )
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.GatheringChange, responses=shapes.GatheringSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change what is named; whoever has a place is told of another time or place."""
        row: Gathering = self.get_object()
        given = self._given(shapes.GatheringChange, partial=True)
        return self._answer(
            actions.change_gathering(
                actor=self.actor, gathering_id=row.pk, facts=given,
                expected_version=self.expected_version(),
            )
        )  # fmt: skip

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Discard a draft."""
        row: Gathering = self.get_object()
        actions.discard_gathering(
            actor=self.actor, gathering_id=row.pk, expected_version=self.expected_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, public_id: str) -> Response:
        """Show it to everybody, or to its alliance."""
        return self._step(actions.publish_gathering)

    @extend_schema(request=shapes.GatheringCancelWrite)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Call it off; whoever has a place is told, with the reason."""
        return self._step(actions.cancel_gathering, shapes.GatheringCancelWrite)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, public_id: str) -> Response:
        """Close it as held, after its end."""
        return self._step(actions.hold_gathering)

    @extend_schema(request=shapes.GatheringTakeWrite, responses=shapes.GatheringPlaceSerializer)
    @action(detail=True, methods=["post"])
    def register(self, request: Request, public_id: str) -> Response:
        """Take a place for yourself, or wait for one. The organising institution reads your name
        and the organisation you come for."""
        row: Gathering = self.get_object()
        made = places.take_place(
            actor=self.actor, gathering_id=row.pk, **self._given(shapes.GatheringTakeWrite)
        )
        return Response(shapes.GatheringPlaceSerializer(made).data)

    @extend_schema(request=None, responses=shapes.GatheringPlaceSerializer)
    @action(detail=True, methods=["post"], url_path="give-back")
    def give_back(self, request: Request, public_id: str) -> Response:
        """Give your place back, before the start."""
        row: Gathering = self.get_object()
        made = places.give_back(actor=self.actor, gathering_id=row.pk)
        return Response(shapes.GatheringPlaceSerializer(made).data)

    @extend_schema(responses=shapes.GatheringPlaceSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def places(self, request: Request, public_id: str) -> Response:
        """Who has a place or waits, for the organising institution."""
        row: Gathering = self.get_object()
        if states.ORGANISER not in queries.roles_of(row, self.actor, None):
            raise NotFound
        page = self.paginate_queryset(queries.register_of(row).order_by("id")) or []
        return self.get_paginated_response(shapes.GatheringPlaceSerializer(page, many=True).data)

    @extend_schema(request=shapes.AttendanceWrite, responses=shapes.AttendanceSerializer)
    @action(detail=True, methods=["post"])
    def attendance(self, request: Request, public_id: str) -> Response:
        """Mark who attended, from the start on; places that are not named stay as they are."""
        row: Gathering = self.get_object()
        given = self._given(shapes.AttendanceWrite)
        changed = places.mark_attendance(
            actor=self.actor, gathering_id=row.pk,
            marks={one["place"]: one["attended"] for one in given["marks"]},
        )  # fmt: skip
        return Response(shapes.AttendanceSerializer({"changed": changed}).data)

    @extend_schema(responses=shapes.TrainingYearSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def hours(self, request: Request) -> Response:
        """Your hours of continuing education, of this year and the two before."""
        if self.actor.user_id is None:
            raise Unauthenticated("not_signed_in", "Sign in to read your hours.")
        rows = years_of(self.actor.user_id, timezone.localdate())
        return Response(shapes.TrainingYearSerializer(rows, many=True).data)

    def _given(self, shape: Any, *, partial: bool = False) -> dict[str, Any]:
        found = shape(data=self.request.data, partial=partial)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _step(self, act: Callable[..., Gathering], shape: Any = None) -> Response:
        row: Gathering = self.get_object()
        given = self._given(shape) if shape else {}
        version = self.expected_version()
        return self._answer(
            act(actor=self.actor, gathering_id=row.pk, expected_version=version, **given)
        )

    def _answer(self, row: Gathering, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=code)
