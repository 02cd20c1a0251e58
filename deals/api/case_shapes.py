"""What the API says and takes about cases."""

from typing import Any

from rest_framework import serializers

from deals.actions.case_bulk import STEPS
from deals.models import (
    Case,
    CaseOutcome,
    CaseReason,
    CaseTask,
    CaseView,
    DeferReason,
    ForeignProject,
)
from deals.models.cases import MAX_NOTE, MAX_TITLE
from deals.rules import MOST_CASES


class ForeignProjectSerializer(serializers.ModelSerializer[ForeignProject]):
    """What is known of a project from abroad, as its row said it."""

    class Meta:
        model = ForeignProject
        fields = [
            "reference", "other_title", "owner_name", "country", "field", "trl", "summary",
            "programme", "website",
        ]  # fmt: skip
        read_only_fields = fields


class CaseSerializer(serializers.ModelSerializer[Case]):
    id = serializers.CharField(source="public_id", read_only=True)
    docket = serializers.CharField(read_only=True)
    organisation = serializers.CharField(source="organisation.public_id")
    responsible = serializers.CharField(
        source="responsible.public_id", default=None, allow_null=True
    )
    responsible_name = serializers.CharField(source="responsible", default=None, allow_null=True)
    introduction = serializers.CharField(
        source="introduction.public_id", default=None, allow_null=True
    )
    contract = serializers.CharField(source="contract.public_id", default=None, allow_null=True)
    project = ForeignProjectSerializer(
        default=None, allow_null=True, read_only=True, help_text="Of a project from abroad."
    )
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Case
        fields = [
            "id", "docket", "organisation", "title", "origin", "pipeline", "stage", "stage_since",
            "state", "deferred_until", "defer_reason", "outcome", "reason", "closed_at",
            "responsible", "responsible_name", "value", "currency", "probability", "next_action",
            "next_action_on", "introduction", "contract", "project", "version", "created_at",
            "updated_at", "url",
        ]  # fmt: skip


class CaseChangeSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=MAX_TITLE, required=False)
    responsible = serializers.CharField(
        max_length=10, required=False, help_text="Public id of a broker of the institution."
    )
    value = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False)
    probability = serializers.IntegerField(min_value=0, max_value=100, required=False)
    next_action = serializers.CharField(max_length=MAX_TITLE, required=False, allow_blank=True)
    next_action_on = serializers.DateField(
        required=False, allow_null=True, help_text="Today or later."
    )


class CaseOpenSerializer(CaseChangeSerializer):
    title = serializers.CharField(max_length=MAX_TITLE)
    pipeline = serializers.CharField(
        max_length=30, required=False, default="",
        help_text="That with which cases of your institution begin, unless named.",
    )  # fmt: skip
    stage = serializers.CharField(
        max_length=30, required=False, default="", help_text="The first one unless named."
    )
    organisation = serializers.CharField(
        max_length=10, required=False, default="", help_text="Only when you work in several."
    )
    introduction = serializers.CharField(max_length=10, required=False, default="")
    match = serializers.CharField(max_length=10, required=False, default="")


class CaseMoveSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField(max_length=30)


class CaseDeferSerializer(serializers.Serializer[Any]):
    until = serializers.DateField(help_text="After today.")
    reason = serializers.ChoiceField(choices=DeferReason.choices)


class CaseCloseSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=CaseOutcome.choices)
    reason = serializers.ChoiceField(choices=CaseReason.choices)


class CaseNoteSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id", read_only=True)
    author = serializers.CharField(read_only=True, allow_null=True)
    body = serializers.CharField(max_length=MAX_NOTE, trim_whitespace=False)
    created_at = serializers.DateTimeField(read_only=True)


class CasePartSerializer(serializers.Serializer[Any]):
    """kind and what goes with it: a client is an organisation or a name; a listing is its id."""

    id = serializers.CharField(source="public_id", read_only=True)
    kind = serializers.ChoiceField(choices=["clients", "listings", "contacts"])
    organisation = serializers.CharField(max_length=10, required=False, default="")
    listing = serializers.CharField(max_length=10, required=False, default="")
    name = serializers.CharField(max_length=160, required=False, default="", allow_blank=True)
    role = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    mail = serializers.EmailField(required=False, default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class CasePartReadSerializer(serializers.Serializer[Any]):
    """A client (organisation or typed name), a listing as far as you may see it, or a contact."""

    kind = serializers.ChoiceField(choices=["clients", "listings", "contacts"])
    id = serializers.CharField()
    name = serializers.CharField(help_text="Of a listing: its title; empty: no longer yours to see")
    organisation = serializers.CharField(allow_null=True, help_text="Of a client, when known.")
    listing = serializers.CharField(allow_null=True)
    role = serializers.CharField()
    mail = serializers.CharField()
    phone = serializers.CharField()


class RemoveCasePartSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["clients", "listings", "contacts"])
    id = serializers.CharField(max_length=10)


class CaseTieSerializer(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=["introduction", "contract"])
    id = serializers.CharField(max_length=10, allow_blank=True, help_text="Empty lets go.")


class CaseEventSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    who = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField()
    note = serializers.CharField(source="body", help_text="Internal words, of a note.")


class CaseTaskSerializer(serializers.ModelSerializer[CaseTask]):
    id = serializers.CharField(source="public_id", read_only=True)
    case = serializers.CharField(source="case.public_id")
    assignee = serializers.CharField(source="assignee.public_id", default=None, allow_null=True)

    class Meta:
        model = CaseTask
        fields = [
            "id", "case", "title_en", "title_zh", "stage", "template", "assignee", "due_on",
            "done_at", "version", "created_at",
        ]  # fmt: skip


class WriteCaseTaskSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=MAX_TITLE, required=False)
    assignee = serializers.CharField(
        max_length=10, required=False, allow_null=True, help_text="Public id of a colleague."
    )
    due_on = serializers.DateField(required=False, allow_null=True, help_text="Today or later.")


class CaseMarkedSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=10)
    version = serializers.IntegerField(required=False, default=None, allow_null=True)


class CaseBulkSerializer(serializers.Serializer[Any]):
    cases: "serializers.ListSerializer[Any]" = serializers.ListSerializer(
        child=CaseMarkedSerializer(), allow_empty=False, max_length=MOST_CASES
    )
    step = serializers.ChoiceField(choices=STEPS)
    responsible = serializers.CharField(max_length=10, required=False, default="")
    next_action_on = serializers.DateField(required=False, default=None, allow_null=True)
    stage = serializers.CharField(max_length=30, required=False, default="")
    outcome = serializers.CharField(max_length=10, required=False, default="")
    reason = serializers.CharField(max_length=24, required=False, default="")


class CaseNotDoneSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    code = serializers.CharField()
    detail = serializers.CharField(source="message")


class CaseBulkReportSerializer(serializers.Serializer[Any]):
    done = serializers.ListField(child=serializers.CharField())
    refused = CaseNotDoneSerializer(many=True)


class CaseColumnSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField(source="stage.code")
    count = serializers.IntegerField()
    sums = serializers.DictField(child=serializers.CharField(), help_text="Currency: amount.")
    expected = serializers.DictField(
        child=serializers.CharField(), help_text="Values times their probability."
    )


class CaseStageSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    probability = serializers.IntegerField()
    channel = serializers.CharField()
    needs = serializers.ListField(child=serializers.CharField())
    blocks = serializers.ListField(child=serializers.CharField())


class CasePipelineSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    about_en = serializers.CharField()
    about_zh = serializers.CharField()
    stages = CaseStageSerializer(many=True)


class CaseBarrierSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    year = serializers.IntegerField()
    count = serializers.IntegerField()


class CaseViewSerializer(serializers.ModelSerializer[CaseView]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = CaseView
        fields = ["id", "name", "page", "query"]
