"""/rule-sets/{code}/: all that a rule set says; /differences/: what it changed."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts import completeness
from contracts.api.review import SaidSerializer
from contracts.api.serializers import RuleSetSerializer
from contracts.rule_sets import RuleSet, before
from contracts.rule_sets.differences import SECTIONS, differences
from contracts.views.rule_sets import found


class TypeRulesSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    statistical_type = serializers.CharField()
    sub_types = serializers.ListField(child=serializers.CharField())
    required = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(), help_text="Beside what every contract states."
    )
    must_hold = SaidSerializer(many=True)
    not_qualifying = SaidSerializer(many=True)


class RuleCaveatSerializer(serializers.Serializer[Any]):
    since = serializers.DateField(help_text="For contracts signed from this day on.")
    statement = SaidSerializer()


class RuleContentSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = SaidSerializer()
    is_needed = serializers.BooleanField(help_text="Needed to register.")


class RuleSilenceSerializer(serializers.Serializer[Any]):
    content = serializers.CharField()
    only = serializers.ListField(child=serializers.CharField(), help_text="Types or sub-types.")
    said = SaidSerializer()
    source = SaidSerializer()  # type: ignore[assignment]


class RuleLintSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = SaidSerializer()


class ReliefRuleSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    kind = serializers.CharField(help_text="income_tax, vat, deduction or reward.")
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    unconfirmed_from = serializers.DateField(
        allow_null=True, help_text="Since when it is not known whether it still holds."
    )
    name = SaidSerializer()
    said = SaidSerializer()
    source = SaidSerializer()  # type: ignore[assignment]


class RuleSetDetailSerializer(RuleSetSerializer):
    """All that a rule set says. A draft or a disabled one judges no contract."""

    rules_by_type = serializers.SerializerMethodField(help_text="All that holds for each type.")
    required_always = serializers.SerializerMethodField(
        help_text="Facts that every contract states, beside a title, its parties and its text."
    )
    caveats = RuleCaveatSerializer(many=True)
    contents = RuleContentSerializer(source="clauses.contents", many=True)
    silence = RuleSilenceSerializer(source="clauses.silence", many=True)
    lint = RuleLintSerializer(source="clauses.lint.patterns", many=True)
    reliefs = ReliefRuleSerializer(source="reliefs.rows", many=True)
    reliefs_caveat = SaidSerializer(source="reliefs.caveat")

    @extend_schema_field(TypeRulesSerializer(many=True))
    def get_rules_by_type(self, rules: RuleSet) -> list[dict[str, Any]]:
        return list(TypeRulesSerializer(list(rules.types.values()), many=True).data)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_required_always(self, rules: RuleSet) -> list[str]:
        return list(completeness.ALWAYS)


class RuleDifferenceSerializer(serializers.Serializer[Any]):
    section = serializers.ChoiceField(choices=SECTIONS)
    about = serializers.CharField(help_text="A type, or empty.")
    change = serializers.CharField(help_text="added, removed or changed.")
    old = SaidSerializer(allow_null=True)
    new = SaidSerializer(allow_null=True)


class RuleSetDifferencesSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    than = serializers.CharField(allow_null=True, help_text="Null for the first rule set.")
    differences = RuleDifferenceSerializer(many=True)


class RuleSetView(APIView):
    """One rule set."""

    open_to_visitors = True

    @extend_schema(operation_id="rule_sets_retrieve", responses=RuleSetDetailSerializer)
    def get(self, request: Request, rules_code: str) -> Response:
        """Types, mandatory facts, refusal codes, deadlines, clauses, reliefs, sources."""
        return Response(RuleSetDetailSerializer(found(rules_code)).data)


class RuleSetDifferencesView(APIView):
    """What one rule set changed."""

    open_to_visitors = True

    @extend_schema(
        operation_id="rule_sets_differences", responses=RuleSetDifferencesSerializer,
        parameters=[OpenApiParameter("than", str, description="Another rule set; without it, the "
                                                              "one before.")],
    )  # fmt: skip
    def get(self, request: Request, rules_code: str) -> Response:
        """Added, removed and changed, against the rule set before or against `than`."""
        rules = found(rules_code)
        than = request.query_params.get("than", "")
        older = found(than) if than else before(rules)
        rows = differences(older, rules) if older else []
        told = {"code": rules.code, "than": older.code if older else None, "differences": rows}
        return Response(RuleSetDifferencesSerializer(told).data)
