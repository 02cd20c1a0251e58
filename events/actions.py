"""Record what happened, tell people, and mail them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import timezone

from events.kinds import KINDS
from events.models import Event, MailPreference, Notification
from events.notices import NOTICES
from events.queries import mail_choices
from events.webhooks.queueing import queue
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.jobs import enqueue


def record(
    kind: str,
    *,
    actor: Actor,
    obj: models.Model | None = None,
    object_type: str = "",
    object_id: str = "",
    organisation_ids: Iterable[int | None] = (),
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event row in the current transaction, and what webhooks are told of it.

    obj gives type and public id; before, after and data hold states, codes, ids and numbers,
    never texts or names. Raises LookupError for a kind that no room declared.
    """
    if kind not in KINDS:
        raise LookupError(f"event kind {kind} is not declared in any event_kinds.py")
    if obj is not None:
        object_type = object_type or obj._meta.model_name or ""
        object_id = object_id or str(getattr(obj, "public_id", obj.pk))
    event = Event.objects.create(
        kind=kind,
        actor_id=actor.user_id,
        token_id=actor.token_id,
        object_type=object_type,
        object_id=object_id,
        organisation_ids=sorted({pk for pk in organisation_ids if pk is not None}),
        before=dict(before or {}),
        after=dict(after or {}),
        data=dict(data or {}),
        request_id=actor.request_id,
    )
    queue(event)
    return event


def notify(
    recipient_ids: Iterable[int],
    kind: str,
    *,
    params: Mapping[str, Any] | None = None,
    url: str = "",
    key: str = "",
) -> None:
    """Tell people, in the current transaction; mail follows by each one's preference.

    key: told once per recipient and key, however often this is called. The caller answers for
    params: nothing that one of the recipients may not see.
    """
    if kind not in NOTICES:
        raise LookupError(f"notice {kind} is not declared in any notices.py")
    people = sorted(set(recipient_ids))
    if not people:
        return
    before = timezone.now()
    Notification.objects.bulk_create(
        [
            Notification(recipient_id=pk, kind=kind, params=dict(params or {}), url=url, key=key)
            for pk in people
        ],
        ignore_conflicts=bool(key),
    )
    chosen = dict(
        MailPreference.objects.filter(kind=kind, user_id__in=people).values_list("user_id", "when")
    )
    now = [pk for pk in people if chosen.get(pk, NOTICES[kind].mail) == "now"]
    fresh = Notification.objects.filter(
        recipient_id__in=now, kind=kind, key=key, url=url, created_at__gte=before
    )
    for notification_id in fresh.values_list("pk", flat=True):
        enqueue("events.mail_one", {"notification": notification_id}, key=str(notification_id))


def mark_read(public_ids: Iterable[str] | None, *, actor: Actor) -> int:
    """Mark the actor's notifications as read, all of them when public_ids is None."""
    mine = Notification.objects.filter(recipient_id=actor.user_id, read_at__isnull=True)
    if public_ids is not None:
        mine = mine.filter(public_id__in=list(public_ids))
    return mine.update(read_at=timezone.now())


def set_mail_preference(kind: str, when: str, *, user_id: int) -> None:
    """Choose when mail about a kind is sent; when is one of that kind's choices."""
    if kind not in NOTICES or when not in NOTICES[kind].choices:
        raise LookupError(kind)
    MailPreference.objects.update_or_create(user_id=user_id, kind=kind, defaults={"when": when})


def stop_mail(kind: str, *, user_id: int) -> None:
    """No more mail of this kind; "*" stops the daily digest, that is every kind sent daily.

    Raises NotFound for a person who is no longer here.
    """
    if not get_user_model().objects.filter(pk=user_id).exists():
        raise NotFound
    if kind == "*":
        kinds = [
            one
            for one, when in mail_choices(user_id).items()
            if when == "daily" and not NOTICES[one].has_own_mail
        ]
    else:
        kinds = [kind] if kind in NOTICES else []
    for one in kinds:
        set_mail_preference(one, MailPreference.When.NEVER, user_id=user_id)


def queue_digests() -> None:
    """One digest job per person who has unmailed notices of a daily kind (run by the clock)."""
    since = timezone.now() - dt.timedelta(days=7)
    people = (
        Notification.objects.filter(
            mailed_at__isnull=True, read_at__isnull=True, created_at__gte=since
        )
        .order_by()
        .values_list("recipient_id", flat=True)
        .distinct()
    )
    with transaction.atomic():
        for pk in people.iterator():
            enqueue("events.mail_digest", {"user": pk}, key=str(pk))
