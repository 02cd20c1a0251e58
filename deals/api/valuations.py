"""/valuations/: what technologies may be worth."""

from typing import Any

import django_filters
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from deals.actions import valuations as actions
from deals.models import ApproachCode, Simulation, Valuation, ValuationState
from deals.models.valuations import MAX_CONCLUSION, MAX_NOTE, MAX_TITLE
from deals.queries import valuations as queries
from deals.valuation.monte_carlo import LEAST, MOST
from deals.views.valuation_files import csv_answer, pdf_answer
from marketplace.core.api.viewsets import GatedViewSet
from marketplace.core.codes.lists import KnownCode
from marketplace.core.gates import get_visible

SCOPES: dict[str, str] = {"read": "valuations:read", "write": "valuations:write"}


class SimulationSerializer(serializers.ModelSerializer[Simulation]):
    """`result` is null until a worker is through; amounts as decimal text."""

    class Meta:
        model = Simulation
        fields = ("seed", "draws", "asked_at", "done_at", "problem", "result")
        read_only_fields = fields


class ApproachSerializer(serializers.Serializer[Any]):
    """One approach in use: its newest inputs and what they give."""

    approach = serializers.ChoiceField(choices=ApproachCode.choices, source="row.approach")
    number = serializers.IntegerField(source="row.number", help_text="Of the version.")
    inputs = serializers.JSONField(source="row.inputs")
    outcome = serializers.JSONField(
        source="row.outcome",
        help_text="low, base, high, tornado, detail and warnings; amounts as decimal text.",
    )
    note = serializers.CharField(source="row.note")
    made_at = serializers.DateTimeField(source="row.made_at")
    simulation = SimulationSerializer(allow_null=True)


class ValuationSerializer(serializers.ModelSerializer[Valuation]):
    id = serializers.CharField(source="public_id")
    organisation = serializers.CharField(source="organisation.public_id")
    copied_from = serializers.CharField(source="copied_from.public_id", allow_null=True)
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Valuation
        fields: tuple[str, ...] = (
            "id", "version", "organisation", "title", "currency", "valued_on", "state", "edition",
            "copied_from", "low", "base", "high", "conclusion", "finalised_at", "created_at",
            "updated_at", "url",
        )  # fmt: skip
        read_only_fields = fields


class ValuationDetailSerializer(ValuationSerializer):
    """With its approaches."""

    approaches = ApproachSerializer(many=True)

    class Meta(ValuationSerializer.Meta):
        fields = (*ValuationSerializer.Meta.fields, "approaches")
        read_only_fields = fields


class ValuationBeginSerializer(serializers.Serializer[Any]):
    organisation = serializers.CharField(max_length=10)
    title = serializers.CharField(max_length=MAX_TITLE)
    currency = serializers.CharField(
        max_length=3, required=False, validators=[KnownCode("currencies")],
        help_text="A code of the list currencies. All amounts are in it.",
    )  # fmt: skip
    valued_on = serializers.DateField(required=False)
    technology = serializers.CharField(max_length=10, required=False, source="listing")
    introduction = serializers.CharField(max_length=10, required=False)


class ComputeSerializer(serializers.Serializer[Any]):
    approach = serializers.ChoiceField(choices=ApproachCode.choices)
    inputs = serializers.JSONField(
        help_text="Name of the input -> number, or {low, base, high, law}; rates in percent, "
        "probabilities from 0 to 1; `rows` where the approach has them. "
        "See the explanation of valuation."
    )
    note = serializers.CharField(max_length=MAX_NOTE, required=False, allow_blank=True)


class SimulateSerializer(serializers.Serializer[Any]):
    approach = serializers.ChoiceField(choices=ApproachCode.choices)
    draws = serializers.IntegerField(min_value=LEAST, max_value=MOST, required=False)
    seed = serializers.IntegerField(min_value=0, max_value=actions.MOST_SEED, required=False)


class FinaliseSerializer(serializers.Serializer[Any]):
    low = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True, default=None)
    base = serializers.DecimalField(max_digits=18, decimal_places=2)
    high = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True, default=None)
    conclusion = serializers.CharField(max_length=MAX_CONCLUSION, required=False, allow_blank=True)


class ValuationFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=ValuationState.choices)
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Valuation
        fields: list[str] = []


class ValuationViewSet(mixins.ListModelMixin, GatedViewSet):
    """Valuations of organisations in which you edit or broker; nobody else reads them."""

    serializer_class = ValuationSerializer
    visible = staticmethod(queries.visible_to)
    required_scopes = SCOPES
    filterset_class = ValuationFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.select_related("organisation", "copied_from").order_by("-updated_at", "-id")

    def list(self, request: Request) -> Response:
        """What moved last first, without the approaches."""
        return super().list(request)

    @extend_schema(responses=ValuationDetailSerializer)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with the newest inputs and the outcome of every approach in use."""
        return self._answer(self.get_object())

    @extend_schema(
        request=ValuationBeginSerializer, responses={201: ValuationDetailSerializer},
        examples=[
            OpenApiExample(
                "A licence", request_only=True,
                value={"organisation": "0A1B2C3D4E", "title": "Licence for China",
                       "currency": "CNY"},
            )
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Begin a draft for an organisation."""
        given = self._given(ValuationBeginSerializer)
        organisation = get_visible(queries.makers(self.actor), public_id=given.pop("organisation"))
        made = actions.begin_valuation(actor=self.actor, organisation_id=organisation.pk, **given)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(
        request=ComputeSerializer, responses=ValuationDetailSerializer,
        examples=[
            OpenApiExample(
                "Relief from royalty", request_only=True,
                value={
                    "approach": "relief",
                    "inputs": {
                        "revenue": {"low": "2000000", "base": "3000000", "high": "4000000"},
                        "growth": "10", "years": "5", "royalty": "5", "tax": "25", "rate": "20",
                        "timing": "mid_year",
                    },
                    "note": "Revenue by the sales plan",
                },
            )
        ],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, public_id: str) -> Response:
        """Save inputs of an approach as a new version, and compute."""
        found, given = self.get_object(), self._given(ComputeSerializer)
        actions.save_inputs(
            actor=self.actor, valuation_id=found.pk, expected_version=self.expected_version(),
            **given,
        )  # fmt: skip
        return self._answer(found)

    @extend_schema(request=SimulateSerializer, responses={202: ValuationDetailSerializer})
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, public_id: str) -> Response:
        """Ask for a Monte Carlo run over an approach; read the valuation again for its result."""
        found, given = self.get_object(), self._given(SimulateSerializer)
        actions.ask_for_simulation(actor=self.actor, valuation_id=found.pk, **given)
        return self._answer(found, status.HTTP_202_ACCEPTED)

    @extend_schema(request=FinaliseSerializer, responses=ValuationDetailSerializer)
    @action(detail=True, methods=["post"])
    def finalise(self, request: Request, public_id: str) -> Response:
        """State the value; afterwards nothing changes any more."""
        found, given = self.get_object(), self._given(FinaliseSerializer)
        actions.finalise(
            actor=self.actor, valuation_id=found.pk, expected_version=self.expected_version(),
            **given,
        )  # fmt: skip
        return self._answer(found)

    @extend_schema(request=None, responses={201: ValuationDetailSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, public_id: str) -> Response:
        """A new version: a draft with the same inputs."""
        made = actions.copy_valuation(actor=self.actor, valuation_id=self.get_object().pk)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(
        responses={(200, "application/pdf"): OpenApiTypes.BINARY}, filters=False,
        parameters=[OpenApiParameter("language", str, enum=["zh", "en"])],
    )  # fmt: skip
    @action(detail=True, methods=["get"], filterset_class=None)
    def report(self, request: Request, public_id: str) -> HttpResponse:
        """The report as a PDF."""
        return pdf_answer(self.get_object(), request.query_params.get("language", "zh"))

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def figures(self, request: Request, public_id: str) -> HttpResponse:
        """All figures as CSV."""
        return csv_answer(self.get_object())

    def _given(self, shape: Any) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _answer(self, valuation: Valuation, code: int = status.HTTP_200_OK) -> Response:
        fresh = Valuation.objects.select_related("organisation", "copied_from").get(pk=valuation.pk)
        fresh.approaches = queries.read_all(fresh).current  # type: ignore[attr-defined]
        shape = ValuationDetailSerializer(fresh, context=self.get_serializer_context())
        return Response(shape.data, status=code)
