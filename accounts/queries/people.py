"""People: profiles, memberships, certificates."""

import datetime as dt

from django.db.models import QuerySet

from accounts.models import BrokerQualification, Membership, User
from marketplace.core.actor import Actor


def self_of(actor: Actor) -> User | None:
    """The person behind the actor."""
    return User.objects.filter(pk=actor.user_id).first() if actor.user_id else None


def memberships_of(actor: Actor) -> QuerySet[Membership]:
    """The actor's own memberships with their organisations."""
    return (
        Membership.objects.filter(user_id=actor.user_id or 0)
        .select_related("organisation")
        .order_by("id")
    )


def qualifications_of(actor: Actor) -> QuerySet[BrokerQualification]:
    """The actor's own broker certificates, newest first."""
    return BrokerQualification.objects.filter(user_id=actor.user_id or 0).order_by(
        "-issued_on", "-id"
    )


def qualified_ids(user_ids: set[int], on: dt.date) -> set[int]:
    """Which of these people hold a broker certificate that is valid on a day."""
    return set(
        BrokerQualification.objects.filter(user_id__in=user_ids, issued_on__lte=on)
        .exclude(expires_on__lt=on)
        .values_list("user_id", flat=True)
    )
