"""Deal rooms for tests, made through the actions themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from deals.actions.room_documents import put_document
from deals.actions.rooms import accept_agreement, open_room
from deals.actions.term_sheets import make_offer, write_offer
from deals.queries.nda import text_of
from tests.deals import factories

if TYPE_CHECKING:
    from deals.models import DealRoom, RoomFile, TermSheet
    from marketplace.core.actor import Actor
    from tests.cast import Cast

FACTS: dict[str, Any] = {
    "type": "licence", "exclusivity": "ordinary", "territory": "China", "term_months": 60,
    "currency": "CNY", "price_kind": "firm", "total": "1000000", "upfront": "400000",
    "instalments": [{"event": "pilot accepted", "amount": "600000", "due_on": "", "note": ""}],
    "royalty_base": "sales", "royalty_rate": "3",
}  # fmt: skip


def pdf() -> bytes:
    """A small true PDF of two pages."""
    import io

    import pypdfium2

    made, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _page in range(2):
        made.new_page(595, 842)
    made.save(out)
    return out.getvalue()


def fresh(cast: Cast, *, broker: bool = False) -> DealRoom:
    """In talks, no agreement: `home` (owner, colleague) takes, `outside` (outsider) supplies."""
    from deals.actions.talks import post_message

    made = factories.with_broker(cast) if broker else factories.introduced(cast)
    for player in (cast.owner, cast.outsider):
        post_message(actor=player.actor, introduction_id=made.pk, body="Good morning")
    room, _is_new = open_room(actor=cast.owner.actor, introduction_id=made.pk)
    return room


def accept(room: DealRoom, actor: Actor) -> None:
    accept_agreement(
        actor=actor, room_id=room.pk, name="Somebody", text_hash=text_of(room.nda_version).hash
    )


def under_nda(cast: Cast, *, broker: bool = False) -> DealRoom:
    room = fresh(cast, broker=broker)
    accept(room, cast.owner.actor)
    accept(room, cast.outsider.actor)
    room.refresh_from_db()
    return room


def until(days: int = 30) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def draft(room: DealRoom, actor: Actor, **facts: Any) -> TermSheet:
    return write_offer(
        actor=actor, room_id=room.pk, facts={**FACTS, "valid_until": until(), **facts}
    )


def offer(room: DealRoom, actor: Actor, **facts: Any) -> TermSheet:
    sheet = draft(room, actor, **facts)
    return make_offer(actor=actor, room_id=room.pk, sheet_public_id=sheet.public_id)


def document(room: DealRoom, actor: Actor, **more: Any) -> RoomFile:
    upload = SimpleUploadedFile("report.pdf", pdf())
    return put_document(actor=actor, room_id=room.pk, upload=upload, **more)
