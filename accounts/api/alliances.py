"""Alliances."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import alliances as actions
from accounts.api import serializers as shapes
from accounts.api.filters import AllianceFilter
from accounts.models import Alliance, Organisation
from accounts.queries import alliances, organisations
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, field_error
from marketplace.core.gates import get_visible


class AllianceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Alliances with their members."""

    serializer_class = shapes.AllianceSerializer
    required_scopes = {"read": "organisations:read", "write": "organisations:write"}
    open_to_visitors = True
    reads_may_lag = True
    filterset_class = AllianceFilter

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self._schema_model()._default_manager.none()
        return alliances.with_members(alliances.visible_to(self.actor))

    @extend_schema(request=shapes.AllianceCreate, responses={201: shapes.AllianceSerializer})
    def create(self, request: Request) -> Response:
        """Found an alliance, led by a verified organisation that you own."""
        given = shapes.AllianceCreate(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        lead = self._organisation(facts.pop("lead"), "lead")
        made = actions.create_alliance(actor=self.actor, lead_id=lead.pk, facts=facts)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.AllianceWrite)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Owners of the lead change names, text and rules."""
        found: Alliance = self.get_object()
        given = shapes.AllianceWrite(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = actions.change_alliance(
            actor=self.actor, alliance_id=found.pk, facts=given.validated_data
        )
        return self._answer(changed)

    @extend_schema(request=shapes.OrganisationIdWrite)
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, public_id: str) -> Response:
        """Owners of the lead invite a verified organisation."""
        alliance, organisation = self._pair(request)
        actions.invite_organisation(
            actor=self.actor, alliance_id=alliance.pk, organisation_id=organisation.pk
        )
        return self._answer(alliance)

    @extend_schema(request=shapes.AnswerWrite)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: str) -> Response:
        """Owners of an invited organisation join or decline."""
        given = shapes.AnswerWrite(data=request.data)
        given.is_valid(raise_exception=True)
        alliance, organisation = self._pair(request)
        actions.answer_invitation(
            actor=self.actor,
            alliance_id=alliance.pk,
            organisation_id=organisation.pk,
            accept=given.validated_data["accept"],
        )
        return self._answer(alliance)

    @extend_schema(request=shapes.OrganisationIdWrite)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, public_id: str) -> Response:
        """Owners of a member take it out."""
        alliance, organisation = self._pair(request)
        actions.leave_alliance(
            actor=self.actor, alliance_id=alliance.pk, organisation_id=organisation.pk
        )
        return self._answer(alliance)

    @extend_schema(request=shapes.OrganisationIdWrite)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, public_id: str) -> Response:
        """Owners of the lead end a membership or withdraw an invitation."""
        alliance, organisation = self._pair(request)
        actions.remove_organisation(
            actor=self.actor, alliance_id=alliance.pk, organisation_id=organisation.pk
        )
        return self._answer(alliance)

    @extend_schema(request=shapes.OrganisationIdWrite)
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, public_id: str) -> Response:
        """Owners of the lead make another member the lead."""
        alliance, organisation = self._pair(request)
        actions.hand_over_lead(
            actor=self.actor, alliance_id=alliance.pk, organisation_id=organisation.pk
        )
        return self._answer(alliance)

    def _pair(self, request: Request) -> tuple[Alliance, Organisation]:
        given = shapes.OrganisationIdWrite(data=request.data)
        given.is_valid(raise_exception=True)
        return self.get_object(), self._organisation(given.validated_data["organisation"])

    def _organisation(self, public_id: str, field: str = "organisation") -> Organisation:
        try:
            return get_visible(organisations.visible_to(self.actor), public_id=public_id)
        except NotFound:
            raise field_error(
                field, _("There is no such organisation, or you may not see it."), code="unknown"
            ) from None

    def _answer(self, alliance: Alliance, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=alliance.pk)
        return Response(
            shapes.AllianceSerializer(fresh, context=self.get_serializer_context()).data,
            status=code,
        )
