"""/visits/: the log of an institution's visits."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import OrganisationReference
from contracts.api.fields import code_field
from deals.actions import visits as actions
from deals.models import Finding, Visit
from deals.queries import visits as queries
from deals.queries.centres import person_named
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.codes import FIELDS


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """`has_need`: whether the visited organisation got a draft of a need; its number is theirs."""

    id = serializers.CharField(source="public_id", read_only=True)
    case = serializers.CharField(source="case.public_id", read_only=True, default=None)
    has_need = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = ["id", "words", "field", "case", "has_need"]
        read_only_fields = fields

    def get_has_need(self, row: Finding) -> bool:
        return row.need_id is not None


class VisitSerializer(serializers.ModelSerializer[Visit]):
    id = serializers.CharField(source="public_id", read_only=True)
    institution = OrganisationReference(read_only=True)
    organisation = OrganisationReference(read_only=True, allow_null=True)
    findings = FindingSerializer(many=True, read_only=True)

    class Meta:
        model = Visit
        fields = [
            "id", "institution", "organisation", "name", "visited_on", "people", "findings",
            "version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class FindingWrite(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=2000)
    field = code_field(FIELDS, required=False, allow_blank=True)


class FindingStepWrite(serializers.Serializer[Any]):
    finding = serializers.CharField(max_length=10, help_text="Id of a finding of this visit.")


class FindingCaseWrite(FindingStepWrite):
    responsible = serializers.CharField(
        max_length=10, required=False, allow_blank=True, default="",
        help_text="Public id of a broker; you, if empty.",
    )  # fmt: skip


class VisitWrite(serializers.Serializer[Any]):
    institution = serializers.CharField(
        max_length=10, required=False, help_text="Which of your institutions, if several."
    )
    organisation = serializers.CharField(max_length=10, required=False, allow_blank=True)
    name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    visited_on = serializers.DateField()
    people = serializers.CharField(max_length=400, required=False, allow_blank=True)
    findings = FindingWrite(many=True, required=False)


class VisitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Visits of your institutions to enterprises."""

    required_scopes = {"read": "cases:read", "write": "cases:write"}
    serializer_class = VisitSerializer
    filterset_class: Any = None
    visible = staticmethod(queries.visible_to)

    def get_queryset(self) -> Any:
        rows = super().get_queryset().select_related("institution", "organisation")
        return rows.prefetch_related("findings__case").order_by("-visited_on", "-id")

    @extend_schema(request=VisitWrite, responses={201: VisitSerializer})
    def create(self, request: Request) -> Response:
        """Record a visit."""
        given = self._given(VisitWrite)
        made = actions.record_visit(
            actor=self.actor, institution=given.pop("institution", ""),
            findings=given.pop("findings", []), facts=given,
        )  # fmt: skip
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=FindingWrite, responses={201: VisitSerializer})
    @action(detail=True, methods=["post"])
    def findings(self, request: Request, public_id: str) -> Response:
        """Add a finding."""
        return self._step(actions.add_finding, FindingWrite, status.HTTP_201_CREATED)

    @extend_schema(request=FindingStepWrite)
    @action(detail=True, methods=["post"], url_path="remove-finding")
    def remove_finding(self, request: Request, public_id: str) -> Response:
        """Take out a finding that nothing was made of."""
        return self._step(actions.remove_finding, FindingStepWrite)

    @extend_schema(request=FindingStepWrite)
    @action(detail=True, methods=["post"], url_path="draft-need")
    def draft_need(self, request: Request, public_id: str) -> Response:
        """Draft a need for the visited organisation, where it gave you a mandate."""
        return self._step(actions.draft_finding_need, FindingStepWrite)

    @extend_schema(request=FindingCaseWrite)
    @action(detail=True, methods=["post"], url_path="open-case")
    def open_case(self, request: Request, public_id: str) -> Response:
        """Open a case of your institution for a finding."""
        visit: Visit = self.get_object()
        given = self._given(FindingCaseWrite)
        actions.open_finding_case(
            actor=self.actor, visit_id=visit.pk, expected_version=self.expected_version(),
            finding=given["finding"],
            responsible=person_named(visit.institution_id, given["responsible"]),
        )  # fmt: skip
        return self._answer(visit)

    def _given(self, shape: Any) -> dict[str, Any]:
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def _step(
        self, act: Callable[..., Any], shape: Any, code: int = status.HTTP_200_OK
    ) -> Response:
        visit: Visit = self.get_object()
        version = self.expected_version()
        act(actor=self.actor, visit_id=visit.pk, expected_version=version, **self._given(shape))
        return self._answer(visit, code)

    def _answer(self, visit: Visit, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=visit.pk)).data, status=code)
