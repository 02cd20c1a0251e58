"""/mandates/: which institutions may answer matches for which organisations."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import organisations
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, field_error
from marketplace.core.gates import get_visible
from matching.actions import mandates as actions
from matching.models import Mandate
from matching.queries import mandates


class MandateSerializer(serializers.ModelSerializer[Mandate]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = serializers.CharField(
        source="organisation.public_id", help_text="Public id of the client."
    )
    institution = serializers.CharField(
        source="institution.public_id", help_text="Public id of the transfer institution."
    )

    class Meta:
        model = Mandate
        fields = ("id", "organisation", "institution", "given_at", "withdrawn_at")


class MandateWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=10, help_text="One that you own.")
    institution = serializers.CharField(
        max_length=10, help_text="A verified technology transfer institution."
    )


class MandateFilter(django_filters.FilterSet):  # type: ignore[misc]
    organisation = django_filters.CharFilter("organisation__public_id", max_length=10)
    institution = django_filters.CharFilter("institution__public_id", max_length=10)
    in_force = django_filters.BooleanFilter("withdrawn_at", lookup_expr="isnull")

    class Meta:
        model = Mandate
        fields: list[str] = []


class MandateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Mandates that your organisations gave, and those that they hold as institutions."""

    serializer_class = MandateSerializer
    visible = staticmethod(mandates.visible_to)
    required_scopes = {"read": "matches:read", "write": "matches:write"}
    filterset_class = MandateFilter

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation", "institution")

    @extend_schema(request=MandateWrite, responses={201: MandateSerializer})
    def create(self, request: Request) -> Response:
        """Let an institution answer matches on behalf of an organisation that you own."""
        given = MandateWrite(data=request.data)
        given.is_valid(raise_exception=True)
        mandate = actions.give_mandate(
            actor=self.actor,
            organisation_id=self._organisation(given.validated_data, "organisation"),
            institution_id=self._organisation(given.validated_data, "institution"),
        )
        return self._as_now(mandate, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=MandateSerializer, filters=False)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take it back. Answers that were given stand."""
        mandate = actions.withdraw_mandate(actor=self.actor, mandate_id=self.get_object().pk)
        return self._as_now(mandate)

    def _organisation(self, given: dict[str, str], name: str) -> int:
        try:
            found = get_visible(organisations.visible_to(self.actor), public_id=given[name])
        except NotFound:
            raise field_error(
                name, _("There is no such organisation, or you may not see it."), code="unknown"
            ) from None
        return found.pk

    def _as_now(self, mandate: Mandate, code: int = status.HTTP_200_OK) -> Response:
        fresh = Mandate.objects.select_related("organisation", "institution").get(pk=mandate.pk)
        return Response(MandateSerializer(fresh).data, status=code)
