"""Imports of contracts that an actor may see."""

from django.db.models import QuerySet

from contracts.models import ContractImport
from contracts.rules import EDIT_ROLES
from marketplace.core.actor import Actor


def imports_visible_to(actor: Actor) -> QuerySet[ContractImport]:
    """Those of organisations in which the actor edits or brokers."""
    if actor.is_system:
        return ContractImport.objects.all()
    return ContractImport.objects.filter(owner_id__in=sorted(actor.ids_with(*EDIT_ROLES)))
