"""Who is too close to a contract to examine it."""

from accounts.models import Membership
from accounts.queries.alliances import allied_ids
from contracts.models import Contract
from contracts.queries.visibility import organisation_ids


def is_tied(user_id: int | None, contract: Contract) -> bool:
    """Whether a person is a member of a party, of its TTI (the broker of the contract, or whoever
    drafted it), or of an organisation that shares an alliance with one of them.

    The registration point itself counts like any other organisation: a point that is a party's
    ally cannot judge its contracts. The system is nobody and is never tied.
    """
    if user_id is None:
        return False
    if contract.drafted_by_id == user_id:
        return True
    close = close_ids(contract)
    return Membership.objects.filter(user_id=user_id, organisation_id__in=sorted(close)).exists()


def close_ids(contract: Contract) -> frozenset[int]:
    """The parties, the drafting organisation, and their allies."""
    return allied_ids(frozenset(organisation_ids(contract)))


def point_is_tied(contract: Contract) -> bool:
    """Whether every registrar of the chosen point would be tied."""
    return contract.registration_point_id in close_ids(contract)
