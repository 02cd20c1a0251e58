"""Legal moves of an introduction. `Introduction.state` changes only through deals.actions."""

from marketplace.core.states import Transitions

OPEN = "open"
WITH_BROKER = "with_broker"
IN_TALKS = "in_talks"
CLOSED = "closed"

TRANSITIONS = Transitions(
    {
        "claim": ({OPEN}, WITH_BROKER),
        "join": ({IN_TALKS}, IN_TALKS),  # a broker takes up talks that have begun
        "step_back": ({WITH_BROKER}, OPEN),
        "leave": ({IN_TALKS}, IN_TALKS),  # a broker steps back from talks
        "talk": ({OPEN, WITH_BROKER}, IN_TALKS),  # both sides have spoken, or the NDA is in force
        "close": ({OPEN, WITH_BROKER, IN_TALKS}, CLOSED),
    }
)
# How an introduction is carried on; a closed pair may be introduced anew.
LIVE = frozenset({OPEN, WITH_BROKER, IN_TALKS})
