"""Tables of the floor: work to do, and answers already given."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Work to do, written in the transaction that asks for it.

    `state` has one door: marketplace.core.jobs (enqueue, claim, finish, retry).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=80)
    key = models.CharField(
        max_length=120, blank=True, help_text=_("Two waiting jobs never share kind and key.")
    )
    payload = models.JSONField(default=dict)
    queue = models.CharField(max_length=40, default="default")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0)
    max_tries = models.PositiveIntegerField(default=8)
    error = models.TextField(blank=True)
    progress = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state="waiting") & ~Q(key=""),
                name="job_one_waiting_per_key",
                violation_error_message=_("This work is already waiting."),
            )
        ]
        indexes = [
            # the sweeper: what is due
            models.Index(
                fields=["queue", "run_after", "id"],
                condition=Q(state="waiting"),
                name="job_due",
            ),
            # the sweeper: whose worker died
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_leased"),
            # the operator's page: newest of a state
            models.Index(fields=["state", "-id"], name="job_by_state"),
            # the clock: when a kind was last asked for
            models.Index(fields=["kind", "-id"], name="job_by_kind"),
            # forgetting old finished work
            models.Index(fields=["finished_at"], condition=Q(state="done"), name="job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()


class IdempotencyRecord(models.Model):
    """The answer given to one POST with an Idempotency-Key, replayed for a day."""

    owner = models.CharField(max_length=60, help_text=_("The token or person that sent it."))
    key = models.CharField(max_length=200)
    method_path = models.CharField(max_length=400)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "key"],
                name="idempotency_key_once",
                violation_error_message=_("This idempotency key was used before."),
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
