"""What a registrar asks the parties during examination, and what they answer: both append-only."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models.contracts import Contract
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class Side(models.TextChoices):
    """registrant: whoever may submit the contract, and whoever drafted it for them."""

    REGISTRANT = "registrant", _("the registering side")
    OTHER = "other", _("the other side")


class ContractQuestion(models.Model):
    """Whom it was put to is kept as it was: parties may change when the file is returned later."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="questions")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    words = models.TextField(max_length=4000, validators=[plain_text])
    answer_by = models.DateField(
        null=True, blank=True, help_text=_("A wish; a later answer is taken, too.")
    )
    registrants = ArrayField(
        models.BigIntegerField(), default=list, help_text=_("Organisations asked on this side.")
    )
    others = ArrayField(
        models.BigIntegerField(), default=list, blank=True,
        help_text=_("Organisations asked on the other side; empty when it was not asked."),
    )  # fmt: skip
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"question {self.public_id}"

    @property
    def asked(self) -> dict[str, list[int]]:
        """Side -> organisations asked there; without a side that was not asked."""
        sides = {Side.REGISTRANT.value: self.registrants, Side.OTHER.value: self.others}
        return {side: ids for side, ids in sides.items() if ids}


class ContractAnswer(models.Model):
    """Read by its own side and by the registration point, never by the other side."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    question = models.ForeignKey(ContractQuestion, on_delete=models.CASCADE, related_name="answers")
    side = models.CharField(max_length=10, choices=Side.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    words = models.TextField(max_length=4000, validators=[plain_text])
    file = models.FileField(upload_to="contracts/answers/%Y/%m", max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True, validators=[plain_text])
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"answer {self.public_id}"
