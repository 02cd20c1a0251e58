"""Who is too close to a contract to examine it."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership
from accounts.queries.alliances import allied_ids
from contracts.models import Contract, ContractParty
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


def untied(queryset: QuerySet[Contract], user_id: int) -> QuerySet[Contract]:
    """Of several contracts those that a person is not tied to; the same as `is_tied`, asked from
    the person's side."""
    own = Membership.objects.filter(user_id=user_id).values_list("organisation_id", flat=True)
    near = sorted(allied_ids(frozenset(own)))
    party = ContractParty.objects.filter(contract=OuterRef("pk"), organisation_id__in=near)
    # nobody has drafted what came in an import: `exclude` knows of NULL, a `~` in SQL does not
    return queryset.exclude(Q(drafted_by_id=user_id) | Q(filed_by_id__in=near) | Q(Exists(party)))


def close_ids(contract: Contract) -> frozenset[int]:
    """The parties, the drafting organisation, and their allies."""
    return allied_ids(frozenset(organisation_ids(contract)))


def point_is_tied(contract: Contract) -> bool:
    """Whether every registrar of the chosen point would be tied."""
    return contract.registration_point_id in close_ids(contract)
