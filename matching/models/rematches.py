"""Matching the market again: one row for the whole, one for each batch of listings."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Kind


class Rematch(models.Model):
    """One matching of the market anew, by one version of the weights.

    Its listings are planned in batches (rows below), each done by one job. `state` moves only by
    matching.actions.rematching and matching.actions.rematch_turns. Rows are kept: they are few.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        REPLACED = "replaced", _("replaced by newer weights")

    class Cause(models.TextChoices):
        WEIGHTS = "weights", _("other weights came into force")
        ASKED = "asked", _("an operator asked for it")

    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    model_version = models.CharField(max_length=20)
    kind = models.CharField(
        max_length=12, choices=Kind.choices, blank=True, help_text=_("Empty: both.")
    )
    before = models.DateTimeField(
        null=True, blank=True, help_text=_("Also what was matched already, if before then.")
    )
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    begun_at = models.DateTimeField(auto_now_add=True)
    planned_to = models.BigIntegerField(
        default=0, help_text=_("Listings up to this id have been looked at.")
    )
    planned_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When all had been looked at; null: still counting.")
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="running"),
                name="rematch_one_running",
                violation_error_message=_("The market is being matched again already."),
            )
        ]

    def __str__(self) -> str:
        return f"rematch {self.pk} by {self.model_version}"


class RematchBatch(models.Model):
    """Listings that one job matches. handed_on: those that failed and have a job of their own."""

    rematch = models.ForeignKey(Rematch, on_delete=models.CASCADE, related_name="batches")
    listings = ArrayField(models.BigIntegerField())
    size = models.PositiveSmallIntegerField()
    handed_on = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # what is left
            models.Index(
                fields=["rematch"], condition=Q(done_at__isnull=True), name="rematch_batch_left"
            ),
            # the pace of late
            models.Index(fields=["rematch", "done_at"], name="rematch_batch_done"),
        ]
