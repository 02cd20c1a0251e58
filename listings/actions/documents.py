"""Documents of a listing: add, change tier, remove, and read their text for the search."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.actions import record
from listings import event_kinds, states
from listings.actions.access import locked_for_change
from listings.actions.lifecycle import changed
from listings.actions.revisions import forget_files, start_revision
from listings.coach import score
from listings.document_text import text_of
from listings.models import Document, Listing
from listings.models.listings import Tier
from listings.rules import MAX_DOCUMENTS
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Message, NotFound, field_error
from marketplace.core.jobs import enqueue
from marketplace.core.uploads import check_upload


def add_document(
    *, actor: Actor, listing_id: int, upload: "UploadedFile[Any]", title: str = "",
    tier: str = Tier.MEMBERS,
) -> Document:  # fmt: skip
    """Attach a checked file; of a published listing to its revision.

    Raises Invalid on `file`, `title` or `tier`, TooLarge, Conflict for the same bytes twice.
    """
    checked = _checked(upload)
    title = _line("title", title, 200) or checked.name.rsplit(".", 1)[0]
    if tier not in Tier.values:
        raise field_error("tier", _("Choose who may open it."), code="unknown_code")
    with transaction.atomic():
        listing = _locked_draft(listing_id, actor)
        if listing.documents.count() >= MAX_DOCUMENTS:
            raise field_error(
                "file",
                _("At most %(limit)s documents.") % {"limit": MAX_DOCUMENTS},
                code="too_many",
            )
        if listing.documents.filter(sha256=checked.sha256).exists():
            raise Conflict("already_attached", _("This file is already attached."))
        document = Document(
            listing=listing, tier=tier, title=title[:200], name=checked.name,
            media_type=checked.media_type, size=checked.size, sha256=checked.sha256,
            uploaded_by_id=actor.user_id,
        )  # fmt: skip
        # A stored name says nothing: neither the owner nor the document.
        extension = "." + checked.name.rsplit(".", 1)[-1].lower()
        document.file.save(f"{document.public_id}{extension}", upload, save=False)
        document.save()
        _bump(listing)
        record(
            event_kinds.DOCUMENT_ADDED, actor=actor, obj=listing,
            organisation_ids=[listing.owner_id],
            data={"document": document.public_id, "tier": tier, "size": document.size},
        )  # fmt: skip
        enqueue("listings.read_document", {"document": document.pk}, key=str(document.pk))
    return document


@transaction.atomic
def change_document(
    *, actor: Actor, document_id: int, title: str | None = None, tier: str | None = None
) -> Document:
    """Rename a document or move it to another tier."""
    document = _own(document_id, actor)
    if title is not None:
        document.title = _line("title", title, 200) or document.title
    if tier is not None:
        if tier not in Tier.values:
            raise field_error("tier", _("Choose who may open it."), code="unknown_code")
        document.tier = tier
    document.save(update_fields=["title", "tier"])
    _bump(document.listing)
    record(
        event_kinds.DOCUMENT_CHANGED, actor=actor, obj=document.listing,
        organisation_ids=[document.listing.owner_id],
        data={"document": document.public_id, "tier": document.tier},
    )  # fmt: skip
    return document


@transaction.atomic
def remove_document(*, actor: Actor, document_id: int) -> Listing:
    """Take a document off (of a published listing: off its revision); returns what was changed."""
    document = _own(document_id, actor)
    listing = document.listing
    name = document.file.name
    record(
        event_kinds.DOCUMENT_REMOVED, actor=actor, obj=listing,
        organisation_ids=[listing.owner_id], data={"document": document.public_id},
    )  # fmt: skip
    document.delete()
    forget_files([name] if name else [])
    _bump(listing)
    return listing


def read_text(*, document_id: int) -> None:
    """Read the text out of the file for the search, then index the listing anew."""
    document = Document.objects.filter(pk=document_id).select_related("listing").first()
    if document is None:
        return
    with document.file.open("rb") as stream:
        state, text = text_of(stream.read(), document.media_type)
    with transaction.atomic():
        # the same file may hang at a listing and at its revision
        Document.objects.filter(file=document.file.name).update(text=text, text_state=state)
        found = Document.objects.filter(
            file=document.file.name, listing__state=states.PUBLISHED
        ).values_list("listing_id", flat=True)
        changed(list(found))


def _checked(upload: "UploadedFile[Any]") -> Any:
    try:
        return check_upload(upload)
    except ValidationError as error:  # control characters in the name
        raise field_error("file", error.messages[0]) from None


def _line(name: str, value: Any, limit: int) -> str:
    message: Message
    if not isinstance(value, str):
        raise field_error(name, _("Enter text."))
    try:
        text = clean_text(value)
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None
    if len(text) > limit:
        message = _("At most %(limit)s characters; there are %(count)s.") % {
            "limit": limit, "count": len(text),
        }  # fmt: skip
        raise field_error(name, message)
    return text


def _locked_draft(listing_id: int, actor: Actor) -> Listing:
    """The row to change: the draft itself, or the revision of a published listing."""
    listing = locked_for_change(listing_id, actor)
    if listing.state in states.REVISED:
        listing = start_revision(actor=actor, listing_id=listing.pk)
    if listing.state != states.DRAFT:
        raise Conflict(
            "wrong_state", _("Take it back from review, or reopen it, before you change it.")
        )
    return listing


def _own(document_id: int, actor: Actor) -> Document:
    """The document to change; of a published listing its counterpart in the revision."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        raise NotFound
    listing = _locked_draft(document.listing_id, actor)
    found = listing.documents.filter(sha256=document.sha256).select_related("listing").first()
    if found is None:
        raise NotFound
    return found


def _bump(listing: Listing) -> None:
    listing.version += 1
    listing.coach_score = score(listing)
    listing.save(update_fields=["version", "coach_score", "updated_at"])
