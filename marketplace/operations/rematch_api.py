"""/operations/rematches/: the market matched again, for operators."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from listings.models.listings import Kind
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.operations.api import SCOPES, operators_only
from matching.actions import rematching
from matching.models import Rematch
from matching.queries import rematches
from matching.queries.rematches import RematchProgress


class RematchListSerializer(serializers.ListSerializer[Any]):
    """Counts the progress of all rows at once."""

    def to_representation(self, data: Any) -> Any:
        rows = list(data)
        self.child.known = rematches.progress_of_many(rows)  # type: ignore[union-attr]
        return super().to_representation(rows)


class RematchSerializer(serializers.ModelSerializer[Rematch]):
    total = serializers.SerializerMethodField(help_text="Listings to match, as far as counted.")
    done = serializers.SerializerMethodField(help_text="Of them matched.")
    handed_on = serializers.SerializerMethodField(
        help_text="Of those done: failed, and tried again by jobs of their own."
    )
    is_counting = serializers.SerializerMethodField(help_text="Whether the total still grows.")
    per_minute = serializers.SerializerMethodField(
        help_text="Listings a minute: of the last five minutes, or of all once it has ended."
    )
    minutes_left = serializers.SerializerMethodField(help_text="null when it cannot be said.")
    failed_batches = serializers.SerializerMethodField(help_text="Given up after all their tries.")
    known: dict[int, RematchProgress] | None = None

    class Meta:
        model = Rematch
        list_serializer_class = RematchListSerializer
        fields = [
            "id", "state", "cause", "model_version", "kind", "before", "begun_at", "finished_at",
            "total", "done", "handed_on", "is_counting", "per_minute", "minutes_left",
            "failed_batches",
        ]  # fmt: skip
        read_only_fields = fields

    @cached_property
    def _seen(self) -> dict[int, RematchProgress]:
        return {}

    def _of(self, rematch: Rematch) -> RematchProgress:
        known = self._seen if self.known is None else self.known
        if rematch.pk not in known:
            known[rematch.pk] = rematches.progress_of(rematch)
        return known[rematch.pk]

    def get_total(self, rematch: Rematch) -> int:
        return self._of(rematch).total

    def get_done(self, rematch: Rematch) -> int:
        return self._of(rematch).done

    def get_handed_on(self, rematch: Rematch) -> int:
        return self._of(rematch).handed_on

    def get_is_counting(self, rematch: Rematch) -> bool:
        return self._of(rematch).is_counting

    def get_per_minute(self, rematch: Rematch) -> float:
        return round(self._of(rematch).per_minute, 1)

    def get_minutes_left(self, rematch: Rematch) -> int | None:
        now = self._of(rematch)
        return now.minutes_left if now.is_running else None

    def get_failed_batches(self, rematch: Rematch) -> int:
        return self._of(rematch).failed


class BeginSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        Kind.choices, required=False, default="", allow_blank=True, help_text="Empty: both."
    )
    again = serializers.BooleanField(
        default=False, help_text="Also what the weights in force have matched already."
    )


@extend_schema_view(
    retrieve=extend_schema(parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)]),
    cancel=extend_schema(parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)]),
)
class RematchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """The market matched again, newest first, with how far each is."""

    serializer_class = RematchSerializer
    visible = staticmethod(rematches.visible_to)
    required_scopes = SCOPES
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        operators_only(request)

    def get_object(self) -> Any:
        self.kwargs[self.lookup_field] = self.kwargs["id"]
        return super().get_object()

    @extend_schema(request=BeginSerializer, responses={201: RematchSerializer})
    def create(self, request: Request) -> Response:
        """Begin; 409 while one runs."""
        given = BeginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        begun = rematching.begin(actor=self.actor, **given.validated_data)
        return Response(self.get_serializer(begun).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=RematchSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        """Stop the one that runs; what has been matched stays."""
        ended = rematching.cancel(actor=self.actor, rematch_id=int(id))
        return Response(self.get_serializer(ended).data)
