"""API: a person's notifications."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from events import actions, queries
from events.models import Notification
from events.notices import notice
from marketplace.core.api.viewsets import GatedViewSet


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    id = serializers.CharField(source="public_id", read_only=True)
    text = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = ["id", "kind", "text", "detail", "url", "created_at", "read_at"]
        read_only_fields = fields

    def get_text(self, row: Notification) -> str:
        return notice(row.kind).render(row.params, get_language() or "en")

    def get_detail(self, row: Notification) -> str:
        return notice(row.kind).render_detail(row.params, get_language() or "en")


class ReadResultSerializer(serializers.Serializer[Any]):
    marked = serializers.IntegerField()


class NotificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GatedViewSet):
    """What you were told, newest first."""

    serializer_class = NotificationSerializer
    visible = staticmethod(queries.notifications_visible_to)
    required_scopes = {"read": "notifications:read", "write": "notifications:write"}
    filterset_fields = {"kind": ["exact"], "read_at": ["isnull"], "created_at": ["gte", "lte"]}

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, public_id: str) -> Response:
        """Mark one as read."""
        row = self.get_object()
        actions.mark_read([row.public_id], actor=self.actor)
        row.refresh_from_db()
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=ReadResultSerializer)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read."""
        return Response({"marked": actions.mark_read(None, actor=self.actor)})
