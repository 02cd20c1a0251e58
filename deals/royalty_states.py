"""Legal moves of a period of royalty. `RoyaltyPeriod.state` changes only through
deals.actions.royalties."""

from marketplace.core.states import Transitions

DUE = "due"
SUBMITTED = "submitted"
QUERIED = "queried"
ACCEPTED = "accepted"

TRANSITIONS = Transitions(
    {
        "submit": ({DUE}, SUBMITTED),
        # a correction is a new statement; the old one is kept
        "replace": ({SUBMITTED, QUERIED, ACCEPTED}, SUBMITTED),
        "query": ({SUBMITTED}, QUERIED),
        "accept": ({SUBMITTED}, ACCEPTED),
    }
)
WAITING = frozenset({DUE, QUERIED})  # for the licensee
