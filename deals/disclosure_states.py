"""Legal moves of a disclosure. `Disclosure.state` changes only through deals.actions.disclosures,
disclosure_signing and disclosure_decisions."""

from marketplace.core.states import Transitions

DRAFT = "draft"
SIGNING = "signing"
SUBMITTED = "submitted"
ACCEPTED = "accepted"
RETURNED = "returned"
DECLINED = "declined"

TRANSITIONS = Transitions(
    {
        "edit": ({DRAFT, SIGNING, RETURNED}, DRAFT),
        "ask": ({DRAFT}, SIGNING),
        "send_link": ({SIGNING}, SIGNING),
        "sign": ({SIGNING}, SIGNING),
        "submit": ({SIGNING}, SUBMITTED),
        "accept": ({SUBMITTED, RETURNED}, ACCEPTED),
        "return": ({SUBMITTED}, RETURNED),
        "decline": ({SUBMITTED, RETURNED}, DECLINED),
        "delete": ({DRAFT}, DRAFT),
    }
)
# what the institution it is addressed to may read
AT_INSTITUTION = frozenset({SUBMITTED, ACCEPTED, RETURNED, DECLINED})
# what inventors other than the author may read
SHOWN_TO_INVENTORS = frozenset({SIGNING, *AT_INSTITUTION})
