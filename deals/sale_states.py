"""Who may do what in a sale by tender or auction, as one table: role x state x kind.

Actions ask `refusal` under the lock of the sale's row, with the state by the database's clock;
pages ask `may`; docs/reference/sale-states.md is written from it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.core.states import Transitions

DRAFT, ANNOUNCED, OPEN, CLOSED = "draft", "announced", "open", "closed"
MATCHING, DECIDED, FAILED, CANCELLED = "matching", "decided", "failed", "cancelled"
STATES = (DRAFT, ANNOUNCED, OPEN, CLOSED, MATCHING, DECIDED, FAILED, CANCELLED)
ENDED = frozenset({DECIDED, FAILED, CANCELLED})
TENDER, AUCTION = "tender", "auction"
KINDS = (TENDER, AUCTION)
# poster: whoever sells; opener: holds the second key; bidder: admitted; applicant: asked to be, or
# was invited; other: any verified organisation that is not tied to the sale
POSTER, OPENER, BIDDER, APPLICANT, OTHER = "poster", "opener", "bidder", "applicant", "other"
ROLES = (POSTER, OPENER, BIDDER, APPLICANT, OTHER)

# After the end, before the seller or the opener may ask for receipts: the keys come first. Whoever
# could ask at once would choose, by who is likely to have lost its receipt, which bids count.
KEYS_FIRST = dt.timedelta(days=5)

TRANSITIONS = Transitions(
    {
        "announce": ({DRAFT}, ANNOUNCED),
        "begin": ({ANNOUNCED}, OPEN),
        "close": ({ANNOUNCED, OPEN}, CLOSED),
        "offer_match": ({CLOSED}, MATCHING),
        "decide": ({CLOSED, MATCHING}, DECIDED),
        "fail": ({CLOSED}, FAILED),
        "cancel": ({ANNOUNCED, OPEN, CLOSED}, CANCELLED),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    roles: tuple[str, ...]
    states: frozenset[str]
    kinds: tuple[str, ...]
    tender_states: frozenset[str]  # besides, of a tender alone

    def holds_in(self, state: str, kind: str) -> bool:
        return state in self.states or (kind == TENDER and state in self.tender_states)


def _rule(
    roles: Iterable[str], states: Iterable[str], kinds: Iterable[str] = KINDS, *,
    tender: Iterable[str] = (),
) -> Rule:  # fmt: skip
    return Rule(tuple(roles), frozenset(states), tuple(kinds), frozenset(tender))


_ANNOUNCED = frozenset(STATES) - {DRAFT}
RULES: dict[str, Rule] = {
    "write": _rule([POSTER], [DRAFT]),
    "discard": _rule([POSTER], [DRAFT]),
    "take_key": _rule([POSTER, OPENER], [DRAFT], [TENDER]),
    "announce": _rule([POSTER], [DRAFT]),
    # an auction is decided at its end, also before the job has come by
    "cancel": _rule([POSTER], [ANNOUNCED, OPEN], tender=[CLOSED]),
    "invite": _rule([POSTER], [ANNOUNCED, OPEN]),
    "apply": _rule([APPLICANT, OTHER], [ANNOUNCED, OPEN]),
    "admit": _rule([POSTER], [ANNOUNCED, OPEN]),
    "record_deposit": _rule([POSTER], _ANNOUNCED),
    "name_proxy": _rule([BIDDER, APPLICANT], [ANNOUNCED, OPEN, CLOSED, MATCHING]),
    "bid": _rule([BIDDER], [OPEN], [AUCTION]),
    "seal": _rule([BIDDER], [OPEN], [TENDER]),
    "withdraw": _rule([BIDDER], [OPEN], [TENDER]),
    "open_bids": _rule([POSTER, OPENER], [CLOSED], [TENDER]),
    "ask_to_reveal": _rule([POSTER, OPENER], [CLOSED], [TENDER]),
    "reveal": _rule([BIDDER], [CLOSED], [TENDER]),
    "match": _rule([BIDDER], [MATCHING]),
    "open_room": _rule([POSTER], [DECIDED]),
}


def refusal(action: str, *, role: str, state: str, kind: str) -> str:
    """Why not: "role", "kind" or "state"; "" when it may be done. role: "" is nobody's."""
    rule = RULES[action]
    if role not in rule.roles:
        return "role"
    if kind not in rule.kinds:
        return "kind"
    if not rule.holds_in(state, kind):
        return "state"
    return ""


def may(action: str, *, role: str, state: str, kind: str) -> bool:
    return not refusal(action, role=role, state=state, kind=kind)
