"""What a case should have before it goes on. Pure: facts in, what is missing out."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a case has."""

    value: bool = False
    client: bool = False
    listing: bool = False
    contact: bool = False
    next_action: bool = False
    introduction: bool = False
    contract: bool = False
    tasks_done: bool = True


# code -> what to do about it
NEEDS: dict[str, str | Promise] = {
    "client": _("Name a client."),
    "contact": _("Name a person to talk to."),
    "listing": _("Add the technology or the need that it is about."),
    "value": _("Say what the deal is worth."),
    "next_action": _("Write down the next action and its date."),
    "introduction": _("Tie it to an introduction."),
    "contract": _("Tie it to a contract."),
    "tasks_done": _("Finish the tasks of this stage."),
}


def missing(facts: CaseFacts, needs: Iterable[str]) -> list[str]:
    """Codes of NEEDS that the facts do not meet, in the order asked."""
    return [code for code in needs if not getattr(facts, code)]
