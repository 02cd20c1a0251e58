"""The public figures of institutions: their page, their file, and the API."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import OrganisationReference
from deals.service_figures import FIGURES, INCOME, MONEY
from insights import naming
from insights.asking import read_years
from insights.institutions import CODES, INSTITUTIONS, IP, made_from
from insights.queries.institutions import Sum, TypeRow, named, type_rows
from insights.withholding import TOTAL
from listings.exports.sending import download
from listings.exports.writing import write_table
from marketplace.core.codes import TTI_TYPES
from marketplace.core.errors import Invalid
from marketplace.core.replicas import may_lag

NAME = "institutions"
MOST = 100  # institutions named on the page; the file and the API hold all
_SERVICES = ("activities", "trainings", "enterprises", "needs")
_GROWTH = ("deals", "deal_amount", *_SERVICES, "income", "income_technical")


@require_safe
@may_lag
def institutions_page(request: HttpRequest) -> HttpResponse:
    """Tables of the last year asked for, and the totals year by year."""
    wrong: dict[str, Any] = {}
    try:
        first, last = read_years(request.GET)
    except Invalid as error:
        wrong = dict(error.fields)
        first, last = read_years(QueryDict())
    years = type_rows(first, last)
    rows = years[last]
    totals = [
        (year, next((row for row in years[year] if row.type == TOTAL), None))
        for year in range(first, last + 1)
    ]
    known = [(year, row) for year, row in totals if row is not None]
    told = named(last, MOST + 1)
    kept = [code for code in IP if any(row.of(code).total for row in rows)]
    context = {
        "made_on": rows[0].made_on if rows else None, "made_from": made_from(last),
        "reported": int(rows[-1].of(INSTITUTIONS).declared or 0) if rows else 0,
        "name": NAME, "title": naming.TITLES[NAME], "wrong": wrong, "typed": request.GET,
        "first": first, "last": last, "query": request.GET.urlencode() if not wrong else "",
        "tabs": [(key, label, "") for key, label in naming.TABS.items()],
        "rows": [(type_name(row.type), row) for row in rows],
        "deals": [(type_name(row.type), row, row.of("institutions"), row.of("deals"),
                   row.of("deal_amount")) for row in rows],
        "services": _grid(rows, _SERVICES), "ip": _grid(rows, (*kept, "ip")),
        "money": [
            (
                type_name(row.type), row.of("income"), row.of("expenditure"),
                [row.share(code, "income") for code in INCOME],
                row.of("income_technical").is_withheld,
            )
            for row in rows
        ],
        "heads": {
            "services": _names(_SERVICES), "ip": _names((*kept, "ip")), "sources": _names(INCOME),
            "growth": [(FIGURES[code].name, code in MONEY) for code in _GROWTH],
        },
        "totals": [
            (year, [(row.of(code), code in MONEY) for code in _GROWTH] if row else [])
            for year, row in reversed(totals)
        ],
        "charts": {
            "labels": [str(year) for year, _row in known],
            "deals": [int(row.of("deals").total or 0) for _year, row in known],
            # a bar of nothing would tell a lie: without each year's amount there is no chart
            "amounts": [row.of("deal_amount").total for _year, row in known]
            if not any(row.of("deal_amount").is_withheld for _year, row in known) else [],
        },
        "named": told[:MOST], "is_cut": len(told) > MOST,
    }  # fmt: skip
    return render(request, "insights/institutions.html", context, status=400 if wrong else 200)


def _names(codes: Sequence[str]) -> list[str]:
    return [FIGURES[code].name for code in codes]


def _grid(rows: list[TypeRow], codes: Sequence[str]) -> list[tuple[str, list[Sum]]]:
    return [(type_name(row.type), [row.of(code) for code in codes]) for row in rows]


def type_name(code: str) -> str:
    """In the reader's language."""
    if code == TOTAL:
        return _("All institutions")
    entry = TTI_TYPES.get(code)
    return entry.name() if entry else code


# --- File and API --------------------------------------------------------------------------------

COLUMNS = (
    "year", "as_of", "type", "name", "code", "figure", "counted", "declared", "total", "withheld",
)  # fmt: skip


def long_rows(first: int, last: int) -> Iterator[dict[str, Any]]:
    """One row for each year, type and figure; a figure that is withheld has no numbers."""
    for year, rows in type_rows(first, last).items():
        for row in rows:
            for code in CODES:
                found = row.of(code)
                is_money = code in MONEY
                yield {
                    "year": year, "as_of": row.made_on, "type": row.type,
                    "name": type_name(row.type), "code": code,
                    "figure": FIGURES[code].name if code in FIGURES else _("Institutions"),
                    "counted": _value(found.counted, is_money),
                    "declared": _value(found.declared, is_money),
                    "total": _value(
                        # of institutions, those that reported are a part of all
                        found.counted if code == INSTITUTIONS else found.total, is_money
                    ),
                    "withheld": found.is_withheld,
                }  # fmt: skip


def _value(value: Decimal | None, is_money: bool) -> str | None:
    if value is None:
        return None
    return f"{value:.2f}" if is_money else str(int(value))


@require_safe
@may_lag
def institutions_file(request: HttpRequest) -> FileResponse:
    """The tables as CSV, in the reader's language."""
    first, last = read_years(request.GET)
    lines = (
        [int(row[one]) if one == "withheld" else row[one] for one in COLUMNS]
        for row in long_rows(first, last)
    )
    return download(
        "csv", f"{NAME}-{first}-{last}", lambda path: write_table(path, "csv", COLUMNS, lines)
    )


class InstitutionSumSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    as_of = serializers.DateField(help_text="The day the year was made public; it stays so.")
    type = serializers.CharField(help_text="I, II, III, IV; `total` for all.")
    name = serializers.CharField(help_text="Of the type, in the language of the request.")
    code = serializers.CharField()
    figure = serializers.CharField(help_text="Name of the figure.")
    counted = serializers.CharField(
        allow_null=True, help_text="On the platform. Of `institutions`: all of them."
    )
    declared = serializers.CharField(
        allow_null=True,
        help_text="By them, outside the platform. Of `institutions`: those that reported.",
    )
    total = serializers.CharField(allow_null=True, help_text="counted + declared; CNY or number.")
    withheld = serializers.BooleanField(
        help_text="Too few institutions that are not named contribute, here or in another type."
    )


class NamedInstitutionSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    organisation = OrganisationReference()
    type = serializers.CharField()
    totals = serializers.DictField(
        child=serializers.CharField(), help_text="Code -> counted + declared."
    )


class InstitutionFiguresSerializer(serializers.Serializer[Any]):
    rows = InstitutionSumSerializer(many=True)
    named = NamedInstitutionSerializer(
        many=True, help_text="Of the last year, those that agreed to be named."
    )


class InstitutionFiguresView(APIView):
    """Figures of institutions by type and year, for everybody."""

    open_to_visitors = True
    required_scopes: dict[str, str] = {}

    @extend_schema(
        operation_id="figure_institutions",
        parameters=[
            OpenApiParameter("from", int, description="First year; by default four earlier."),
            OpenApiParameter("to", int, description="Last year; by default the last public one."),
        ],
        responses=InstitutionFiguresSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        first, last = read_years(request.query_params)
        data = {
            "rows": list(long_rows(first, last)),
            "named": [
                {
                    "year": last,
                    "organisation": one.organisation,
                    "type": one.tti_type,
                    "totals": {
                        code: _value(value, code in MONEY) for code, value in one.totals.items()
                    },
                }
                for one in named(last)
            ],
        }
        return Response(InstitutionFiguresSerializer(data).data)
