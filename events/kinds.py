"""The kinds of events. Each room declares its own in `<room>/event_kinds.py`, read at start.

docs/reference/events.md lists them; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class EventKind:
    """code: "listing.published"; label: what a history line says, in the reader's language."""

    code: str
    label: str | Promise

    @property
    def room(self) -> str:
        return self.code.split(".")[0]


KINDS: dict[str, EventKind] = {}
# type of object -> (its id) -> its address below /api/v1/, "" when it has none
RESOURCES: dict[str, Callable[[str], str]] = {}


def declare(code: str, label: str | Promise) -> str:
    """Declare a kind and return its code, so that a room can keep it in a constant."""
    KINDS[code] = EventKind(code, label)
    return code


def resource(object_type: str, address: str | Callable[[str], str]) -> None:
    """Say where the API shows objects of a type: "contracts/{id}/", or a function of the id."""
    RESOURCES[object_type] = (
        (lambda object_id: address.format(id=object_id)) if isinstance(address, str) else address
    )


def resource_of(object_type: str, object_id: str) -> str:
    """The object's address below /api/v1/, "" when the API does not show its type."""
    found = RESOURCES.get(object_type)
    return found(object_id) if found else ""
