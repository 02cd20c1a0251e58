"""Kinds of events of this room."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare

WEBHOOK_ADDED = declare("webhook.added", _("Webhook added"))
WEBHOOK_CHANGED = declare("webhook.changed", _("Webhook changed"))
WEBHOOK_SECRET_CHANGED = declare("webhook.secret_changed", _("Secret of a webhook changed"))
WEBHOOK_STARTED = declare("webhook.started", _("Webhook switched on"))
WEBHOOK_STOPPED = declare("webhook.stopped", _("Webhook stopped"))
WEBHOOK_REMOVED = declare("webhook.removed", _("Webhook removed"))
