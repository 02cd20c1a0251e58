"""Who has a say before an organisation leaves an alliance, and who follows when its lead changes.

A room above registers a function of its own in its AppConfig.ready; accounts never imports it. It
is called in the transaction of the step. Before leaving, the membership is locked, and Conflict
keeps it; after a handover, the alliance is locked.
"""

from collections.abc import Callable

from marketplace.core.actor import Actor

_LEAVING: list[Callable[[int, int], None]] = []
_HANDED_OVER: list[Callable[[int, Actor], None]] = []


def before_leaving(check: Callable[[int, int], None]) -> None:
    """Register a function of (alliance id, organisation id)."""
    if check not in _LEAVING:
        _LEAVING.append(check)


def ask_before_leaving(alliance_id: int, organisation_id: int) -> None:
    """Raises the first refusal."""
    for check in _LEAVING:
        check(alliance_id, organisation_id)


def on_lead_handed_over(follow: Callable[[int, Actor], None]) -> None:
    """Register a function of (alliance id, who handed it over)."""
    if follow not in _HANDED_OVER:
        _HANDED_OVER.append(follow)


def tell_handed_over(alliance_id: int, actor: Actor) -> None:
    for follow in _HANDED_OVER:
        follow(alliance_id, actor)
