"""/operations/jobs/ and /operations/health/, for operators."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from listings.queries.progress import progress
from marketplace.core.api.permissions import actor_of
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import Refused
from marketplace.core.models import Job
from marketplace.operations import actions, queries

SCOPES: dict[str, str] = {"read": "operations:read", "write": "operations:write"}


class JobSerializer(serializers.ModelSerializer[Job]):
    """`about` holds the ids and numbers of the payload; texts in it are not shown."""

    about = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id", "kind", "key", "queue", "state", "tries", "max_tries", "error", "about",
            "progress", "progress_total", "run_after", "lease_until", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_about(self, job: Job) -> dict[str, Any]:
        return queries.payload_of(job)


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=Job.State.choices)
    kind = django_filters.CharFilter(max_length=80)
    queue = django_filters.CharFilter(max_length=40)
    key = django_filters.CharFilter(max_length=120)
    tries = django_filters.NumberFilter(field_name="tries", lookup_expr="gte", min_value=0)
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Job
        fields: list[str] = []


class RetryFailedSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    queue = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class RetriedSerializer(serializers.Serializer[Any]):
    retried = serializers.IntegerField()


class QueueSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    due = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)


class ProgressSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Published listings.")
    words_waiting = serializers.IntegerField(help_text="Not yet found by their words.")
    meanings_waiting = serializers.IntegerField(help_text="Not yet found by their meaning.")
    per_minute = serializers.FloatField(help_text="Meanings added in the last five minutes.")


class ReplicaSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    answers = serializers.BooleanField(help_text="Whether it answers readers now.")
    lag = serializers.FloatField(
        allow_null=True, help_text="Seconds that it may be behind; null when nothing is known."
    )


class HealthSerializer(serializers.Serializer[Any]):
    is_ready = serializers.BooleanField()
    parts = serializers.DictField(child=serializers.BooleanField())
    last_beat = serializers.DateTimeField(allow_null=True)
    failed_jobs = serializers.IntegerField()
    verifications = serializers.IntegerField(help_text="Organisations that wait for a decision.")
    reviews = serializers.IntegerField(help_text="Listings that wait at the review desk.")
    database_version = serializers.CharField()
    database_bytes = serializers.IntegerField()
    django_version = serializers.CharField()
    encoder = serializers.CharField()
    mail = serializers.CharField()
    queues = QueueSerializer(many=True)
    reading = ProgressSerializer(help_text="How far listings are made ready for the search.")
    replicas = ReplicaSerializer(many=True)


def operators_only(request: Request) -> None:
    """Refuses everybody else: the scope of a token alone makes no operator."""
    if not actor_of(request).is_operator:
        raise Refused("operators_only", _("Only operators of the platform may do this."))


@extend_schema_view(
    retrieve=extend_schema(parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)]),
    retry=extend_schema(parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)]),
)
class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """Work in the outbox, newest first. A job's id is its number in the logs."""

    serializer_class = JobSerializer
    visible = staticmethod(queries.jobs_visible_to)
    required_scopes = SCOPES
    filterset_class = JobFilter
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        operators_only(request)

    def get_object(self) -> Any:
        self.kwargs[self.lookup_field] = self.kwargs["id"]
        return super().get_object()

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, id: str) -> Response:
        """Put a failed job back, with all its tries."""
        return Response(
            self.get_serializer(actions.retry_job(actor=self.actor, job_id=int(id))).data
        )

    @extend_schema(request=RetryFailedSerializer, responses=RetriedSerializer)
    @action(detail=False, methods=["post"], url_path="retry-failed")
    def retry_failed(self, request: Request) -> Response:
        """Put failed jobs back, of one kind or queue or all, at most 1,000 at a time."""
        given = RetryFailedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"retried": actions.retry_failed(actor=self.actor, **given.validated_data)})


class HealthView(APIView):
    """State of this instance."""

    open_to_visitors = False
    required_scopes = SCOPES

    @extend_schema(operation_id="operations_health", responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        operators_only(request)
        now = queries.health_now()
        values = {name: getattr(now, name) for name in now.__slots__}
        values |= {
            "is_ready": now.is_ready,
            "queues": queries.queue_states(),
            "reading": progress(),
            "replicas": queries.replica_states(),
        }
        return Response(HealthSerializer(values).data)
