"""A royalty statement full of secrets, between home, which sells, and outside, which states."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

SIDES = frozenset({"owner", "colleague", "outsider"})


def plant_royalty(world: Planted) -> None:
    """One period was stated and queried, one is due."""
    from deals.actions.royalties import query_statement
    from tests.deals.royalties import factories

    cast, s = world.cast, world.secret
    first, second = factories.periods(cast)
    s("royalty sales", "6203517.24", SIDES)
    factories.stated(
        cast, first, "6203517.24", deductions="1.00",
        deductions_note=s("royalty deductions", "Returns of Wrenhollow", SIDES),
        note=s("royalty note", "Mostly from Siskinbank", SIDES),
    )  # fmt: skip
    query_statement(
        actor=cast.colleague.actor, period_id=first.pk,
        words=s("royalty question", "Where is Dunlinmoor?", SIDES),
    )  # fmt: skip
    for made in (first, second):
        world.id("royalty", made.public_id)
