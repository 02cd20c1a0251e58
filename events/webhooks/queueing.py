"""An event becomes messages, in the transaction that records it.

Rows of the same transaction cannot be lost, and none is sent of what was rolled back; a cursor over
the events would have to wait for every open transaction, since ids are given out before they are
committed. The price is one look at a small partial index for each event that concerns somebody.
"""

import datetime as dt

from django.db import connection
from django.utils import timezone

from events.models import Event
from events.webhooks.models import Webhook, WebhookDelivery
from events.webhooks.queries import is_sent, told_of
from marketplace.core.jobs import enqueue, enqueue_many, withdraw

JOB = "events.deliver_webhook"
GIVE_UP_AFTER = dt.timedelta(days=1)


def queue(event: Event) -> None:
    """Write a message for each webhook that is told of the event."""
    if not event.organisation_ids or not is_sent(event.kind):
        return
    hooks = list(told_of(event).values_list("pk", flat=True))
    if not hooks:
        return
    # Held until the end of the transaction: one that was removed meanwhile would undo all of it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM events_webhook WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [hooks]
        )
        hooks = [row[0] for row in cursor.fetchall()]
    now = timezone.now()
    made = WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                webhook_id=pk, event=event, kind=event.kind, next_try_at=now,
                give_up_at=now + GIVE_UP_AFTER,
            )
            for pk in hooks
        ]
    )  # fmt: skip
    enqueue_many(JOB, [(key_of(row.pk), {"delivery": row.pk}) for row in made])


def queue_test(webhook: Webhook, kind: str) -> WebhookDelivery:
    """Write a message that tells of nothing."""
    now = timezone.now()
    row = WebhookDelivery.objects.create(
        webhook=webhook, kind=kind, asked=True, next_try_at=now, give_up_at=now + GIVE_UP_AFTER
    )
    enqueue(JOB, {"delivery": row.pk}, key=key_of(row.pk))
    return row


def queue_again(row: WebhookDelivery, *, delay: float = 0) -> None:
    """Ask for the next try, in place of one that waits. delay: seconds."""
    withdraw(JOB, key_of(row.pk))
    enqueue(JOB, {"delivery": row.pk}, key=key_of(row.pk), delay=delay)


def key_of(pk: int) -> str:
    """Ends with a full stop, so that no key begins another."""
    return f"{pk}."
