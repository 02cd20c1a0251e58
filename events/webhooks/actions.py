"""What owners do with their webhooks. Secrets leave this module once, when they are made."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import event_kinds
from events.actions import record
from events.webhooks import addresses, queries, signing
from events.webhooks.models import Webhook, WebhookDelivery
from events.webhooks.queueing import GIVE_UP_AFTER, queue_again, queue_test
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, NotFound, Refused, field_error

MAX_WEBHOOKS = 10  # of one organisation: each event is written once for each of them
EARLIER_FOR = dt.timedelta(days=1)
_MAX_NOTE = 120


@transaction.atomic
def add_webhook(
    *, actor: Actor, organisation_id: int, url: str, kinds: Iterable[str], note: str = ""
) -> tuple[Webhook, str]:
    """Returns the webhook and its secret, which is not shown again.

    Raises Refused for who is no owner, Invalid on `url`, `kinds` or `note`, Conflict `too_many`.
    """
    _require_owner(actor, organisation_id)
    if Webhook.objects.filter(organisation_id=organisation_id).count() >= MAX_WEBHOOKS:
        raise Conflict("too_many", _("An organisation has ten webhooks at most. Remove one first."))
    secret = signing.new_secret()
    hook = Webhook.objects.create(
        organisation_id=organisation_id, url=addresses.checked(url), kinds=_checked(kinds),
        note=_words(note), sealed_secret=signing.seal(secret),
    )  # fmt: skip
    _record(event_kinds.WEBHOOK_ADDED, hook, actor)
    return hook, secret


@transaction.atomic
def change_webhook(*, actor: Actor, webhook_id: int, facts: dict[str, Any]) -> Webhook:
    """Change url, kinds or note, what is given of them. Raises as add_webhook."""
    hook = _locked(actor, webhook_id)
    if "url" in facts:
        hook.url = addresses.checked(facts["url"])
        hook.failures, hook.failing_since, hook.rests_until = 0, None, None
    if "kinds" in facts:
        hook.kinds = _checked(facts["kinds"])
    if "note" in facts:
        hook.note = _words(facts["note"])
    hook.save()
    _record(event_kinds.WEBHOOK_CHANGED, hook, actor)
    return hook


@transaction.atomic
def change_secret(*, actor: Actor, webhook_id: int) -> tuple[Webhook, str]:
    """A new secret; messages are signed with the one before as well for a day. Asked for again
    within that day, the oldest ends at once."""
    hook = _locked(actor, webhook_id)
    secret = signing.new_secret()
    # one that the server's key no longer opens can sign nothing
    is_kept = signing.is_readable(hook.sealed_secret)
    hook.earlier_secret = hook.sealed_secret if is_kept else ""
    hook.earlier_until = timezone.now() + EARLIER_FOR if is_kept else None
    hook.sealed_secret = signing.seal(secret)
    hook.save(update_fields=["earlier_secret", "sealed_secret", "earlier_until"])
    _record(event_kinds.WEBHOOK_SECRET_CHANGED, hook, actor)
    return hook, secret


@transaction.atomic
def start_webhook(*, actor: Actor, webhook_id: int) -> Webhook:
    """Switch it on again; what was missed is not sent. One that is on stays as it is."""
    hook = _locked(actor, webhook_id)
    if hook.is_on:
        return hook
    hook.stopped = ""
    hook.failures, hook.failing_since, hook.rests_until = 0, None, None
    hook.save()
    _record(event_kinds.WEBHOOK_STARTED, hook, actor)
    return hook


@transaction.atomic
def stop_webhook(*, actor: Actor, webhook_id: int) -> Webhook:
    """Send nothing more; what waits is given up."""
    hook = _locked(actor, webhook_id)
    if not hook.is_on:
        return hook
    hook.stopped = Webhook.Stopped.BY_OWNER
    hook.save(update_fields=["stopped"])
    _record(event_kinds.WEBHOOK_STOPPED, hook, actor, why=hook.stopped)
    return hook


@transaction.atomic
def remove_webhook(*, actor: Actor, webhook_id: int) -> None:
    """Remove it with its messages."""
    hook = _locked(actor, webhook_id)
    _record(event_kinds.WEBHOOK_REMOVED, hook, actor)
    hook.delete()


@transaction.atomic
def send_test(*, actor: Actor, webhook_id: int) -> WebhookDelivery:
    """Send a message of the kind webhook.test, also to one that is stopped."""
    return queue_test(_locked(actor, webhook_id), queries.TEST)


@transaction.atomic
def try_again(*, actor: Actor, delivery_id: int) -> WebhookDelivery:
    """Send a message now, once more if it was delivered; for a day from now if it fails.

    Raises Conflict `stopped` for a webhook that is stopped.
    """
    row = (
        queries.deliveries_visible_to(actor)
        .select_related(None)
        .select_for_update(of=("self",))
        .filter(pk=delivery_id)
        .first()
    )
    if row is None:
        raise NotFound
    if row.event_id is not None and not row.webhook.is_on:
        raise Conflict("stopped", _("The webhook is stopped. Switch it on first."))
    now = timezone.now()
    row.state, row.asked = WebhookDelivery.State.WAITING, True
    row.next_try_at, row.give_up_at = now, now + GIVE_UP_AFTER
    row.save(update_fields=["state", "asked", "next_try_at", "give_up_at"])
    queue_again(row)
    return row


def _require_owner(actor: Actor, organisation_id: int) -> None:
    if not actor.can(organisation_id):
        raise Refused("owners_only", _("Only owners of the organisation look after its webhooks."))


def _locked(actor: Actor, webhook_id: int) -> Webhook:
    hook = (
        queries.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=webhook_id)
        .first()
    )
    if hook is None:
        raise NotFound
    return hook


def _checked(kinds: Iterable[str]) -> list[str]:
    chosen = sorted(set(kinds))
    if not chosen:
        raise field_error("kinds", _("Choose at least one kind of event."), code="required")
    unknown = [kind for kind in chosen if not queries.is_sent(kind)]
    if unknown:
        raise field_error(
            "kinds", _("Unknown: %(names)s.") % {"names": ", ".join(unknown)[:200]},
            code="unknown_code",
        )  # fmt: skip
    return chosen


def _words(note: str) -> str:
    try:
        text = clean_text(note)
    except ValidationError as error:
        raise field_error("note", error.messages[0], code="control_characters") from None
    if len(text) > _MAX_NOTE:
        raise field_error("note", _("At most 120 characters."), code="too_long")
    return text


def _record(kind: str, hook: Webhook, actor: Actor, **data: str) -> None:
    record(kind, actor=actor, obj=hook, organisation_ids=[hook.organisation_id], data=data)
