"""What ends a registration: cancelled by the parties, revoked by the authority."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import event_kinds, notices
from contracts.actions.access import locked, locked_at_point, locked_for_parties
from contracts.actions.moves import Kind, move, tell_parties, words_of
from contracts.models import Contract
from contracts.queries import desk
from contracts.queries.visibility import may_edit
from marketplace.core.actor import Actor


@transaction.atomic
def cancel(
    *, actor: Actor, contract_id: int, words: str, expected_version: int | None = None
) -> Contract:
    """End a registration because the contract was rescinded or ended: by the side that registered
    it, or by a registrar of its point at its request. Needs a reason in words."""
    if _acts_for_parties(contract_id, actor):
        contract = locked_for_parties(contract_id, actor, expected_version=expected_version)
    else:
        contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    return _end(contract, "cancel", actor, words)


@transaction.atomic
def revoke(
    *, actor: Actor, contract_id: int, words: str, expected_version: int | None = None
) -> Contract:
    """The registration point revokes a registration obtained by fraud. Needs a reason in words."""
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    return _end(contract, "revoke", actor, words)


def _acts_for_parties(contract_id: int, actor: Actor) -> bool:
    """Somebody who may only look is refused by the parties' door, not told that it is absent."""
    contract = locked(contract_id)
    if may_edit(contract, actor):
        return True
    return not desk.at_points(actor).filter(pk=contract_id).exists()


def _end(contract: Contract, step: str, actor: Actor, words: str) -> Contract:
    words = words_of(words, required=_("Say why."))
    contract.ended_at = timezone.now()
    event, kind, notice = {
        "cancel": (event_kinds.CANCELLED, Kind.CANCELLED, notices.CANCELLED),
        "revoke": (event_kinds.REVOKED, Kind.REVOKED, notices.REVOKED),
    }[step]
    move(
        contract, step, "ended_at",
        actor=actor, event=event, kind=kind, words=words, data={"number": contract.number},
    )  # fmt: skip
    tell_parties(contract, notice, number=contract.number or "", reason=words)
    return contract
