"""What the API says and takes about tenders and auctions. Amounts are decimal strings in units of
the sale's currency."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from deals.actions.sale_access import ODD_MOMENT, YEARS
from deals.api.shapes import PartySerializer
from deals.models import (
    DepositKind,
    Exclusivity,
    Sale,
    SaleAccess,
    SaleKind,
    SaleObject,
    SalePublicity,
)
from deals.queries.sale_views import SaleView
from marketplace.core.codes import CURRENCIES


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, **more)


class MomentField(serializers.DateTimeField):
    """A year so odd that a time zone moves it out of the calendar is a fault of the field."""

    default_error_messages = {"odd": ODD_MOMENT}

    def enforce_timezone(self, value: Any) -> Any:
        if value.year not in YEARS:
            self.fail("odd")
        return super().enforce_timezone(value)


class SaleOwnSerializer(serializers.Serializer[Any]):
    """What you are in the sale as a bidder."""

    id = serializers.CharField(source="public_id")
    number = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(help_text="invited, applied, admitted or refused")
    reason = serializers.CharField()


class SaleSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="sale.public_id")
    version = serializers.IntegerField(source="sale.version")
    kind = serializers.CharField(source="sale.kind", help_text="tender or auction")
    state = serializers.CharField(help_text="By the market's clock at this moment.")
    technology = serializers.SerializerMethodField(
        help_text="Public id; null when it is not open to you."
    )
    seller = serializers.SerializerMethodField(help_text="Null when it is not open to you.")
    sold = serializers.CharField(source="sale.sold")
    exclusivity = serializers.CharField(source="sale.exclusivity")
    field_of_use = serializers.CharField(source="sale.field_of_use")
    territory = serializers.CharField(source="sale.territory")
    terms_en = serializers.CharField(source="sale.terms_en")
    terms_zh = serializers.CharField(source="sale.terms_zh")
    currency = serializers.CharField(source="sale.currency")
    start_price = _money(source="sale.start_price")
    increment = _money(source="sale.increment")
    has_reserve = serializers.SerializerMethodField()
    reserve = serializers.SerializerMethodField(help_text="For the seller alone, null for others.")
    starts_at = serializers.DateTimeField(source="sale.starts_at", allow_null=True)
    planned_end = serializers.DateTimeField(source="sale.planned_end", allow_null=True)
    ends_at = serializers.DateTimeField(source="sale.ends_at", allow_null=True)
    extension_minutes = serializers.IntegerField(source="sale.extension_minutes")
    max_extensions = serializers.IntegerField(source="sale.max_extensions")
    extensions = serializers.IntegerField(source="sale.extensions")
    access = serializers.CharField(source="sale.access")
    publicity = serializers.CharField(source="sale.publicity")
    deposit = _money(source="sale.deposit")
    deposit_until = serializers.DateTimeField(source="sale.deposit_until", allow_null=True)
    sme_days = serializers.IntegerField(source="sale.sme_days")
    has_opener = serializers.SerializerMethodField()
    role = serializers.CharField(
        help_text="What you are: poster, opener, bidder, applicant, other, or empty."
    )
    own = SaleOwnSerializer(source="bidder", allow_null=True)
    bids = serializers.IntegerField(source="bid_count", allow_null=True)
    price = _money(allow_null=True, help_text="Current or final, as far as it is told to you.")
    least_bid = serializers.SerializerMethodField(help_text="Of an auction, for its bidders.")
    leads = serializers.BooleanField(help_text="Whether your bid is the highest of an auction.")
    reveal_until = serializers.DateTimeField(source="sale.reveal_until", allow_null=True)
    match_until = serializers.DateTimeField(source="sale.match_until", allow_null=True)
    failed_because = serializers.CharField(source="sale.failed_because")
    reason = serializers.CharField(source="sale.reason")
    winner = serializers.IntegerField(source="winner_number", allow_null=True)

    class Meta:
        model = Sale

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_technology(self, view: SaleView) -> Any:
        return view.listing.public_id if view.listing else None

    @extend_schema_field(PartySerializer(allow_null=True))
    def get_seller(self, view: SaleView) -> Any:
        return PartySerializer(view.seller).data if view.seller else None

    @extend_schema_field(serializers.BooleanField())
    def get_has_reserve(self, view: SaleView) -> Any:
        return view.sale.reserve is not None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_reserve(self, view: SaleView) -> Any:
        told = view.is_poster and view.sale.reserve is not None
        return f"{view.sale.reserve:.2f}" if told else None

    @extend_schema_field(serializers.BooleanField())
    def get_has_opener(self, view: SaleView) -> Any:
        return view.sale.opener_id is not None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_least_bid(self, view: SaleView) -> Any:
        return f"{view.least:.2f}" if view.is_bidder and not view.sale.is_tender else None


class SaleWrite(serializers.Serializer[Any]):
    """Rules of a draft; what is not named stays."""

    sold = serializers.ChoiceField(choices=SaleObject.choices, required=False)
    exclusivity = serializers.ChoiceField(
        choices=Exclusivity.choices, required=False, allow_blank=True
    )
    field_of_use = serializers.CharField(max_length=300, required=False, allow_blank=True)
    territory = serializers.CharField(max_length=200, required=False, allow_blank=True)
    terms_en = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    terms_zh = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    currency = serializers.ChoiceField(choices=[one.code for one in CURRENCIES], required=False)
    start_price = _money(required=False)
    increment = _money(required=False)
    reserve = _money(required=False, allow_null=True)
    starts_at = MomentField(required=False, allow_null=True)
    planned_end = MomentField(required=False, allow_null=True)
    extension_minutes = serializers.IntegerField(required=False, min_value=0)
    max_extensions = serializers.IntegerField(required=False, min_value=0)
    access = serializers.ChoiceField(choices=SaleAccess.choices, required=False)
    publicity = serializers.ChoiceField(choices=SalePublicity.choices, required=False)
    deposit = _money(required=False)
    deposit_until = MomentField(required=False, allow_null=True)
    sme_days = serializers.IntegerField(required=False, min_value=0)
    opener = serializers.CharField(
        max_length=10, required=False, allow_blank=True,
        help_text="Public id of the organisation that opens a tender with you.",
    )  # fmt: skip


class SaleBegin(SaleWrite):
    technology = serializers.CharField(max_length=10, help_text="Public id.")
    kind = serializers.ChoiceField(choices=SaleKind.choices)


class SaleKeySerializer(serializers.Serializer[Any]):
    opening_key = serializers.CharField(help_text="Shown in this answer alone: keep it.")


class OpeningKeyWrite(serializers.Serializer[Any]):
    opening_key = serializers.CharField(max_length=200)


class AnnounceWrite(serializers.Serializer[Any]):
    opening_key = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Of a tender."
    )


class CancelSaleWrite(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=400)


class ApplyWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(
        max_length=10, required=False, allow_blank=True, default="",
        help_text="Public id, where you act for several.",
    )  # fmt: skip
    is_sme = serializers.BooleanField(required=False, default=False)


class InviteWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=160, help_text="Public id or full name.")


class DecideBidderWrite(serializers.Serializer[Any]):
    admit = serializers.BooleanField()
    reason = serializers.CharField(
        max_length=400, required=False, allow_blank=True, default="",
        help_text="Why it is not admitted; it reads this.",
    )  # fmt: skip


class DepositWrite(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DepositKind.choices)
    amount = _money()
    moved_on = serializers.DateField()
    reference = serializers.CharField(max_length=80)


class DepositSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    kind = serializers.CharField()
    amount = _money()
    moved_on = serializers.DateField()
    reference = serializers.CharField()
    created_at = serializers.DateTimeField()


class SaleBidderSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    number = serializers.IntegerField(allow_null=True)
    organisation = PartySerializer()
    state = serializers.CharField()
    is_sme = serializers.BooleanField()
    reason = serializers.CharField()
    deposits = DepositSerializer(many=True)


class ProxyWrite(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    valid_from = MomentField(required=False, allow_null=True, default=None)
    valid_until = MomentField()


class ProxySerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="user")
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class AmountWrite(serializers.Serializer[Any]):
    amount = _money()


class RevealWrite(AmountWrite):
    nonce = serializers.CharField(max_length=80)


class MatchWrite(serializers.Serializer[Any]):
    accept = serializers.BooleanField()


class BidSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    bidder = serializers.IntegerField(help_text="Its number in this sale.")
    kind = serializers.CharField()
    amount = _money(allow_null=True, help_text="Null while it is sealed.")
    placed_at = serializers.DateTimeField()
    is_own = serializers.BooleanField()
    rank = serializers.IntegerField(allow_null=True)


class ReceiptFactsSerializer(serializers.Serializer[Any]):
    format = serializers.CharField()
    sale = serializers.CharField()
    bidder = serializers.IntegerField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    nonce = serializers.CharField()


class SealedReceiptSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    commitment = serializers.CharField(
        help_text="SHA-256 of the receipt as JSON, keys sorted, no spaces, UTF-8."
    )
    receipt = ReceiptFactsSerializer(help_text="Shown in this answer alone: keep it.")


class SaleResultSerializer(serializers.Serializer[Any]):
    facts = serializers.CharField(help_text="Canonical JSON: these bytes are hashed and signed.")
    facts_sha256 = serializers.CharField()
    key = serializers.CharField(source="key_id", help_text="Empty while it is not signed.")
    public_key = serializers.CharField(source="public_pem")
    signature = serializers.CharField(help_text="Ed25519 over the bytes of `facts`, base64.")


class SaleRoomSerializer(serializers.Serializer[Any]):
    room = serializers.CharField(help_text="Public id of the deal room.")
