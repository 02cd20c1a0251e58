"""Noting that a person looks at its inbox."""

import datetime as dt

from django.utils import timezone

from marketplace.core.actor import Actor
from matching.models import InboxVisit

PAUSE = dt.timedelta(minutes=30)  # after which a look is another visit
FINE = dt.timedelta(minutes=1)  # looks closer to each other than this are not written down


def note_visit(*, actor: Actor) -> dt.datetime | None:
    """Since when what came is new to the person; None for the first visit.

    One query, and another when there is something to note.
    """
    if actor.user_id is None:
        return None
    now = timezone.now()
    visit = InboxVisit.objects.filter(person_id=actor.user_id).first()
    if visit is None:
        InboxVisit.objects.bulk_create(
            [InboxVisit(person_id=actor.user_id, seen_at=now)], ignore_conflicts=True
        )
        return None
    if now - visit.seen_at > PAUSE:
        visit.since = visit.seen_at
    if now - visit.seen_at > FINE:
        InboxVisit.objects.filter(pk=visit.pk).update(since=visit.since, seen_at=now)
    return visit.since
