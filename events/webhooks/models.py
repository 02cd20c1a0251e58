"""Where an organisation wants to be told, and each message that goes there."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class Webhook(models.Model):
    """An address and the kinds of events it is told. One that stopped is told nothing: what
    happens meanwhile is read from the API."""

    class Stopped(models.TextChoices):
        BY_OWNER = "by_owner", _("Switched off by an owner")
        FAILED = "failed", _("Stopped, since every message failed for days")
        GONE = "gone", _("Stopped, since the address answered that it is gone")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=500)
    note = models.CharField(max_length=120, blank=True, validators=[plain_text])
    kinds = ArrayField(models.CharField(max_length=60))
    sealed_secret = models.TextField()
    earlier_secret = models.TextField(blank=True, help_text=_("Signs as well until its end."))
    earlier_until = models.DateTimeField(null=True)
    stopped = models.CharField(max_length=10, choices=Stopped.choices, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text=_("One after the other."))
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(
        null=True, help_text=_("After a failure: other messages do not run against the wall too.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # who is told of an event: asked for every event
            models.Index(
                fields=["organisation"], condition=Q(stopped=""), name="webhook_of_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"webhook {self.public_id}"

    @property
    def is_on(self) -> bool:
        return not self.stopped


class WebhookDelivery(models.Model):
    """One message to one address: the last try stands in it, and what is to come."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("message", "on its way")
        DELIVERED = "delivered", pgettext_lazy("message", "delivered")
        GIVEN_UP = "given_up", pgettext_lazy("message", "given up")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(
        "events.Event", on_delete=models.PROTECT, null=True, related_name="+",
        help_text=_("Empty for a test."),
    )  # fmt: skip
    kind = models.CharField(max_length=60)
    message_id = models.UUIDField(default=uuid.uuid4, help_text=_("The same in every try."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked = models.BooleanField(
        default=False, help_text=_("A person wants the next try now, whatever failed before.")
    )
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    status_code = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    fault = models.CharField(max_length=40, blank=True, help_text=_("Why there is no answer."))
    answer = models.CharField(max_length=500, blank=True, help_text=_("How the answer begins."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event"],
                name="webhook_told_once",
                violation_error_message=_("This message exists."),
            )
        ]
        indexes = [
            # the list of an address, newest first
            models.Index(fields=["webhook", "-id"], name="webhook_deliveries"),
            # what is overdue: a job that was lost to a fault
            models.Index(
                fields=["next_try_at"], condition=Q(state="waiting"), name="webhook_waiting"
            ),
            # what is forgotten
            models.Index(fields=["created_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
