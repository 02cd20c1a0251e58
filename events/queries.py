"""Reading events and notifications."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from events.kinds import KINDS
from events.models import Event, MailPreference, Notification
from events.notices import GROUPS, NOTICES, Notice
from marketplace.core.actor import Actor

HISTORY_LIMIT = 200


def notifications_visible_to(actor: Actor) -> QuerySet[Notification]:
    """A person's own notifications, newest first; nobody else's, not even an operator's."""
    if not actor.is_authenticated:
        return Notification.objects.none()
    return Notification.objects.filter(recipient_id=actor.user_id).order_by("-id")


def about(rows: QuerySet[Notification], group: str) -> QuerySet[Notification]:
    """Those of one group of notices (see events.notices.GROUPS)."""
    known = [kind for kind, entry in NOTICES.items() if entry.group == group]
    if group == "other":  # also kinds that are no longer declared
        return rows.exclude(
            kind__in=[kind for kind, entry in NOTICES.items() if entry.group != group]
        )
    assert group in GROUPS
    return rows.filter(kind__in=known)


def unread_count(actor: Actor) -> int:
    """Counted up to 100: the header shows 99+ beyond."""
    if not actor.is_authenticated:
        return 0
    return notifications_visible_to(actor).filter(read_at__isnull=True).order_by()[:100].count()


def with_unread(kind: str, url: str) -> frozenset[int]:
    """People who have not yet read a notice of this kind about this page."""
    return frozenset(
        Notification.objects.filter(kind=kind, url=url, read_at__isnull=True).values_list(
            "recipient_id", flat=True
        )
    )


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
    """One line of an object's history. `who` is empty for the system and for a person whom the
    reader has no business to know by name."""

    event: Event
    label: str
    who: str


def history_of(
    object_type: str, object_id: str, *, actor: Actor, named: Iterable[int] = ()
) -> list[HistoryLine]:
    """What happened to an object, oldest first: two queries. The caller has gated the object.

    People are named to themselves, to their colleagues and to operators; `named` adds those whom
    the caller has shown to this reader anyway. Everybody else stays a step without a name, since
    an event of an anonymous listing would otherwise give its owner away.
    """
    rows = list(
        events_visible_to(actor)
        .filter(object_type=object_type, object_id=object_id)
        .order_by("id")[:HISTORY_LIMIT]
    )
    names = _names_for(actor, {row.actor_id for row in rows if row.actor_id}, frozenset(named))
    return [
        HistoryLine(
            row,
            str(KINDS[row.kind].label) if row.kind in KINDS else row.kind,
            names.get(row.actor_id or 0, ""),
        )
        for row in rows
    ]


def _names_for(actor: Actor, people: set[int], named: frozenset[int]) -> dict[int, str]:
    found = get_user_model().objects.filter(pk__in=people)
    if not (actor.is_operator or actor.is_system):
        found = found.filter(
            Q(pk=actor.user_id)
            | Q(pk__in=named)
            | Q(memberships__organisation_id__in=sorted(actor.organisation_ids))
        ).distinct()
    return {person.pk: str(person) for person in found}


@dataclass(frozen=True)
class Preference:
    """One kind of notice and when the person wants mail about it."""

    notice: Notice
    when: str

    @property
    def room(self) -> str:
        """The part of the market it is about: "listing", "match", ..."""
        return self.notice.kind.split(".")[0]


def mail_preferences(user_id: int) -> list[Preference]:
    """Every kind of notice with the person's choice, or its default."""
    chosen: dict[str, Any] = dict(
        MailPreference.objects.filter(user_id=user_id).values_list("kind", "when")
    )
    return [Preference(entry, chosen.get(entry.kind, entry.mail)) for entry in NOTICES.values()]


def mail_choices(user_id: int) -> dict[str, str]:
    """Kind -> now, daily, weekly or never, for every kind."""
    return {row.notice.kind: row.when for row in mail_preferences(user_id)}
