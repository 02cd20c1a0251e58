"""What is said in an introduction, and the agreement under which confidential things may be."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals.models.introductions import Introduction, Side
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_MESSAGE = 4000


class IntroductionMessage(models.Model):
    """Plain text, read by the parties and the broker; never changed."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    introduction = models.ForeignKey(
        Introduction, on_delete=models.CASCADE, related_name="messages"
    )
    side = models.CharField(max_length=10, choices=Side.choices)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(max_length=MAX_MESSAGE, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            # the thread, and its last message
            models.Index(fields=["introduction", "-id"], name="introduction_thread")
        ]

    def __str__(self) -> str:
        return f"message {self.public_id}"


class NdaAcceptance(models.Model):
    """One party accepted one text of the agreement: kept with the hash of that text."""

    introduction = models.ForeignKey(
        Introduction, on_delete=models.CASCADE, related_name="nda_acceptances"
    )
    side = models.CharField(
        max_length=10,
        choices=[choice for choice in Side.choices if choice[0] != Side.BROKER.value],
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    nda_version = models.CharField(max_length=20)
    text_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the accepted text."))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(
        max_length=80, validators=[plain_text], help_text=_("As the person signed.")
    )
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["introduction", "side", "text_hash"],
                name="nda_accepted_once",
                violation_error_message=_("Your side has already accepted this agreement."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.side} accepted {self.nda_version}"
