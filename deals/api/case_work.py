"""/case-assessments/, /case-ip-events/ and /case-approaches/."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import approaches, assessments, ip_events
from deals.api import case_work_shapes as shapes
from deals.models import Approach, Case, IpEvent
from deals.queries import case_work as queries
from deals.queries.cases import visible_to as cases_visible_to
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "cases:read", "write": "cases:write"}
OF_CASE = [OpenApiParameter("case", OpenApiTypes.STR, description="Public id of a case.")]


def _given(request: Request, shape: Any, **more: Any) -> dict[str, Any]:
    given = shape(data=request.data, **more)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class AssessmentViewSet(GatedViewSet):
    """Assessments of the cases of your institution; their ids are those of the cases."""

    serializer_class = shapes.AssessmentSerializer
    visible = staticmethod(cases_visible_to)
    required_scopes = SCOPES

    def _schema_model(self) -> type[Case]:
        return Case

    def retrieve(self, request: Request, public_id: str) -> Response:
        """What the scorecards come to, each card, readiness levels and decisions."""
        return self._answer(self.get_object())

    @extend_schema(request=shapes.ScorecardWrite)
    @action(detail=True, methods=["post"])
    def score(self, request: Request, public_id: str) -> Response:
        """Your own scorecard, in place of your former one."""
        case: Case = self.get_object()
        given = _given(request, shapes.ScorecardWrite)
        assessments.save_scorecard(
            actor=self.actor, case_id=case.pk, expected_version=given["version"],
            scores={one["criterion"]: one for one in given["scores"]},
        )  # fmt: skip
        return self._answer(case)

    @extend_schema(request=shapes.CaseReadinessWrite)
    @action(detail=True, methods=["post"])
    def readiness(self, request: Request, public_id: str) -> Response:
        """Note a readiness level (TRL) with its evidence."""
        case: Case = self.get_object()
        given = _given(request, shapes.CaseReadinessWrite)
        assessments.note_readiness(
            actor=self.actor, case_id=case.pk, expected_version=self.expected_version(), **given
        )
        return self._answer(case)

    @extend_schema(request=shapes.CaseDecisionWrite)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, public_id: str) -> Response:
        """Take it on, not, or decide later, with a reason that goes with it."""
        case: Case = self.get_object()
        given = _given(request, shapes.CaseDecisionWrite)
        assessments.decide_assessment(
            actor=self.actor, case_id=case.pk, expected_version=self.expected_version(), **given
        )
        return self._answer(case)

    def _answer(self, case: Case) -> Response:
        found = queries.assessment_of(case)
        result = found.result
        told = {
            "id": case.public_id, "template": found.template.code, "cards": result.cards,
            "mean": result.mean, "unknown": result.unknown, "low": result.low,
            "high": result.high, "deviation": result.deviation, "criteria": result.rows,
            "scorecards": [card for card, _mean in found.cards],
            "readiness": list(case.readiness.order_by("-id")),
            "decisions": list(case.decisions.order_by("-id")),
        }  # fmt: skip
        return Response(shapes.AssessmentSerializer(told).data)


class IpEventViewSet(GatedViewSet):
    """Protection of the cases of your institution: filings, deadlines, costs."""

    serializer_class = shapes.IpEventSerializer
    visible = staticmethod(queries.ip_events_visible_to)
    required_scopes = SCOPES

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset()
        return found.select_related("case", "booked")

    @extend_schema(parameters=OF_CASE, filters=False)
    def list(self, request: Request) -> Response:
        """Newest first; `case`: of one case alone."""
        rows = _of_case(self.get_queryset(), request)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=shapes.IpEventWrite, responses={201: shapes.IpEventSerializer})
    def create(self, request: Request) -> Response:
        """Add one to a case; a date or a deadline is needed."""
        given = _given(request, shapes.IpEventWrite)
        case = get_visible(cases_visible_to(self.actor), public_id=given.pop("case"))
        made = ip_events.add_ip_event(actor=self.actor, case_id=case.pk, facts=given)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.IpEventChange)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change what you name."""
        found: IpEvent = self.get_object()
        given = _given(request, shapes.IpEventChange, partial=True)
        made = ip_events.change_ip_event(
            actor=self.actor, event_id=found.pk, facts=given,
            expected_version=self.expected_version(),
        )  # fmt: skip
        return Response(self.get_serializer(made).data)

    def destroy(self, request: Request, public_id: str) -> Response:
        """Take one off that was entered by mistake."""
        ip_events.remove_ip_event(actor=self.actor, event_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.IpEventBookWrite)
    @action(detail=True, methods=["post"])
    def book(self, request: Request, public_id: str) -> Response:
        """Enter its cost in the income of a contract, once."""
        found: IpEvent = self.get_object()
        given = _given(request, shapes.IpEventBookWrite)
        ip_events.book_cost(
            actor=self.actor, event_id=found.pk, expected_version=self.expected_version(), **given
        )
        return Response(self.get_serializer(self.get_object()).data)


class ApproachViewSet(GatedViewSet):
    """The marketing log of the cases of your institution."""

    serializer_class = shapes.MarketingContactSerializer
    visible = staticmethod(queries.approaches_visible_to)
    required_scopes = SCOPES

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset()
        return found.select_related("case", "organisation", "made_by")

    @extend_schema(parameters=OF_CASE, filters=False)
    def list(self, request: Request) -> Response:
        """Newest first; `case`: of one case alone."""
        rows = _of_case(self.get_queryset(), request)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=shapes.MarketingContactWrite, responses={201: shapes.MarketingContactSerializer}
    )
    def create(self, request: Request) -> Response:
        """Log a contact that was made in a case."""
        given = _given(request, shapes.MarketingContactWrite)
        case = get_visible(cases_visible_to(self.actor), public_id=given.pop("case"))
        made = approaches.add_approach(actor=self.actor, case_id=case.pk, facts=given)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.MarketingContactChange)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Say what came of it, and what is next."""
        found: Approach = self.get_object()
        given = _given(request, shapes.MarketingContactChange, partial=True)
        made = approaches.change_approach(
            actor=self.actor, approach_id=found.pk, facts=given,
            expected_version=self.expected_version(),
        )  # fmt: skip
        return Response(self.get_serializer(made).data)


def _of_case(rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
    wanted = request.query_params.get("case", "")[:10].replace("\x00", "")
    return rows.filter(case__public_id=wanted) if wanted else rows
