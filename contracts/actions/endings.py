"""What ends a registration: cancelled by the parties, revoked by the authority."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import event_kinds, notices
from contracts.actions.access import locked, locked_at_point, locked_for_parties
from contracts.actions.moves import Kind, move, tell_parties
from contracts.models import Contract
from contracts.queries import desk
from contracts.queries.visibility import may_submit, visible_to
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import NotFound, Refused


@transaction.atomic
def cancel(
    *, actor: Actor, contract_id: int, words: str, expected_version: int | None = None
) -> Contract:
    """End a registration because the contract was rescinded or ended: by the side that registers
    it, or by a registrar of its point at its request. Needs a reason in words.

    Raises Refused to others who see it, such as a buyer who drafted what the seller registered.
    """
    if _registers(contract_id, actor):
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


def _registers(contract_id: int, actor: Actor) -> bool:
    """Whether the actor cancels for the side that registers, as opposed to the point."""
    contract = locked(contract_id)
    if may_submit(contract, actor):
        return True
    if desk.at_points(actor).filter(pk=contract_id).exists():
        return False
    if visible_to(actor).filter(pk=contract_id).exists():
        raise Refused(
            "not_the_registrant",
            _("The side that registered the contract cancels it, or the registration point. Ask "
              "one of them."),
        )  # fmt: skip
    raise NotFound


def _end(contract: Contract, step: str, actor: Actor, words: str) -> Contract:
    words = words_of("words", words, missing=_("Say why."))
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
