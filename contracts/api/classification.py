"""/contract-type/: the questions, and the type that answers and words propose."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.api.fields import TO_READ
from contracts.api.review import SaidSerializer
from contracts.classification import propose, questions
from contracts.forms.classification import MAX_SUBJECT
from contracts.rules import rules_for
from marketplace.core.errors import Invalid

_EXAMPLE = OpenApiExample(
    "Not mastered, both do research",
    request_only=True,
    value={"title": "自修复涂层联合研究", "answers": {"mastered": "no", "together": "yes"}},
)


class OptionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = SaidSerializer(source="said")


class QuestionSerializer(serializers.Serializer[Any]):
    """A question of the type assistant; without options it is answered by yes or no."""

    code = serializers.CharField()
    text = SaidSerializer(source="said")
    options = OptionSerializer(many=True)


class TypeQuestionWrite(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    subject = serializers.CharField(max_length=MAX_SUBJECT, required=False, allow_blank=True)
    signed_on = serializers.DateField(required=False, allow_null=True)
    answers = serializers.DictField(
        child=serializers.CharField(max_length=20, allow_blank=True), required=False,
        help_text="Question code -> yes, no or the code of an option; leave out what you do not "
        "know.",
    )  # fmt: skip

    def validate_answers(self, value: dict[str, str]) -> dict[str, str]:
        known = {question.code: question.values for question in questions()}
        wrong = [code for code, said in value.items() if said not in ("", *known.get(code, ()))]
        if wrong:
            raise serializers.ValidationError(
                _("Unknown question or answer: %(codes)s.") % {"codes": ", ".join(wrong)[:200]}
            )
        return value


class TypeProposalSerializer(serializers.Serializer[Any]):
    """type is empty when nothing decides, or when it is no technology contract."""

    type = serializers.CharField()
    sub_type = serializers.CharField()
    is_no_technology = serializers.BooleanField()
    rule = SaidSerializer(allow_null=True, help_text="The statement of the rules that decides.")
    rule_set = serializers.CharField()
    warnings = SaidSerializer(many=True)
    title_type = serializers.CharField(help_text="The type that the title names, if one.")


class ContractTypeView(APIView):
    """The type assistant. Stores nothing; the registrar decides."""

    open_to_visitors = False
    required_scopes = TO_READ

    @extend_schema(operation_id="contract_type_questions", responses=QuestionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The questions, in the order in which people are asked."""
        return Response(QuestionSerializer(list(questions()), many=True).data)

    @extend_schema(
        operation_id="contract_type_propose", request=TypeQuestionWrite,
        responses=TypeProposalSerializer, examples=[_EXAMPLE],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The type that follows from answers, title and subject, and the rule that decides."""
        given = TypeQuestionWrite(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        if not facts:
            raise Invalid("nothing_given", _("Give a title, a subject or an answer."))
        rules = rules_for(facts.get("signed_on"), timezone.localdate())
        proposal = propose(
            facts.get("answers", {}), rules,
            title=facts.get("title", ""), subject=facts.get("subject", ""),
        )  # fmt: skip
        told = TypeProposalSerializer(
            {
                "type": proposal.type, "sub_type": proposal.sub_type, "rule": proposal.rule,
                "is_no_technology": proposal.is_no_technology, "rule_set": rules.code,
                "warnings": proposal.warnings, "title_type": proposal.title_type,
            }
        )  # fmt: skip
        return Response(told.data)
