"""/register/: what everybody may know. /rule-sets/: the rules contracts are judged by."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.api import serializers as shapes
from contracts.api.filters import RegisterFilter
from contracts.models import Contract
from contracts.queries import register
from contracts.rule_sets import all_rule_sets
from marketplace.core.actor import Actor
from marketplace.core.api.pagination import NewestFirst
from marketplace.core.api.viewsets import GatedViewSet


class NewestNumberFirst(NewestFirst):
    ordering = ("-numbered_at", "-id")  # type: ignore[assignment]


def _visible(actor: Actor) -> Any:
    return register.registered()


class RegisterViewSet(GatedViewSet):
    """The public register: registered, cancelled and revoked contracts by their public facts."""

    serializer_class = shapes.RegisterEntrySerializer
    visible = staticmethod(_visible)
    open_to_visitors = True
    filterset_class = RegisterFilter
    pagination_class: type[CursorPagination] = NewestNumberFirst
    lookup_field = "number"
    lookup_value_regex = "[0-9]{16}"

    def _schema_model(self) -> type[Contract]:
        return Contract

    @extend_schema(responses=shapes.RegisterEntrySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Newest number first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        entries = [register.entry_of(contract) for contract in page or []]
        return self.get_paginated_response(self.get_serializer(entries, many=True).data)

    @extend_schema(responses=shapes.RegisterEntrySerializer)
    def retrieve(self, request: Request, number: str) -> Response:
        """One number, as its certificate is checked."""
        return Response(self.get_serializer(register.entry_of(self.get_object())).data)


class RuleSetsView(APIView):
    """Registration rules, oldest first; drafts and disabled ones say so."""

    open_to_visitors = True

    @extend_schema(operation_id="rule_sets_list", responses=shapes.RuleSetSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = list(all_rule_sets().values())
        return Response(shapes.RuleSetSerializer(rows, many=True).data)
