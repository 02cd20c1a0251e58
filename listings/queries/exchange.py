"""Which imports and exports an actor may know of."""

from django.db.models import QuerySet

from listings.models import ExportRun, ImportRun
from listings.rules import EDIT_ROLES
from marketplace.core.actor import Actor


def imports_visible_to(actor: Actor) -> QuerySet[ImportRun]:
    """Imports of organisations in which the actor edits or brokers."""
    if actor.is_system:
        return ImportRun.objects.all()
    return ImportRun.objects.filter(owner_id__in=sorted(actor.ids_with(*EDIT_ROLES)))


def exports_visible_to(actor: Actor) -> QuerySet[ExportRun]:
    """One's own exports, and nobody else's."""
    if actor.user_id is None:
        return ExportRun.objects.none()
    return ExportRun.objects.filter(person_id=actor.user_id)
