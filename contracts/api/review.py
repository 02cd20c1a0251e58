"""/contracts/{id}/review/: what was found in the contract's texts."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contracts.api.fields import OF_PARTIES
from contracts.models import Contract
from contracts.queries import reviews
from contracts.queries.visibility import visible_to, with_details
from contracts.rule_sets import rule_set
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.gates import get_visible


class SaidSerializer(serializers.Serializer[Any]):
    """A sentence in both languages."""

    en = serializers.CharField()
    zh = serializers.CharField()


class FoundContentSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(source="content.code")
    name = SaidSerializer(source="content.name")
    place = serializers.IntegerField(help_text="Page or paragraph, from 1; see `unit`.")
    quote = serializers.CharField()


class MissingContentSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(source="content.code")
    name = SaidSerializer(source="content.name")
    needed_to_register = serializers.BooleanField(source="content.is_needed")
    in_silence = serializers.SerializerMethodField(help_text="What the law then says; or null.")
    law = serializers.SerializerMethodField(help_text="Where the law says it; or null.")

    @extend_schema_field(SaidSerializer(allow_null=True))
    def get_in_silence(self, row: reviews.MissingContent) -> dict[str, str] | None:
        return {"en": row.silence.said.en, "zh": row.silence.said.zh} if row.silence else None

    @extend_schema_field(SaidSerializer(allow_null=True))
    def get_law(self, row: reviews.MissingContent) -> dict[str, str] | None:
        return {"en": row.silence.source.en, "zh": row.silence.source.zh} if row.silence else None


class LintFindingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = SaidSerializer()
    place = serializers.IntegerField()
    quote = serializers.CharField()


class FileReviewSerializer(serializers.Serializer[Any]):
    file = serializers.CharField(source="file.public_id")
    name = serializers.CharField(source="file.name")
    sha256 = serializers.CharField(source="file.sha256")
    state = serializers.CharField(
        help_text="waiting, read, picture, no_text (scanned), encrypted or failed."
    )
    language = serializers.CharField(source="review.language", default="")
    unit = serializers.CharField(source="review.unit", default="", help_text="page or paragraph")
    read = serializers.IntegerField(source="review.read", default=0)
    total = serializers.IntegerField(source="review.total", default=0)
    found = FoundContentSerializer(many=True)
    missing = MissingContentSerializer(many=True)
    lint = LintFindingSerializer(many=True)


class ClauseReviewSerializer(serializers.Serializer[Any]):
    """An aid to reading, never a judgement: it can overlook clauses and mistake them."""

    contract = serializers.CharField()
    type = serializers.CharField()
    sub_type = serializers.CharField()
    rule_set = serializers.CharField()
    contents_source = SaidSerializer()
    lint_source = SaidSerializer()
    files = FileReviewSerializer(many=True)


class ClauseReviewViewSet(GatedViewSet):
    """What was found in the texts of a contract."""

    serializer_class = ClauseReviewSerializer
    visible = staticmethod(visible_to)
    required_scopes = OF_PARTIES
    pagination_class = None
    filter_backends = ()

    def _schema_model(self) -> type[Contract]:
        return Contract

    @extend_schema(operation_id="contracts_review", responses=ClauseReviewSerializer)
    def retrieve(self, request: Request, contract_id: str) -> Response:
        """Usual contents found and missing, and clauses that may monopolise technology, for each
        contract text. For whoever may open the files."""
        contract: Contract = get_visible(
            with_details(visible_to(self.actor)), public_id=contract_id
        )
        reviews.require_open_files(contract, self.actor)
        clauses = rule_set(contract.rule_set).clauses
        told = {
            "contract": contract.public_id,
            "type": contract.type,
            "sub_type": contract.sub_type,
            "rule_set": contract.rule_set,
            "contents_source": clauses.contents_source,
            "lint_source": clauses.lint_source,
            "files": reviews.reports(contract),
        }
        return Response(self.get_serializer(told).data)
