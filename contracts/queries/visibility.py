"""The one door for reading contracts, and who may act on one."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Organisation
from contracts import states
from contracts.completeness import registrant_ids
from contracts.models import Contract, ContractParty
from contracts.rules import EDIT_ROLES
from marketplace.core.actor import Actor


def visible_to(actor: Actor) -> QuerySet[Contract]:
    """Contracts with all their facts: for owners, editors and brokers of a party or of the
    organisation that drafted it, and for registrars of its point once it was submitted.

    Whoever drafted it sees it as a member of the drafting organisation: leaving that ends it.
    Everybody else has the public register (contracts.queries.register).
    """
    if actor.is_system:
        return Contract.objects.all()
    sides = sorted(actor.ids_with(*EDIT_ROLES))
    points = sorted(actor.ids_with("registrar"))
    if not (sides or points):
        return Contract.objects.none()
    party = ContractParty.objects.filter(contract=OuterRef("pk"), organisation_id__in=sides)
    return Contract.objects.filter(
        Q(filed_by_id__in=sides)
        | Exists(party)
        | Q(registration_point_id__in=points, submitted_at__isnull=False)
    )


def of_parties(actor: Actor) -> QuerySet[Contract]:
    """Contracts that the actor sees for a party's side, not as a registrar; without replaced
    editions."""
    sides = sorted(actor.ids_with(*EDIT_ROLES))
    party = ContractParty.objects.filter(contract=OuterRef("pk"), organisation_id__in=sides)
    return Contract.objects.filter(Q(filed_by_id__in=sides) | Exists(party)).exclude(
        state=states.AMENDED
    )


def with_parties(queryset: QuerySet[Contract]) -> QuerySet[Contract]:
    """Everything a list row shows, in two queries."""
    return queryset.select_related("filed_by", "registration_point").prefetch_related(
        Prefetch("parties", ContractParty.objects.select_related("organisation"))
    )


def with_details(queryset: QuerySet[Contract]) -> QuerySet[Contract]:
    """Everything a contract's own page shows."""
    return (
        with_parties(queryset)
        .select_related("examiner", "second_approver", "drafted_by", "amends", "royalty")
        .prefetch_related("deductions", "files", "instalments", "royalty_steps")
    )


def registration_points() -> QuerySet[Organisation]:
    """Where contracts can be submitted."""
    return Organisation.objects.filter(is_registration_point=True, verified_at__isnull=False)


def may_edit(contract: Contract, actor: Actor) -> bool:
    """Editors and brokers of the drafting organisation and of the sides that register."""
    return any(actor.can(pk, *EDIT_ROLES) for pk in _own_sides(contract))


def may_submit(contract: Contract, actor: Actor) -> bool:
    """Editors and brokers of a side that registers (completeness.registrant_ids). They, too, end
    what they registered."""
    return actor.is_system or any(
        actor.can(pk, *EDIT_ROLES) for pk in registrant_ids(contract.parties.all())
    )


def _own_sides(contract: Contract) -> set[int]:
    return {*registrant_ids(contract.parties.all()), contract.filed_by_id}


def is_of_parties(contract: Contract, actor: Actor) -> bool:
    """Whether the actor belongs to a party's side (as opposed to the registration point)."""
    return any(actor.can(pk, *EDIT_ROLES) for pk in organisation_ids(contract))


def organisation_ids(contract: Contract) -> list[int]:
    """The parties on the platform and the drafting organisation."""
    found = {contract.filed_by_id} | {
        pk for pk in (party.organisation_id for party in contract.parties.all()) if pk is not None
    }
    return sorted(found)
