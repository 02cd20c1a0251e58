"""A valuation: what a technology may be worth, by approaches whose inputs are kept as versions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals.models.introductions import Introduction
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_TITLE, MAX_NOTE, MAX_CONCLUSION = 160, 300, 4000


class ValuationState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("valuation", "draft")
    FINAL = "final", pgettext_lazy("valuation", "final")


class ApproachCode(models.TextChoices):
    """Four approaches of the field, in eight forms."""

    COST = "cost", pgettext_lazy("approach", "Cost")
    MARKET = "market", _("Comparable prices")
    DCF = "dcf", _("Discounted cash flow")
    RNPV = "rnpv", _("Risk-adjusted cash flow (rNPV)")
    RELIEF = "relief", _("Relief from royalty")
    BLACK_SCHOLES = "black_scholes", _("Option by Black and Scholes")
    BINOMIAL = "binomial", _("Option on a binomial lattice")
    TREE = "tree", _("Staged decision tree")


class Valuation(models.Model):
    """Belongs to the organisation that made it and is seen by nobody else. All its amounts are in
    one currency. Once final the database lets nothing of it change; a new version is a copy.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    listing = models.ForeignKey(
        Listing, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text=_("The technology, where it is on the market."),
    )  # fmt: skip
    introduction = models.ForeignKey(
        Introduction, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=MAX_TITLE, validators=[plain_text])
    currency = models.CharField(max_length=3, default="CNY")
    valued_on = models.DateField(
        default=timezone.localdate, help_text=_("The day for which the value holds.")
    )
    state = models.CharField(
        max_length=5, choices=ValuationState.choices, default=ValuationState.DRAFT
    )
    edition = models.PositiveIntegerField(default=1)
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    low = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True)
    base = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True)
    conclusion = models.TextField(max_length=MAX_CONCLUSION, blank=True, validators=[plain_text])
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    finalised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    finalised_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", finalised_at__isnull=True)
                | Q(state="final", finalised_at__isnull=False, base__isnull=False),
                name="valuation_final_with_value",
                violation_error_message=_("A final valuation states its value."),
            ),
            models.CheckConstraint(
                condition=Q(base__isnull=True)
                | Q(low__isnull=False, high__isnull=False, low__lte=F("base"), high__gte=F("base")),
                name="valuation_low_base_high",
                violation_error_message=_("Low, base and high must rise in this order."),
            ),
        ]
        indexes = [
            # the list of an organisation, what moved last first
            models.Index(fields=["organisation", "-updated_at"], name="valuation_of_organisation"),
            # those of a technology, on its page
            models.Index(
                fields=["listing"], condition=Q(listing__isnull=False), name="valuation_of_listing"
            ),
        ]

    def __str__(self) -> str:
        return f"valuation {self.public_id}"

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        return f"/valuations/{self.public_id}/"

    @property
    def is_final(self) -> bool:
        return self.state == ValuationState.FINAL


class ValuationInputs(models.Model):
    """One version of the inputs of one approach, with what they gave; append-only.

    inputs, outcome: as deals.valuing.reading and deals.valuing.computing say. The newest version of
    an approach holds; one without inputs took the approach off.
    """

    valuation = models.ForeignKey(Valuation, on_delete=models.CASCADE, related_name="versions")
    approach = models.CharField(max_length=14, choices=ApproachCode.choices)
    number = models.PositiveIntegerField()
    inputs = models.JSONField(null=True, blank=True)
    outcome = models.JSONField(null=True, blank=True)
    note = models.CharField(max_length=MAX_NOTE, blank=True, validators=[plain_text])
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "approach", "number"],
                name="valuation_inputs_once",
                violation_error_message=_("Somebody saved these inputs at the same time."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.approach} {self.number} of {self.valuation_id}"


class Simulation(models.Model):
    """A Monte Carlo run over one version of inputs: asked for first, worked out by a job."""

    inputs = models.ForeignKey(
        ValuationInputs, on_delete=models.CASCADE, related_name="simulations"
    )
    seed = models.PositiveIntegerField()
    draws = models.PositiveIntegerField()
    result = models.JSONField(null=True, blank=True)
    problem = models.CharField(max_length=20, blank=True)  # a code of deals.valuing.words
    asked_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"simulation {self.pk} of {self.inputs_id}"

    @property
    def is_waiting(self) -> bool:
        return self.done_at is None
