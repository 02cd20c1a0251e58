"""A sale of one technology by sealed tender or open auction, and its signed result."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals import sale_states as states
from deals.models.rooms import DealRoom
from deals.models.term_sheets import Exclusivity
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id

MAX_PRICE = 10**12  # in units of the currency, exclusive


class SaleKind(models.TextChoices):
    TENDER = states.TENDER, pgettext_lazy("sale", "sealed tender")
    AUCTION = states.AUCTION, pgettext_lazy("sale", "open auction")


class SaleState(models.TextChoices):
    DRAFT = states.DRAFT, pgettext_lazy("sale", "draft")
    ANNOUNCED = states.ANNOUNCED, pgettext_lazy("sale", "announced")
    OPEN = states.OPEN, pgettext_lazy("sale", "open for bids")
    CLOSED = states.CLOSED, pgettext_lazy("sale", "bidding closed")
    MATCHING = states.MATCHING, pgettext_lazy("sale", "first refusal")
    DECIDED = states.DECIDED, pgettext_lazy("sale", "sold")
    FAILED = states.FAILED, pgettext_lazy("sale", "not sold")
    CANCELLED = states.CANCELLED, pgettext_lazy("sale", "cancelled")


class SaleObject(models.TextChoices):
    """What is sold, with the codes of contract types."""

    LICENCE = "licence", pgettext_lazy("sale", "licence")
    ASSIGNMENT = "assignment", pgettext_lazy("sale", "assignment")


class SaleAccess(models.TextChoices):
    VERIFIED = "verified", pgettext_lazy("sale", "every verified organisation")
    INVITED = "invited", pgettext_lazy("sale", "invited organisations only")


class SalePublicity(models.TextChoices):
    """What everybody reads while it runs and afterwards."""

    NOTHING = "nothing", pgettext_lazy("sale", "nothing about bids")
    COUNT = "count", pgettext_lazy("sale", "the number of bids")
    PRICE = "price", pgettext_lazy("sale", "the number of bids and the price")


class WhyFailed(models.TextChoices):
    NO_BID = "no_bid", pgettext_lazy("sale", "nobody bid")
    RESERVE = "reserve", pgettext_lazy("sale", "the reserve price was not met")
    NOT_REVEALED = "not_revealed", pgettext_lazy("sale", "no bid could be read")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Sale(models.Model):
    """`state` has one door: deals.actions.sales and its neighbours, under the lock of this row.

    What the rules say is frozen by the database once it is announced (migration 0017). Amounts are
    in units of `currency`. `reserve` is for the poster alone. A private key is never stored.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=SaleKind.choices)
    state = models.CharField(max_length=10, choices=SaleState.choices, default=SaleState.DRAFT)
    written_by = _person()

    sold = models.CharField(max_length=10, choices=SaleObject.choices, default=SaleObject.LICENCE)
    exclusivity = models.CharField(max_length=10, choices=Exclusivity.choices, blank=True)
    field_of_use = models.CharField(max_length=300, blank=True, validators=[plain_text])
    territory = models.CharField(max_length=200, blank=True, validators=[plain_text])
    terms_en = models.TextField(max_length=2000, blank=True, validators=[plain_text])
    terms_zh = models.TextField(max_length=2000, blank=True, validators=[plain_text])

    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    start_price = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    increment = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    reserve = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    planned_end = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text=_("The planned end, moved by late bids of an auction.")
    )
    extension_minutes = models.PositiveSmallIntegerField(default=0)
    max_extensions = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)

    access = models.CharField(max_length=8, choices=SaleAccess.choices, default=SaleAccess.VERIFIED)
    publicity = models.CharField(
        max_length=8, choices=SalePublicity.choices, default=SalePublicity.COUNT
    )
    deposit = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    deposit_until = models.DateTimeField(null=True, blank=True)
    sme_days = models.PositiveSmallIntegerField(
        default=0, help_text=_("Days of the first refusal of small and medium enterprises; 0: none")
    )
    opener = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    poster_key = models.CharField(max_length=64, blank=True, help_text=_("Public, hexadecimal."))
    opener_key = models.CharField(max_length=64, blank=True, help_text=_("Public, hexadecimal."))

    last_bid = models.PositiveIntegerField(default=0, help_text=_("Number of its newest bid."))
    last_bidder = models.PositiveSmallIntegerField(default=0)
    current_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    leader = models.ForeignKey(
        "deals.SaleBidder", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    peeled_at = models.DateTimeField(null=True, blank=True, help_text=_("By the opener's key."))
    opened_at = models.DateTimeField(null=True, blank=True, help_text=_("By the poster's key."))
    reveal_until = models.DateTimeField(null=True, blank=True)
    match_bidder = models.ForeignKey(
        "deals.SaleBidder", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    match_until = models.DateTimeField(null=True, blank=True)
    winner = models.ForeignKey(
        "deals.SaleBidder", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    failed_because = models.CharField(max_length=12, choices=WhyFailed.choices, blank=True)
    reason = models.CharField(
        max_length=400, blank=True, validators=[plain_text], help_text=_("Of a cancellation.")
    )
    room = models.OneToOneField(
        DealRoom, on_delete=models.SET_NULL, null=True, blank=True, related_name="sale"
    )

    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=states.DRAFT)
                | Q(starts_at__isnull=False, planned_end__gt=F("starts_at"),
                    ends_at__gte=F("planned_end"), announced_at__isnull=False),
                name="sale_has_times",
                violation_error_message=_("An announced sale has a start and a later end."),
            ),
            models.CheckConstraint(
                condition=Q(start_price__gte=0, increment__gte=0, deposit__gte=0)
                & (Q(reserve__isnull=True) | Q(reserve__gt=0)),
                name="sale_amounts",
                violation_error_message=_("An amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=(Q(state=states.DECIDED, winner__isnull=False, price__isnull=False))
                | ~Q(state=states.DECIDED),
                name="sale_winner_when_decided",
                violation_error_message=_("A sale that is decided has a winner and a price."),
            ),
            models.CheckConstraint(
                condition=Q(kind=states.AUCTION)
                | Q(extension_minutes=0, extensions=0, current_price__isnull=True),
                name="sale_tender_is_sealed",
                violation_error_message=_("A sealed tender has no current price and no extension."),
            ),
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(state__in=[states.ANNOUNCED, states.OPEN, states.CLOSED,
                                       states.MATCHING]),
                name="sale_one_of_listing",
                violation_error_message=_("A sale of this technology is running already."),
            ),
        ]  # fmt: skip
        indexes = [
            # the public list: what ends next, newest first
            models.Index(
                fields=["-announced_at", "-id"],
                condition=~Q(state=states.DRAFT),
                name="sale_announced",
            ),
            # "my sales"
            models.Index(fields=["poster", "-id"], name="sale_of_poster"),
            models.Index(
                fields=["opener"], condition=Q(opener__isnull=False), name="sale_of_opener"
            ),
            # the link on a technology's page
            models.Index(fields=["listing", "-id"], name="sale_of_listing"),
            # the clock: which begin and which end
            models.Index(
                fields=["state", "ends_at"],
                condition=Q(state__in=[states.ANNOUNCED, states.OPEN, states.CLOSED,
                                       states.MATCHING]),
                name="sale_due",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        return f"/tenders/{self.public_id}/"

    @property
    def is_tender(self) -> bool:
        return self.kind == states.TENDER

    def state_at(self, now: dt.datetime) -> str:
        """By the clock: the job that moves the state may not have come yet."""
        state = str(self.state)
        if state == states.ANNOUNCED and self.starts_at and now >= self.starts_at:
            state = states.OPEN
        if state == states.OPEN and self.ends_at and now >= self.ends_at:
            state = states.CLOSED
        return state


class SaleResult(models.Model):
    """The result as it was decided: canonical JSON, its hash, and the market's signature once a
    worker has signed it. Never changed but for being signed."""

    sale = models.OneToOneField(Sale, on_delete=models.PROTECT, related_name="result")
    facts = models.TextField(help_text=_("Canonical JSON."))
    facts_sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16, blank=True)
    public_pem = models.TextField(blank=True)
    signature = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(null=True, blank=True)
