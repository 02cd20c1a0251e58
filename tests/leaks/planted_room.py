"""A deal room full of secrets: what is said, put in and offered between two parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

PARTIES = frozenset({"owner", "colleague", "outsider"})


def plant_room(world: Planted) -> None:
    """`outside` supplies, `home` takes; the broker is inside and has not accepted the agreement."""
    from deals.actions.room_documents import put_document
    from deals.actions.room_talks import post_room_message
    from deals.actions.rooms import open_room_between
    from tests.deals.rooms import factories

    cast, s = world.cast, world.secret
    room = open_room_between(
        actor=cast.broker.actor, supplier_id=cast.outside.pk, taker_id=cast.home.pk,
        title=s("room title", "Plumtern coating talks", PARTIES | {"broker"}),
    )  # fmt: skip
    world.id("room", room.public_id)
    post_room_message(
        actor=cast.owner.actor, room_id=room.pk,
        body=s("room message", "Rillwarbler before the agreement", PARTIES | {"broker"}),
    )  # fmt: skip
    for player in (cast.owner, cast.outsider):
        factories.accept(room, player.actor)
    text = s("room file text", "Duskgrebe kiln curve", PARTIES)
    file = put_document(
        actor=cast.outsider.actor, room_id=room.pk,
        upload=SimpleUploadedFile("curve.txt", text.encode()),
        title=s("room document", "Kelpwagtail report", PARTIES),
    )  # fmt: skip
    world.id("room_document", file.document.public_id)
    factories.offer(
        room, cast.outsider.actor, territory=s("room offer", "Land of the Fennmartin", PARTIES)
    )
    draft = factories.draft(
        room, cast.owner.actor,
        words=s("room draft", "Our floor is Siskinstone", frozenset({"owner", "colleague"})),
    )  # fmt: skip
    for sheet in (*room.sheets.exclude(pk=draft.pk), draft):
        world.id("offer", sheet.public_id)
    world.id("seat", room.seats.get(user=cast.colleague.user).public_id)
