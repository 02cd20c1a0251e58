"""Who has to do what next in a deal room. Pure: facts in, steps out."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deals import room_states as states


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """offer_of: the side whose offer is on the table, "" when there is none or the reader may not
    know; is_binding: it can be accepted; sees_offers: whether the reader may."""

    state: str
    accepted: frozenset[str]
    has_broker: bool
    offer_of: str
    is_binding: bool
    sees_offers: bool
    has_contract: bool


@dataclass(frozen=True, slots=True)
class RoomStep:
    side: str
    code: str
    text: str | Promise


def room_steps(facts: RoomFacts) -> list[RoomStep]:
    """What waits, the most urgent first; nothing in a closed room."""
    if facts.state == states.CLOSED:
        return []
    if missing := [side for side in states.PARTIES if side not in facts.accepted]:
        text = _("Accept the non-disclosure agreement; until then the room stays closed.")
        return [RoomStep(side, "nda", text) for side in missing]
    steps: list[RoomStep] = []
    if facts.has_broker and states.BROKER not in facts.accepted:
        text = _("Accept the agreement to see confidential documents and offers.")
        steps.append(RoomStep(states.BROKER, "nda", text))
    if not facts.sees_offers:
        return steps
    if facts.state == states.AGREED:
        if not facts.has_contract:
            text = _("Draft the contract from the accepted offer.")
            steps += [RoomStep(side, "contract", text) for side in states.PARTIES]
        return steps
    if facts.offer_of:
        across = states.PARTIES[1 - states.PARTIES.index(facts.offer_of)]
        text = (
            _("Accept, decline or counter the offer.")
            if facts.is_binding
            else _("Counter or decline the indicative offer; only a firm or floor one is accepted.")
        )
        steps.append(RoomStep(across, "answer", text))
    else:
        text = _("Nobody’s offer is on the table: write one.")
        steps += [RoomStep(side, "offer", text) for side in states.PARTIES]
    return steps
