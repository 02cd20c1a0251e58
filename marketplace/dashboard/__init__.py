"""The dashboard: what is new for me, what do I do next. Blocks of what the rooms' queries say.

A block stands only for those whose work it is; within it the most urgent comes first.
"""

from collections.abc import Callable, Iterable

from marketplace.core.actor import Actor
from marketplace.dashboard import desks, own
from marketplace.dashboard.newcomers import first_steps
from marketplace.dashboard.parts import Block

__all__ = ["blocks_for", "first_steps"]


def blocks_for(actor: Actor) -> list[Block]:
    """The blocks of one person: those that ask for something before those that are calm."""
    made: Iterable[Callable[[Actor], Block | None]] = (
        own.waiting_talks,
        own.new_matches,
        own.listings_to_finish,
        own.own_contracts,
        desks.broker_requests,
        desks.registrar_files,
        desks.review_queue,
        desks.verification_queue,
        desks.failed_jobs,
        own.alliance_invitations,
    )
    blocks = [block for make in made if (block := make(actor)) is not None]
    return sorted(blocks, key=lambda block: not block.lines)
