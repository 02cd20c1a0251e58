"""Legal moves of a contract. docs/reference/contract-states.md tells them in words."""

from marketplace.core.states import Transitions

DRAFT = "draft"
SUBMITTED = "submitted"
RETURNED = "returned"
WITHDRAWN = "withdrawn"
UNDER_EXAMINATION = "under_examination"
SECOND_REVIEW = "second_review"
REGISTERED = "registered"
REFUSED = "refused"
AMENDED = "amended"
CANCELLED = "cancelled"
REVOKED = "revoked"

OPEN_TO_PARTIES = frozenset({DRAFT, RETURNED})  # the parties may change facts and files
UNCLAIMED = OPEN_TO_PARTIES | {SUBMITTED}  # no registrar works on it: it may be given up
AT_THE_POINT = frozenset({SUBMITTED, UNDER_EXAMINATION, SECOND_REVIEW})  # the clock runs
NUMBERED = frozenset({REGISTERED, AMENDED, CANCELLED, REVOKED})  # the database freezes the facts
IN_THE_REGISTER = frozenset({REGISTERED, CANCELLED, REVOKED})  # newest edition of a number

TRANSITIONS = Transitions(
    {
        "submit": (OPEN_TO_PARTIES, SUBMITTED),
        "withdraw": (UNCLAIMED, WITHDRAWN),
        "claim": ({SUBMITTED}, UNDER_EXAMINATION),
        "release": ({UNDER_EXAMINATION}, SUBMITTED),
        "return": ({UNDER_EXAMINATION}, RETURNED),
        "refuse": ({UNDER_EXAMINATION, SECOND_REVIEW}, REFUSED),
        "pass_on": ({UNDER_EXAMINATION}, SECOND_REVIEW),
        "register": ({UNDER_EXAMINATION}, REGISTERED),
        "send_back": ({SECOND_REVIEW}, UNDER_EXAMINATION),
        "approve_second": ({SECOND_REVIEW}, REGISTERED),
        "amend": ({REGISTERED}, AMENDED),
        "cancel": ({REGISTERED}, CANCELLED),
        "revoke": ({REGISTERED}, REVOKED),
    }
)
