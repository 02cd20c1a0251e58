"""Oneself: profile, memberships, tokens, certificates, data."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import experts, people
from accounts.actions import qualifications as certifying
from accounts.actions import tokens as actions
from accounts.actions.access import require_person
from accounts.api import serializers as shapes
from accounts.queries import tokens
from accounts.queries.experts import own_profile
from accounts.queries.people import memberships_of, qualifications_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, field_error

SCOPES: dict[str, str] = {"read": "profile:read", "write": "profile:write"}


class MeViewSet(GatedViewSet):
    """The person that the token or session belongs to."""

    serializer_class = shapes.MeSerializer
    required_scopes = SCOPES
    pagination_class = None

    @extend_schema(operation_id="me_retrieve")
    def retrieve(self, request: Request) -> Response:
        """Who you are here, and in which roles."""
        return Response(self.get_serializer(require_person(self.actor)).data)

    @extend_schema(operation_id="me_partial_update", request=shapes.MeWrite)
    def partial_update(self, request: Request) -> Response:
        """Change name, language, or whether you are named on public pages."""
        given = shapes.MeWrite(data=request.data)
        given.is_valid(raise_exception=True)
        person = people.change_profile(actor=self.actor, facts=given.validated_data)
        return Response(self.get_serializer(person).data)

    @extend_schema(
        operation_id="me_export", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def export(self, request: Request) -> HttpResponse:
        """Everything that is kept about you, as a ZIP of JSON files."""
        return HttpResponse(
            people.export_data(actor=self.actor),
            content_type="application/zip",
            headers={"Content-Disposition": 'attachment; filename="yizhan-my-data.zip"'},
        )

    @extend_schema(operation_id="me_close", request=shapes.CloseWrite, responses={204: None})
    def close(self, request: Request) -> Response:
        """Close your account for good."""
        given = shapes.CloseWrite(data=request.data)
        given.is_valid(raise_exception=True)
        person = require_person(self.actor)
        if given.validated_data["email"].lower() != person.email.lower():
            raise field_error("email", _("This is not the address of your account."))
        people.close_account(actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExpertProfileViewSet(GatedViewSet):
    """Your consent to be found by what you have posted; there is none unless you give it."""

    serializer_class = shapes.ExpertProfileSerializer
    required_scopes = SCOPES
    pagination_class = None

    @extend_schema(operation_id="me_expert_profile")
    def retrieve(self, request: Request) -> Response:
        """What others find of you; 404 while you have not agreed."""
        require_person(self.actor)
        found = own_profile(self.actor)
        if found is None:
            raise NotFound
        return Response(self.get_serializer(found).data)

    @extend_schema(operation_id="me_expert_profile_update", request=shapes.ExpertProfileWrite)
    def update(self, request: Request) -> Response:
        """Agree to be found under one of your organisations, or change what is said of you."""
        given = shapes.ExpertProfileWrite(data=request.data)
        given.is_valid(raise_exception=True)
        made = experts.agree(actor=self.actor, **given.validated_data)
        return Response(self.get_serializer(made).data)

    @extend_schema(operation_id="me_expert_profile_destroy", responses={204: None})
    def destroy(self, request: Request) -> Response:
        """Take the consent back: you are not found any more from now on."""
        experts.take_back(actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnMembershipViewSet(mixins.ListModelMixin, GatedViewSet):
    """The organisations you belong to."""

    serializer_class = shapes.OwnMembershipSerializer
    visible = staticmethod(memberships_of)
    required_scopes = SCOPES
    filter_backends = ()


class TokenViewSet(mixins.ListModelMixin, GatedViewSet):
    """Your API tokens."""

    serializer_class = shapes.TokenSerializer
    answers_hold_secrets = True
    visible = staticmethod(tokens.visible_to)
    required_scopes = SCOPES
    filter_backends = ()

    @extend_schema(request=shapes.TokenWrite, responses={201: shapes.NewTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token; its secret is in this answer alone. A token gives no scope it lacks."""
        given = shapes.TokenWrite(data=request.data)
        given.is_valid(raise_exception=True)
        token, secret = actions.create_token(actor=self.actor, **given.validated_data)
        body = {**shapes.TokenSerializer(token).data, "secret": secret}
        response = Response(body, status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Revoke a token at once."""
        actions.revoke_token(actor=self.actor, token_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class QualificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Your broker certificates."""

    serializer_class = shapes.QualificationSerializer
    required_scopes = SCOPES
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self._schema_model()._default_manager.none()
        return qualifications_of(self.actor)

    @extend_schema(
        request=shapes.QualificationSerializer, responses={201: shapes.QualificationSerializer}
    )
    def create(self, request: Request) -> Response:
        """Enter a certificate."""
        given = shapes.QualificationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = certifying.add_qualification(actor=self.actor, facts=given.validated_data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.QualificationSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Correct a certificate."""
        found = self.get_object()
        given = shapes.QualificationSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = certifying.change_qualification(
            actor=self.actor, qualification_id=found.pk, facts=given.validated_data
        )
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Take a certificate out."""
        certifying.remove_qualification(actor=self.actor, qualification_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
