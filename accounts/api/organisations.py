"""Organisations, institutions and their members."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import invitations, members
from accounts.actions import organisations as actions
from accounts.actions import verification as verifying
from accounts.api import serializers as shapes
from accounts.api.filters import OrganisationFilter, TtiFilter, VerificationFilter
from accounts.models import AllianceMember, Organisation
from accounts.queries import organisations, verifications
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import Refused
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "organisations:read", "write": "organisations:write"}


class _Expanding(GatedViewSet):
    expandable: ClassVar[tuple[str, ...]] = ("alliances",)

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        if "alliances" in self._names("expand", self.expandable):
            queryset = queryset.prefetch_related(
                Prefetch(
                    "alliance_memberships",
                    AllianceMember.objects.select_related("alliance").order_by("id"),
                )
            )
        return queryset


class OrganisationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _Expanding):
    """Organisations that you may see: verified ones, and your own."""

    serializer_class = shapes.OrganisationSerializer
    visible = staticmethod(organisations.visible_to)
    required_scopes = SCOPES
    open_to_visitors = True
    reads_may_lag = True
    filterset_class = OrganisationFilter

    @extend_schema(request=shapes.OrganisationWrite, responses={201: shapes.OrganisationSerializer})
    def create(self, request: Request) -> Response:
        """Found an organisation; you become its owner."""
        given = shapes.OrganisationWrite(data=request.data)
        given.is_valid(raise_exception=True)
        made = actions.create_organisation(actor=self.actor, facts=given.validated_data)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.OrganisationWrite)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change the facts given. Verified facts are changed by operators only."""
        found: Organisation = self.get_object()
        given = shapes.OrganisationWrite(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = actions.change_organisation(
            actor=self.actor,
            organisation_id=found.pk,
            facts=given.validated_data,
            expected_version=self.expected_version(),
        )
        return self._answer(changed)

    @extend_schema(
        request={"multipart/form-data": shapes.EvidenceWrite},
        responses={201: shapes.VerificationSerializer},
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def verify(self, request: Request, public_id: str) -> Response:
        """Ask for verification with a copy of the certificate."""
        found: Organisation = self.get_object()
        given = shapes.EvidenceWrite(data=request.data)
        given.is_valid(raise_exception=True)
        asked = verifying.ask_verification(
            actor=self.actor,
            organisation_id=found.pk,
            evidence=given.validated_data["evidence"],
            note=given.validated_data["note"],
        )
        return Response(shapes.VerificationSerializer(asked).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, public_id: str) -> Response:
        """Leave the organisation. The last owner cannot."""
        found: Organisation = self.get_object()
        members.leave_organisation(actor=self.actor, organisation_id=found.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.StandingWrite)
    @action(detail=True, methods=["post"])
    def standing(self, request: Request, public_id: str) -> Response:
        """Operators: publish without review, act as a registration point."""
        found: Organisation = self.get_object()
        given = shapes.StandingWrite(data=request.data)
        given.is_valid(raise_exception=True)
        changed = actions.set_standing(
            actor=self.actor, organisation_id=found.pk, **given.validated_data
        )
        return self._answer(changed)

    @extend_schema(request=shapes.ReasonWrite)
    @action(detail=True, methods=["post"], url_path="revoke-verification")
    def revoke_verification(self, request: Request, public_id: str) -> Response:
        """Operators: withdraw the verification, with a reason."""
        found: Organisation = self.get_object()
        given = shapes.ReasonWrite(data=request.data)
        given.is_valid(raise_exception=True)
        changed = verifying.revoke_verification(
            actor=self.actor, organisation_id=found.pk, reason=given.validated_data["reason"]
        )
        return self._answer(changed)

    def _answer(self, organisation: Organisation, code: int = status.HTTP_200_OK) -> Response:
        # The founder's actor was made before it had the role: read as an insider all the same.
        context = {**self.get_serializer_context(), "actor": self._fresh_actor()}
        return Response(
            shapes.OrganisationSerializer(organisation, context=context).data, status=code
        )

    def _fresh_actor(self) -> Any:
        from accounts.queries import actor_for  # noqa: PLC0415

        return actor_for(self.request.user, self.actor.language)


class TtiViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _Expanding):
    """The public directory of verified technology transfer institutions."""

    serializer_class = shapes.OrganisationSerializer
    visible = staticmethod(organisations.ttis_visible_to)
    required_scopes = SCOPES
    open_to_visitors = True
    reads_may_lag = True
    filterset_class = TtiFilter


class _OfOrganisation(GatedViewSet):
    """Base of what hangs under /organisations/{organisation}/."""

    required_scopes = SCOPES
    pagination_class = None
    filter_backends = ()

    def organisation(self) -> Organisation:
        return get_visible(
            organisations.visible_to(self.actor), public_id=self.kwargs["organisation_id"]
        )


class MemberViewSet(_OfOrganisation):
    """People of one organisation; seen by its members."""

    serializer_class = shapes.MembershipSerializer

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self._schema_model()._default_manager.none()
        organisation = self.organisation()
        if organisation.pk not in self.actor.roles and not self.actor.is_operator:
            raise Refused("members_only", _("Only members of the organisation see its people."))
        return organisations.members_of(organisation)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        if not getattr(self, "swagger_fake_view", False):
            context["shows_email"] = self.actor.can(self.organisation().pk)
        return context

    @extend_schema(responses=shapes.MembershipSerializer(many=True))
    def list(self, request: Request, organisation_id: str) -> Response:
        """All members, owners first."""
        return Response(self.get_serializer(self.get_queryset(), many=True).data)

    @extend_schema(request=shapes.RolesWrite)
    def partial_update(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Change the roles of a member (owners)."""
        member = self.get_object()
        given = shapes.RolesWrite(data=request.data)
        given.is_valid(raise_exception=True)
        changed = members.change_roles(
            actor=self.actor, membership_id=member.pk, roles=given.validated_data["roles"]
        )
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """End a membership (owners)."""
        members.remove_member(actor=self.actor, membership_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationViewSet(_OfOrganisation):
    """Open invitations of one organisation; for its owners."""

    serializer_class = shapes.InvitationSerializer

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self._schema_model()._default_manager.none()
        return organisations.invitations_visible_to(self.actor).filter(
            organisation=self.organisation()
        )

    @extend_schema(responses=shapes.InvitationSerializer(many=True))
    def list(self, request: Request, organisation_id: str) -> Response:
        """Invitations that nobody has answered yet."""
        return Response(self.get_serializer(self.get_queryset().order_by("-id"), many=True).data)

    @extend_schema(request=shapes.InvitationWrite, responses={201: shapes.InvitationSerializer})
    def create(self, request: Request, organisation_id: str) -> Response:
        """Invite by mail; an address that was invited before gets a new link."""
        given = shapes.InvitationWrite(data=request.data)
        given.is_valid(raise_exception=True)
        made = invitations.invite_member(
            actor=self.actor, organisation_id=self.organisation().pk, **given.validated_data
        )
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, organisation_id: str, public_id: str) -> Response:
        """Withdraw an invitation; its link stops working."""
        invitations.withdraw_invitation(actor=self.actor, invitation_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AcceptViewSet(GatedViewSet):
    """Accept an invitation."""

    serializer_class = shapes.OwnMembershipSerializer
    required_scopes = SCOPES

    @extend_schema(request=shapes.SecretWrite, responses={201: shapes.OwnMembershipSerializer})
    def create(self, request: Request) -> Response:
        """Join by the secret of the link in the mail."""
        given = shapes.SecretWrite(data=request.data)
        given.is_valid(raise_exception=True)
        membership = invitations.accept_invitation(
            actor=self.actor, secret=given.validated_data["secret"]
        )
        return Response(
            shapes.OwnMembershipSerializer(membership).data, status=status.HTTP_201_CREATED
        )


class VerificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Requests to be verified: all for operators, their own for owners."""

    serializer_class = shapes.VerificationSerializer
    required_scopes = SCOPES
    filterset_class = VerificationFilter
    parser_classes = [JSONParser]

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self._schema_model()._default_manager.none()
        return verifications.visible_to(self.actor).select_related("organisation")

    @extend_schema(request=shapes.NoteWrite)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """Operators: verify the organisation."""
        given = shapes.NoteWrite(data=request.data)
        given.is_valid(raise_exception=True)
        decided = verifying.approve_verification(
            actor=self.actor,
            verification_id=self.get_object().pk,
            note=given.validated_data["note"],
        )
        return Response(self.get_serializer(decided).data)

    @extend_schema(request=shapes.ReasonWrite)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, public_id: str) -> Response:
        """Operators: refuse with a reason, which the owners read."""
        given = shapes.ReasonWrite(data=request.data)
        given.is_valid(raise_exception=True)
        decided = verifying.refuse_verification(
            actor=self.actor,
            verification_id=self.get_object().pk,
            reason=given.validated_data["reason"],
        )
        return Response(self.get_serializer(decided).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def evidence(self, request: Request, public_id: str) -> Any:
        """The file itself; opening it is written into the history."""
        found = self.get_object()
        verifying.note_evidence_read(actor=self.actor, verification=found)
        response = FileResponse(
            found.evidence.open("rb"),
            as_attachment=True,
            filename=found.evidence_name,
            content_type=found.evidence_type,
        )
        response["X-Content-Type-Options"] = "nosniff"
        return response
