"""Who has to do what next in an introduction. Pure: facts in, steps out."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deals import states

NEED, TECHNOLOGY, BROKER = "need", "technology", "broker"
PARTIES = (NEED, TECHNOLOGY)
ACROSS = {NEED: TECHNOLOGY, TECHNOLOGY: NEED}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the steps depend on; sets hold sides.

    anonymous: does not show its name yet; accepted: the NDA; withheld: has confidential details
    that are not released; has_spoken: wrote a message; last_side: who wrote the last one, or "".
    """

    state: str
    wants_broker: bool = False
    has_broker: bool = False
    has_spoken: frozenset[str] = frozenset()
    last_side: str = ""
    anonymous: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    has_contract: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do: by which side ("" for brokers at large), what, and where on the page."""

    side: str
    code: str
    text: str | Promise
    is_waiting: bool = True  # somebody waits for it; False: it can be done


def next_steps(facts: Facts) -> list[Step]:
    """What waits first, what can be done after; nothing when it is closed."""
    if facts.state == states.CLOSED:
        return []
    steps = [*_talk(facts), *_names(facts), *_nda(facts), *_details(facts)]
    if facts.wants_broker:
        steps.append(Step("", "claim", _("A broker may take it up.")))
    if facts.state == states.IN_TALKS and not facts.has_contract:
        steps += [Step(side, "draft", _("Draft the contract."), False) for side in PARTIES]
    return sorted(steps, key=lambda step: not step.is_waiting)


def _talk(facts: Facts) -> list[Step]:
    if not facts.last_side:
        if facts.has_broker:
            return [Step(BROKER, "message", _("Write to both sides: what happens next."))]
        return [Step(side, "message", _("Write the first message.")) for side in PARTIES]
    silent = [side for side in PARTIES if side not in facts.has_spoken]
    waiting = set(silent)
    if facts.last_side in PARTIES:
        waiting.add(ACROSS[facts.last_side])
        waiting.discard(facts.last_side)
    text = _("Answer the last message.")
    return [Step(side, "message", text) for side in PARTIES if side in waiting]


def _names(facts: Facts) -> list[Step]:
    text: Any = _("Decide whether the other side may know your name.")
    return [Step(side, "identity", text) for side in PARTIES if side in facts.anonymous]


def _nda(facts: Facts) -> list[Step]:
    missing = [side for side in PARTIES if side not in facts.accepted]
    # somebody waits only once the other side has accepted
    return [
        Step(side, "nda", _("Accept the non-disclosure agreement."), ACROSS[side] in facts.accepted)
        for side in missing
    ]


def _details(facts: Facts) -> list[Step]:
    if len(facts.accepted) < len(PARTIES):
        return []
    text: Any = _("Decide whether to release your confidential details.")
    return [Step(side, "release", text) for side in PARTIES if side in facts.withheld]
