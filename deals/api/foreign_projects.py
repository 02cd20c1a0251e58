"""/foreign-projects/imports/ and /foreign-projects/figures/: the cross-border programme."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions.cases import refuse_unless_visible
from deals.actions.project_imports import (
    cancel_project_import,
    run_project_import,
    start_project_import,
)
from deals.api.cases import SCOPES
from deals.foreign.refusals import run_reason
from deals.models import Case, ProjectImport, ProjectImportRow
from deals.queries.cases import own_institutions, visible_to
from deals.queries.foreign_projects import (
    asked_year,
    counts_of,
    faults_of,
    figures,
    imports_visible_to,
    institutions_of,
    report_of,
)
from marketplace.core.api.pagination import NewestFirst
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import field_error
from marketplace.core.gates import get_visible


class ProjectImportWrite(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="XLSX or CSV, at most 5,000 rows.")
    organisation = serializers.CharField(
        max_length=10, required=False, default="", help_text="Only when you work in several."
    )


class ProjectImportSerializer(serializers.ModelSerializer[ProjectImport]):
    """Look at it until its state is `checked` (it waits for `run`), `done`, `failed` or
    `cancelled`; `seen` rows of `total` were dealt with."""

    id = serializers.CharField(source="public_id", read_only=True)
    organisation = serializers.CharField(source="owner.public_id", read_only=True)
    unknown_columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    reason = serializers.SerializerMethodField(
        help_text="Why it failed or was given up, in the language of the request."
    )
    counts = serializers.SerializerMethodField(help_text="Rows by outcome.")
    report_gone = serializers.BooleanField(
        source="is_report_gone",
        read_only=True,
        help_text="What came of each row was told for some weeks; `counts` are what is left.",
    )

    class Meta:
        model = ProjectImport
        fields = [
            "id", "organisation", "name", "state", "reason_code", "reason", "unknown_columns",
            "total", "seen", "counts", "report_gone", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_reason(self, run: ProjectImport) -> str:
        return run_reason(run.reason_code, run.reason_about)

    def get_counts(self, run: ProjectImport) -> dict[str, int]:
        return counts_of(run)


class ProjectFaultSerializer(serializers.Serializer[Any]):
    column = serializers.CharField(help_text="Its name, in the language of the request.")
    text = serializers.CharField()


class ProjectImportRowSerializer(serializers.ModelSerializer[ProjectImportRow]):
    """What came of a row; before `run`: what would come of it. `case` and `docket` only of a case
    that you read."""

    case = serializers.CharField(source="case.public_id", default=None, allow_null=True)
    docket = serializers.CharField(source="case.docket", default="")
    faults = serializers.SerializerMethodField()

    class Meta:
        model = ProjectImportRow
        fields = ["line", "reference", "title", "outcome", "case", "docket", "faults"]
        read_only_fields = fields

    @extend_schema_field(ProjectFaultSerializer(many=True))
    def get_faults(self, row: ProjectImportRow) -> list[dict[str, str]]:
        return [{"column": name, "text": text} for name, text in faults_of(row)]


class ByLine(NewestFirst):
    ordering = ("line", "id")  # type: ignore[assignment]


class ProjectImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Tables of foreign projects of your institution."""

    serializer_class = ProjectImportSerializer
    visible = staticmethod(imports_visible_to)
    required_scopes = SCOPES
    filter_backends = ()

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("owner")

    def get_parsers(self) -> list[Any]:
        """The upload is a form; everything else is JSON."""
        method = getattr(getattr(self, "request", None), "method", "") or ""
        if method.lower() == "post" and getattr(self, "action_map", {}).get("post") == "create":
            return [MultiPartParser()]
        return super().get_parsers()

    @extend_schema(
        request={"multipart/form-data": ProjectImportWrite},
        responses={200: ProjectImportSerializer, 201: ProjectImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload a table; it is checked in the background and nothing is opened before `run`. 200
        when the same file is at work or waits already."""
        given = ProjectImportWrite(data=request.data)
        given.is_valid(raise_exception=True)
        tti = given.validated_data["organisation"]
        found = get_visible(own_institutions(self.actor), public_id=tti) if tti else None
        run, is_new = start_project_import(
            actor=self.actor, organisation_id=found.pk if found else None,
            upload=given.validated_data["file"],
        )  # fmt: skip
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.get_serializer(run).data, status=code)

    @extend_schema(request=None, responses=ProjectImportSerializer)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, public_id: str) -> Response:
        """Open the cases that the check promised."""
        return self._answer(run_project_import(actor=self.actor, run_id=self.get_object().pk))

    @extend_schema(request=None, responses=ProjectImportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop it; cases that were opened stay."""
        return self._answer(cancel_project_import(actor=self.actor, run_id=self.get_object().pk))

    @extend_schema(
        responses=ProjectImportRowSerializer(many=True), filters=False,
        parameters=[
            OpenApiParameter("outcome", OpenApiTypes.STR, enum=ProjectImportRow.Outcome.values)
        ],
    )  # fmt: skip
    @action(detail=True, methods=["get"], pagination_class=ByLine)
    def rows(self, request: Request, public_id: str) -> Response:
        """What comes of the rows, in their order."""
        rows = report_of(self.get_object(), self.actor)
        if outcome := request.query_params.get("outcome"):
            if outcome not in ProjectImportRow.Outcome.values:
                raise field_error("outcome", _("There is no such outcome."))
            rows = rows.filter(outcome=outcome)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ProjectImportRowSerializer(page, many=True).data)

    def _answer(self, run: ProjectImport) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=run.pk)).data)


class ProgrammeCountSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField()
    count = serializers.IntegerField(help_text="Cases that ever reached it.")
    rate = serializers.DecimalField(
        max_digits=5, decimal_places=4, allow_null=True, help_text="Share of the first stage."
    )


class ProgrammeRowSerializer(serializers.Serializer[Any]):
    by = serializers.ChoiceField(choices=["all", "field", "country"])
    code = serializers.CharField(help_text="`none`: nothing is said; empty: all.")
    name = serializers.CharField(help_text="In the language of the request.")
    stages = ProgrammeCountSerializer(many=True)


class ProgrammeSerializer(serializers.Serializer[Any]):
    organisation = serializers.CharField()
    year = serializers.IntegerField(allow_null=True, help_text="Of the docket number; null: all.")
    years = serializers.ListField(child=serializers.IntegerField())
    rows = ProgrammeRowSerializer(many=True)


class ProgrammeViewSet(GatedViewSet):
    """What came of the projects from abroad of your institution."""

    visible = staticmethod(visible_to)
    required_scopes = SCOPES
    queryset = Case.objects.none()
    serializer_class = ProgrammeSerializer
    pagination_class = None

    @extend_schema(
        operation_id="foreign_projects_figures", responses=ProgrammeSerializer, filters=False,
        parameters=[
            OpenApiParameter("year", OpenApiTypes.INT),
            OpenApiParameter("tti", OpenApiTypes.STR, description="When you work in several."),
        ],
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """By stage, field and country, of those taken up in a year."""
        refuse_unless_visible(self.actor)
        rows = institutions_of(self.actor)
        tti = request.query_params.get("tti", "")
        institution = get_visible(rows, public_id=tti) if tti else get_visible(rows)
        year = request.query_params.get("year", "")
        if year and asked_year(year) is None:
            raise field_error("year", _("Give a year of four digits."))
        cases = self.get_queryset().filter(organisation=institution)
        found = figures(cases, asked_year(year))
        groups = (("all", [found.total]), ("field", found.fields), ("country", found.countries))
        return Response(
            {
                "organisation": institution.public_id, "year": found.year, "years": found.years,
                "rows": [
                    {
                        "by": by, "code": row.code, "name": row.name,
                        "stages": [
                            {
                                "stage": stage.code, "count": count,
                                "rate": None if rate is None else f"{rate:.4f}",
                            }
                            for stage, count, rate in zip(
                                found.line.stages, row.counts, row.rates_of_all, strict=True
                            )
                        ],
                    }
                    for by, group in groups for row in group
                ],
            }
        )  # fmt: skip
