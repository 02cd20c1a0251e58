"""/contracts/: the parties' side. /contracts/{id}/files/."""

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from contracts import actions
from contracts.actions.copying import copy_contract
from contracts.actions.endings import cancel
from contracts.api import serializers as shapes
from contracts.api.fields import OF_PARTIES
from contracts.api.filters import ContractFilter
from contracts.api.terms import taken_terms
from contracts.models import Contract
from contracts.queries.visibility import visible_to, with_details, with_parties
from contracts.views.files import open_file
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import field_error
from marketplace.core.gates import get_visible

_DRAFT = OpenApiExample(
    "A service contract",
    request_only=True,
    value={
        "organisation": "0A1B2C3D4E",
        "type": "service",
        "sub_type": "general_service",
        "title_zh": "织物在线瑕疵检测系统调试",
        "signed_on": "2026-11-02",
        "total_amount": "480000.00",
        "payment_mode": "instalments",
        "instalments": [
            {"due_on": "2026-11-20", "amount": "240000.00"},
            {"event": "验收合格后30日内", "amount": "240000.00"},
        ],
        "field": "advanced_manufacturing",
        "parties": [
            {"role": "seller", "organisation": "0A1B2C3D4E", "kind": "enterprise_limited"},
            {"role": "buyer", "name": "滨海纺织有限公司", "kind": "enterprise_limited",
             "code": "91310000MA1TEST01X", "region": "310115"},
        ],
        "deductions": [{"kind": "equipment", "amount": "60000.00", "note": "两台线阵相机"}],
    },
)  # fmt: skip


class ContractViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Contracts of your organisations, and of your registration point."""

    serializer_class = shapes.ContractSerializer
    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    filterset_class = ContractFilter

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        if self.action == "list":
            return with_parties(queryset)
        return with_details(queryset).prefetch_related("decisions")

    def get_serializer_class(self) -> Any:
        return shapes.ContractRow if self.action == "list" else shapes.ContractSerializer

    @extend_schema(
        request=shapes.ContractCreate, responses={201: shapes.ContractSerializer},
        examples=[_DRAFT],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Start a draft; anything but the type may still be missing."""
        given = shapes.ContractCreate(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        public_id = facts.pop("organisation")
        filer = Organisation.objects.filter(
            public_id=public_id, pk__in=sorted(self.actor.organisation_ids)
        ).first()
        if filer is None:
            raise field_error("organisation", _("This is not one of your organisations."))
        contract = actions.draft_contract(
            actor=self.actor,
            filed_by_id=filer.pk,
            parties=facts.pop("parties", ()),
            deductions=facts.pop("deductions", ()),
            **taken_terms(facts),
            facts=facts,
        )
        return self._answer(contract, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ContractWrite, responses=shapes.ContractSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change a draft or a returned contract."""
        found: Contract = self.get_object()
        given = shapes.ContractWrite(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        changed = actions.change_contract(
            actor=self.actor,
            contract_id=found.pk,
            parties=facts.pop("parties", None),
            deductions=facts.pop("deductions", None),
            **taken_terms(facts),
            facts=facts,
            expected_version=self.expected_version(),
        )
        return self._answer(changed)

    @extend_schema(request=None, responses=shapes.ContractSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, public_id: str) -> Response:
        """Hand it to its registration point (again); the clock runs."""
        found: Contract = self.get_object()
        return self._answer(
            actions.submit_contract(
                actor=self.actor, contract_id=found.pk, expected_version=self.expected_version()
            )
        )

    @extend_schema(request=shapes.ContractWordsWrite, responses=shapes.ContractSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Give up a draft, a returned contract or one that nobody examines yet, for good."""
        found: Contract = self.get_object()
        given = shapes.ContractWordsWrite(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            actions.withdraw_contract(
                actor=self.actor, contract_id=found.pk, words=given.validated_data["words"]
            )
        )

    @extend_schema(request=None, responses={201: shapes.ContractSerializer})
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, public_id: str) -> Response:
        """Draft the next edition of a registered contract; it keeps the number."""
        found: Contract = self.get_object()
        made = actions.start_amendment(actor=self.actor, contract_id=found.pk)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: shapes.ContractSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, public_id: str) -> Response:
        """Draft a new contract after this one: without its number, days and files."""
        found: Contract = self.get_object()
        made = copy_contract(actor=self.actor, contract_id=found.pk)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ContractEndWrite, responses=shapes.ContractSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """End the registration of a contract that was rescinded or has ended."""
        found: Contract = self.get_object()
        given = shapes.ContractEndWrite(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            cancel(
                actor=self.actor,
                contract_id=found.pk,
                words=given.validated_data["words"],
                expected_version=self.expected_version(),
            )
        )

    def _answer(self, contract: Contract, code: int = status.HTTP_200_OK) -> Response:
        """The contract as it is now stored. A side that has just left it is shown nothing more."""
        stored = self.get_queryset().get(pk=contract.pk)
        return Response(self.get_serializer(stored).data, status=code)


class ContractFileViewSet(GatedViewSet):
    """Files of a contract."""

    serializer_class = shapes.ContractFileSerializer
    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    parser_classes = [MultiPartParser]
    pagination_class = None
    filter_backends = ()

    def _contract(self) -> Contract:
        return get_visible(visible_to(self.actor), public_id=self.kwargs["contract_id"])

    @extend_schema(responses=shapes.ContractFileSerializer(many=True))
    def list(self, request: Request, contract_id: str) -> Response:
        """Files with their hashes."""
        return Response(self.get_serializer(self._contract().files.all(), many=True).data)

    @extend_schema(
        request={"multipart/form-data": shapes.ContractFileWrite},
        responses={201: shapes.ContractFileSerializer},
    )
    def create(self, request: Request, contract_id: str) -> Response:
        """Attach a PDF, a Word file or a picture."""
        contract = self._contract()
        given = shapes.ContractFileWrite(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.add_file(
            actor=self.actor, contract_id=contract.pk,
            upload=given.validated_data["file"], kind=given.validated_data["kind"],
        )  # fmt: skip
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, contract_id: str, public_id: str) -> Response:
        """Take a file off."""
        actions.remove_file(
            actor=self.actor, contract_id=self._contract().pk, file_public_id=public_id
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def content(self, request: Request, contract_id: str, public_id: str) -> FileResponse:
        """The bytes."""
        return open_file(self.actor, self._contract(), public_id)
