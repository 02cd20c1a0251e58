"""/registrar/contracts/{id}/party-history/."""

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contracts.api import serializers as shapes
from contracts.api.fields import AT_THE_DESK
from contracts.queries import desk
from contracts.queries.party_history import history_of_parties
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

if TYPE_CHECKING:
    from contracts.models import Contract


class PastContractSerializer(serializers.Serializer[Any]):
    """An earlier contract of a party at your registration point."""

    id = serializers.CharField(source="contract.public_id")
    state = serializers.CharField(source="contract.state")
    number = serializers.CharField(source="contract.number", allow_null=True)
    type = serializers.CharField(source="contract.type")
    title_en = serializers.CharField(source="contract.title_en")
    title_zh = serializers.CharField(source="contract.title_zh")
    total_cny = serializers.DecimalField(
        source="contract.total_cny", max_digits=18, decimal_places=2, allow_null=True
    )
    technology_cny = serializers.DecimalField(
        source="contract.technology_cny", max_digits=18, decimal_places=2, allow_null=True
    )
    submitted_at = serializers.DateTimeField(source="contract.submitted_at")
    parties = shapes.ContractPartySerializer(
        many=True, help_text="Its parties that are parties of this contract, too."
    )
    returned = serializers.IntegerField(help_text="How often it was returned.")
    refusal = serializers.CharField(source="ground", help_text="Code of the refusal, or empty.")
    ended = serializers.CharField(help_text="Words of the refusal, cancellation or revocation.")


class PartyHistorySerializer(serializers.Serializer[Any]):
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="State -> contracts at your points."
    )
    contracts = PastContractSerializer(many=True, source="rows", help_text="The newest 25.")


class PartyHistoryViewSet(GatedViewSet):
    """What your registration point knows of the parties of a contract."""

    serializer_class = PartyHistorySerializer
    visible = staticmethod(desk.at_points)
    required_scopes = AT_THE_DESK
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=PartyHistorySerializer)
    def retrieve(self, request: Request, contract_id: str) -> Response:
        """Their other contracts there; those of other points are neither shown nor counted."""
        contract: Contract = get_visible(
            desk.at_points(self.actor).prefetch_related("parties"), public_id=contract_id
        )
        return Response(self.get_serializer(history_of_parties(contract, self.actor)).data)
