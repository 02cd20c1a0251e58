"""Referrals: an institution offers one of its cases to an alliance, a member carries it on, and
both accept how they share the fee. What was accepted is frozen by the database (migration 0017)."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Alliance, Organisation
from deals import referral_states as states
from deals.models.cases import MAX_NOTE, MAX_TITLE, Case
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

_HUNDRED = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


def _percent() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=5, decimal_places=2, validators=_HUNDRED)


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class ReferralState(models.TextChoices):
    OPEN = states.OPEN, pgettext_lazy("referral", "open")
    CLAIMED = states.CLAIMED, pgettext_lazy("referral", "claimed")
    CARRIED = states.CARRIED, pgettext_lazy("referral", "carried on")
    ENDED = states.ENDED, pgettext_lazy("referral", "ended")
    TAKEN_BACK = states.TAKEN_BACK, pgettext_lazy("referral", "taken back")
    WITHDRAWN = states.WITHDRAWN, pgettext_lazy("referral", "withdrawn")
    EXPIRED = states.EXPIRED, pgettext_lazy("referral", "expired")


class ReferralSeeks(models.TextChoices):
    PROVIDER = "provider", _("a technology provider")
    TAKER = "taker", _("a buyer or user of a technology")
    BROKER = "broker", _("a broker for the region")
    OTHER = "other", pgettext_lazy("referral", "something else")


class ReferralMode(models.TextChoices):
    HAND_OVER = "hand_over", _("hand the case over")
    SHARE = "share", _("work on it together")


class ReferralChoice(models.TextChoices):
    FIRST = "first", _("the first to claim")
    PICK = "pick", _("whom the referring institution chooses")


class Referral(models.Model):
    """What an alliance is told of a case: `title` and `words` alone, written for that. Clients,
    contacts and notes of the case are no part of it.

    carrier: who claimed first, or was confirmed; carried_case: the case in the carrier's own book,
    opened when the publisher confirmed. report_by: the day until which the carrier reports next.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="referrals")
    publisher = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="referrals")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    listing = models.ForeignKey(
        Listing, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text=_("Shown to members as far as each may see it."),
    )  # fmt: skip
    title = models.CharField(max_length=MAX_TITLE, validators=[plain_text])
    words = models.TextField(max_length=MAX_NOTE, validators=[plain_text])
    seeks = models.CharField(max_length=10, choices=ReferralSeeks.choices)
    mode = models.CharField(max_length=10, choices=ReferralMode.choices)
    choice = models.CharField(max_length=10, choices=ReferralChoice.choices)
    referring_percent = _percent()
    closing_percent = _percent()
    claim_by = models.DateField(help_text=_("The last day on which it can be claimed."))
    report_days = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(180)],
        help_text=_("Days from one report to the next."),
    )
    report_by = models.DateField(null=True, blank=True)
    carrier = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    carried_case = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="carries"
    )
    state = models.CharField(max_length=10, choices=ReferralState.choices, default=states.OPEN)
    published_by = _person()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    referring_percent__gte=0, closing_percent=100 - F("referring_percent")
                ) & Q(closing_percent__gte=0),
                name="referral_split_is_whole",
                violation_error_message=_("Both parts come to 100 percent."),
            ),
            models.CheckConstraint(
                condition=Q(carried_case__isnull=True) | Q(carrier__isnull=False),
                name="referral_carried_by_somebody",
                violation_error_message=_("A case is carried on by an institution."),
            ),
            models.CheckConstraint(
                condition=~Q(state=states.CARRIED)
                | Q(carried_case__isnull=False, report_by__isnull=False),
                name="referral_carried_with_case",
                violation_error_message=_("What is carried on has a case and a day of report."),
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=sorted(states.ON_THE_BOARD)),
                name="referral_one_of_case",
                violation_error_message=_("This case is with an alliance already."),
            ),
        ]  # fmt: skip
        indexes = [
            # the board: what stands in an alliance, newest first
            models.Index(fields=["alliance", "state", "-id"], name="referral_board"),
            models.Index(fields=["publisher", "-id"], name="referral_of_publisher"),
            models.Index(fields=["carrier", "-id"], name="referral_of_carrier"),
            # the clock: open ones whose day has gone by, reports that are due
            models.Index(
                fields=["claim_by"], condition=Q(state=states.OPEN), name="referral_expires"
            ),
            models.Index(
                fields=["report_by"], condition=Q(state=states.CARRIED), name="referral_reports"
            ),
        ]

    def __str__(self) -> str:
        return f"referral {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/referrals/{self.public_id}/"


class AllianceTerms(models.Model):
    """What an alliance proposes for its referrals; each of them may say otherwise."""

    alliance = models.OneToOneField(Alliance, on_delete=models.CASCADE, related_name="terms")
    referring_percent = _percent()
    claim_days = models.PositiveSmallIntegerField(
        default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    report_days = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(180)]
    )
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"terms of alliance {self.alliance_id}"


class ReferralClaim(models.Model):
    """An institution wants to carry the case on, and accepts the split as it was published."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("claim", "waits for an answer")
        CHOSEN = "chosen", pgettext_lazy("claim", "confirmed")
        DECLINED = "declined", pgettext_lazy("claim", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("claim", "withdrawn")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="claims")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    claimed_by = _person()
    name = models.CharField(max_length=150, help_text=_("Of who claimed, as it was then."))
    words = models.TextField(max_length=1000, blank=True, validators=[plain_text])
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "organisation"],
                condition=Q(state__in=["waiting", "chosen"]),
                name="referral_claimed_once",
                violation_error_message=_("Your institution has claimed it already."),
            )
        ]


class ReferralAgreement(models.Model):
    """How a fee is shared, accepted by both sides; frozen once it is. Replaced by the next number,
    never edited. `digest`: SHA-256 of the text that both accepted (deals.actions.agreements)."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="agreements")
    number = models.PositiveSmallIntegerField()
    referring_percent = _percent()
    closing_percent = _percent()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    referring_person = _person()
    referring_name = models.CharField(max_length=150, blank=True)
    referring_at = models.DateTimeField(null=True, blank=True)
    closing_person = _person()
    closing_name = models.CharField(max_length=150, blank=True)
    closing_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    referring_percent__gte=0, closing_percent=100 - F("referring_percent")
                ) & Q(closing_percent__gte=0),
                name="agreement_split_is_whole",
                violation_error_message=_("Both parts come to 100 percent."),
            ),
            models.UniqueConstraint(
                fields=["referral", "number"],
                name="agreement_number_once",
                violation_error_message=_("This number is taken."),
            ),
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(referring_at__isnull=True) | Q(closing_at__isnull=True),
                name="agreement_one_proposed",
                violation_error_message=_("Another split is proposed already."),
            ),
        ]  # fmt: skip

    @property
    def is_accepted(self) -> bool:
        return self.referring_at is not None and self.closing_at is not None


class ReferralReport(models.Model):
    """What one side tells the other; never changed."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = _person()
    body = models.TextField(max_length=MAX_NOTE, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["referral", "-id"], name="report_of_referral")]
