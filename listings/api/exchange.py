"""Files in and out: imports with check and report, exports in the background."""

import json
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from listings.actions import exports, imports
from listings.api.inputs import Strict
from listings.api.listings import SCOPES
from listings.exports.finding import Asked
from listings.exports.sending import attached, download
from listings.imports.refusals import export_reason, run_reason
from listings.imports.report import write_report
from listings.imports.targets import place_of
from listings.models import ExportRun, ImportFault, ImportRun
from listings.models.exchange import Format
from listings.models.listings import Kind
from listings.queries.exchange import exports_visible_to, imports_visible_to
from listings.sources import MAX_NAME
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, field_error
from marketplace.core.gates import get_visible

_BYTES = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class ImportInput(Strict):
    """A file with what its columns mean. Without a mapping it waits for one."""

    file = serializers.FileField()
    owner = serializers.CharField(max_length=10, help_text="Id of the organisation.")
    kind = serializers.ChoiceField(choices=Kind.values)
    source = serializers.CharField(max_length=MAX_NAME)  # type: ignore[assignment]
    mapping = serializers.CharField(
        max_length=100_000, required=False, allow_blank=True,
        help_text="JSON: external_id, fields, constants; see the guide on imports.",
    )  # fmt: skip
    dry_run = serializers.BooleanField(default=True, help_text="Check the rows and store nothing.")
    withdraw_missing = serializers.BooleanField(default=False)
    submit = serializers.BooleanField(default=True, help_text="Hand the rows in, not only draft.")


class CheckInput(Strict):
    mapping = serializers.DictField()
    withdraw_missing = serializers.BooleanField(default=False)
    submit = serializers.BooleanField(default=True)


class ImportShape(serializers.ModelSerializer[ImportRun]):
    """counts are those of a check while `is_dry`; `total` rows, `seen` of them dealt with. What
    waits is given up at `expires_at`; of what has ended, the report goes away then."""

    id = serializers.CharField(source="public_id", read_only=True)
    owner = serializers.CharField(source="owner.public_id", read_only=True)
    format = serializers.ChoiceField(source="form", choices=Format.values, read_only=True)
    source = serializers.CharField(read_only=True)  # type: ignore[assignment]
    columns = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField(
        help_text="Why it failed or was given up, in the language of the request."
    )

    class Meta:
        model = ImportRun
        fields = [
            "id", "owner", "kind", "source", "format", "name", "size", "state", "reason",
            "reason_code", "is_dry", "columns", "mapping", "withdraw_missing", "submit", "total",
            "seen", "created", "changed", "same", "refused", "withdrawn", "created_at",
            "started_at", "finished_at",
            "expires_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_columns(self, run: ImportRun) -> list[dict[str, Any]]:
        return list(run.columns)

    def get_reason(self, run: ImportRun) -> str:
        return run_reason(run.reason_code, run.reason_about)


class FaultShape(serializers.ModelSerializer[ImportFault]):
    """Why a row was refused, in the language of the request; a row may have several."""

    column = serializers.SerializerMethodField(help_text="As the file names it.")
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = ImportFault
        fields = ["line", "external_id", "column", "field", "reason"]
        read_only_fields = fields

    def get_column(self, fault: ImportFault) -> str:
        return place_of(fault.column, fault.field)


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Files of listings on their way in, of organisations in which you edit."""

    serializer_class = ImportShape
    visible = staticmethod(imports_visible_to)
    required_scopes = SCOPES
    filter_backends = ()

    @extend_schema(request={"multipart/form-data": ImportInput}, responses={201: ImportShape})
    def create(self, request: Request) -> Response:
        """Upload a file. With a mapping it is checked (`dry_run`) or stored by itself; look at the
        run until its state is `checked`, `done` or `failed`."""
        given = ImportInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        owner = Organisation.objects.filter(public_id=data["owner"]).first()
        if owner is None:
            raise field_error("owner", _("There is no such organisation."), code="unknown_id")
        mapping = _mapping(data.get("mapping", ""))
        proceed = "" if mapping is None else "check" if data["dry_run"] else "run"
        if mapping is None and not data["dry_run"]:
            raise field_error("mapping", _("Say which column means what."), code="mapping_missing")
        run = imports.start_import(
            actor=self.actor, owner_id=owner.pk, kind=data["kind"], source=data["source"],
            upload=data["file"], mapping=mapping, proceed=proceed,
            withdraw_missing=data["withdraw_missing"], submit=data["submit"],
        )  # fmt: skip
        return Response(self.get_serializer(run).data, status=status.HTTP_201_CREATED)

    def get_parsers(self) -> list[Any]:
        """The upload is a form; everything else is JSON."""
        method = getattr(getattr(self, "request", None), "method", "") or ""
        if method.lower() == "post" and getattr(self, "action_map", {}).get("post") == "create":
            return [MultiPartParser()]
        return super().get_parsers()

    @extend_schema(request=CheckInput, responses={200: ImportShape})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, public_id: str) -> Response:
        """Say what the columns mean, and check every row; nothing is stored."""
        run = self.get_object()
        given = CheckInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            imports.check_import(actor=self.actor, run_id=run.pk, **given.validated_data)
        )

    @extend_schema(request=None, responses={200: ImportShape})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, public_id: str) -> Response:
        """Store the rows."""
        return self._answer(imports.run_import(actor=self.actor, run_id=self.get_object().pk))

    @extend_schema(request=None, responses={200: ImportShape})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop it; what is stored stays."""
        return self._answer(imports.cancel_import(actor=self.actor, run_id=self.get_object().pk))

    @extend_schema(responses={200: FaultShape(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def faults(self, request: Request, public_id: str) -> Response:
        """The first 1,000 reasons, by row; all of them are in the report."""
        return Response(FaultShape(self.get_object().faults.all()[:1000], many=True).data)

    @extend_schema(responses=_BYTES)
    @action(detail=True, methods=["get"])
    def report(self, request: Request, public_id: str) -> FileResponse:
        """The refused rows with reasons, in the format of the file."""
        run: ImportRun = self.get_object()
        if not run.rows:
            raise NotFound
        return download(run.form, f"refused-{run.public_id}", lambda path: write_report(run, path))

    def _answer(self, run: ImportRun) -> Response:
        fresh = get_visible(imports_visible_to(self.actor).select_related("owner"), pk=run.pk)
        return Response(ImportShape(fresh).data)


class ExportInput(Strict):
    """What is exported: a search by the address parameters of the browse page (`query`), or, with
    `own`, the listings of your organisations."""

    kind = serializers.ChoiceField(
        choices=Kind.values, required=False, allow_blank=True, default="",
        help_text="Without it: technologies; with `own`, both kinds.",
    )  # fmt: skip
    query = serializers.CharField(
        max_length=exports.MAX_QUERY, required=False, allow_blank=True, default="",
        help_text="For example q=electrolyte&field=new_energy.",
    )  # fmt: skip
    own = serializers.BooleanField(default=False)
    format = serializers.ChoiceField(choices=Format.values)


class ExportShape(serializers.ModelSerializer[ExportRun]):
    """The bytes are at /exports/{id}/content/ once `state` is `done`, until `expires_at`."""

    id = serializers.CharField(source="public_id", read_only=True)
    format = serializers.ChoiceField(source="form", choices=Format.values, read_only=True)
    reason = serializers.SerializerMethodField(
        help_text="Why it was not written, in the language of the request."
    )

    class Meta:
        model = ExportRun
        fields = [
            "id", "kind", "query", "own", "format", "state", "reason", "total", "size",
            "created_at", "finished_at", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_reason(self, run: ExportRun) -> str:
        return export_reason(run.reason_code)


class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Files of listings on their way out: yours alone."""

    serializer_class = ExportShape
    visible = staticmethod(exports_visible_to)
    required_scopes = SCOPES
    # asking for a file changes nothing on the market
    action_scopes = {"create": "listings:read"}
    filter_backends = ()

    @extend_schema(request=ExportInput, responses={201: ExportShape})
    def create(self, request: Request) -> Response:
        """Have a file written with what you may see now."""
        given = ExportInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        kind = data["kind"] or ("" if data["own"] else Kind.TECHNOLOGY.value)
        run = exports.ask_export(
            actor=self.actor, asked=Asked(kind, data["query"], data["own"]),
            form=data["format"],
        )  # fmt: skip
        return Response(self.get_serializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=_BYTES)
    @action(detail=True, methods=["get"])
    def content(self, request: Request, public_id: str) -> FileResponse:
        """The bytes, as a download."""
        run, stream = exports.export_file(self.actor, self.get_object().public_id)
        return attached(stream, run.form, run.file_name)


def _mapping(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise field_error("mapping", _("The mapping is no JSON object."), code="bad_mapping")
    return found
