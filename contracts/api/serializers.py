"""What the API shows and takes about contracts."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import OrganisationReference
from contracts import completeness, states
from contracts.api import terms
from contracts.api.fields import code_field, money_field, paid_field
from contracts.codes import (
    AMOUNT_BANDS,
    CONTRACT_TYPES,
    DEDUCTION_KINDS,
    FILE_KINDS,
    IP_KINDS,
    PARTY_KINDS,
    PAYMENT_MODES,
    PLAN_SOURCES,
    PUBLIC_FACTS,
    ROLES,
    SUB_TYPES,
)
from contracts.models import (
    Contract,
    ContractDecision,
    ContractDeduction,
    ContractFile,
    ContractParty,
)
from contracts.payment import MAX_INSTALMENTS
from contracts.queries.visibility import is_of_parties, may_edit, may_submit
from contracts.rules import MAX_DEDUCTIONS, MAX_PARTIES
from contracts.schedule import schedule_of
from marketplace.core.codes import CURRENCIES, FIELDS, SUB_FIELDS


class ContractPartySerializer(serializers.ModelSerializer[ContractParty]):
    role = serializers.CharField(read_only=True)
    organisation = OrganisationReference(read_only=True, allow_null=True)

    class Meta:
        model = ContractParty
        fields = [
            "role", "organisation", "name", "kind", "code", "country", "region", "address",
            "contact",
        ]  # fmt: skip
        read_only_fields = fields


class ContractPartyWrite(serializers.Serializer[Any]):
    """`organisation` (an id) fills name, kind and region where they are left out."""

    role = code_field(ROLES)
    organisation = serializers.CharField(max_length=10, required=False, allow_blank=True)
    name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    kind = code_field(PARTY_KINDS, required=False, allow_blank=True)
    code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, required=False)
    region = serializers.CharField(max_length=6, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    contact = serializers.CharField(max_length=120, required=False, allow_blank=True)


class ContractDeductionSerializer(serializers.ModelSerializer[ContractDeduction]):
    class Meta:
        model = ContractDeduction
        fields = ["kind", "amount", "note"]
        read_only_fields = fields


class ContractDeductionWrite(serializers.Serializer[Any]):
    kind = code_field(DEDUCTION_KINDS)
    amount = paid_field()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ContractFileSerializer(serializers.ModelSerializer[ContractFile]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = ContractFile
        fields = ["id", "kind", "name", "media_type", "size", "sha256", "created_at"]
        read_only_fields = fields


class ContractFileWrite(serializers.Serializer[Any]):
    file = serializers.FileField()
    kind = code_field(FILE_KINDS, default="contract")


class ContractDecisionSerializer(serializers.ModelSerializer[ContractDecision]):
    kind = serializers.CharField(read_only=True)
    remarks = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ContractDecision
        fields = ["kind", "reason", "words", "remarks", "at"]
        read_only_fields = fields


class ContractRow(serializers.ModelSerializer[Contract]):
    """A contract in a list."""

    id = serializers.CharField(source="public_id", read_only=True)
    filed_by = OrganisationReference(read_only=True)
    registration_point = OrganisationReference(read_only=True, allow_null=True)
    parties = ContractPartySerializer(many=True, read_only=True)

    class Meta:
        model = Contract
        fields = [
            "id", "state", "number", "edition", "type", "sub_type", "rule_set", "title_en",
            "title_zh", "signed_on", "valid_from", "valid_to", "total_amount", "technology_amount",
            "currency", "rate", "rate_on", "total_cny", "technology_cny", "payment_mode",
            "payment_terms", "field", "sub_field", "ip_kind", "plan_source", "region",
            "public_facts", "filed_by", "registration_point", "parties", "origin", "submitted_at",
            "due_on", "days_left", "numbered_at", "registered_at", "ended_at", "version",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class ContractSerializer(ContractRow):
    """A contract with everything. `missing` names what must be completed before it is submitted;
    `amends` is the id of the edition that it replaces when registered."""

    deductions = ContractDeductionSerializer(many=True, read_only=True)
    instalments = terms.InstalmentSerializer(many=True, read_only=True)
    royalty = terms.RoyaltySerializer(read_only=True, allow_null=True, default=None)
    schedule = serializers.SerializerMethodField()
    files = ContractFileSerializer(many=True, read_only=True)
    decisions = serializers.SerializerMethodField()
    amends = serializers.CharField(
        source="amends.public_id", read_only=True, allow_null=True, default=None
    )
    missing = serializers.SerializerMethodField()
    may_edit = serializers.SerializerMethodField()
    may_submit = serializers.SerializerMethodField()

    class Meta(ContractRow.Meta):
        fields = [
            *ContractRow.Meta.fields, "deductions", "instalments", "royalty", "schedule", "files",
            "decisions", "amends", "missing", "may_edit", "may_submit",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(terms.ScheduleRowSerializer(many=True))
    def get_schedule(self, contract: Contract) -> Any:
        return terms.ScheduleRowSerializer(schedule_of(contract).rows, many=True).data

    def get_decisions(self, contract: Contract) -> list[dict[str, Any]]:
        rows = list(contract.decisions.all())
        if is_of_parties(contract, self.context["actor"]):
            rows = [row for row in rows if not row.is_internal]
        return list(ContractDecisionSerializer(rows, many=True).data)

    def get_missing(self, contract: Contract) -> dict[str, list[str]]:
        if contract.state not in states.OPEN_TO_PARTIES:
            return {}
        found = completeness.missing(contract, timezone.localdate())
        return {name: [str(text) for text in texts] for name, texts in found.items()}

    def get_may_edit(self, contract: Contract) -> bool:
        return contract.is_open_to_parties and may_edit(contract, self.context["actor"])

    def get_may_submit(self, contract: Contract) -> bool:
        return contract.is_open_to_parties and may_submit(contract, self.context["actor"])


class ContractWrite(serializers.Serializer[Any]):
    """Facts of a draft; on PATCH what is left out stays, lists are replaced whole."""

    type = code_field(CONTRACT_TYPES)
    sub_type = code_field(SUB_TYPES, required=False, allow_blank=True)
    title_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    title_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    signed_on = serializers.DateField(required=False, allow_null=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)
    total_amount = paid_field(required=False, allow_null=True)
    currency = code_field(CURRENCIES, required=False)
    rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, required=False, allow_null=True,
        help_text="CNY for one unit of another currency.",
    )  # fmt: skip
    rate_on = serializers.DateField(required=False, allow_null=True)
    payment_mode = code_field(PAYMENT_MODES, required=False, allow_blank=True)
    payment_terms = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    field = code_field(FIELDS, required=False, allow_blank=True)
    sub_field = code_field(SUB_FIELDS, required=False, allow_blank=True)
    ip_kind = code_field(IP_KINDS, required=False, allow_blank=True)
    plan_source = code_field(PLAN_SOURCES, required=False)
    region = serializers.CharField(
        max_length=6, required=False, allow_blank=True, help_text="GB/T 2260 code."
    )
    registration_point = serializers.CharField(
        max_length=10, required=False, allow_blank=True, help_text="Id of a registration point."
    )
    public_facts = serializers.ListField(
        child=code_field(PUBLIC_FACTS), required=False, max_length=10,
        help_text="What the public register may show beside what it always shows.",
    )  # fmt: skip
    parties = serializers.ListField(
        child=ContractPartyWrite(), required=False, max_length=MAX_PARTIES
    )
    deductions = serializers.ListField(
        child=ContractDeductionWrite(), required=False, max_length=MAX_DEDUCTIONS
    )
    instalments = serializers.ListField(
        child=terms.InstalmentWrite(), required=False, max_length=MAX_INSTALMENTS
    )
    royalty = terms.RoyaltyWrite(required=False, allow_null=True)


class ContractCreate(ContractWrite):
    organisation = serializers.CharField(
        max_length=10, help_text="Id of your organisation that drafts it."
    )


class ContractWordsWrite(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class ContractReturnWrite(ContractWordsWrite):
    remarks = serializers.DictField(
        child=serializers.CharField(max_length=1000), required=False, default=dict,
        help_text="Name of a fact -> what to correct.",
    )  # fmt: skip


class ContractYesWrite(ContractWordsWrite):
    without_answer = serializers.BooleanField(
        default=False, help_text="Decide though a question to the parties is open; recorded."
    )


class ContractRefuseWrite(ContractYesWrite):
    reason = serializers.CharField(
        max_length=30, help_text="A refusal code of the contract’s rule set."
    )


class ContractEndWrite(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=4000)


class PublicPartySerializer(serializers.Serializer[Any]):
    role = code_field(ROLES)
    name = serializers.CharField()
    kind = code_field(PARTY_KINDS)


class RegisterEntrySerializer(serializers.Serializer[Any]):
    """The public facts of one number; null or empty where the parties do not allow more."""

    number = serializers.CharField()
    state = serializers.CharField(help_text="registered, cancelled or revoked")
    edition = serializers.IntegerField()
    type = code_field(CONTRACT_TYPES)
    sub_type = code_field(SUB_TYPES)
    field = code_field(FIELDS)
    sub_field = serializers.CharField()
    region = serializers.CharField()
    title_en = serializers.CharField()
    title_zh = serializers.CharField()
    parties = PublicPartySerializer(many=True)
    total_cny = money_field(allow_null=True)
    technology_cny = money_field(allow_null=True)
    amount_band = code_field(AMOUNT_BANDS, help_text="Of the technology amount in CNY.")
    signed_on = serializers.DateField(allow_null=True)
    registered_on = serializers.DateField()
    edition_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    registration_point = serializers.CharField(source="point_public_id")
    registration_point_name_en = serializers.CharField(source="point_name_en")
    registration_point_name_zh = serializers.CharField(source="point_name_zh")


class RefusalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    en = serializers.CharField()
    zh = serializers.CharField()


class RuleSetSerializer(serializers.Serializer[Any]):
    """A set of registration rules, chosen by the signing date."""

    code = serializers.CharField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    enabled = serializers.BooleanField()
    is_draft = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    sources = serializers.ListField(child=serializers.CharField())
    second_review_from = money_field(
        help_text="CNY of technology amount; a second person approves."
    )
    decision_days = serializers.IntegerField(help_text="Working days; a point may set its own.")
    large_decision_days = serializers.IntegerField()
    types = serializers.SerializerMethodField(help_text="Type -> sub-types.")
    refusals = serializers.SerializerMethodField()

    def get_types(self, rules: Any) -> dict[str, list[str]]:
        return {code: list(kind.sub_types) for code, kind in rules.types.items()}

    def get_refusals(self, rules: Any) -> list[dict[str, str]]:
        return list(RefusalSerializer(list(rules.refusals.values()), many=True).data)
