"""Legal moves of a case. `Case.state` changes only through deals.actions."""

from marketplace.core.states import Transitions

OPEN = "open"
DEFERRED = "deferred"
CLOSED = "closed"

TRANSITIONS = Transitions(
    {
        "edit": ({OPEN}, OPEN),
        "edit_deferred": ({DEFERRED}, DEFERRED),
        "move": ({OPEN}, OPEN),
        "defer": ({OPEN}, DEFERRED),
        "wake": ({DEFERRED}, OPEN),
        "close": ({OPEN, DEFERRED}, CLOSED),
        "reopen": ({CLOSED}, OPEN),
    }
)
LIVE = frozenset({OPEN, DEFERRED})
