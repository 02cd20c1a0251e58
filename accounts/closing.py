"""What stands against closing an account. Rooms above add their own reasons when they start."""

from collections.abc import Callable, Iterable

from django.utils.functional import Promise

Message = str | Promise
# (ids of organisations that would be left without an owner) -> reasons, each fit to show
Check = Callable[[frozenset[int]], Iterable[Message]]
CHECKS: list[Check] = []
# (id of the person) -> None: what goes with the account
Farewell = Callable[[int], None]
FAREWELLS: list[Farewell] = []


def at_closing(remove: Farewell) -> Farewell:
    """Register what a room above removes of a person; called in the transaction that closes."""
    FAREWELLS.append(remove)
    return remove


def obstacle(check: Check) -> Check:
    """Register a check, as a decorator or in AppConfig.ready. It is called in the transaction that
    closes the account."""
    CHECKS.append(check)
    return check


def obstacles(organisation_ids: frozenset[int]) -> list[Message]:
    """What other rooms say stands against it; asked only when an organisation is left alone."""
    if not organisation_ids:
        return []
    return [reason for check in CHECKS for reason in check(organisation_ids)]
