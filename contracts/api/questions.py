"""/contracts/{id}/questions/ and its answers; /registrar/contracts/{id}/questions/."""

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import OrganisationReference
from contracts.actions.questions import answer, ask
from contracts.api.fields import AT_THE_DESK, OF_PARTIES
from contracts.models import Contract, ContractAnswer
from contracts.queries import desk
from contracts.queries import questions as queries
from contracts.queries.visibility import visible_to, with_details
from contracts.views.questions import open_answer_file
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible


class ContractAnswerSerializer(serializers.ModelSerializer[ContractAnswer]):
    """`name`, `media_type`, `size` and `sha256` are of its file; empty without one."""

    id = serializers.CharField(source="public_id", read_only=True)
    organisation = OrganisationReference(read_only=True)

    class Meta:
        model = ContractAnswer
        fields = ["id", "organisation", "words", "name", "media_type", "size", "sha256", "at"]
        read_only_fields = fields


class ContractQuestionSerializer(serializers.Serializer[Any]):
    """A question as you may read it: a party reads what it was asked, and its side’s answers."""

    id = serializers.CharField(source="question.public_id")
    words = serializers.CharField(source="question.words")
    answer_by = serializers.DateField(source="question.answer_by", allow_null=True)
    at = serializers.DateTimeField(source="question.at")
    open = serializers.BooleanField(
        source="is_open", help_text="Whether a side that was asked has not answered."
    )
    asked = serializers.ListField(
        child=OrganisationReference(), source="names",
        help_text="For the registration point: the organisations asked.",
    )  # fmt: skip
    answers = ContractAnswerSerializer(many=True)


class ContractQuestionWrite(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=4000)
    both = serializers.BooleanField(
        default=False, help_text="Ask the other side, too, not only the side that registers."
    )
    answer_by = serializers.DateField(required=False, allow_null=True, default=None)


class ContractAnswerWrite(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=4000)
    file = serializers.FileField(required=False)


class _QuestionsViewSet(GatedViewSet):
    serializer_class = ContractQuestionSerializer
    pagination_class = None
    filter_backends = ()

    def _contract(self) -> Contract:
        return get_visible(
            with_details(self.visible(self.actor)), public_id=self.kwargs["contract_id"]
        )

    def _seen(self, contract: Contract) -> list[queries.SeenQuestion]:
        whole = queries.reads_all(contract, self.actor)
        return queries.readable(contract, self.actor, whole=whole)

    def _one(self, contract: Contract, public_id: str, code: int) -> Response:
        seen = next(row for row in self._seen(contract) if row.question.public_id == public_id)
        return Response(self.get_serializer(seen).data, status=code)


class ContractQuestionViewSet(_QuestionsViewSet):
    """What the registration point asked your side about a contract."""

    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    parser_classes = [JSONParser, MultiPartParser, FormParser]

    @extend_schema(responses=ContractQuestionSerializer(many=True))
    def list(self, request: Request, contract_id: str) -> Response:
        """Oldest first."""
        return Response(self.get_serializer(self._seen(self._contract()), many=True).data)

    @extend_schema(
        request={
            "application/json": ContractAnswerWrite, "multipart/form-data": ContractAnswerWrite,
        },
        responses={201: ContractQuestionSerializer},
    )  # fmt: skip
    def create(self, request: Request, contract_id: str, question_id: str) -> Response:
        """Answer in words, with a PDF, a Word file or a picture if need be."""
        contract = self._contract()
        given = ContractAnswerWrite(data=request.data)
        given.is_valid(raise_exception=True)
        answer(
            actor=self.actor, contract_id=contract.pk, question_public_id=question_id,
            words=given.validated_data["words"], upload=given.validated_data.get("file"),
        )  # fmt: skip
        return self._one(contract, question_id, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def content(self, request: Request, contract_id: str, answer_id: str) -> FileResponse:
        """The bytes of an answer’s file."""
        return open_answer_file(self.actor, self._contract(), answer_id)


class RegistrarQuestionViewSet(_QuestionsViewSet):
    """Questions to the parties of a contract at your registration point."""

    visible = staticmethod(desk.at_points)
    required_scopes = AT_THE_DESK

    @extend_schema(responses=ContractQuestionSerializer(many=True))
    def list(self, request: Request, contract_id: str) -> Response:
        """All of them with their answers, oldest first."""
        return Response(self.get_serializer(self._seen(self._contract()), many=True).data)

    @extend_schema(request=ContractQuestionWrite, responses={201: ContractQuestionSerializer})
    def create(self, request: Request, contract_id: str) -> Response:
        """Ask while you examine it. The clock runs on: only a return stops it."""
        contract = self._contract()
        given = ContractQuestionWrite(data=request.data)
        given.is_valid(raise_exception=True)
        made = ask(actor=self.actor, contract_id=contract.pk, **given.validated_data)
        return self._one(contract, made.public_id, status.HTTP_201_CREATED)
