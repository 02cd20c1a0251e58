"""What was decided about a contract, and what it said at each submission: both append-only."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from contracts.models.contracts import Contract
from marketplace.core.cleaning import plain_text


class ContractDecision(models.Model):
    """One step in the life of a contract, as its timeline shows it."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("contract", "Submitted")
        WITHDRAWN = "withdrawn", pgettext_lazy("contract", "Withdrawn")
        CLAIMED = "claimed", _("Examination begun")
        RELEASED = "released", _("Put back into the queue")
        RETURNED = "returned", _("Returned for completion")
        PASSED_ON = "passed_on", _("Passed to second review")
        SENT_BACK = "sent_back", _("Sent back by the second reviewer")
        REGISTERED = "registered", _("Registered")
        REFUSED = "refused", _("Registration refused")
        AMENDED = "amended", _("Replaced by an amendment")
        CANCELLED = "cancelled", _("Cancelled")
        REVOKED = "revoked", _("Revoked")

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=30, blank=True, help_text=_("Refusal code."))
    words = models.TextField(max_length=4000, blank=True, validators=[plain_text])
    remarks = models.JSONField(default=dict, help_text=_("Field name -> what to correct."))
    is_internal = models.BooleanField(
        default=False, help_text=_("For the registration point, not for the parties.")
    )
    open_questions = models.PositiveSmallIntegerField(
        default=0, help_text=_("Questions without an answer when it was decided all the same.")
    )
    point = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False,
        help_text=_("Where the contract lay; a returned one may go to another point."),
    )  # fmt: skip
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [
            # workload and turnaround of a point in a period
            models.Index(
                fields=["point", "at"],
                condition=models.Q(point__isnull=False),
                name="contract_decision_at_point",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.contract_id}"


class ContractVersion(models.Model):
    """All facts of a contract as they were at one submission or registration."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    is_registered = models.BooleanField(default=False)
    facts = models.JSONField()
    sha256 = models.CharField(max_length=64, help_text=_("Of the facts as canonical JSON."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "number"],
                name="contract_version_once",
                violation_error_message=_("This version exists."),
            )
        ]
