"""Legal moves of a request for help. `LocatorRequest.state` changes only through
deals.actions.requests and deals.actions.request_work."""

from marketplace.core.states import Transitions

OPEN = "open"
TAKEN = "taken"
ANSWERED = "answered"
CLOSED = "closed"
EXPIRED = "expired"

TRANSITIONS = Transitions(
    {
        "take": ({OPEN}, TAKEN),
        "pass_on": ({OPEN, TAKEN}, OPEN),
        "answer": ({TAKEN, ANSWERED}, ANSWERED),
        # these two leave the state as it is: the asker still waits for words
        "draft_need": ({TAKEN, ANSWERED}, TAKEN),
        "open_case": ({TAKEN, ANSWERED}, TAKEN),
        "close": ({OPEN, TAKEN, ANSWERED}, CLOSED),
        "expire": ({OPEN, TAKEN}, EXPIRED),
    }
)
# what members of an alliance read that was addressed to all of them
WAITS = frozenset({OPEN, TAKEN})
LIVE = frozenset({OPEN, TAKEN, ANSWERED})
