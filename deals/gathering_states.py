"""Who may do what with a gathering (fair, training, roadshow), as one table: role x phase.

A phase is the stored state and, of a published one, the time. Actions ask `refusal` under the lock
of the row; pages ask `may`; docs/reference/gathering-states.md is written from it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.core.states import Transitions

DRAFT, PUBLISHED, HELD, CANCELLED = "draft", "published", "held", "cancelled"
STATES = (DRAFT, PUBLISHED, HELD, CANCELLED)
COMING, RUNNING, OVER = "coming", "running", "over"  # a published one, by the clock
PHASES = (DRAFT, COMING, RUNNING, OVER, HELD, CANCELLED)
# organiser: owners, editors and brokers of the institution; registered and waiting: with a place;
# person: signed in, without one. An organiser may have a place, too.
ORGANISER, REGISTERED, WAITING = "organiser", "registered", "waiting"
PERSON, VISITOR = "person", "visitor"
ROLES = (ORGANISER, REGISTERED, WAITING, PERSON, VISITOR)

TRANSITIONS = Transitions(
    {
        "publish": ({DRAFT}, PUBLISHED),
        "cancel": ({PUBLISHED}, CANCELLED),
        "hold": ({PUBLISHED}, HELD),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """while_open: only until the day to register by."""

    roles: tuple[str, ...]
    phases: frozenset[str]
    while_open: bool


def _rule(roles: Iterable[str], phases: Iterable[str], *, while_open: bool = False) -> Rule:
    return Rule(tuple(roles), frozenset(phases), while_open)


_SHOWN = frozenset(PHASES) - {DRAFT}
RULES: dict[str, Rule] = {
    "write": _rule([ORGANISER], [DRAFT, COMING, RUNNING]),
    "discard": _rule([ORGANISER], [DRAFT]),
    "publish": _rule([ORGANISER], [DRAFT]),
    "cancel": _rule([ORGANISER], [COMING, RUNNING, OVER]),
    "hold": _rule([ORGANISER], [OVER]),
    "read_register": _rule([ORGANISER], _SHOWN),
    "mark": _rule([ORGANISER], [RUNNING, OVER, HELD]),
    # asked again, it is the same place
    "register": _rule([PERSON, REGISTERED, WAITING], [COMING, RUNNING], while_open=True),
    "withdraw": _rule([REGISTERED, WAITING], [COMING]),
    "read_online": _rule([ORGANISER, REGISTERED], [DRAFT, COMING, RUNNING]),
}


def phase(state: str, *, starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime) -> str:
    """The state, or of a published one where the clock stands."""
    if state != PUBLISHED:
        return state
    if now < starts_at:
        return COMING
    return RUNNING if now < ends_at else OVER


def refusal(action: str, *, roles: Iterable[str], phase: str, is_open: bool) -> str:
    """Why not: "role", "state" or "closed"; "" when it may be done.

    roles: all that the actor has; is_open: whether one may still register by the clock.
    """
    rule = RULES[action]
    if not frozenset(rule.roles) & frozenset(roles):
        return "role"
    if phase not in rule.phases:
        return "state"
    if rule.while_open and not is_open:
        return "closed"
    return ""


def may(action: str, *, roles: Iterable[str], phase: str, is_open: bool) -> bool:
    return not refusal(action, roles=roles, phase=phase, is_open=is_open)
