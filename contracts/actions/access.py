"""Fetch a contract under its lock, with the right of the actor to do the step."""

from django.utils.translation import gettext_lazy as _

from contracts import states
from contracts.models import Contract
from contracts.queries import desk, ties
from contracts.queries.visibility import may_edit, visible_to
from marketplace.core import gates
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale


def locked(contract_id: int) -> Contract:
    """The row, locked until the transaction ends. Raises NotFound."""
    return gates.lock(Contract.objects.all(), contract_id)


def locked_for_parties(
    contract_id: int, actor: Actor, *, expected_version: int | None = None
) -> Contract:
    """For a step of the parties.

    Raises NotFound when the actor may not see it, Refused when it may only see it, Stale when
    expected_version is given and is not the stored one.
    """
    contract = locked(contract_id)
    if not may_edit(contract, actor):
        if visible_to(actor).filter(pk=contract_id).exists():
            raise Refused(
                "not_your_contract",
                _("Only editors, brokers and owners of the side that registers or of the drafting "
                  "organisation may do this."),
            )  # fmt: skip
        raise NotFound
    check_version(contract, expected_version)
    return contract


def locked_for_change(
    contract_id: int, actor: Actor, *, expected_version: int | None = None
) -> Contract:
    """For changing facts or files: a draft or a returned contract. Raises Conflict for another."""
    contract = locked_for_parties(contract_id, actor, expected_version=expected_version)
    if not contract.is_open_to_parties:
        if contract.state in states.NUMBERED:
            raise Conflict(
                "registered",
                _("Registered facts are never edited. Draft an amendment instead."),
            )
        raise Conflict(
            "wrong_state",
            _("It lies with the registration point now. It can be changed when it is returned."),
        )
    return contract


def locked_at_point(
    contract_id: int, actor: Actor, *, expected_version: int | None = None
) -> Contract:
    """For a step of the registration point: the actor is a registrar there and not tied to a party.

    Raises NotFound, Refused `tied`, Stale.
    """
    contract = locked(contract_id)
    if not desk.at_points(actor).filter(pk=contract_id).exists():
        raise NotFound
    if ties.is_tied(actor.user_id, contract):
        raise Refused(
            "tied",
            _("You belong to a party, its institution or its alliance, so another registrar must "
              "examine this contract."),
        )  # fmt: skip
    check_version(contract, expected_version)
    return contract


def check_version(contract: Contract, expected: int | None) -> None:
    """Raises Stale when the caller read another version than the stored one."""
    if expected is not None and expected != contract.version:
        raise Stale(
            "stale_version",
            _("It was changed after you opened it. Reload to see the present facts; what you typed "
              "is still here to copy."),
        )  # fmt: skip


def require_examiner(contract: Contract, actor: Actor) -> None:
    """Raises Refused unless the actor has claimed the contract."""
    if not actor.is_system and contract.examiner_id != actor.user_id:
        raise Refused("not_your_file", _("Another registrar examines this contract."))
