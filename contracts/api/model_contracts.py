"""/contracts/{id}/model/: the model contract of its type, filled."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from contracts.api import serializers as shapes
from contracts.api.fields import OF_PARTIES
from contracts.model_contracts import LANGUAGES
from contracts.queries.visibility import visible_to, with_details
from contracts.views.model_contracts import model_file
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible


class ModelContractViewSet(GatedViewSet):
    """Model contracts."""

    serializer_class = shapes.ContractSerializer
    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="contracts_model",
        parameters=[
            OpenApiParameter("form", enum=["docx", "pdf"], description="docx when not sent."),
            OpenApiParameter("language", enum=list(LANGUAGES), description="both when not sent."),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def content(self, request: Request, contract_id: str) -> HttpResponse:
        """A text to start from, in Chinese and English; what is not stated is a blank."""
        contract = get_visible(with_details(visible_to(self.actor)), public_id=contract_id)
        query = request.query_params
        return model_file(contract, query.get("form", "docx"), query.get("language", "both"))
