"""/contract-imports/: tables of contracts on their way in. Submitting many drafts at once."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation
from contracts.actions.bulk import MOST, submit_many
from contracts.actions.import_runs import cancel_import, run_checked_import
from contracts.actions.imports import start_contract_import
from contracts.api.fields import OF_PARTIES
from contracts.models import ContractImport, ContractImportRow
from contracts.queries.imports import counts_of, imports_visible_to, report_of, with_counts
from listings.imports.refusals import run_reason
from marketplace.core.api.pagination import NewestFirst
from marketplace.core.api.permissions import actor_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import field_error


class ContractImportWrite(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="XLSX, CSV or JSONL.")
    owner = serializers.CharField(max_length=10, help_text="Id of the organisation.")
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=60, help_text="The same name each time: ids of rows are known by it."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Check the rows, draft nothing.")


class ContractImportSerializer(serializers.ModelSerializer[ContractImport]):
    """Look at it until its state is `checked`, `done`, `failed` or `cancelled`; `seen` rows of
    `total` were dealt with."""

    id = serializers.CharField(source="public_id", read_only=True)
    owner = serializers.CharField(source="owner.public_id", read_only=True)
    source = serializers.CharField(read_only=True)  # type: ignore[assignment]
    unknown_columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    reason = serializers.SerializerMethodField(
        help_text="Why it failed, in the language of the request."
    )
    counts = serializers.SerializerMethodField(help_text="Rows by outcome.")
    report_gone = serializers.BooleanField(
        source="is_report_gone",
        read_only=True,
        help_text="What came of each row was told for some weeks; `counts` are what is left.",
    )

    class Meta:
        model = ContractImport
        fields = [
            "id", "owner", "source", "name", "state", "is_dry", "reason_code", "reason",
            "unknown_columns", "total", "seen", "counts", "report_gone", "created_at",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_reason(self, run: ContractImport) -> str:
        return run_reason(run.reason_code, run.reason_about)

    def get_counts(self, run: ContractImport) -> dict[str, int]:
        return counts_of(run)


class ContractImportRowSerializer(serializers.ModelSerializer[ContractImportRow]):
    """What came of a row, of a check: what would come of it."""

    contract = serializers.SerializerMethodField()
    reason = serializers.CharField(read_only=True, help_text="In the language of the request.")

    class Meta:
        model = ContractImportRow
        fields = ["line", "external_id", "title", "outcome", "contract", "reason"]
        read_only_fields = fields

    def get_contract(self, row: ContractImportRow) -> str | None:
        return row.contract.public_id if row.contract else None


class ByLine(NewestFirst):
    ordering = ("line", "id")  # type: ignore[assignment]


class ContractImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Tables of contracts of organisations in which you edit or broker."""

    serializer_class = ContractImportSerializer
    visible = staticmethod(imports_visible_to)
    required_scopes = OF_PARTIES
    filter_backends = ()

    def get_queryset(self) -> Any:
        return with_counts(super().get_queryset().select_related("owner"))

    def get_parsers(self) -> list[Any]:
        """The upload is a form; everything else is JSON."""
        method = getattr(getattr(self, "request", None), "method", "") or ""
        if method.lower() == "post" and getattr(self, "action_map", {}).get("post") == "create":
            return [MultiPartParser()]
        return super().get_parsers()

    @extend_schema(
        request={"multipart/form-data": ContractImportWrite},
        responses={201: ContractImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload a table; each row becomes a draft in the background."""
        given = ContractImportWrite(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        owner = Organisation.objects.filter(
            public_id=data["owner"], pk__in=sorted(actor_of(request).organisation_ids)
        ).first()
        if owner is None:
            raise field_error("owner", _("This is not one of your organisations."))
        run = start_contract_import(
            actor=self.actor, owner_id=owner.pk, source=data["source"], upload=data["file"],
            is_dry=data["dry_run"],
        )  # fmt: skip
        return Response(self.get_serializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ContractImportSerializer)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, public_id: str) -> Response:
        """Import the rows that were checked (`dry_run`)."""
        return self._answer(run_checked_import(actor=self.actor, run_id=self.get_object().pk))

    @extend_schema(request=None, responses=ContractImportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop it; what was drafted stays."""
        return self._answer(cancel_import(actor=self.actor, run_id=self.get_object().pk))

    @extend_schema(
        responses=ContractImportRowSerializer(many=True), filters=False,
        parameters=[
            OpenApiParameter("outcome", OpenApiTypes.STR, enum=ContractImportRow.Outcome.values)
        ],
    )  # fmt: skip
    @action(detail=True, methods=["get"], pagination_class=ByLine)
    def rows(self, request: Request, public_id: str) -> Response:
        """What came of the rows, in their order."""
        rows = report_of(self.get_object())
        if outcome := request.query_params.get("outcome"):
            if outcome not in ContractImportRow.Outcome.values:
                raise field_error("outcome", _("There is no such outcome."))
            rows = rows.filter(outcome=outcome)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ContractImportRowSerializer(page, many=True).data)

    def _answer(self, run: ContractImport) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=run.pk)).data)


class SubmitManyWrite(serializers.Serializer[Any]):
    contracts = serializers.ListField(
        child=serializers.CharField(max_length=10), min_length=1, max_length=MOST
    )


class SubmittedSerializer(serializers.Serializer[Any]):
    """code is empty for a contract that was submitted; fields says what is missing."""

    contract = serializers.CharField()
    submitted = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )


class SubmitManyView(APIView):
    """Submit many drafts at once."""

    open_to_visitors = False
    required_scopes = OF_PARTIES

    @extend_schema(
        operation_id="contracts_submit_many", request=SubmitManyWrite,
        responses=SubmittedSerializer(many=True),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Each by itself, with a result for each; what is not complete stays a draft."""
        given = SubmitManyWrite(data=request.data)
        given.is_valid(raise_exception=True)
        told = submit_many(actor=actor_of(request), public_ids=given.validated_data["contracts"])
        return Response(
            [
                {
                    "contract": one.public_id,
                    "submitted": one.is_done,
                    "code": one.error.code if one.error else "",
                    "message": str(one.error.message) if one.error else "",
                    "fields": {
                        name: [str(text) for text in texts]
                        for name, texts in (one.error.fields if one.error else {}).items()
                    },
                }
                for one in told
            ]
        )
