"""GET /figures/tables/ and /figures/tables/<name>/: the register's tables, for everybody."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights import naming, shapes
from insights.asking import read_asked
from insights.queries.enterprises import enterprises
from insights.queries.tables import KINDS, table
from marketplace.core.api.permissions import actor_of

_YEARS = [
    OpenApiParameter("from", int, description="First year; by default four before the last."),
    OpenApiParameter("to", int, description="Last year; by default this one."),
]
_FILTERS = [
    OpenApiParameter("type", str, description="A type of contract."),
    OpenApiParameter("field", str, description="A technology field."),
    OpenApiParameter(
        "region", str,
        description="A province; of origins, destinations and flows also a city: the seller’s.",
    ),
]  # fmt: skip
_READING = (
    "`exact`: of all registered contracts (operators, registrars, analysts of a registration "
    "point; the token needs contracts:read). `open`: what follows from the public register alone."
)


def _ratio(help_text: str = "") -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=6, allow_null=True, help_text=help_text
    )


def _money(help_text: str = "", *, nullable: bool = False) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=22, decimal_places=2, allow_null=nullable, help_text=help_text
    )


class FigureTableNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()


class FigureRowSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    key = serializers.CharField(help_text="A code; `total` for the whole year.")
    name = serializers.CharField(help_text="In the language of the request.")
    is_part = serializers.BooleanField(help_text="A sum of other rows, not part of the total.")
    contracts = serializers.IntegerField()
    contracts_share = _ratio("Of the year’s total, 0 to 1.")
    contracts_growth = _ratio("On the year before; null where there was nothing.")
    technology = _money("Technology transaction amount, CNY.")
    technology_share = _ratio()
    technology_growth = _ratio()
    total = _money("Total contract amount, CNY.")
    average = _money("Technology amount a contract.", nullable=True)
    amounts = serializers.IntegerField(help_text="Contracts whose amounts are summed.")
    large = serializers.IntegerField(help_text="Contracts of 10 million yuan and more.")


class FigureTableSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    reading = serializers.ChoiceField(choices=["exact", "open"], help_text=_READING)
    rows = FigureRowSerializer(many=True)


class EnterpriseYearSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    enterprises = serializers.IntegerField(help_text="That registered at least one contract.")
    most_contracts = serializers.IntegerField(help_text="Of one enterprise.")
    most_technology = _money("Of one enterprise, CNY.")
    many = serializers.IntegerField(  # type: ignore[assignment]  # an answer's field
        help_text="Enterprises with 100 contracts and more."
    )
    much = serializers.IntegerField(help_text="Enterprises with 100 million yuan and more.")


class EnterpriseSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    contracts = serializers.IntegerField()
    amounts = serializers.IntegerField(help_text="Contracts whose amounts are summed.")
    technology = _money()


class EnterprisesSerializer(serializers.Serializer[Any]):
    reading = serializers.ChoiceField(choices=["exact", "open"], help_text=_READING)
    years = EnterpriseYearSerializer(many=True)
    largest = EnterpriseSerializer(many=True, help_text="Of the last year, by amount.")
    busiest = EnterpriseSerializer(many=True, help_text="Of the last year, by contracts.")


class FigureTablesView(APIView):
    """Names of the tables of registered contracts."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {}

    @extend_schema(
        operation_id="figure_tables_list", responses=FigureTableNameSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response([{"name": name, "title": str(naming.TITLES[name])} for name in KINDS])


class FigureTableView(APIView):
    """One table: every year and row with shares and growth."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {}

    @extend_schema(
        operation_id="figure_table", parameters=[*_YEARS, *_FILTERS],
        responses=FigureTableSerializer,
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        asked = read_asked(name, request.query_params, actor_of(request))
        data = {
            "name": name,
            "title": str(naming.TITLES[name]),
            "reading": _reading(asked.exact),
            "rows": list(shapes.rows_of(table(asked))),
        }
        return Response(FigureTableSerializer(data).data)


class FigureEnterprisesView(APIView):
    """Enterprises that registered contracts as sellers."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {}

    @extend_schema(
        operation_id="figure_enterprises", parameters=_YEARS, responses=EnterprisesSerializer
    )
    def get(self, request: Request) -> Response:
        asked = read_asked("years", request.query_params, actor_of(request))
        told = enterprises(asked.first, asked.last, exact=asked.exact)
        data = {
            "reading": _reading(asked.exact), "years": told.years, "largest": told.largest,
            "busiest": told.busiest,
        }  # fmt: skip
        return Response(EnterprisesSerializer(data).data)


def _reading(exact: bool) -> str:
    return "exact" if exact else "open"
