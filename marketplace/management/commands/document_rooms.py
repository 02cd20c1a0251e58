"""Renew the table of who may do what in a deal room from deals.room_states."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from deals import room_states as states

HEAD = """# A deal room

Two parties, perhaps a broker's institution, and the people they let in. One room of an introduction
in talks, or opened by a broker between two organisations. This page is written by
`manage.py document_rooms` from `deals/room_states.py`, which every action asks under the lock of
the room's row.

## Who may do what

Rights include those before them: read, write, sign. Owners of an organisation, and the broker who
carries the room, may always sign. *Agreement*: both parties, and the side that acts, have accepted
the present text.

"""
TAIL = """
## Offers

A draft is seen by those of its own side who write. One offer at a time is on the table: making one
counters the other side's, or takes the place of one's own. Only the other side's people who may
sign accept it, once in a room, and never after its last day; an indicative one is answered, never
accepted. Accepting drafts the contract.

| move | from | to |
|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    lines = ["| action | right | sides | states | agreement |", "|---|---|---|---|---|"]
    for action, rule in states.RULES.items():
        there = ", ".join(state for state in states.STATES if state in rule.states)
        needed = "yes" if rule.under_nda else "no"
        lines.append(
            f"| `{action}` | {rule.right} | {', '.join(rule.sides)} | {there} | {needed} |"
        )
    moves = [
        f"| {name} | {', '.join(sorted(start))} | {end} |"
        for name, (start, end) in states.SHEET_MOVES.moves.items()
    ]
    return HEAD + "\n".join(lines) + "\n" + TAIL + "\n".join(moves) + "\n"


class Command(BaseCommand):
    help = "Write docs/reference/room-states.md from the table that actions ask."

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.ROOT) / "docs" / "reference" / "room-states.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(f"{len(states.RULES)} actions.")
