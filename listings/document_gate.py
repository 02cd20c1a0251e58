"""The gate to the bytes of documents, for pages and API."""

from django.http import FileResponse

from listings.disclosure import RANK, access_to
from listings.models import Document
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.gates import get_visible


def openable(actor: Actor, public_id: str) -> tuple[Document, bool]:
    """A document that the actor may open, and whether it may know the owner.

    Raises NotFound, also where the document exists in a closed tier.
    """
    document = get_visible(
        Document.objects.filter(listing__in=visible_to(actor)).select_related("listing__owner"),
        public_id=public_id,
    )
    access = access_to([document.listing], actor).get(document.listing_id)
    if access is None or RANK[document.tier] > RANK[access.tier]:
        raise NotFound
    return document, access.knows_owner or not document.listing.is_anonymous


def content_of(actor: Actor, public_id: str) -> FileResponse:
    """The bytes as a download: never inline, never guessed at by the browser, never cached."""
    document, knows_owner = openable(actor, public_id)
    extension = document.name.rsplit(".", 1)[-1].lower()
    # the file's own name may name an owner who is withheld
    name = document.name if knows_owner else f"{document.public_id}.{extension}"
    try:
        stream = document.file.open("rb")
    except OSError:  # the storage lost it: say so as for any missing thing
        raise NotFound from None
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type=document.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    response["Content-Length"] = str(document.size)
    return response
