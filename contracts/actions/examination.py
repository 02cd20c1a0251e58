"""The registrar's steps before the decision: claim, release, return."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import event_kinds, notices, states
from contracts.actions.access import locked_at_point, require_examiner
from contracts.actions.moves import Kind, move, tell_parties
from contracts.models import Contract
from contracts.queries import desk
from contracts.rules import FACTS
from contracts.snapshots import PARTS
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Invalid, Message, Refused, field_error

# What a remark can be about: all that the parties state.
REMARK_FIELDS = (*FACTS, *PARTS)


@transaction.atomic
def claim(*, actor: Actor, contract_id: int, expected_version: int | None = None) -> Contract:
    """Take a submitted contract to examine it. Raises Conflict when somebody was quicker."""
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    contract.examiner_id = actor.user_id
    return move(
        contract, "claim", "examiner",
        actor=actor, event=event_kinds.CLAIMED, kind=Kind.CLAIMED, is_internal=True,
    )  # fmt: skip


@transaction.atomic
def release(*, actor: Actor, contract_id: int) -> Contract:
    """Put a claimed contract back; by its examiner, or by an owner of the point for someone who
    is away."""
    contract = locked_at_point(contract_id, actor)
    states.TRANSITIONS.target("release", contract.state)
    point_id = contract.registration_point_id
    if contract.examiner_id != actor.user_id and not actor.can(point_id, "owner"):
        raise Refused("not_your_file", _("Another registrar examines this contract."))
    contract.examiner = None
    return move(
        contract, "release", "examiner",
        actor=actor, event=event_kinds.RELEASED, kind=Kind.RELEASED, is_internal=True,
    )  # fmt: skip


@transaction.atomic
def return_(
    *,
    actor: Actor,
    contract_id: int,
    words: str = "",
    remarks: Mapping[str, str] | None = None,
    expected_version: int | None = None,
) -> Contract:
    """Return it to the parties with remarks by field, or with words, or both; the clock stops.

    Raises Invalid on `words` when neither is given, on `remarks.<field>` for a wrong one.
    """
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    states.TRANSITIONS.target("return", contract.state)
    require_examiner(contract, actor)
    noted = _clean_remarks(remarks or {})
    words = words_of("words", words, missing="" if noted else _("Say what is to be corrected."))
    today = timezone.localdate()
    if contract.due_on is not None:
        calendar = desk.calendar_of(desk.settings_of(contract.registration_point_id or 0))
        contract.days_left = max(calendar.between(today, contract.due_on), 0)
    contract.due_on = None
    move(
        contract, "return", "due_on", "days_left",
        actor=actor, event=event_kinds.RETURNED, kind=Kind.RETURNED, words=words, remarks=noted,
        data={"fields": sorted(noted), "days_left": contract.days_left},
    )  # fmt: skip
    tell_parties(contract, notices.RETURNED, reason=words or " · ".join(noted.values())[:500])
    return contract


def _clean_remarks(remarks: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in remarks.items():
        if name not in REMARK_FIELDS:
            message: Message = _("“%(name)s” is no field of a contract.") % {"name": name[:40]}
            raise Invalid("invalid", message, fields={"remarks": [message]})
        if not isinstance(text, str):
            raise field_error(f"remarks.{name}", _("Enter text."))
        cleaned = words_of(f"remarks.{name}", text, 1000, missing="")
        if cleaned:
            found[name] = cleaned
    return found
