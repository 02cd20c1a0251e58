"""What the API says and takes about deal rooms."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contracts.codes import CONTRACT_TYPES, ROYALTY_BASES
from deals.api.shapes import PartySerializer, SideSerializer
from deals.models import DealRoom, Exclusivity, PriceKind, Right, RoomTier
from deals.models.rooms import MAX_MESSAGE
from deals.queries.rooms import RoomView
from marketplace.core.codes import CURRENCIES


class RoomStepSerializer(serializers.Serializer[Any]):
    side = serializers.CharField(help_text="Whose step.")
    code = serializers.CharField()
    text = serializers.CharField()


class MemberSerializer(serializers.Serializer[Any]):
    seat = serializers.CharField(
        allow_null=True, help_text="Null for owners and the broker in charge, who are always in."
    )
    name = serializers.CharField()
    side = serializers.CharField()
    right = serializers.CharField(help_text="read, write or sign")


class RoomNdaSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    text_hash = serializers.CharField(help_text="SHA-256 of the text; send it when accepting.")
    in_force = serializers.BooleanField()
    accepted = serializers.ListField(child=serializers.CharField(), help_text="Sides.")


class RoomSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="room.public_id")
    version = serializers.IntegerField(source="room.version")
    state = serializers.CharField(source="room.present_state")
    title = serializers.CharField(source="room.title")
    introduction = serializers.CharField(
        source="room.introduction.public_id", allow_null=True, default=None
    )
    supplier = PartySerializer(source="room.supplier")
    taker = PartySerializer(source="room.taker")
    broker = PartySerializer(source="room.broker_organisation", allow_null=True)
    rights = serializers.DictField(
        child=serializers.CharField(), help_text="Side -> your right: read, write or sign."
    )
    is_open = serializers.BooleanField(help_text="The agreement lets you see offers and documents.")
    nda = serializers.SerializerMethodField()
    members = serializers.SerializerMethodField()
    steps = RoomStepSerializer(many=True)
    last_message = serializers.IntegerField(source="room.last_message")
    created_at = serializers.DateTimeField(source="room.created_at")
    updated_at = serializers.DateTimeField(source="room.updated_at")

    class Meta:
        model = DealRoom

    @extend_schema_field(RoomNdaSerializer)
    def get_nda(self, view: RoomView) -> Any:
        return {
            "version": view.nda_text.version, "text_hash": view.nda_text.hash,
            "in_force": view.nda_in_force, "accepted": sorted(view.signed),
        }  # fmt: skip

    @extend_schema_field(MemberSerializer(many=True))
    def get_members(self, view: RoomView) -> Any:
        return [
            {
                "seat": one.seat.public_id if one.seat else None, "name": str(one.user),
                "side": one.side, "right": one.right,
            }
            for one in view.members
        ]  # fmt: skip


class RoomMessageSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="message.public_id")
    number = serializers.IntegerField(source="message.number")
    side = serializers.CharField(source="message.side")
    who = serializers.CharField()
    body = serializers.CharField(source="message.body")
    document = serializers.CharField(help_text="Public id; empty when there is none for you.")
    created_at = serializers.DateTimeField(source="message.created_at")


class RoomFileSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()


class RoomDocumentSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    side = serializers.CharField()
    tier = serializers.CharField()
    title = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    files = RoomFileSerializer(many=True)
    openings = serializers.SerializerMethodField(help_text="For the side that put it.")

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_openings(self, document: Any) -> Any:
        return [
            {
                "who": str(row.user or ""), "side": row.side, "number": row.file.number,
                "opened_at": row.opened_at.isoformat(), "is_marked": row.is_marked,
            }
            for row in document.log
        ]  # fmt: skip


class InstalmentRowSerializer(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    due_on = serializers.CharField(required=False, allow_blank=True, max_length=10, default="")
    event = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


def _money() -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=18, decimal_places=2, required=False, allow_null=True
    )


def _percent() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=6, decimal_places=3, required=False, allow_null=True)


def _words(limit: int) -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, max_length=limit, trim_whitespace=False
    )


class OfferWrite(SideSerializer):
    """What is left out stays as it is in a draft."""

    type = serializers.ChoiceField(choices=[code.code for code in CONTRACT_TYPES], required=False)
    exclusivity = serializers.ChoiceField(
        choices=Exclusivity.values, required=False, allow_blank=True
    )
    field_of_use = _words(300)
    territory = _words(200)
    term_months = serializers.IntegerField(required=False, allow_null=True)
    currency = serializers.ChoiceField(choices=[code.code for code in CURRENCIES], required=False)
    price_kind = serializers.CharField(
        max_length=10, required=False, help_text=", ".join(PriceKind.values)
    )
    total = _money()
    upfront = _money()
    instalments = InstalmentRowSerializer(many=True, required=False)
    royalty_base = serializers.ChoiceField(
        choices=[code.code for code in ROYALTY_BASES], required=False, allow_blank=True
    )
    royalty_rate = _percent()
    minimum_per_year = _money()
    milestones = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    equity_share = _percent()
    sublicence_share = _percent()
    valid_until = serializers.DateField(required=False, allow_null=True)
    words = _words(4000)
    answers = serializers.CharField(
        max_length=10, required=False, allow_blank=True,
        help_text="The offer on the table that you have read, empty for none: 409 when it is "
        "another one now.",
    )  # fmt: skip


class OfferSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    version = serializers.IntegerField()
    side = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(source="shown_state")
    answers = serializers.CharField(source="answers.public_id", allow_null=True, default=None)
    type = serializers.CharField()
    exclusivity = serializers.CharField()
    field_of_use = serializers.CharField()
    territory = serializers.CharField()
    term_months = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    price_kind = serializers.CharField()
    total = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    upfront = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    instalments = InstalmentRowSerializer(many=True)
    royalty_base = serializers.CharField()
    royalty_rate = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    minimum_per_year = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    milestones = serializers.ListField(child=serializers.CharField())
    equity_share = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    sublicence_share = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    words = serializers.CharField()
    made_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


# --- What it takes -------------------------------------------------------------------------------


class OpenRoomSerializer(serializers.Serializer[Any]):
    """An introduction in talks; or, for brokers, two organisations and a title."""

    introduction = serializers.CharField(max_length=10, required=False, default="")
    supplier = serializers.CharField(max_length=10, required=False, default="")
    taker = serializers.CharField(max_length=10, required=False, default="")
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class WriteRoomMessageSerializer(SideSerializer):
    body = serializers.CharField(max_length=MAX_MESSAGE, trim_whitespace=False)


class SeatWrite(SideSerializer):
    email = serializers.EmailField(help_text="Of a colleague of your organisation.")
    right = serializers.ChoiceField(choices=Right.choices)


class RoomDocumentWrite(SideSerializer):
    file = serializers.FileField()
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    tier = serializers.CharField(
        max_length=4, default=RoomTier.NDA.value, help_text=", ".join(RoomTier.values)
    )
    document = serializers.CharField(
        max_length=10, required=False, default="", allow_blank=True,
        help_text="Of your side, to put its next version.",
    )  # fmt: skip
