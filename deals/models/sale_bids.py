"""Who bids in a sale, their deposits and proxies, and the bids themselves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals.models.sales import Sale
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class BidderState(models.TextChoices):
    INVITED = "invited", pgettext_lazy("bidder", "invited")
    APPLIED = "applied", pgettext_lazy("bidder", "applied")
    ADMITTED = "admitted", pgettext_lazy("bidder", "admitted")
    REFUSED = "refused", pgettext_lazy("bidder", "not admitted")


class DepositKind(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("deposit", "received")
    RETURNED = "returned", pgettext_lazy("deposit", "returned")
    FORFEITED = "forfeited", pgettext_lazy("deposit", "forfeited")


class BidKind(models.TextChoices):
    OPEN = "open", pgettext_lazy("bid", "bid")
    SEALED = "sealed", pgettext_lazy("bid", "sealed bid")
    WITHDRAWAL = "withdrawal", pgettext_lazy("bid", "withdrawal")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class SaleBidder(models.Model):
    """An organisation in a sale. Rivals know it by `number` alone."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, related_name="bidders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=BidderState.choices)
    is_sme = models.BooleanField(default=False, help_text=_("As it declared when it applied."))
    applied_by = _person()
    applied_at = models.DateTimeField(null=True, blank=True)
    decided_by = _person()
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=400, blank=True, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sale", "organisation"], name="sale_bidder_once",
                violation_error_message=_("This organisation is there already."),
            ),
            models.UniqueConstraint(
                fields=["sale", "number"], name="sale_bidder_number_once",
                violation_error_message=_("This number is taken."),
            ),
            models.CheckConstraint(
                condition=Q(state="invited", number__isnull=True)
                | (~Q(state="invited") & Q(number__isnull=False)),
                name="sale_bidder_numbered",
                violation_error_message=_("Whoever applies has a number."),
            ),
        ]  # fmt: skip
        indexes = [
            # "sales in which we bid"
            models.Index(fields=["organisation", "-id"], name="sale_bidder_of"),
        ]


class SaleDeposit(models.Model):
    """Money that was received, returned or forfeited, in the sale's currency; append-only."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    bidder = models.ForeignKey(SaleBidder, on_delete=models.PROTECT, related_name="deposits")
    kind = models.CharField(max_length=10, choices=DepositKind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    moved_on = models.DateField()
    reference = models.CharField(max_length=80, validators=[plain_text])
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="sale_deposit_positive",
                violation_error_message=_("Give an amount above zero."),
            )
        ]  # fmt: skip


class SaleProxy(models.Model):
    """A person of another organisation who may bid for a bidder, from and until."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    bidder = models.ForeignKey(SaleBidder, on_delete=models.CASCADE, related_name="proxies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    given_by = _person()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="sale_proxy_times",
                violation_error_message=_("A proxy ends after it begins."),
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["user", "bidder"], name="sale_proxy_of")]


class SaleBid(models.Model):
    """One bid; append-only by trigger, numbered without gaps in its sale.

    An open one has its amount. A sealed one has none: `commitment` is the SHA-256 of what was bid
    with a random nonce, `sealed` the same enciphered for the keys of the sale (deals.sealed).
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="bids")
    bidder = models.ForeignKey(SaleBidder, on_delete=models.PROTECT, related_name="bids")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=BidKind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    sealed = models.BinaryField(blank=True, default=b"")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    as_proxy = models.BooleanField(default=False)
    placed_at = models.DateTimeField(help_text=_("By the database's clock, under the lock."))

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["sale", "number"], name="sale_bid_once",
                violation_error_message=_("This number is taken."),
            ),
            models.CheckConstraint(
                condition=Q(kind="open", amount__gt=0, commitment="")
                | (Q(kind="sealed", amount__isnull=True) & ~Q(commitment=""))
                | Q(kind="withdrawal", amount__isnull=True, commitment=""),
                name="sale_bid_sealed",
                violation_error_message=_("A sealed bid has no amount."),
            ),
        ]  # fmt: skip
        indexes = [
            # the last bid of each bidder
            models.Index(fields=["bidder", "-number"], name="sale_bid_of"),
        ]


class OpenedBid(models.Model):
    """What became of a sealed bid after the end: peeled by the opener's key, then read."""

    class Way(models.TextChoices):
        KEY = "key", pgettext_lazy("opened", "by the key")
        RECEIPT = "receipt", pgettext_lazy("opened", "by the bidder’s receipt")

    bid = models.OneToOneField(SaleBid, on_delete=models.PROTECT, related_name="opened")
    inner = models.BinaryField(blank=True, default=b"", help_text=_("Sealed for the poster yet."))
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    is_faulty = models.BooleanField(default=False, help_text=_("The key did not open it."))
    opened_at = models.DateTimeField(null=True, blank=True)
