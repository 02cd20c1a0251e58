"""Reading events and notifications."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from events.kinds import KINDS
from events.models import Event, MailPreference, Notification
from events.notices import NOTICES, Notice
from marketplace.core.actor import Actor


def notifications_visible_to(actor: Actor) -> QuerySet[Notification]:
    """A person's own notifications, newest first; nobody else's, not even an operator's."""
    if not actor.is_authenticated:
        return Notification.objects.none()
    return Notification.objects.filter(recipient_id=actor.user_id).order_by("-id")


def unread_count(actor: Actor) -> int:
    """Counted up to 100: the header shows 99+ beyond."""
    if not actor.is_authenticated:
        return 0
    return notifications_visible_to(actor).filter(read_at__isnull=True).order_by()[:100].count()


def events_visible_to(actor: Actor) -> QuerySet[Event]:
    """Operators see all, others what concerns their organisations or what they did themselves."""
    if actor.is_operator or actor.is_system:
        return Event.objects.all()
    if not actor.is_authenticated:
        return Event.objects.none()
    return Event.objects.filter(
        Q(organisation_ids__overlap=sorted(actor.organisation_ids)) | Q(actor_id=actor.user_id)
    )


@dataclass(frozen=True)
class HistoryLine:
    """One line of an object's history. `who` is a name only where the reader may know it."""

    event: Event
    label: str
    who: str


def history_of(object_type: str, object_id: str, *, actor: Actor) -> list[HistoryLine]:
    """What happened to an object, oldest first: two queries. The caller has gated the object."""
    rows = list(
        events_visible_to(actor)
        .filter(object_type=object_type, object_id=object_id)
        .order_by("id")[:200]
    )
    names: dict[int, str] = {
        person.pk: str(person)
        for person in get_user_model().objects.filter(
            pk__in={row.actor_id for row in rows if row.actor_id}
        )
    }
    return [
        HistoryLine(
            row,
            str(KINDS[row.kind].label) if row.kind in KINDS else row.kind,
            names.get(row.actor_id or 0, ""),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Preference:
    notice: Notice
    when: str


def mail_preferences(user_id: int) -> list[Preference]:
    """Every kind of notice with the person's choice, or its default."""
    chosen: dict[str, Any] = dict(
        MailPreference.objects.filter(user_id=user_id).values_list("kind", "when")
    )
    return [Preference(entry, chosen.get(entry.kind, entry.mail)) for entry in NOTICES.values()]
