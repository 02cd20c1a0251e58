"""A valuation to print and to take away: report, PDF, figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from deals.models import Valuation
from deals.queries import valuations as queries
from deals.valuing.report import HEADER, LANGUAGES, figure_rows, pdf_of_valuation
from deals.valuing.showing import ranges_drawing, view_of
from deals.views.valuations import own_valuation
from listings.exports.writing import csv_lines
from marketplace.core.errors import field_error
from marketplace.core.formatting import is_chinese


@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything on one page, to be read and printed; nothing to change."""
    _actor, valuation = own_valuation(request, public_id)
    current = queries.read_all(valuation).current
    views = [view_of(one.row, one.simulation, valuation.currency) for one in current]
    context = {
        "valuation": valuation, "views": views, "ranges": ranges_drawing(views), "is_report": True,
    }  # fmt: skip
    return render(request, "deals/valuation/report.html", context)


@require_safe
def report_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    _actor, valuation = own_valuation(request, public_id)
    language = request.GET.get("language") or ("zh" if is_chinese(get_language()) else "en")
    return pdf_answer(valuation, language)


@require_safe
def figures_csv(request: HttpRequest, public_id: str) -> HttpResponse:
    _actor, valuation = own_valuation(request, public_id)
    return csv_answer(valuation)


def pdf_answer(valuation: Valuation, language: str) -> HttpResponse:
    """language: zh or en. Raises Invalid on another."""
    if language not in LANGUAGES:
        raise field_error("language", _("Choose zh or en."), code="unknown_code")
    content = pdf_of_valuation(valuation, queries.read_all(valuation).current, language)
    return _file(content, "application/pdf", f"valuation-{valuation.public_id}-{language}.pdf")


def csv_answer(valuation: Valuation) -> HttpResponse:
    views = [
        view_of(one.row, one.simulation, valuation.currency)
        for one in queries.read_all(valuation).current
    ]
    lines = csv_lines(list(HEADER), figure_rows(valuation, views))
    content = "".join(lines).encode()
    return _file(content, "text/csv; charset=utf-8", f"valuation-{valuation.public_id}.csv")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
