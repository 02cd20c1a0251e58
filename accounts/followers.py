"""Who has a say before an organisation leaves an alliance.

A room above registers a function of its own in its AppConfig.ready; accounts never imports it. It
is called in the leaving transaction, with the membership locked, and raises Conflict to keep it.
"""

from collections.abc import Callable

_LEAVING: list[Callable[[int, int], None]] = []


def before_leaving(check: Callable[[int, int], None]) -> None:
    """Register a function of (alliance id, organisation id)."""
    if check not in _LEAVING:
        _LEAVING.append(check)


def ask_before_leaving(alliance_id: int, organisation_id: int) -> None:
    """Raises the first refusal."""
    for check in _LEAVING:
        check(alliance_id, organisation_id)
