"""/service-reports/: what institutions report of their years; /alliance-figures/: what they share
with the lead of an alliance."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import OrganisationReference
from accounts.models import Alliance
from deals.actions import frames as frame_actions
from deals.actions import service_reports as actions
from deals.actions.service_reports import DECLARED
from deals.models import ServiceReport
from deals.models.service_reports import MAX_REASON
from deals.queries import frames
from deals.queries import service_reports as queries
from deals.service_figures import FIGURES, MONEY, Line, Value, declared_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import NotFound, field_error
from marketplace.core.posted import whole_number

SCOPES: dict[str, str] = {"read": "figures:read", "write": "figures:write"}
_CODES = ", ".join(FIGURES)


def _text(value: Value | None) -> str | int | None:
    """CNY as text with two decimals, numbers as they are."""
    return f"{value:.2f}" if isinstance(value, Decimal) else value


class FigureLineSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=f"One of: {_CODES}.")
    name = serializers.CharField(help_text="In the language of the request.")
    counted = serializers.CharField(
        allow_null=True, help_text="On the platform; null where nothing is counted."
    )
    declared = serializers.CharField(
        allow_null=True, help_text="By the institution, outside the platform."
    )
    total = serializers.CharField(allow_null=True, help_text="counted + declared.")


def _line(line: Line) -> dict[str, Any]:
    told = {"code": line.figure.code, "name": line.figure.name}
    for name in ("counted", "declared", "total"):
        value = _text(getattr(line, name))
        told[name] = None if value is None else str(value)  # type: ignore[assignment]
    return told


class ServiceReportSerializer(serializers.ModelSerializer[ServiceReport]):
    """`declared`: code -> what is declared, amounts in CNY; null where nothing is said yet."""

    id = serializers.CharField(source="public_id", read_only=True)
    institution = OrganisationReference(read_only=True)
    declared = serializers.SerializerMethodField()

    class Meta:
        model = ServiceReport
        fields = [
            "id", "institution", "year", "number", "state", "tti_type", "is_named", "reason",
            "declared", "submitted_at", "replaced_at", "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_declared(self, row: ServiceReport) -> dict[str, str | None]:
        return {
            code: None if value is None else str(_text(value))
            for code, value in declared_of(row).items()
        }


class ServiceReportPatch(serializers.Serializer[Any]):
    """Each figure may be left away, or null for not said yet. Amounts are CNY."""

    is_named = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=MAX_REASON, required=False, allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields: dict[str, Any] = super().get_fields()
        for code in DECLARED:
            fields[code] = (
                serializers.DecimalField(
                    max_digits=14, decimal_places=2, required=False, allow_null=True, min_value=0
                )
                if code in MONEY
                else serializers.IntegerField(
                    required=False, allow_null=True, min_value=0, max_value=10**8 - 1
                )
            )
        return fields


class ServiceReportWrite(ServiceReportPatch):
    institution = serializers.CharField(max_length=10, help_text="Public id.")
    year = serializers.IntegerField(min_value=1, max_value=9999)


class ServiceReportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Reports of the institutions that you own."""

    required_scopes = SCOPES
    serializer_class = ServiceReportSerializer
    filterset_class: Any = None
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("institution")

    @extend_schema(request=ServiceReportWrite, responses={201: ServiceReportSerializer})
    def create(self, request: Request) -> Response:
        """Draft the figures of a year; after a submission, a correction of it."""
        given = self._given(ServiceReportWrite)
        public_id = given.pop("institution")
        institution = None
        if "\x00" not in public_id:
            rows = queries.own_institutions(self.actor)
            institution = rows.filter(public_id=public_id).first()
        if institution is None:
            raise field_error("institution", _("There is no such institution."), "unknown")
        made = actions.write_report(
            actor=self.actor, institution_id=institution.pk, year=given.pop("year"), facts=given,
            expected_version=0,
        )  # fmt: skip
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=ServiceReportPatch)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Write into a draft."""
        row: ServiceReport = self.get_object()
        return self._answer(
            actions.change_report(
                actor=self.actor, report_id=row.pk, facts=self._given(ServiceReportPatch),
                expected_version=self.expected_version(),
            )
        )  # fmt: skip

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Discard a draft."""
        row: ServiceReport = self.get_object()
        actions.discard_report(
            actor=self.actor, report_id=row.pk, expected_version=self.expected_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, public_id: str) -> Response:
        """Submit it; it is frozen from then on and replaces the version before."""
        row: ServiceReport = self.get_object()
        return self._answer(
            actions.submit_report(
                actor=self.actor, report_id=row.pk, expected_version=self.expected_version()
            )
        )

    @extend_schema(responses=FigureLineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def figures(self, request: Request, public_id: str) -> Response:
        """Every figure of its year: counted now, declared in this version, and both together."""
        row: ServiceReport = self.get_object()
        lines = queries.lines(row.institution_id, row.year, row)
        return Response(FigureLineSerializer([_line(one) for one in lines], many=True).data)

    def _given(self, shape: Any) -> dict[str, Any]:
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _answer(self, row: ServiceReport, code: int = status.HTTP_200_OK) -> Response:
        fresh = ServiceReport.objects.select_related("institution").get(pk=row.pk)
        return Response(self.get_serializer(fresh).data, status=code)


# --- Alliances -----------------------------------------------------------------------------------


class SharedMemberSerializer(serializers.Serializer[Any]):
    organisation = OrganisationReference()
    accepted = serializers.IntegerField(help_text="Version of the frame; 0: not accepted.")
    is_reported = serializers.BooleanField(help_text="Whether it has submitted that year.")
    figures = FigureLineSerializer(many=True)


class SharedTotalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    total = serializers.CharField(allow_null=True)
    members = serializers.IntegerField()


class AllianceFiguresSerializer(serializers.ModelSerializer[Alliance]):
    """`id`: of the alliance. `members`: to the lead all of them, to a member its own row."""

    id = serializers.CharField(source="public_id", read_only=True)
    number = serializers.SerializerMethodField(help_text="Of the frame; 0: none.")
    codes = serializers.SerializerMethodField()

    class Meta:
        model = Alliance
        fields = ["id", "name_en", "name_zh", "number", "codes"]
        read_only_fields = fields

    def get_number(self, row: Alliance) -> int:
        frame = frames.current_frame(row)
        return frame.number if frame else 0

    def get_codes(self, row: Alliance) -> list[str]:
        frame = frames.current_frame(row)
        return list(frame.codes) if frame else []


class SharedFiguresSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Of the alliance.")
    year = serializers.IntegerField()
    number = serializers.IntegerField(help_text="Of the frame; 0: none.")
    codes = serializers.ListField(child=serializers.CharField())
    members = SharedMemberSerializer(many=True)
    totals = SharedTotalSerializer(many=True, help_text="Empty for a member.")


class FrameWrite(serializers.Serializer[Any]):
    codes = serializers.ListField(
        child=serializers.CharField(max_length=30), max_length=len(FIGURES),
        help_text=f"Any of: {_CODES}.",
    )  # fmt: skip
    number = serializers.IntegerField(
        required=False, min_value=0, help_text="Of the version that you saw, 0 for none."
    )


class FrameAnswerWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=10, help_text="Public id of your institution.")
    number = serializers.IntegerField(min_value=0, help_text="Of the version that you accept.")


class FrameEndWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=10, help_text="Public id of your institution.")


class AllianceFigureViewSet(mixins.ListModelMixin, GatedViewSet):
    """Alliances that you lead or whose members you own, and the figures that are shared there."""

    required_scopes = SCOPES
    serializer_class = AllianceFiguresSerializer
    filterset_class: Any = None
    visible = staticmethod(frames.alliances_of)

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="By default the last one.")],
        responses=SharedFiguresSerializer,
    )  # fmt: skip
    def retrieve(self, request: Request, public_id: str) -> Response:
        """What the lead reads of a year; a member gets its own row, as the lead reads it."""
        alliance: Alliance = self.get_object()
        return self._answer(alliance, self._year())

    @extend_schema(request=FrameWrite, responses=SharedFiguresSerializer)
    @action(detail=True, methods=["post"])
    def frame(self, request: Request, public_id: str) -> Response:
        """Ask the members for figures (owners of the lead)."""
        alliance: Alliance = self.get_object()
        year = self._year()
        given = self._given(FrameWrite)
        frame_actions.set_frame(
            actor=self.actor, alliance_id=alliance.pk, codes=given["codes"],
            expected_number=given.get("number"),
        )  # fmt: skip
        return self._answer(alliance, year)

    @extend_schema(request=FrameAnswerWrite, responses=SharedFiguresSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Let the lead read the figures of your institution."""
        alliance: Alliance = self.get_object()
        year = self._year()
        frame_actions.accept_frame(
            actor=self.actor, alliance_id=alliance.pk, **self._given(FrameAnswerWrite)
        )
        return self._answer(alliance, year)

    @extend_schema(request=FrameEndWrite, responses=SharedFiguresSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, public_id: str) -> Response:
        """Stop sharing."""
        alliance: Alliance = self.get_object()
        year = self._year()
        frame_actions.end_frame(
            actor=self.actor, alliance_id=alliance.pk, **self._given(FrameEndWrite)
        )
        return self._answer(alliance, year)

    def _given(self, shape: Any) -> dict[str, Any]:
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _year(self) -> int:
        """Read before anything is done: a refusal comes first."""
        text = self.request.query_params.get("year", "")
        year = whole_number(text) if text else timezone.localdate().year - 1
        if year is None or not queries.is_possible(year):
            raise NotFound
        return year

    def _answer(self, alliance: Alliance, year: int) -> Response:
        frame = frames.current_frame(alliance)
        is_lead = frames.leads(self.actor, alliance)
        only = None if is_lead else [one.pk for one in frames.own_members(self.actor, alliance)]
        found = frames.shared(alliance, frame, year, only) if frame else None
        data = {
            "id": alliance.public_id, "year": year, "number": frame.number if frame else 0,
            "codes": frame.codes if frame else [],
            "members": [
                {
                    "organisation": row.organisation, "accepted": row.number,
                    "is_reported": row.is_reported, "figures": [_line(one) for one in row.lines],
                }
                for row in (found.rows if found else ())
            ],
            "totals": [
                {
                    "code": code, "members": number,
                    "total": None if value is None else str(_text(value)),
                }
                for code, (value, number) in (found.totals if found and is_lead else {}).items()
            ],
        }  # fmt: skip
        return Response(SharedFiguresSerializer(data).data)
