"""Marketing of a case: whom somebody approached, what came of it. No client reads it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals.models.cases import MAX_TITLE, Case
from deals.models.introductions import CloseReason
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class ApproachChannel(models.TextChoices):
    MAIL = "mail", pgettext_lazy("channel", "mail")
    PHONE = "phone", pgettext_lazy("channel", "phone")
    MEETING = "meeting", pgettext_lazy("channel", "meeting")
    FAIR = "fair", pgettext_lazy("channel", "fair or event")
    CHAT = "chat", pgettext_lazy("channel", "messenger")
    OTHER = "other", pgettext_lazy("channel", "another way")


class ApproachOutcome(models.TextChoices):
    NO_ANSWER = "no_answer", pgettext_lazy("approach", "no answer")
    NOT_INTERESTED = "not_interested", pgettext_lazy("approach", "not interested")
    INTERESTED = "interested", pgettext_lazy("approach", "interested")
    NDA_ASKED = "nda_asked", pgettext_lazy("approach", "asked for an NDA")
    IN_TALKS = "in_talks", pgettext_lazy("approach", "in talks")


class Approach(models.Model):
    """One contact made. `reason`: of somebody who is not interested, with the codes of CloseReason,
    so that figures add up."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approaches")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=160, blank=True, validators=[plain_text])
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_on = models.DateField()
    channel = models.CharField(max_length=8, choices=ApproachChannel.choices)
    outcome = models.CharField(max_length=16, choices=ApproachOutcome.choices)
    reason = models.CharField(max_length=24, choices=CloseReason.choices, blank=True)
    next_step = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    next_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(organisation__isnull=True) & ~Q(name=""))
                | Q(organisation__isnull=False, name=""),
                name="approach_is_to_somebody",
                violation_error_message=_("Name an organisation or a person."),
            ),
            models.CheckConstraint(
                condition=(Q(outcome="not_interested") & ~Q(reason=""))
                | (~Q(outcome="not_interested") & Q(reason="")),
                name="approach_reason_when_not_interested",
                violation_error_message=_("Say why they are not interested."),
            ),
        ]
        indexes = [models.Index(fields=["case", "-made_on", "-id"], name="approach_of_case")]

    def __str__(self) -> str:
        return self.public_id
