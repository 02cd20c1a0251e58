"""Renew the table of who may do what with a gathering from deals.gathering_states."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from deals import gathering_states as states

HEAD = """# Gatherings

Technology fairs, trainings and roadshows of technology transfer institutions (`/gatherings/`).
This page is written by `manage.py document_gatherings` from `deals/gathering_states.py`, which
every action asks under the lock of the row. A phase is the stored state and, of a published one,
where the clock stands: coming, running or over.

| role | who |
|---|---|
| organiser | owners, editors and brokers of the institution that holds it |
| registered, waiting | a person with a place, or on the waiting list |
| person | anybody else who is signed in |
| visitor | who is not signed in |

An organiser may have a place, too. Whoever may not see a gathering is told *not found*: drafts
are the institution's, those for an alliance are seen by members of its organisations (and by
whoever has a place already), and what an institution published is hidden while it is not
verified. Operators see no more than others.

## Who may do what

"""
TAIL = """
## Moves

| move | from | to |
|---|---|---|
"""
END = """
Only a verified institution drafts and publishes. Of a published gathering the kind and for whom
it is stay; the number of places is never below the places taken. What was marked as attended is
not called off.

## Places

The last place is given under the lock of the gathering; whoever comes later waits. When a place
is given back, an account is closed or the number of places grows, who waits longest moves up and
is told. Who is registered is told once within the day before the start, when time or place
changes, and why it is called off.

| what | who |
|---|---|
| names, organisations, who attended | the organiser; each person its own place |
| number of registered people, number of places | the organiser |
| places left | everybody who sees the gathering |
| how to join online | registered people and the organiser, until the end |

Who attended is marked from the start on, and may be corrected after it was closed. When an
account is closed, places of the person are free again; what it attended stays as a number without
a name.

## Continuing education

Hours of a training count for whoever is marked as having attended, in the year in which it began,
once the institution has closed it as held. A broker reads its hours of this year and the two
before and its certificates at `/gatherings/qualification/`; owners of an institution read those
of its brokers, hours and expiry alone, without which trainings.
[`BROKER_TRAINING_HOURS`](settings.md) are wanted in a year; from 1 to 31 October brokers of
verified institutions who are short of them are told, once a year. A certificate's expiry is told
60 days before, and when it has come.

By API: `/gatherings/`, scopes `gatherings:read` and `gatherings:write`.
"""


def page() -> str:
    """The page as Markdown."""
    lines = ["| action | roles | phases |", "|---|---|---|"]
    for action, rule in states.RULES.items():
        there = ", ".join(phase for phase in states.PHASES if phase in rule.phases)
        until = ", until registration closes" if rule.while_open else ""
        lines.append(f"| `{action}` | {', '.join(rule.roles)} | {there}{until} |")
    moves = [
        f"| {name} | {', '.join(sorted(start))} | {end} |"
        for name, (start, end) in states.TRANSITIONS.moves.items()
    ]
    return HEAD + "\n".join(lines) + "\n" + TAIL + "\n".join(moves) + "\n" + END


class Command(BaseCommand):
    help = "Write docs/reference/gathering-states.md from the table that actions ask."

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.ROOT) / "docs" / "reference" / "gathering-states.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(f"{len(states.RULES)} actions.")
