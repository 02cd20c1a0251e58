"""A structured offer in a deal room."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.models.rooms import DealRoom, RoomSide
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id

NOT_NEGATIVE = MinValueValidator(Decimal(0))
PERCENT = [NOT_NEGATIVE, MaxValueValidator(Decimal(100))]


class SheetState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("offer", "draft")
    MADE = "made", pgettext_lazy("offer", "on the table")
    COUNTERED = "countered", pgettext_lazy("offer", "countered")
    ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
    DECLINED = "declined", pgettext_lazy("offer", "declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "withdrawn")
    EXPIRED = "expired", pgettext_lazy("offer", "expired")


class Exclusivity(models.TextChoices):
    EXCLUSIVE = "exclusive", pgettext_lazy("exclusivity", "exclusive")
    SOLE = "sole", pgettext_lazy("exclusivity", "sole")
    ORDINARY = "ordinary", pgettext_lazy("exclusivity", "ordinary")


class PriceKind(models.TextChoices):
    INDICATIVE = "indicative", pgettext_lazy("price", "indicative")
    FLOOR = "floor", pgettext_lazy("price", "floor: at least this")
    FIRM = "firm", pgettext_lazy("price", "firm")


def _money() -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        max_digits=18, decimal_places=2, null=True, blank=True, validators=[NOT_NEGATIVE]
    )


def _percent() -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, validators=PERCENT
    )


class TermSheet(models.Model):
    """A whole sheet, also as a counter-offer, which names the sheet it answers.

    A draft is seen by its own side alone and has no number. One sheet of a room is on the table at
    a time, and one at most is ever accepted. instalments: rows of contracts.payment.
    INSTALMENT_FACTS with amounts and days as text; milestones: lines.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    room = models.ForeignKey(DealRoom, on_delete=models.CASCADE, related_name="sheets")
    side = models.CharField(max_length=8, choices=RoomSide.choices)
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    answers = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="answered_by"
    )

    type = models.CharField(max_length=20, validators=[KnownCode("contract_types")])
    exclusivity = models.CharField(max_length=10, choices=Exclusivity.choices, blank=True)
    field_of_use = models.CharField(max_length=300, blank=True, validators=[plain_text])
    territory = models.CharField(max_length=200, blank=True, validators=[plain_text])
    term_months = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    price_kind = models.CharField(
        max_length=10, choices=PriceKind.choices, default=PriceKind.INDICATIVE
    )
    total = _money()
    upfront = _money()
    instalments = models.JSONField(default=list, blank=True)
    royalty_base = models.CharField(
        max_length=20, blank=True, validators=[KnownCode("royalty_bases")]
    )
    royalty_rate = _percent()
    minimum_per_year = _money()
    milestones = models.JSONField(default=list, blank=True)
    equity_share = _percent()
    sublicence_share = _percent()
    valid_until = models.DateField(null=True, blank=True)
    words = models.TextField(max_length=4000, blank=True, validators=[plain_text])

    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room"], condition=Q(state="accepted"), name="room_one_accepted",
                violation_error_message=_("An offer of this room has been accepted."),
            ),
            models.UniqueConstraint(
                fields=["room"], condition=Q(state="made"), name="room_one_on_the_table",
                violation_error_message=_("Another offer is on the table."),
            ),
            models.UniqueConstraint(fields=["room", "number"], name="room_sheet_number"),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True, made_at__isnull=True)
                | (~Q(state="draft") & Q(number__isnull=False, made_at__isnull=False)),
                name="room_sheet_numbered_when_made",
            ),
            models.CheckConstraint(
                condition=Q(royalty_rate__isnull=True)
                | Q(royalty_rate__gte=0, royalty_rate__lte=100),
                name="room_sheet_royalty_percent",
            ),
        ]  # fmt: skip
        indexes = [
            # what the sweeper ends
            models.Index(fields=["valid_until"], condition=Q(state="made"), name="room_sheet_until")
        ]

    def __str__(self) -> str:
        return f"offer {self.public_id}"

    @property
    def is_over(self) -> bool:
        """Its day has passed; the last day counts whole."""
        return self.valid_until is not None and self.valid_until < timezone.localdate()

    @property
    def shown_state(self) -> str:
        """By the clock: the sweeper may not have come yet."""
        return SheetState.EXPIRED.value if self.state == "made" and self.is_over else self.state

    @property
    def shown_state_label(self) -> str:
        return str(SheetState(self.shown_state).label)

    @property
    def is_binding(self) -> bool:
        """Whether it can be accepted: an indicative one only says where its side stands."""
        return self.price_kind != PriceKind.INDICATIVE

    @property
    def is_on_the_table(self) -> bool:
        return self.shown_state == SheetState.MADE
