"""Gatherings full of secrets: a draft, one for everybody with a way to join, one of an alliance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

INTERNAL = frozenset({"broker"})


def plant_gatherings(world: Planted) -> None:
    """The broker's institution holds them; nobody but the outsider is registered."""
    from tests.accounts.factories import AllianceFactory
    from tests.deals.gatherings import factories

    cast, s = world.cast, world.secret
    draft = factories.drafted(
        cast, title_en=s("gathering draft", "Phalaropean fair", INTERNAL),
        words_en=s("gathering draft words", "Shoveleria shown", INTERNAL), kind="fair", hours=None,
    )  # fmt: skip
    shown = factories.published(
        cast, capacity=1,
        online=s("gathering online", "Godwitty 771 204", frozenset({"outsider", "broker"})),
    )  # fmt: skip
    factories.registered(shown, cast.outsider.actor, organisation=cast.outside.public_id)
    alliance = AllianceFactory(lead=cast.tti)
    closed = factories.published(
        cast, alliance=alliance.public_id,
        title_en=s("gathering of an alliance", "Whimbrelly course", INTERNAL),
        place=s("gathering place", "Curlewstone 9", INTERNAL),
    )  # fmt: skip
    for row in (draft, shown, closed):
        world.id("gathering", row.public_id)
