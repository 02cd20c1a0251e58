"""Documents of a deal room: put, withdrawn, opened; every opening is logged first."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices
from deals.actions.room_access import locked_room, note, others, tell, touch
from deals.models import RoomDocument, RoomFile, RoomOpening, RoomTier
from deals.queries.room_documents import documents_for
from deals.queries.rooms import RoomView, rights_in, visible_to
from deals.watermark import can_mark, marked
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, NotFound, field_error
from marketplace.core.gates import get_visible
from marketplace.core.uploads import check_upload

MAX_DOCUMENTS = 200  # of one room
MAX_VERSIONS = 50  # of one document


def put_document(
    *, actor: Actor, room_id: int, upload: "UploadedFile[Any]", title: str = "",
    tier: str = RoomTier.NDA, side: str = "", document_public_id: str = "", is_told: bool = True,
) -> RoomFile:  # fmt: skip
    """A checked file as a new document, or as the next version of one of one's own side.

    Raises Invalid on `file`, `title` or `tier`, TooLarge, Conflict for the same bytes twice.
    """
    try:
        checked = check_upload(upload)
        words = " ".join(clean_text(title).split())
    except ValidationError as error:  # control characters
        raise field_error("file", error.messages[0]) from None
    if len(words) > 200:
        raise field_error("title", _("At most %(limit)s characters.") % {"limit": 200})
    if tier not in RoomTier.values:
        raise field_error("tier", _("Choose who may open it."), code="unknown_code")
    with transaction.atomic():
        room, side = locked_room(actor, room_id, "put_document", side=side)
        if document_public_id:
            own = room.documents.filter(organisation=room.house_id(side), withdrawn_at=None)
            document = get_visible(own, public_id=document_public_id)
        else:
            if room.documents.count() >= MAX_DOCUMENTS:
                raise field_error("file", _("At most %(limit)s documents.") % {"limit": 200})
            document = RoomDocument.objects.create(
                room=room, side=side, organisation_id=room.house_id(side), tier=tier,
                put_by_id=actor.user_id,
                title=words or checked.name.rsplit(".", 1)[0][:200],
            )  # fmt: skip
        row = _add_version(document, checked, upload, actor)
        touch(room)
        note(
            event_kinds.ROOM_DOCUMENT_PUT, room, actor=actor,
            data={"document": document.public_id, "number": row.number, "side": side},
        )  # fmt: skip
        if is_told:
            tell(room, notices.ROOM_DOCUMENT, others(room, side), actor=actor)
    return row


def _add_version(
    document: RoomDocument, checked: Any, upload: "UploadedFile[Any]", actor: Actor
) -> RoomFile:
    count = document.files.count()
    if count >= MAX_VERSIONS:
        raise field_error("file", _("At most %(limit)s versions.") % {"limit": MAX_VERSIONS})
    if document.files.filter(sha256=checked.sha256).exists():
        raise Conflict("already_attached", _("This file is already attached."))
    row = RoomFile(
        document=document, number=count + 1, name=checked.name, media_type=checked.media_type,
        size=checked.size, sha256=checked.sha256, put_by_id=actor.user_id,
    )  # fmt: skip
    # the stored name tells nothing of the parties
    extension = "." + checked.name.rsplit(".", 1)[-1].lower()
    row.file.save(f"{document.public_id}-{row.number}{extension}", upload, save=False)
    row.save()
    return row


@transaction.atomic
def withdraw_document(*, actor: Actor, room_id: int, document_public_id: str) -> RoomDocument:
    """From now on the other sides neither open nor list it; what was opened stays in the log."""
    room, side = locked_room(actor, room_id, "withdraw_document")
    document = get_visible(room.documents.all(), public_id=document_public_id)
    if document.side not in rights_in(room, actor):
        raise NotFound
    if document.side != side:  # somebody who speaks for several sides, or for another one
        room, side = locked_room(actor, room_id, "withdraw_document", side=document.side)
    if document.organisation_id != room.organisation_id_of(side):
        raise NotFound
    if document.withdrawn_at is not None:
        raise Conflict("withdrawn", _("It is withdrawn already."))
    document.withdrawn_at = timezone.now()
    document.save(update_fields=["withdrawn_at"])
    touch(room)
    note(
        event_kinds.ROOM_DOCUMENT_WITHDRAWN, room, actor=actor,
        data={"document": document.public_id},
    )  # fmt: skip
    return document


@dataclass(frozen=True, slots=True)
class Opened:
    """content: the bytes as this reader gets them; is_marked: with its name on the pages."""

    row: RoomFile
    content: bytes
    is_marked: bool


def open_document(
    *, actor: Actor, view: RoomView, document_public_id: str, number: int, reader: str, house: str
) -> Opened:
    """The bytes for one reader: a PDF of another side carries its name, organisation and the time
    on every page. Logged before a byte leaves.

    view: built for this actor just now. Raises NotFound for what the reader may not open.
    """
    document = get_visible(documents_for(view), public_id=document_public_id)
    row = get_visible(document.files.all(), number=number)
    if not visible_to(actor).filter(pk=view.room.pk).exists():  # taken out meanwhile
        raise NotFound
    with row.file.open("rb") as stream:
        content = stream.read()
    is_own = document.organisation_id in view.houses
    mark = None
    if not is_own and can_mark(row.media_type):
        mark = marked(content, reader=reader, house=house, at=timezone.now())
    with transaction.atomic():
        RoomOpening.objects.create(
            file=row, side=view.side, user_id=actor.user_id, is_marked=mark is not None
        )
        note(
            event_kinds.ROOM_DOCUMENT_OPENED, view.room, actor=actor,
            sides={document.side, view.side},
            data={"document": document.public_id, "number": number, "marked": mark is not None},
        )  # fmt: skip
    return Opened(row, mark if mark is not None else content, mark is not None)
