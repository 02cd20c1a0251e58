"""What happened (append-only), what a person is told of it, and how it wants to be told."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.webhooks.models import Webhook, WebhookDelivery
from marketplace.core.public_id import new_public_id

__all__ = ["Event", "MailPreference", "Notification", "Webhook", "WebhookDelivery"]


class Event(models.Model):
    """One fact. Ids only: no names, no texts, nothing confidential. The database refuses update
    and delete (migration 0002)."""

    kind = models.CharField(max_length=60)
    actor_id = models.BigIntegerField(null=True, help_text=_("Person; empty for the system."))
    token_id = models.BigIntegerField(null=True)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    organisation_ids = ArrayField(models.BigIntegerField(), default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # an object's history
            models.Index(fields=["object_type", "object_id", "id"], name="event_of_object"),
            # what happened to my organisations
            GinIndex(fields=["organisation_ids"], name="event_of_organisation"),
            # figures by kind and time
            models.Index(fields=["kind", "created_at"], name="event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.object_id}".strip()


class Notification(models.Model):
    """One thing a person is told. Kind and parameters are stored, words are made on reading, in
    the reader's language of that moment."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True, help_text=_("Told once per key."))
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "key"],
                condition=~Q(key=""),
                name="notification_once",
                violation_error_message=_("Already told."),
            )
        ]
        indexes = [
            # the list of a person, newest first
            models.Index(fields=["recipient", "-id"], name="notification_list"),
            # the count in the header
            models.Index(
                fields=["recipient"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
            # the daily digest
            models.Index(
                fields=["recipient", "id"],
                condition=Q(mailed_at__isnull=True),
                name="notification_unmailed",
            ),
        ]


class MailPreference(models.Model):
    """How one person wants mail about one kind; without a row the kind's default holds."""

    class When(models.TextChoices):
        NOW = "now", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NEVER = "never", pgettext_lazy("mail", "never")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_preferences"
    )
    kind = models.CharField(max_length=60)
    when = models.CharField(max_length=6, choices=When.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                name="mail_preference_once",
                violation_error_message=_("One choice per kind."),
            )
        ]
