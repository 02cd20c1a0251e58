"""Messages of a room: the newest ones, older ones by number, and what is newer than a number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from deals.models import DealRoom, RoomMessage
from deals.queries.room_documents import documents_for
from deals.queries.rooms import RoomView, visible_to
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick

PAGE = 50


@dataclass(frozen=True, slots=True)
class RoomLine:
    """One message. document: what came with it, "" for whoever may not open that."""

    message: RoomMessage
    who: str
    role: str
    is_own: bool
    document: str


def newest(room: DealRoom, *, before: int = 0, limit: int = PAGE) -> list[RoomMessage]:
    """Oldest first; before: only those with a lower number."""
    rows = thread_of(room)
    if before:
        rows = rows.filter(number__lt=before)
    return list(rows.order_by("-number")[:limit])[::-1]


def after(room: DealRoom, number: int, limit: int = PAGE) -> list[RoomMessage]:
    return list(thread_of(room).filter(number__gt=number).order_by("number")[:limit])


def thread_of(room: DealRoom) -> QuerySet[RoomMessage]:
    """Messages with what a line shows. The caller has gated the room."""
    rows = RoomMessage.objects.filter(room=room)
    return rows.select_related("sender", "organisation", "document")


def last_number(actor: Actor, public_id: str) -> int | None:
    """The number of the newest message, None for whoever is not inside: one statement over
    indexes, since everybody who has the room open asks every few seconds."""
    if "\x00" in public_id:  # PostgreSQL refuses to look for a null byte
        return None
    rows = visible_to(actor).filter(public_id=public_id)
    return rows.values_list("last_message", flat=True).first()


def lines_for(view: RoomView, messages: Sequence[RoomMessage], actor: Actor) -> list[RoomLine]:
    """As the reader sees them."""
    language = get_language() or "en"
    wanted = [row.document_id for row in messages if row.document_id]
    known = (
        set(documents_for(view).filter(pk__in=wanted).values_list("pk", flat=True))
        if wanted
        else set()
    )
    return [
        RoomLine(
            row,
            who=str(row.sender) if row.sender else _("former member"),
            role=f"{pick(row.organisation, 'name', language).value} · {row.get_side_display()}",
            is_own=row.sender_id is not None and row.sender_id == actor.user_id,
            document=row.document.public_id if row.document and row.document_id in known else "",
        )
        for row in messages
    ]  # fmt: skip
