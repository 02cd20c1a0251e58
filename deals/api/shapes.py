"""What the API says and takes about introductions. Answers are built from a Pair, so that they
hold what pages hold and nothing more."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from deals.models import Binding, CloseReason, Introduction, Outcome, Side
from deals.models.introductions import MAX_CLOSING_WORDS
from deals.models.talks import MAX_MESSAGE
from deals.queries.enquiries import released_of
from deals.queries.pairs import Pair, Party


class ListingRefSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    title_en = serializers.CharField()
    title_zh = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")


class PartySerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()


class NdaSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    text_hash = serializers.CharField(help_text="SHA-256 of the text; send it when accepting.")
    in_force = serializers.BooleanField()
    need_accepted_at = serializers.DateTimeField(allow_null=True)
    technology_accepted_at = serializers.DateTimeField(allow_null=True)


class ReleaseSerializer(serializers.Serializer[Any]):
    side = serializers.CharField(help_text="need or technology")
    has_details = serializers.BooleanField(help_text="The confidential tier is open.")
    shows_owner = serializers.BooleanField(help_text="The name was shown by a release.")


class StepSerializer(serializers.Serializer[Any]):
    side = serializers.CharField(help_text="Whose step; empty: any broker.")
    code = serializers.CharField()
    text = serializers.CharField()
    is_waiting = serializers.BooleanField(help_text="Somebody waits for it; else it can be done.")


class EnquirySerializer(serializers.Serializer[Any]):
    """What the side that asked without its name released then; empty or null for the rest."""

    side = serializers.CharField(help_text="Who asked: need or technology.")
    field = serializers.CharField()
    province = serializers.CharField(help_text="GB/T 2260 code.")
    price_min = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    price_max = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    is_named = serializers.BooleanField(help_text="It has shown its name since.")


class IntroductionSerializer(serializers.Serializer[Any]):
    """A listing that is closed to you is null, and so is a party whose name is withheld."""

    id = serializers.CharField(source="introduction.public_id")
    version = serializers.IntegerField(source="introduction.version")
    state = serializers.CharField(source="introduction.state")
    origin = serializers.CharField(source="introduction.origin")
    sides = serializers.ListField(
        child=serializers.CharField(), help_text="For whom you may speak: need, technology, broker."
    )
    need = ListingRefSerializer(allow_null=True)
    technology = ListingRefSerializer(allow_null=True)
    need_party = serializers.SerializerMethodField()
    technology_party = serializers.SerializerMethodField()
    broker = serializers.SerializerMethodField()
    enquiry = serializers.SerializerMethodField()
    wants_broker = serializers.BooleanField(source="introduction.wants_broker")
    nda = serializers.SerializerMethodField()
    releases = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    contract = serializers.SerializerMethodField()
    outcome = serializers.CharField(source="introduction.outcome")
    reason = serializers.CharField(source="introduction.reason")
    closing_words = serializers.CharField(source="introduction.closing_words")
    created_at = serializers.DateTimeField(source="introduction.created_at")
    updated_at = serializers.DateTimeField(source="introduction.updated_at")
    closed_at = serializers.DateTimeField(source="introduction.closed_at", allow_null=True)

    class Meta:
        model = Introduction

    @extend_schema_field(PartySerializer(allow_null=True))
    def get_need_party(self, pair: Pair) -> Any:
        return _party(pair.parties[Side.NEED.value])

    @extend_schema_field(PartySerializer(allow_null=True))
    def get_technology_party(self, pair: Pair) -> Any:
        return _party(pair.parties[Side.TECHNOLOGY.value])

    @extend_schema_field(PartySerializer(allow_null=True))
    def get_broker(self, pair: Pair) -> Any:
        return _party(pair.parties.get(Side.BROKER.value))

    @extend_schema_field(EnquirySerializer(allow_null=True))
    def get_enquiry(self, pair: Pair) -> Any:
        found = released_of(pair)
        return EnquirySerializer(found).data if found is not None else None

    @extend_schema_field(NdaSerializer)
    def get_nda(self, pair: Pair) -> Any:
        accepted = {side: row.accepted_at for side, row in pair.nda.items()}
        return NdaSerializer(
            {
                "version": pair.nda_text.version,
                "text_hash": pair.nda_text.hash,
                "in_force": pair.nda_in_force,
                "need_accepted_at": accepted.get(Side.NEED.value),
                "technology_accepted_at": accepted.get(Side.TECHNOLOGY.value),
            }
        ).data

    @extend_schema_field(ReleaseSerializer(many=True))
    def get_releases(self, pair: Pair) -> Any:
        return [
            {"side": side, "has_details": row.has_details, "shows_owner": row.shows_owner}
            for side, row in pair.releases.items()
        ]

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, pair: Pair) -> Any:
        return StepSerializer(pair.steps, many=True).data

    def get_contract(self, pair: Pair) -> str | None:
        contract = pair.introduction.contract
        return contract.public_id if contract else None


def _party(party: Party | None) -> Any:
    return PartySerializer(party).data if party is not None and party.is_known else None


class MessageSerializer(serializers.Serializer[Any]):
    """who is the sender's name, or null while its side does not show its name."""

    id = serializers.CharField()
    side = serializers.CharField()
    who = serializers.CharField(allow_null=True)
    body = serializers.CharField()
    created_at = serializers.DateTimeField()


class NdaTextSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    text_hash = serializers.CharField(source="hash")
    title_en = serializers.CharField()
    title_zh = serializers.CharField()
    text_en = serializers.CharField(help_text="Empty where there is none in this language.")
    text_zh = serializers.CharField(help_text="Empty where there is none in this language.")
    binding = serializers.ChoiceField(
        choices=Binding.choices, help_text="Which text is binding; both are equally valid, or one."
    )


class RequestSerializer(serializers.Serializer[Any]):
    """A pair that wants a broker, as the market shows it; null for the listing behind an enquiry
    without a name that is confidential."""

    id = serializers.CharField(source="introduction.public_id")
    need = ListingRefSerializer(allow_null=True)
    technology = ListingRefSerializer(allow_null=True)
    asked_at = serializers.DateTimeField(source="introduction.broker_asked_at")

    class Meta:
        model = Introduction


# --- What it takes -----------------------------------------------------------------------------


class OpenSerializer(serializers.Serializer[Any]):
    need = serializers.CharField(max_length=10, help_text="Public id of a need.")
    technology = serializers.CharField(max_length=10, help_text="Public id of a technology.")


class SideSerializer(serializers.Serializer[Any]):
    side = serializers.CharField(
        max_length=10, required=False, default="", allow_blank=True,
        help_text="need, technology or broker; only for somebody who belongs to several sides.",
    )  # fmt: skip


class WriteMessageSerializer(SideSerializer):
    body = serializers.CharField(max_length=MAX_MESSAGE, trim_whitespace=False)


class AcceptSerializer(SideSerializer):
    text_hash = serializers.CharField(max_length=64, help_text="Of the text that was read.")
    name = serializers.CharField(max_length=80, help_text="The full name of who accepts.")


class CloseSerializer(SideSerializer):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    reason = serializers.ChoiceField(
        choices=CloseReason.choices, required=False, default="", allow_blank=True
    )
    words = serializers.CharField(
        max_length=MAX_CLOSING_WORDS, required=False, default="", allow_blank=True
    )


class DraftSerializer(SideSerializer):
    mode = serializers.CharField(
        max_length=30, required=False, default="", allow_blank=True,
        help_text="A transfer mode; by default one that both listings name.",
    )  # fmt: skip


class DraftedSerializer(serializers.Serializer[Any]):
    contract = serializers.CharField(help_text="Public id of the contract draft.")


class AskUnnamedSerializer(serializers.Serializer[Any]):
    match = serializers.CharField(max_length=10, help_text="Public id of a match of your listing.")
    words = serializers.CharField(
        max_length=MAX_MESSAGE, trim_whitespace=False,
        help_text="What you ask. Refused when it names you or says how to reach you.",
    )  # fmt: skip
    shows = serializers.ListField(
        child=serializers.ChoiceField(choices=["field", "province", "price"]),
        required=False, default=list, help_text="What of your listing goes with it.",
    )  # fmt: skip
    through = serializers.CharField(
        max_length=10, required=False, default="", allow_blank=True,
        help_text="Public id of an institution that you work with; its brokers are asked to help.",
    )  # fmt: skip
