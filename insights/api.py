"""GET /figures/: the live figures of the market, for everybody."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.queries import field_counts, market_figures
from listings.models.listings import Kind
from marketplace.core.codes import FIELDS


class FieldCountSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    technologies = serializers.IntegerField()
    needs = serializers.IntegerField()


class FiguresSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(help_text="Counted at most a minute earlier.")
    year = serializers.IntegerField()
    technologies = serializers.IntegerField(help_text="Open to everybody now.")
    needs = serializers.IntegerField(help_text="Open to everybody now.")
    needs_with_strong_match = serializers.IntegerField()
    introductions = serializers.IntegerField(help_text="Opened this year, of public pairs.")
    registered = serializers.IntegerField(help_text="Contracts registered this year.")
    amount = serializers.DecimalField(
        max_digits=20, decimal_places=2,
        help_text="CNY, of the contracts of this year whose amounts are public.",
    )  # fmt: skip
    amount_contracts = serializers.IntegerField(help_text="How many contracts `amount` sums up.")
    fields = FieldCountSerializer(many=True)  # type: ignore[assignment]  # an answer's field


class FiguresView(APIView):
    """Live figures of the market, counted from what everybody may see."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {}

    @extend_schema(operation_id="figures", responses=FiguresSerializer)
    def get(self, request: Request) -> Response:
        figures = market_figures()
        counts = {kind: field_counts(kind) for kind in (Kind.TECHNOLOGY, Kind.NEED)}
        return Response(
            {
                "as_of": timezone.now(),
                "year": figures.year,
                "technologies": figures.technologies,
                "needs": figures.needs,
                "needs_with_strong_match": figures.needs_with_strong_match,
                "introductions": figures.introductions,
                "registered": figures.registered,
                "amount": str(figures.amount),
                "amount_contracts": figures.amount_contracts,
                "fields": [
                    {
                        "field": field.code,
                        "technologies": counts[Kind.TECHNOLOGY].get(field.code, 0),
                        "needs": counts[Kind.NEED].get(field.code, 0),
                    }
                    for field in FIELDS
                ],
            }
        )
