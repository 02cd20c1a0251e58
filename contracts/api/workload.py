"""/registrar/points/{id}/workload/."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from contracts.api.fields import AT_THE_DESK
from contracts.queries import desk
from contracts.queries.workload import period_of, workload
from contracts.turnaround import BUCKETS
from contracts.views.workload import ground_rows, month_name, remark_rows
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible

if TYPE_CHECKING:
    from rest_framework.request import Request

    from accounts.models import Organisation


class WorkloadFiguresSerializer(serializers.Serializer[Any]):
    """Days are working days of the point, without the time a file lay with its parties."""

    decided = serializers.IntegerField()
    registered = serializers.IntegerField()
    refused = serializers.IntegerField()
    returns = serializers.IntegerField()
    returned_share = serializers.FloatField(
        allow_null=True, help_text="Per cent of the decided files returned at least once."
    )
    median_days = serializers.FloatField(source="median", allow_null=True)
    p90_days = serializers.IntegerField(
        source="ninetieth", allow_null=True, help_text="90th percentile, nearest rank."
    )
    second_reviews = serializers.IntegerField()


class WorkloadMonthSerializer(serializers.Serializer[Any]):
    month = serializers.CharField(help_text="2026-11")
    figures = WorkloadFiguresSerializer()


class WorkloadPersonSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    figures = WorkloadFiguresSerializer()


class WorkloadReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(allow_blank=True, help_text="Empty: returned in words only.")
    name = serializers.CharField()
    number = serializers.IntegerField()


class WorkloadSerializer(serializers.Serializer[Any]):
    whole = serializers.BooleanField(
        help_text="Of the whole point, for its owners; otherwise your own figures."
    )
    waiting = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Files by working days left: late, today, up to 3, up to 7, more.",
    )
    returned_waiting = serializers.IntegerField()
    total = WorkloadFiguresSerializer()
    months = WorkloadMonthSerializer(many=True)
    registrars = WorkloadPersonSerializer(many=True)
    returned_for = WorkloadReasonSerializer(many=True)
    refused_for = WorkloadReasonSerializer(many=True)


class WorkloadViewSet(GatedViewSet):
    """How much a registration point has to do and how long it takes."""

    serializer_class = WorkloadSerializer
    visible = staticmethod(desk.points_of)
    required_scopes = AT_THE_DESK
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("from", description="First month, 2026-01; 24 at most."),
            OpenApiParameter("to", description="Last month; this one when left out."),
        ],
        responses=WorkloadSerializer,
    )
    def retrieve(self, request: "Request", point_id: str) -> Response:
        """Figures of whole months, the last twelve when nothing is asked."""
        point: Organisation = get_visible(desk.points_of(self.actor), public_id=point_id)
        asked = request.query_params
        period = period_of(
            asked.get("from", "")[:10], asked.get("to", "")[:10], timezone.localdate()
        )
        found = workload(point, self.actor, period)
        data = {
            "whole": found.whole,
            "waiting": {key: found.waiting.get(key, 0) for key in BUCKETS},
            "returned_waiting": found.returned_waiting,
            "total": found.total,
            "months": [
                {"month": month_name(month), "figures": row} for month, row in found.months.items()
            ],
            "registrars": [{"name": str(one), "figures": row} for one, row in found.people],
            "returned_for": [_reason(row) for row in remark_rows(found)],
            "refused_for": [_reason(row) for row in ground_rows(found)],
        }
        return Response(self.get_serializer(data).data)


def _reason(row: tuple[str, str, int]) -> dict[str, Any]:
    return dict(zip(("code", "name", "number"), row, strict=True))
