"""What a technology transfer institution has decided for itself: prices, people, cases, and the
text of the agreement that its rooms ask for."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals.models.commissions import FeeDue
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id

MAX_NDA = 20_000  # characters of one language
OWN = "own-"  # begins the version of a text that an institution wrote


class Takers(models.TextChoices):
    """Who may open cases and be responsible for them, of owners and brokers."""

    ALL = "all", pgettext_lazy("takers", "every broker")
    QUALIFIED = "qualified", pgettext_lazy(
        "takers", "brokers whose certificate is valid on the day"
    )  # fmt: skip
    NAMED = "named", pgettext_lazy("takers", "the people named here")


class CaseReading(models.TextChoices):
    ALL = "all", pgettext_lazy("reading", "all cases of the institution")
    OWN = "own", pgettext_lazy("reading", "their own cases; owners all of them")


class Binding(models.TextChoices):
    BOTH = "both", _("both texts are equally valid")
    ZH = "zh", _("the Chinese text is binding")
    EN = "en", _("the English text is binding")


class CentreNda(models.Model):
    """One version of an institution's own agreement, frozen by the database as it is written
    (migration 0025). `digest` covers every word and which text is binding."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="nda_texts"
    )
    number = models.PositiveIntegerField()
    title_en = models.CharField(max_length=160, blank=True, validators=[plain_text])
    title_zh = models.CharField(max_length=160, blank=True, validators=[plain_text])
    text_en = models.TextField(max_length=MAX_NDA, blank=True, validators=[plain_text])
    text_zh = models.TextField(max_length=MAX_NDA, blank=True, validators=[plain_text])
    binding = models.CharField(max_length=4, choices=Binding.choices, default=Binding.BOTH)
    digest = models.CharField(max_length=64)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            # also the index of an institution's versions
            models.UniqueConstraint(
                fields=["organisation", "number"],
                name="centre_nda_number",
                violation_error_message=_("This version is there already."),
            ),
            models.CheckConstraint(
                condition=(~Q(text_en="") & ~Q(text_zh=""))
                | (Q(binding="en") & ~Q(text_en=""))
                | (Q(binding="zh") & ~Q(text_zh="")),
                name="centre_nda_has_text",
                violation_error_message=_("The text that is binding must be there."),
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def version(self) -> str:
        """How rooms and acceptances name it."""
        return OWN + self.public_id


class CentreSettings(models.Model):
    """One row of an institution; without one all is as the platform has it. Prices and the split
    fill in new forms and change nothing that stands. tiers: as in BrokerageAgreement; empty where
    the institution has no usual prices."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="centre_settings"
    )
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    tiers = models.JSONField(default=list, blank=True)
    minimum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    cap = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    due = models.CharField(max_length=10, choices=FeeDue.choices, default=FeeDue.SIGNING)
    costs_cap = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    referring_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True,
        help_text=_("The institution's part of the fee where it refers a case."),
    )  # fmt: skip
    takers = models.CharField(max_length=10, choices=Takers.choices, default=Takers.ALL)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    pipeline = models.CharField(max_length=30, blank=True)
    reading = models.CharField(max_length=4, choices=CaseReading.choices, default=CaseReading.ALL)
    nda = models.ForeignKey(
        CentreNda, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=0, help_text=_("Rises with every change."))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(minimum__gte=0),
                name="centre_minimum",
                violation_error_message=_("An amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(minimum__isnull=True) | Q(cap__gte=F("minimum")),
                name="centre_cap_above_minimum",
                violation_error_message=_("The most is not below the least."),
            ),
            models.CheckConstraint(
                condition=Q(referring_percent__isnull=True)
                | Q(referring_percent__gte=0, referring_percent__lte=100),
                name="centre_referring_percent",
                violation_error_message=_("A percentage lies between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"settings of {self.organisation_id}"

    @property
    def has_prices(self) -> bool:
        return bool(self.tiers)
