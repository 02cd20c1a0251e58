"""/contracts/{id}/certificate/, the open check under /register/, and /seal-keys/."""

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.actions.certificates import address_of
from contracts.api import serializers as shapes
from contracts.api.fields import OF_PARTIES
from contracts.models import Certificate, Contract
from contracts.queries import certificates as queries
from contracts.queries.visibility import visible_to
from contracts.rates import CheckRate
from contracts.views.certificates import key_data, open_certificate
from marketplace.core.api.throttles import ByToken
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound
from marketplace.core.gates import get_visible


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    address = serializers.SerializerMethodField(help_text="Where anybody may check it.")
    seal = serializers.DictField(
        allow_null=True, help_text="The electronic seal, as it also stands in the PDF."
    )

    class Meta:
        model = Certificate
        fields = ["number", "state", "code", "address", "size", "sha256", "seal", "created_at"]

    def get_address(self, row: Certificate) -> str:
        return address_of(row.number, row.code)


class CheckedEditionSerializer(serializers.Serializer[Any]):
    edition = serializers.IntegerField()
    registered_on = serializers.DateField()


class CheckedCertificateSerializer(serializers.Serializer[Any]):
    valid = serializers.BooleanField(
        source="is_valid", help_text="Whether the edition is in force in the register today."
    )
    edition = serializers.IntegerField(help_text="The edition that it was made for.")
    state = serializers.CharField(help_text="Of that edition: a code of contract_states.")
    ended_on = serializers.DateField(allow_null=True)
    key = serializers.CharField(help_text='Id of the key that sealed it, "" without a seal.')
    genuine = serializers.BooleanField(
        allow_null=True, help_text="Whether `sha256` is of this certificate; null when not sent."
    )
    editions = CheckedEditionSerializer(many=True)
    entry = shapes.RegisterEntrySerializer(help_text="What the register shows of the number.")


class SealKeySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    algorithm = serializers.CharField()
    point = serializers.CharField(help_text="Code of the registration point, as in its numbers.")
    point_id = serializers.CharField()
    point_name_en = serializers.CharField()
    point_name_zh = serializers.CharField()
    public_key = serializers.CharField(help_text="PEM.")
    since = serializers.DateTimeField()


class CertificateViewSet(GatedViewSet):
    """The certificate of a registered contract, for its parties and its registration point."""

    serializer_class = CertificateSerializer
    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    pagination_class = None
    filter_backends = ()

    def _contract(self) -> Contract:
        queryset = visible_to(self.actor).filter(number__isnull=False)
        return get_visible(queryset, public_id=self.kwargs["contract_id"])

    @extend_schema(responses=CertificateSerializer)
    def retrieve(self, request: Request, contract_id: str) -> Response:
        """Of the present state; 404 until it is made, within a minute of the registration."""
        made = queries.current_certificate(self._contract())
        if made is None:
            raise NotFound
        return Response(self.get_serializer(made).data)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def content(self, request: Request, contract_id: str) -> FileResponse:
        """The PDF."""
        return open_certificate(self._contract())


class CertificateCheckView(APIView):
    """Check a certificate, without an account."""

    open_to_visitors = True
    throttle_classes = [ByToken, CheckRate]

    @extend_schema(
        operation_id="certificate_check",
        parameters=[
            OpenApiParameter("code", required=True, description="Verification code on it."),
            OpenApiParameter("sha256", description="SHA-256 of the file, in hexadecimal."),
        ],
        responses=CheckedCertificateSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """By number and code; with the hash of the file also whether the file is the one issued. A
        wrong code is answered like a number that does not exist."""
        checked = queries.by_code(number, request.query_params.get("code", ""))
        if checked is None:
            raise NotFound("not_found", _("No certificate has this number and code."))
        sha256 = request.query_params.get("sha256", "").strip().lower()[:64]
        file = queries.by_sha256(sha256) if sha256 and "\x00" not in sha256 else None
        editions = [{"edition": row, "registered_on": day} for row, day in checked.editions]
        shown = {
            name: getattr(checked, name)
            for name in ("is_valid", "edition", "state", "ended_on", "key", "entry")
        }
        genuine = None
        if sha256:
            genuine = file is not None and (file.entry.number, file.edition) == (
                checked.entry.number, checked.edition,
            )  # fmt: skip
        data = {**shown, "genuine": genuine, "editions": editions}
        return Response(CheckedCertificateSerializer(data).data)


class SealKeysView(APIView):
    """Public keys of the registration points, newest first; old ones stay."""

    open_to_visitors = True

    @extend_schema(operation_id="seal_keys_list", responses=SealKeySerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = [key_data(row) for row in queries.seal_keys()]
        return Response(SealKeySerializer(rows, many=True).data)
