"""The first answer of the API: where everything is."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView


class ApiRoot(APIView):
    """Addresses of the collections."""

    open_to_visitors = True

    @extend_schema(
        operation_id="root",
        responses={200: {"type": "object", "additionalProperties": {"type": "string"}}},
    )
    def get(self, request: Request) -> Response:
        names = {
            "technologies": "technology-list",
            "needs": "need-list",
            "organisations": "organisation-list",
            "ttis": "tti-list",
            "codes": "code-list",
            "matches": "match-list",
            "introductions": "introduction-list",
            "contracts": "contract-list",
            "register": "register-entry-list",
            "notifications": "notification-list",
            "me": "me",
            "schema": "api_schema",
            "documentation": "api_docs",
        }
        return Response({key: reverse(name, request=request) for key, name in names.items()})
