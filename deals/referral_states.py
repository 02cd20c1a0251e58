"""Legal moves of a referral. `Referral.state` changes only through deals.actions.referral*."""

from marketplace.core.states import Transitions

OPEN = "open"
CLAIMED = "claimed"
CARRIED = "carried"
ENDED = "ended"
TAKEN_BACK = "taken_back"
WITHDRAWN = "withdrawn"
EXPIRED = "expired"

TRANSITIONS = Transitions(
    {
        "apply": ({OPEN}, OPEN),  # the publisher chooses among claims
        "claim": ({OPEN}, CLAIMED),  # who comes first has it
        "release": ({CLAIMED}, OPEN),
        "confirm": ({OPEN, CLAIMED}, CARRIED),
        "report": ({CARRIED}, CARRIED),
        "split": ({CARRIED}, CARRIED),
        "take_back": ({CARRIED}, TAKEN_BACK),
        "end": ({CARRIED}, ENDED),
        "withdraw": ({OPEN, CLAIMED}, WITHDRAWN),
        "expire": ({OPEN}, EXPIRED),
    }
)
ON_THE_BOARD = frozenset({OPEN, CLAIMED, CARRIED})
