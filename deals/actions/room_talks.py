"""Messages of a deal room."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices
from deals.actions.room_access import locked_room, note, others, tell, touch
from deals.actions.room_documents import put_document
from deals.actions.talks import cleaned
from deals.models import RoomMessage, RoomTier
from events.queries import with_unread
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict

MAX_MESSAGES = 100_000


@transaction.atomic
def post_room_message(
    *, actor: Actor, room_id: int, body: str, side: str = "",
    upload: "UploadedFile[Any] | None" = None,
) -> RoomMessage:  # fmt: skip
    """Write to everybody in the room; upload: put as a document behind the agreement, and named
    by the message.

    Raises Invalid on `body` or `file`, Conflict for a file before the agreement is in force.
    """
    room, side = locked_room(actor, room_id, "write_message", side=side)
    text = cleaned(body)
    if room.last_message >= MAX_MESSAGES:
        raise Conflict("too_many_messages", _("This room holds as many messages as it may."))
    document = None
    if upload is not None:
        document = put_document(
            actor=actor, room_id=room.pk, upload=upload, tier=RoomTier.NDA, side=side, is_told=False
        ).document
        room.refresh_from_db(fields=["version"])
    room.last_message += 1
    message = RoomMessage.objects.create(
        room=room, number=room.last_message, side=side, sender_id=actor.user_id,
        organisation_id=room.house_id(side), body=text, document=document,
    )  # fmt: skip
    touch(room, "last_message")
    note(
        event_kinds.ROOM_MESSAGE, room, actor=actor,
        data={"message": message.public_id, "side": side},
    )  # fmt: skip
    # one notice until it is read, however many messages follow
    told = with_unread(notices.ROOM_MESSAGE, room.get_absolute_url())
    tell(room, notices.ROOM_MESSAGE, others(room, side), actor=actor, skip=told)
    return message
