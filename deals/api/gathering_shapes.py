"""Shapes of gatherings and of continuing education."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from deals import gathering_states as states
from deals.api.sale_shapes import MomentField
from deals.models import Gathering, GatheringKind, GatheringPlace
from deals.models.cases import MAX_TITLE
from deals.models.gatherings import MAX_PLACE, MAX_REASON, MAX_WORDS
from deals.queries import gatherings as queries
from deals.rules import MOST_MARKS


class GatheringSerializer(serializers.ModelSerializer[Gathering]):
    """`online` is told to registered people and the institution, `capacity` and `registered` to
    the institution; null otherwise. `my_place`: registered, waiting, or null."""

    id = serializers.CharField(source="public_id", read_only=True)
    institution = OrganisationReference(read_only=True)
    alliance = serializers.CharField(source="alliance.public_id", read_only=True, default=None)
    online = serializers.SerializerMethodField()
    capacity = serializers.SerializerMethodField()
    registered = serializers.SerializerMethodField()
    places_left = serializers.SerializerMethodField(help_text="Null where there is no bound.")
    my_place = serializers.CharField(source="own_state", read_only=True, allow_null=True)

    class Meta:
        model = Gathering
        fields = [
            "id", "institution", "alliance", "kind", "state", "title_en", "title_zh", "words_en",
            "words_zh", "starts_at", "ends_at", "register_until", "place", "online", "region",
            "hours", "capacity", "registered", "places_left", "my_place", "reason", "version",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def _is_ours(self, row: Gathering) -> bool:
        return states.ORGANISER in queries.roles_of(row, self.context["view"].actor, None)

    def get_online(self, row: Gathering) -> str | None:
        roles = {row.own_state or states.PERSON}  # type: ignore[attr-defined]
        if self._is_ours(row):
            roles.add(states.ORGANISER)
        sees = states.may("read_online", roles=roles, phase=row.phase(), is_open=True)
        return row.online if sees else None

    def get_capacity(self, row: Gathering) -> int | None:
        return row.capacity if self._is_ours(row) else None

    def get_registered(self, row: Gathering) -> int | None:
        taken: int = row.taken  # type: ignore[attr-defined]
        return taken if self._is_ours(row) else None

    def get_places_left(self, row: Gathering) -> int | None:
        return queries.places_left(row, row.taken)  # type: ignore[attr-defined]


class GatheringChange(serializers.Serializer[Any]):
    """Every name may be left out when it is changed."""

    kind = serializers.ChoiceField(choices=GatheringKind.choices)
    title_en = serializers.CharField(max_length=MAX_TITLE, required=False, allow_blank=True)
    title_zh = serializers.CharField(max_length=MAX_TITLE, required=False, allow_blank=True)
    words_en = serializers.CharField(max_length=MAX_WORDS, required=False, allow_blank=True)
    words_zh = serializers.CharField(max_length=MAX_WORDS, required=False, allow_blank=True)
    starts_at = MomentField()
    ends_at = MomentField()
    register_until = MomentField(
        required=False, allow_null=True, help_text="The start, if it is not given."
    )
    place = serializers.CharField(max_length=MAX_PLACE, required=False, allow_blank=True)
    online = serializers.CharField(
        max_length=MAX_PLACE, required=False, allow_blank=True,
        help_text="How to join; only registered people read it.",
    )  # fmt: skip
    region = serializers.CharField(
        max_length=6, required=False, allow_blank=True, help_text="A code of GB/T 2260."
    )
    capacity = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=100_000,
        help_text="Null for no bound.",
    )  # fmt: skip
    hours = serializers.DecimalField(
        max_digits=5, decimal_places=2, required=False, allow_null=True, min_value=0,
        help_text="Of continuing education; trainings only.",
    )  # fmt: skip
    alliance = serializers.CharField(
        max_length=10, required=False, allow_blank=True,
        help_text="Public id of one of your institution's; blank for everybody.",
    )  # fmt: skip


class GatheringWrite(GatheringChange):
    institution = serializers.CharField(
        max_length=10, required=False, help_text="Which of your institutions, if several."
    )


class GatheringCancelWrite(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=MAX_REASON, help_text="Everybody who is registered or waits is told."
    )


class GatheringTakeWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(
        max_length=10, required=False, allow_blank=True,
        help_text="Public id of one of yours, for which you come.",
    )  # fmt: skip


class GatheringPlaceSerializer(serializers.ModelSerializer[GatheringPlace]):
    """For the organising institution, and the person itself."""

    id = serializers.CharField(source="public_id", read_only=True)
    name = serializers.SerializerMethodField()
    organisation = OrganisationReference(read_only=True, allow_null=True)

    class Meta:
        model = GatheringPlace
        fields = ["id", "name", "organisation", "state", "attended", "asked_at"]
        read_only_fields = fields

    def get_name(self, row: GatheringPlace) -> str:
        return str(row.person) if row.person else ""


class MarkWrite(serializers.Serializer[Any]):
    place = serializers.CharField(max_length=10, help_text="Id of a place of this gathering.")
    attended = serializers.BooleanField(allow_null=True, help_text="Null takes a mark back.")


class AttendanceWrite(serializers.Serializer[Any]):
    marks = MarkWrite(many=True, help_text=f"At most {MOST_MARKS}.")


class AttendanceSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField(read_only=True)


class TrainingYearSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField(read_only=True)
    hours = serializers.DecimalField(max_digits=8, decimal_places=2, read_only=True)
    missing = serializers.DecimalField(max_digits=8, decimal_places=2, read_only=True)
