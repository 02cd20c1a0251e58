"""Addresses for tests of what every endpoint shares: the market's own, and a small notebook.

The notebook is a GatedViewSet over listings that does what its request's body tells it to, so that
each promise of the floor is tested without the rules of a room in the way.
"""

from typing import Any

from django.urls import include, path
from rest_framework import mixins, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from listings.models import Listing
from listings.queries.visibility import visible_to
from marketplace import urls
from marketplace.core.api.parsers import JSONParser
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.errors import Conflict, field_error

CALLS: list[Any] = []


class NoteSerializer(serializers.ModelSerializer[Listing]):
    id = serializers.CharField(source="public_id", read_only=True)
    owner = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = ["id", "version", "title_en", "trl", "owner"]

    def get_owner(self, row: Listing) -> Any:
        return row.owner.name_en if "owner" in self.context["expand"] else row.owner.public_id


class NoteViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GatedViewSet
):
    serializer_class = NoteSerializer
    visible = staticmethod(visible_to)
    required_scopes = {"read": "listings:read", "write": "listings:write"}
    open_to_visitors = True
    expandable = ("owner",)
    filterset_fields = {"trl": ["exact"]}
    parser_classes = (JSONParser, MultiPartParser)

    def create(self, request: Request) -> Response:
        """Do what the body says: {"do": "fail" | "refuse" | "conflict" | "note"}."""
        CALLS.append(dict(request.data))
        match request.data.get("do"):
            case "fail":
                raise RuntimeError("the disk is full of 秘密")
            case "refuse":
                raise field_error("do", "Not this.")
            case "conflict":
                raise Conflict("busy", "Not now.")
            case "file":
                return Response({"size": request.data["file"].size}, status=201)
        return Response({"id": "N", "version": 1, "number": len(CALLS)}, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = self.get_object()
        self.check_version(row)
        row.title_en = request.data["title_en"]
        row.version += 1
        row.save()
        return Response(self.get_serializer(row).data)

    def perform_destroy(self, instance: Listing) -> None:
        CALLS.append("destroyed")


router = SimpleRouter()
router.register("notes", NoteViewSet, basename="note")
urlpatterns = [path("api/v1/", include(router.urls)), *urls.urlpatterns]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
