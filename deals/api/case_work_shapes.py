"""What the API says and takes about assessment, protection and marketing of cases."""

from typing import Any

from rest_framework import serializers

from deals.models import (
    Approach,
    ApproachChannel,
    ApproachOutcome,
    CaseDecision,
    CaseReadiness,
    CloseReason,
    IpEvent,
    IpKind,
    Verdict,
    VerdictReason,
)
from deals.models.assessments import MAX_EVIDENCE
from deals.models.cases import MAX_TITLE


def _figure(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True, **kwargs)


class AssessmentCriterionSerializer(serializers.Serializer[Any]):
    """low and high: of the scores; deviation: standard deviation over the assessors who know."""

    criterion = serializers.CharField(source="criterion.code")
    weight = serializers.IntegerField(source="criterion.weight", help_text="Of 100.")
    mean = _figure()
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    deviation = _figure()
    known = serializers.IntegerField()
    unknown = serializers.IntegerField()


class ScorecardScoreSerializer(serializers.Serializer[Any]):
    criterion = serializers.CharField(max_length=30)
    score = serializers.IntegerField(
        min_value=1, max_value=5, allow_null=True, help_text="null: unknown."
    )
    evidence = serializers.CharField(
        max_length=MAX_EVIDENCE, required=False, default="", allow_blank=True
    )


class ScorecardSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    assessor = serializers.CharField(source="assessor.public_id", default=None, allow_null=True)
    version = serializers.IntegerField()
    scores = ScorecardScoreSerializer(many=True, source="scores.all")
    updated_at = serializers.DateTimeField()


class CaseReadinessSerializer(serializers.ModelSerializer[CaseReadiness]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = CaseReadiness
        fields = ["id", "level", "evidence", "created_at"]


class CaseDecisionSerializer(serializers.ModelSerializer[CaseDecision]):
    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = CaseDecision
        fields = ["id", "verdict", "reason", "until", "words", "created_at"]


class AssessmentSerializer(serializers.Serializer[Any]):
    """id: of the case. mean: over the weight that is known; unknown: per cent of the weight."""

    id = serializers.CharField()
    template = serializers.CharField()
    cards = serializers.IntegerField()
    mean = _figure()
    unknown = serializers.DecimalField(max_digits=5, decimal_places=2)
    low = _figure(help_text="Of the assessors' own means.")
    high = _figure()
    deviation = _figure()
    criteria = AssessmentCriterionSerializer(many=True)
    scorecards = ScorecardSerializer(many=True)
    readiness = CaseReadinessSerializer(many=True)
    decisions = CaseDecisionSerializer(many=True)


class ScorecardWrite(serializers.Serializer[Any]):
    scores = ScorecardScoreSerializer(many=True, help_text="What is not named is unknown.")
    version = serializers.IntegerField(
        required=False, default=None, allow_null=True, help_text="Of your card; 0: none yet."
    )


class CaseReadinessWrite(serializers.Serializer[Any]):
    level = serializers.IntegerField(min_value=1, max_value=9)
    evidence = serializers.CharField(max_length=MAX_EVIDENCE)


class CaseDecisionWrite(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.ChoiceField(choices=VerdictReason.choices)
    until = serializers.DateField(
        required=False, default=None, allow_null=True, help_text="For defer: after today."
    )
    words = serializers.CharField(
        max_length=MAX_EVIDENCE, required=False, default="", allow_blank=True
    )


class IpEventSerializer(serializers.ModelSerializer[IpEvent]):
    id = serializers.CharField(source="public_id", read_only=True)
    case = serializers.CharField(source="case.public_id")
    booked = serializers.CharField(
        source="booked.public_id", default=None, allow_null=True,
        help_text="The cost in the income of a contract.",
    )  # fmt: skip

    class Meta:
        model = IpEvent
        fields = [
            "id", "case", "kind", "office", "number", "happened_on", "deadline", "done_on", "cost",
            "currency", "note", "booked", "version", "created_at", "updated_at",
        ]  # fmt: skip


class IpEventChange(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=IpKind.choices, required=False)
    office = serializers.CharField(max_length=40, required=False, allow_blank=True)
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    happened_on = serializers.DateField(required=False, allow_null=True)
    deadline = serializers.DateField(required=False, allow_null=True)
    done_on = serializers.DateField(required=False, allow_null=True, help_text="Today or before.")
    cost = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False)
    note = serializers.CharField(max_length=400, required=False, allow_blank=True)


class IpEventWrite(IpEventChange):
    case = serializers.CharField(max_length=10)
    kind = serializers.ChoiceField(choices=IpKind.choices)


class IpEventBookWrite(serializers.Serializer[Any]):
    account = serializers.CharField(max_length=10, help_text="Public id of an income.")


class MarketingContactSerializer(serializers.ModelSerializer[Approach]):
    id = serializers.CharField(source="public_id", read_only=True)
    case = serializers.CharField(source="case.public_id")
    organisation = serializers.CharField(
        source="organisation.public_id", default=None, allow_null=True
    )
    made_by = serializers.CharField(source="made_by.public_id", default=None, allow_null=True)

    class Meta:
        model = Approach
        fields = [
            "id", "case", "organisation", "name", "made_by", "made_on", "channel", "outcome",
            "reason", "next_step", "next_on", "version", "created_at", "updated_at",
        ]  # fmt: skip


class MarketingContactChange(serializers.Serializer[Any]):
    made_on = serializers.DateField(required=False, help_text="Today or before.")
    channel = serializers.ChoiceField(choices=ApproachChannel.choices, required=False)
    outcome = serializers.ChoiceField(choices=ApproachOutcome.choices, required=False)
    reason = serializers.ChoiceField(
        choices=CloseReason.choices, required=False, allow_blank=True,
        help_text="For not_interested.",
    )  # fmt: skip
    next_step = serializers.CharField(max_length=MAX_TITLE, required=False, allow_blank=True)
    next_on = serializers.DateField(required=False, allow_null=True)


class MarketingContactWrite(MarketingContactChange):
    """organisation (public id) or name: whom."""

    case = serializers.CharField(max_length=10)
    organisation = serializers.CharField(max_length=10, required=False, default="")
    name = serializers.CharField(max_length=160, required=False, default="", allow_blank=True)
    made_on = serializers.DateField(help_text="Today or before.")
    channel = serializers.ChoiceField(choices=ApproachChannel.choices)
    outcome = serializers.ChoiceField(choices=ApproachOutcome.choices)
