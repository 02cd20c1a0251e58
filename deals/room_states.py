"""Who may do what in a deal room, as one table: side x right x state x agreement.

Actions ask `refusal`, pages ask `may`, docs/reference/room-states.md is written from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.core.states import Transitions

SUPPLIER, TAKER, BROKER = "supplier", "taker", "broker"
SIDES = (SUPPLIER, TAKER, BROKER)
PARTIES = (SUPPLIER, TAKER)
READ, WRITE, SIGN = "read", "write", "sign"
RIGHTS = (READ, WRITE, SIGN)
OPEN, AGREED, CLOSED = "open", "agreed", "closed"
STATES = (OPEN, AGREED, CLOSED)

TRANSITIONS = Transitions(
    {
        "agree": ({OPEN}, AGREED),
        "close": ({OPEN, AGREED}, CLOSED),
    }
)

# Moves of an offer; what is countered, withdrawn or expired is off the table.
SHEET_MOVES = Transitions(
    {
        "make": ({"draft"}, "made"),
        "counter": ({"made"}, "countered"),
        "accept": ({"made"}, "accepted"),
        "decline": ({"made"}, "declined"),
        "withdraw": ({"made"}, "withdrawn"),
        "expire": ({"made"}, "expired"),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """right: the least that is needed; under_nda: only once the agreement opened the room."""

    right: str
    sides: tuple[str, ...]
    states: frozenset[str]
    under_nda: bool


def _rule(
    right: str, sides: Iterable[str], states: Iterable[str], *, under_nda: bool = False
) -> Rule:
    return Rule(right, tuple(sides), frozenset(states), under_nda)


LIVE = (OPEN, AGREED)
RULES: dict[str, Rule] = {
    "read_messages": _rule(READ, SIDES, STATES),
    "accept_nda": _rule(SIGN, SIDES, LIVE),
    "write_message": _rule(WRITE, SIDES, LIVE),
    "change_seats": _rule(SIGN, SIDES, LIVE),
    "read_documents": _rule(READ, SIDES, STATES, under_nda=True),
    "put_document": _rule(WRITE, SIDES, LIVE, under_nda=True),
    "withdraw_document": _rule(WRITE, SIDES, STATES, under_nda=True),
    "read_offers": _rule(READ, SIDES, STATES, under_nda=True),
    "write_offer": _rule(WRITE, PARTIES, (OPEN,), under_nda=True),
    "make_offer": _rule(SIGN, PARTIES, (OPEN,), under_nda=True),
    "accept_offer": _rule(SIGN, PARTIES, (OPEN,), under_nda=True),
    "decline_offer": _rule(SIGN, PARTIES, (OPEN,), under_nda=True),
    "withdraw_offer": _rule(SIGN, PARTIES, (OPEN,), under_nda=True),
    "draft_contract": _rule(WRITE, PARTIES, (AGREED,), under_nda=True),
    "close_room": _rule(SIGN, PARTIES, LIVE),
}


def has_right(held: str, wanted: str) -> bool:
    """Whether a right includes another; "" is none."""
    return held in RIGHTS and RIGHTS.index(held) >= RIGHTS.index(wanted)


def refusal(action: str, *, side: str, right: str, state: str, is_open: bool) -> str:
    """Why not: "side", "right", "state", "nda"; "" when it may be done.

    is_open: the agreement is in force and this side has accepted it.
    """
    rule = RULES[action]
    if side not in rule.sides:
        return "side"
    if not has_right(right, rule.right):
        return "right"
    if state not in rule.states:
        return "state"
    if rule.under_nda and not is_open:
        return "nda"
    return ""


def may(action: str, *, side: str, right: str, state: str, is_open: bool) -> bool:
    return not refusal(action, side=side, right=right, state=state, is_open=is_open)
