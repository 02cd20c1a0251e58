"""Documents: facts, bytes, changes."""

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from listings.actions import documents
from listings.api import inputs, shapes
from listings.api.listings import SCOPES
from listings.disclosure import disclosed
from listings.document_gate import content_of, openable
from listings.models import Document
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.api.viewsets import GatedViewSet


def _documents(actor: Actor) -> QuerySet[Document]:
    return Document.objects.filter(listing__in=visible_to(actor))


class DocumentViewSet(GatedViewSet):
    """Documents of listings, as far as their tier is open to you."""

    serializer_class = shapes.DocumentShape
    visible = staticmethod(_documents)
    required_scopes = SCOPES
    open_to_visitors = True
    filter_backends = ()

    def get_object(self) -> Document:
        document, _knows_owner = openable(self.actor, self.kwargs["public_id"])
        return document

    def retrieve(self, request: Request, public_id: str) -> Response:
        """Facts of one document."""
        document = self.get_object()
        seen = disclosed(document.listing, self.actor)
        row = next(row for row in seen.documents if row.public_id == public_id)
        return Response(self.get_serializer(row).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, public_id: str) -> FileResponse:
        """The bytes, as a download."""
        return content_of(self.actor, public_id)

    @extend_schema(request=inputs.DocumentChange)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Rename it or move it to another tier; of a published listing, in its revision."""
        given = inputs.DocumentChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = documents.change_document(
            actor=self.actor, document_id=self.get_object().pk, **given.validated_data
        )
        return Response(shapes.DocumentShape(changed).data)

    def destroy(self, request: Request, public_id: str) -> Response:
        """Take it off; of a published listing, off its revision."""
        documents.remove_document(actor=self.actor, document_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
