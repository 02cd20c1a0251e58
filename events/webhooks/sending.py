"""Send one message, note how it went, and decide what comes next. By jobs only.

At least once: a worker that dies between sending and noting leaves the message waiting, and it goes
out again under the same id. No transaction is open while the other side is waited for.
"""

import datetime as dt
import json
import random
import time
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from events import event_kinds
from events.actions import notify, record
from events.kinds import resource_of
from events.webhooks import addresses, notices, signing
from events.webhooks.models import Webhook, WebhookDelivery
from events.webhooks.queries import may_have
from events.webhooks.queueing import queue_again
from marketplace.core.actor import Actor
from marketplace.core.http_client import OutboundRefused, call

State = WebhookDelivery.State
# Seconds before the second try, the third, and so on; the last holds for all that follow.
PAUSES = (10, 60, 300, 900, 3600, 7200, 14400)
GONE = 410
KEEP = dt.timedelta(days=30)
OVERDUE = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """status: None when there was no answer; fault: then why, a code."""

    status: int | None
    fault: str
    answer: str
    milliseconds: int

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver(delivery_id: int) -> None:
    """Make the next try of a message, unless it is done or its address rests after a failure."""
    row = (
        WebhookDelivery.objects.select_related("webhook__organisation", "event")
        .filter(pk=delivery_id, state=State.WAITING)
        .first()
    )
    if row is None:
        return
    hook, now = row.webhook, timezone.now()
    if row.event is not None and not may_have(hook, row.event):
        _give_up(row, "not_visible")
    elif not hook.is_on and not row.asked:
        _give_up(row, "stopped")
    elif now >= row.give_up_at:
        _give_up(row, row.fault or "too_late")
    elif hook.rests_until is not None and now < hook.rests_until and not row.asked:
        # spread out, so that they do not all come at the moment that the rest ends
        rest = (hook.rests_until - now).total_seconds() + random.uniform(0, 20)  # noqa: S311
        with transaction.atomic():
            _plan(row, now, rest)
            row.save(update_fields=["next_try_at"])
    else:
        _note(row, _send(row))


def message_of(row: WebhookDelivery) -> dict[str, Any]:
    """What is sent: ids and codes. The receiver reads the rest from the API, as far as it may."""
    event = row.event
    path = resource_of(event.object_type, event.object_id) if event else ""
    return {
        "id": message_id(row),
        "kind": row.kind,
        "at": (event.created_at if event else row.created_at).isoformat(),
        "organisation": row.webhook.organisation.public_id,
        "object": {
            "type": event.object_type,
            "id": event.object_id,
            "url": f"{settings.PUBLIC_URL}/api/v1/{path}" if path else None,
        }
        if event
        else None,
    }


def message_id(row: WebhookDelivery) -> str:
    return f"msg_{row.message_id.hex}"


def tidy() -> int:
    """Ask again for what is overdue (a job that failed for good), forget what is old. Returns how
    many are asked for."""
    late = WebhookDelivery.objects.filter(
        state=State.WAITING, next_try_at__lt=timezone.now() - OVERDUE
    )
    asked = 0
    for row in late.order_by("next_try_at")[:1000]:
        with transaction.atomic():
            queue_again(row)
        asked += 1
    WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEEP).delete()
    return asked


def _send(row: WebhookDelivery) -> Outcome:
    hook = row.webhook
    body = json.dumps(message_of(row), separators=(",", ":")).encode()
    sealed = [hook.sealed_secret]
    if hook.earlier_until is not None and timezone.now() < hook.earlier_until:
        sealed.append(hook.earlier_secret)
    started = time.monotonic()
    try:
        signed = signing.headers(sealed, message_id(row), int(time.time()), body)
        answer = call(
            "POST", hook.url, content=body, limits=addresses.limits(),
            headers={
                "Content-Type": "application/json", "Accept-Encoding": "identity",
                "User-Agent": "Yizhan-Webhook/1", **signed,
            },
        )  # fmt: skip
    except InvalidToken:
        return Outcome(None, "secret_lost", "", 0)
    except OutboundRefused as error:
        return Outcome(None, error.code, "", _since(started))
    text = answer.body.decode("utf-8", "replace").replace("\x00", "")[: addresses.KEPT]
    return Outcome(answer.status, "", text, _since(started))


def _since(started: float) -> int:
    return round(1000 * (time.monotonic() - started))


@transaction.atomic
def _note(row: WebhookDelivery, outcome: Outcome) -> None:
    """Write down a try. The webhook's row is locked for that moment alone, and only when it has
    something to learn."""
    now = timezone.now()
    row.tries += 1
    row.tried_at, row.status_code, row.fault = now, outcome.status, outcome.fault
    row.answer, row.duration_ms, row.asked = outcome.answer, outcome.milliseconds, False
    if outcome.is_delivered:
        row.state = State.DELIVERED
        Webhook.objects.filter(pk=row.webhook_id, failures__gt=0).update(
            failures=0, failing_since=None, rests_until=None
        )
    else:
        pause = PAUSES[min(row.tries, len(PAUSES)) - 1] * random.uniform(1, 1.1)  # noqa: S311
        is_too_late = now + dt.timedelta(seconds=pause) >= row.give_up_at
        if _failed(row, outcome, now) or is_too_late:
            row.state = State.GIVEN_UP
        else:
            _plan(row, now, pause)
    row.save()


def _failed(row: WebhookDelivery, outcome: Outcome, now: dt.datetime) -> bool:
    """Note a failure with the webhook; returns whether that ends it."""
    hook = Webhook.objects.select_for_update(no_key=True).filter(pk=row.webhook_id).first()
    if hook is None or not hook.is_on:
        return True
    hook.failing_since = hook.failing_since or now
    if hook.rests_until is None or now >= hook.rests_until:  # else it is the same fault, once more
        hook.failures += 1
        pause = PAUSES[min(hook.failures, len(PAUSES)) - 1]
        hook.rests_until = now + dt.timedelta(seconds=pause)
    days = dt.timedelta(days=settings.WEBHOOK_STOP_AFTER_DAYS)
    if outcome.status == GONE:
        hook.stopped = Webhook.Stopped.GONE
    elif now - hook.failing_since >= days:
        hook.stopped = Webhook.Stopped.FAILED
    hook.save(update_fields=["failures", "failing_since", "rests_until", "stopped"])
    if hook.stopped:
        _tell_stopped(hook)
    return bool(hook.stopped)


def _tell_stopped(hook: Webhook) -> None:
    record(
        event_kinds.WEBHOOK_STOPPED, actor=Actor.system(), obj=hook,
        organisation_ids=[hook.organisation_id], data={"why": hook.stopped},
    )  # fmt: skip
    owners = get_user_model().objects.filter(
        memberships__organisation_id=hook.organisation_id,
        memberships__roles__contains=["owner"],
        is_active=True,
    )
    notify(
        owners.values_list("pk", flat=True), notices.STOPPED,
        params={"host": addresses.host_of(hook.url)},
        url=reverse("organisation_webhook", args=[hook.organisation.public_id, hook.public_id]),
    )  # fmt: skip


def _plan(row: WebhookDelivery, now: dt.datetime, seconds: float) -> None:
    row.next_try_at = now + dt.timedelta(seconds=seconds)
    queue_again(row, delay=seconds)


def _give_up(row: WebhookDelivery, fault: str) -> None:
    WebhookDelivery.objects.filter(pk=row.pk, state=State.WAITING).update(
        state=State.GIVEN_UP, fault=fault, asked=False
    )
