"""Requests to be verified."""

from django.db.models import QuerySet

from accounts.models import Verification
from marketplace.core.actor import Actor


def visible_to(actor: Actor) -> QuerySet[Verification]:
    """Operators see all; an organisation's owners see its own, evidence included."""
    if actor.is_system or actor.is_operator:
        return Verification.objects.all()
    return Verification.objects.filter(organisation_id__in=sorted(actor.ids_with("owner")))


def queue(actor: Actor) -> QuerySet[Verification]:
    """What waits for an operator, oldest first."""
    return (
        visible_to(actor)
        .filter(state=Verification.State.WAITING)
        .select_related("organisation", "asked_by")
        .order_by("created_at")
    )
