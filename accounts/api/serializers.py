"""What the API shows and takes about people, organisations and alliances."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import (
    Alliance,
    AllianceMember,
    ApiToken,
    BrokerQualification,
    ExpertProfile,
    Invitation,
    Membership,
    Organisation,
    User,
    Verification,
)
from accounts.models.memberships import Role
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.api.permissions import SCOPES
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS, ORGANISATION_KINDS, TTI_TYPES


def _actor(serializer: serializers.BaseSerializer[Any]) -> Actor:
    return serializer.context.get("actor") or Actor.visitor()


class OrganisationReference(serializers.ModelSerializer[Organisation]):
    """An organisation as others name it."""

    id = serializers.CharField(source="public_id", read_only=True)
    name = serializers.SerializerMethodField(help_text="In the language of the answer, if given.")
    is_verified = serializers.BooleanField(read_only=True)

    class Meta:
        model = Organisation
        fields = ["id", "name", "name_en", "name_zh", "kind", "is_verified"]
        read_only_fields = fields

    def get_name(self, organisation: Organisation) -> str:
        return pick(organisation, "name", get_language()).value


class AllianceReference(serializers.ModelSerializer[Alliance]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = Alliance
        fields = ["id", "name_en", "name_zh"]
        read_only_fields = fields


class OrganisationSerializer(OrganisationReference):
    """`registration_code` and `is_trusted` are null unless you are a member or an operator."""

    place = serializers.SerializerMethodField(help_text="Region or country in words.")
    registration_code = serializers.SerializerMethodField()
    is_trusted = serializers.SerializerMethodField()
    alliances = serializers.SerializerMethodField(help_text="With `expand=alliances`, else null.")

    class Meta:
        model = Organisation
        fields = [
            "id", "name", "name_en", "name_zh", "about_en", "about_zh", "kind", "tti_type",
            "country", "region", "place", "website", "field_codes", "registration_code",
            "is_verified", "verified_at", "is_registration_point", "is_trusted",
            "agreed_to_be_found", "alliances", "version", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def _inside(self, organisation: Organisation) -> bool:
        actor = _actor(self)
        return actor.is_operator or actor.is_system or organisation.pk in actor.roles

    def get_place(self, organisation: Organisation) -> str:
        return regions.place(organisation.country, organisation.region, get_language())

    def get_registration_code(self, organisation: Organisation) -> str | None:
        return organisation.registration_code if self._inside(organisation) else None

    def get_is_trusted(self, organisation: Organisation) -> bool | None:
        return organisation.is_trusted if self._inside(organisation) else None

    @extend_schema_field(AllianceReference(many=True, allow_null=True))
    def get_alliances(self, organisation: Organisation) -> Any:
        if "alliances" not in self.context.get("expand", ()):
            return None
        rows = [
            row.alliance
            for row in organisation.alliance_memberships.all()
            if row.state == AllianceMember.State.MEMBER
        ]
        return AllianceReference(rows, many=True).data


class OrganisationWrite(serializers.Serializer[Any]):
    """Facts of an organisation; those that are left out stay as they are."""

    kind = serializers.ChoiceField(choices=[code.code for code in ORGANISATION_KINDS])
    tti_type = serializers.ChoiceField(
        choices=[code.code for code in TTI_TYPES], required=False, allow_blank=True
    )
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    name_zh = serializers.CharField(max_length=160, required=False, allow_blank=True)
    about_en = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    about_zh = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, required=False, help_text="ISO 3166 code.")
    region = serializers.CharField(
        max_length=6, required=False, allow_blank=True, help_text="GB/T 2260 code."
    )
    registration_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    website = serializers.URLField(max_length=200, required=False, allow_blank=True)
    field_codes = serializers.ListField(
        child=serializers.ChoiceField(choices=[code.code for code in FIELDS]),
        required=False,
        max_length=len(FIELDS),
    )
    agreed_to_be_found = serializers.BooleanField(required=False)


class StandingWrite(serializers.Serializer[Any]):
    is_trusted = serializers.BooleanField(required=False)
    is_registration_point = serializers.BooleanField(required=False)


class ReasonWrite(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class NoteWrite(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class EvidenceWrite(serializers.Serializer[Any]):
    evidence = serializers.FileField(help_text="PDF, PNG or JPEG.")
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class VerificationSerializer(serializers.ModelSerializer[Verification]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)

    class Meta:
        model = Verification
        fields = [
            "id", "organisation", "state", "evidence_name", "evidence_type", "evidence_size",
            "evidence_sha256", "note", "reason", "created_at", "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


# --- Members --------------------------------------------------------------------------------------


class PersonReference(serializers.ModelSerializer[User]):
    """`email` is null unless you own the organisation."""

    id = serializers.CharField(source="public_id", read_only=True)
    email = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "name", "email"]
        read_only_fields = fields

    def get_email(self, user: User) -> str | None:
        return user.email if self.context.get("shows_email") else None


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    id = serializers.CharField(source="public_id", read_only=True)
    person = PersonReference(source="user", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "person", "roles", "created_at"]
        read_only_fields = fields


class OwnMembershipSerializer(serializers.ModelSerializer[Membership]):
    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "organisation", "roles", "created_at"]
        read_only_fields = fields


def _roles() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=Role.choices), max_length=len(Role)
    )


class RolesWrite(serializers.Serializer[Any]):
    roles = _roles()


class InvitationWrite(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    roles = _roles()


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = Invitation
        fields = ["id", "email", "roles", "expires_at", "created_at"]
        read_only_fields = fields


class SecretWrite(serializers.Serializer[Any]):
    secret = serializers.CharField(max_length=100, help_text="The last part of the link.")


# --- Alliances ------------------------------------------------------------------------------------


class AllianceMemberSerializer(serializers.ModelSerializer[AllianceMember]):
    organisation = OrganisationReference(read_only=True)
    since = serializers.DateTimeField(source="changed_at", read_only=True)

    class Meta:
        model = AllianceMember
        fields = ["organisation", "since"]
        read_only_fields = fields


class AllianceSerializer(serializers.ModelSerializer[Alliance]):
    """`referral_rules` is null unless one of your organisations is a member."""

    id = serializers.CharField(source="public_id", read_only=True)
    lead = OrganisationReference(read_only=True)
    member_count = serializers.IntegerField(read_only=True)
    members = AllianceMemberSerializer(source="present_members", many=True, read_only=True)
    referral_rules = serializers.SerializerMethodField()

    class Meta:
        model = Alliance
        fields = [
            "id", "name_en", "name_zh", "about_en", "about_zh", "referral_rules", "lead",
            "member_count", "members", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_referral_rules(self, alliance: Alliance) -> str | None:
        actor = _actor(self)
        present: list[AllianceMember] = getattr(alliance, "present_members", [])
        inside = any(row.organisation_id in actor.roles for row in present)
        return alliance.referral_rules if inside or actor.is_operator else None


class AllianceWrite(serializers.Serializer[Any]):
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    name_zh = serializers.CharField(max_length=160, required=False, allow_blank=True)
    about_en = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    about_zh = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    referral_rules = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class AllianceCreate(AllianceWrite):
    lead = serializers.CharField(max_length=10, help_text="Id of a verified organisation you own.")


class OrganisationIdWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=10, help_text="Id of the organisation.")


class AnswerWrite(OrganisationIdWrite):
    accept = serializers.BooleanField()


# --- Oneself --------------------------------------------------------------------------------------


class MeSerializer(serializers.ModelSerializer[User]):
    id = serializers.CharField(source="public_id", read_only=True)
    memberships = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField(help_text="Of this token; null for a session.")

    class Meta:
        model = User
        fields = [
            "id", "email", "name", "language", "agreed_to_be_found", "is_operator",
            "is_moderator", "memberships", "scopes",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OwnMembershipSerializer(many=True))
    def get_memberships(self, user: User) -> Any:
        rows = user.memberships.select_related("organisation").order_by("id")
        return OwnMembershipSerializer(rows, many=True).data

    def get_scopes(self, user: User) -> list[str] | None:
        scopes = _actor(self).scopes
        return None if scopes is None else sorted(scopes)


class MeWrite(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, required=False)
    language = serializers.CharField(max_length=10, required=False, help_text="`en` or `zh-hans`.")
    agreed_to_be_found = serializers.BooleanField(required=False)


class ExpertProfileSerializer(serializers.ModelSerializer[ExpertProfile]):
    organisation = serializers.CharField(source="organisation.public_id")

    class Meta:
        model = ExpertProfile
        fields = ["organisation", "title", "about", "agreed_at"]
        read_only_fields = fields


class ExpertProfileWrite(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=10, help_text="Id of one of yours.")
    title = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    about = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class CloseWrite(serializers.Serializer[Any]):
    email = serializers.EmailField(help_text="Your own address, so that this is no mistake.")


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = ApiToken
        fields = [
            "id", "name", "prefix", "scopes", "allowed_networks", "expires_at", "last_used_at",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewTokenSerializer(TokenSerializer):
    secret = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class TokenWrite(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)), max_length=len(SCOPES)
    )
    expires_at = serializers.DateTimeField(
        required=False, help_text="Within a year; 90 days from now when left out."
    )
    allowed_networks = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, max_length=20,
        help_text="Addresses or CIDR networks; empty: from everywhere.",
    )  # fmt: skip


class QualificationSerializer(serializers.ModelSerializer[BrokerQualification]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = BrokerQualification
        fields = ["id", "number", "issuer", "issued_on", "expires_on", "created_at"]
        read_only_fields = ["id", "created_at"]
        # Uniqueness within the person is checked by the action, which knows the person.
        validators: list[Any] = []
