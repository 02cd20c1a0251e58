"""An enquiry without a name: what its sender released when it asked, and nothing else of it."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals.models.introductions import Introduction, Side
from listings.models import Listing
from marketplace.core.codes import FIELDS

PARTIES = [choice for choice in Side.choices if choice[0] != Side.BROKER.value]


class Enquiry(models.Model):
    """Belongs to the introduction in which the two sides write; its words are the first message.

    Facts are copies of that moment: what is changed in the listing afterwards is not released by
    it. `organisation` asks and `through` was asked to help: neither is for the other side to know.
    """

    introduction = models.OneToOneField(
        Introduction, on_delete=models.CASCADE, primary_key=True, related_name="enquiry"
    )
    side = models.CharField(max_length=10, choices=PARTIES, help_text=_("Who asks."))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    through = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Whose brokers are asked to help; of all brokers only they see it."),
    )  # fmt: skip
    field = models.CharField(max_length=40, blank=True)
    province = models.CharField(max_length=6, blank=True)
    price_min = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    price_max = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(side__in=[Side.NEED.value, Side.TECHNOLOGY.value]),
                name="enquiry_of_a_party",
                violation_error_message=_("Only one of the two sides asks."),
            )
        ]
        indexes = [
            # how many an organisation has sent today, and to whom
            models.Index(fields=["organisation", "-created_at"], name="enquiry_of_organisation"),
            # what a broker's desk shows
            models.Index(
                fields=["through"], condition=Q(through__isnull=False), name="enquiry_through"
            ),
        ]

    def __str__(self) -> str:
        return f"enquiry {self.introduction_id}"

    @property
    def field_name(self) -> str:
        return FIELDS.label(self.field) if self.field else ""

    @property
    def price(self) -> tuple[Decimal, Decimal] | None:
        """From, to; None when it was not released."""
        low = self.price_min if self.price_min is not None else self.price_max
        high = self.price_max if self.price_max is not None else self.price_min
        return (low, high) if low is not None and high is not None else None
