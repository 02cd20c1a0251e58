"""The kinds of events. Each room declares its own in `<room>/event_kinds.py`, read at start.

docs/reference/events.md lists them; a test holds the two together.
"""

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


def declare(code: str, label: str | Promise) -> str:
    """Declare a kind and return its code, so that a room can keep it in a constant."""
    KINDS[code] = EventKind(code, label)
    return code
