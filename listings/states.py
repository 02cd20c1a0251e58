"""Legal moves of a listing. `Listing.state` changes only through listings.actions.lifecycle."""

from marketplace.core.states import Transitions

DRAFT = "draft"
IN_REVIEW = "in_review"
PUBLISHED = "published"
PAUSED = "paused"
EXPIRED = "expired"
WITHDRAWN = "withdrawn"
FULFILLED = "fulfilled"

TRANSITIONS = Transitions(
    {
        "submit": ({DRAFT}, IN_REVIEW),
        "publish": ({DRAFT}, PUBLISHED),  # of trusted organisations, and of imports
        "approve": ({IN_REVIEW}, PUBLISHED),
        "return": ({IN_REVIEW}, DRAFT),
        "take_back": ({IN_REVIEW}, DRAFT),
        "pause": ({PUBLISHED}, PAUSED),
        "resume": ({PAUSED}, PUBLISHED),
        "renew": ({PUBLISHED, EXPIRED}, PUBLISHED),
        "expire": ({PUBLISHED, PAUSED}, EXPIRED),
        "withdraw": ({DRAFT, PUBLISHED, PAUSED, EXPIRED}, WITHDRAWN),
        "fulfil": ({PUBLISHED, PAUSED, EXPIRED}, FULFILLED),
        "reopen": ({WITHDRAWN, FULFILLED}, DRAFT),
    }
)

# Edited in a second row that replaces the first when approved; the others are edited in place.
REVISED = frozenset({PUBLISHED, PAUSED, EXPIRED})
# Released to an organisation, a listing stays readable for it in these states.
RELEASABLE = frozenset({PUBLISHED, PAUSED, EXPIRED, FULFILLED})
