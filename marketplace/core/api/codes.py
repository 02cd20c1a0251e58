"""GET /codes/ and /codes/{list}/: every code list with names and help in both languages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.core.codes import ALL_LISTS
from marketplace.core.errors import NotFound


class CodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    parent = serializers.CharField()  # type: ignore[assignment]  # a field, not DRF's parent
    en = serializers.CharField()
    zh = serializers.CharField()
    help_en = serializers.CharField()
    help_zh = serializers.CharField()


class CodeLists(APIView):
    """Names of the code lists."""

    open_to_visitors = True

    @extend_schema(
        operation_id="codes_list",
        responses={200: {"type": "array", "items": {"type": "string"}}},
    )
    def get(self, request: Request) -> Response:
        return Response(sorted(ALL_LISTS))


class CodeListView(APIView):
    """One code list, in order."""

    open_to_visitors = True

    @extend_schema(operation_id="codes_retrieve", responses=CodeSerializer(many=True))
    def get(self, request: Request, name: str) -> Response:
        if name not in ALL_LISTS:
            raise NotFound
        return Response(CodeSerializer(list(ALL_LISTS[name]), many=True).data)
