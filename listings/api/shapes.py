"""What the API shows of listings: always a Disclosed, never the row."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from listings import display
from listings.disclosure import Disclosed
from listings.models import Document, Listing, ListingVersion, Review
from listings.models.listings import Kind, State, Tier
from marketplace.core.bilingual import pick

# Parts that a list leaves out unless ?expand= asks for them; one listing has them all.
PARTS = ("texts", "specifications", "ip_rights", "documents")
_TEXTS = (
    "body_en", "body_zh", "members_text_en", "members_text_zh", "confidential_text_en",
    "confidential_text_zh", "tried_en", "tried_zh", "judged_en", "judged_zh",
)  # fmt: skip


class OwnerShape(serializers.Serializer[Any]):
    """id is empty for a party that is known by name only."""

    id = serializers.CharField(source="public_id")
    name = serializers.SerializerMethodField(help_text="In the language of the answer, if given.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    kind = serializers.CharField()
    is_verified = serializers.BooleanField()

    def get_name(self, card: Any) -> str:
        return pick(card, "name", get_language()).value


class SpecificationShape(serializers.Serializer[Any]):
    """A claim or a requirement, as given and in the base unit of its dimension."""

    metric_en = serializers.CharField()
    metric_zh = serializers.CharField()
    comparator = serializers.CharField(help_text="ge, le, eq or between")
    value = serializers.DecimalField(max_digits=24, decimal_places=8, normalize_output=True)
    upper = serializers.DecimalField(
        max_digits=24, decimal_places=8, allow_null=True, normalize_output=True
    )
    unit = serializers.CharField()
    dimension = serializers.CharField()
    base_value = serializers.FloatField()
    base_upper = serializers.FloatField(allow_null=True)
    condition_en = serializers.CharField()
    condition_zh = serializers.CharField()
    compared_with_en = serializers.CharField()
    compared_with_zh = serializers.CharField()
    strength = serializers.CharField(help_text="must or wish; of needs")
    tier = serializers.CharField()
    text = serializers.SerializerMethodField(help_text="As a page writes it, for example ≥ 84%.")

    def get_text(self, row: Any) -> str:
        return display.value_text(row)


class RightShape(serializers.Serializer[Any]):
    """number and title are empty where they would name a withheld owner."""

    kind = serializers.CharField()
    status = serializers.CharField()
    office = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    is_expired = serializers.BooleanField()
    number = serializers.CharField()
    title = serializers.CharField()


class DocumentShape(serializers.Serializer[Any]):
    """A document the caller may open, at /documents/{id}/content/."""

    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    name = serializers.CharField(help_text="Empty where it could name a withheld owner.")
    tier = serializers.ChoiceField(choices=Tier.values)
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    text_state = serializers.CharField()
    created_at = serializers.DateTimeField()

    class Meta:
        model = Document


class ListingShape(serializers.Serializer[Any]):
    """A technology or need as the caller may see it.

    Texts of closed tiers are empty and named in `withheld`; `owner` is null while it stays
    anonymous to the caller. In lists the parts and long texts come with `expand`.
    """

    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(choices=Kind.values)
    state = serializers.ChoiceField(choices=State.values)
    visibility = serializers.CharField(help_text="public, members or confidential")
    is_anonymous = serializers.BooleanField()
    is_own = serializers.BooleanField()
    is_revision = serializers.BooleanField()
    tier = serializers.ChoiceField(choices=Tier.values, help_text="How far the caller is let in.")
    withheld = serializers.ListField(child=serializers.CharField())
    owner = OwnerShape(allow_null=True)
    owner_is_verified = serializers.BooleanField()
    co_owners = OwnerShape(many=True)
    title = serializers.SerializerMethodField(help_text="In the language of the answer, if given.")
    title_en = serializers.CharField()
    title_zh = serializers.CharField()
    summary_en = serializers.CharField()
    summary_zh = serializers.CharField()
    body_en = serializers.CharField(allow_null=True)
    body_zh = serializers.CharField(allow_null=True)
    members_text_en = serializers.CharField(allow_null=True)
    members_text_zh = serializers.CharField(allow_null=True)
    confidential_text_en = serializers.CharField(allow_null=True)
    confidential_text_zh = serializers.CharField(allow_null=True)
    tried_en = serializers.CharField(allow_null=True)
    tried_zh = serializers.CharField(allow_null=True)
    judged_en = serializers.CharField(allow_null=True)
    judged_zh = serializers.CharField(allow_null=True)
    keywords_en = serializers.ListField(child=serializers.CharField())
    keywords_zh = serializers.ListField(child=serializers.CharField())
    field = serializers.CharField()
    sub_field = serializers.CharField()
    more_fields = serializers.ListField(child=serializers.CharField())
    trl = serializers.IntegerField(allow_null=True)
    country = serializers.CharField()
    region = serializers.CharField()
    modes = serializers.ListField(child=serializers.CharField())
    price_kind = serializers.CharField()
    price_min = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    price_max = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    project_source = serializers.CharField()
    deadline = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    source_url = serializers.CharField()
    coach_score = serializers.IntegerField(help_text="Of own listings; else 0.")
    specifications = SpecificationShape(many=True, allow_null=True)
    ip_rights = RightShape(many=True, allow_null=True)
    documents = DocumentShape(many=True, allow_null=True)
    version = serializers.IntegerField()
    published_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    url = serializers.CharField(source="get_absolute_url", help_text="The page of it.")

    class Meta:
        model = Listing

    def get_title(self, seen: Disclosed) -> str:
        return pick(seen, "title", get_language()).value

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Without what a list did not ask for: null, so that it is not taken for empty."""
        shown = super().to_representation(instance)
        left_out = self.context.get("left_out", frozenset())
        for part in left_out:
            for name in _TEXTS if part == "texts" else (part,):
                if name in shown:
                    shown[name] = None
        return shown


class CoachAdvice(serializers.Serializer[Any]):
    code = serializers.CharField()
    step = serializers.CharField()
    points = serializers.IntegerField()
    share = serializers.FloatField(help_text="How much of the points is earned, 0 to 1.")
    title = serializers.CharField()
    why = serializers.CharField()


class CoachShape(serializers.Serializer[Any]):
    """How good the draft is, and what would make it better."""

    score = serializers.IntegerField()
    grade = serializers.CharField()
    advices = CoachAdvice(many=True)
    done = CoachAdvice(many=True)


class VersionShape(serializers.ModelSerializer[ListingVersion]):
    """One published version, for the owner's people."""

    data = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta:
        model = ListingVersion
        fields = ["number", "published_at", "data"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_data(self, version: ListingVersion) -> dict[str, Any]:
        return {name: value for name, value in version.data.items() if name != "owner"}


class ReviewShape(serializers.ModelSerializer[Review]):
    """A submission that waits at the review desk."""

    listing = serializers.CharField(source="listing.public_id", read_only=True)
    kind = serializers.CharField(source="listing.kind", read_only=True)
    title = serializers.SerializerMethodField()
    is_revision = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = ["listing", "kind", "title", "is_revision", "state", "submitted_at"]
        read_only_fields = fields

    def get_title(self, review: Review) -> str:
        return pick(review.listing, "title", get_language()).value

    def get_is_revision(self, review: Review) -> bool:
        return review.listing.revision_of_id is not None
