"""Pages of the cross-border programme: its figures by field and country."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deals.actions.cases import refuse_unless_visible
from deals.foreign.drawing import stages_chart
from deals.queries.cases import own_institutions, visible_to
from deals.queries.foreign_projects import (
    PIPELINE,
    Figures,
    Row,
    asked_year,
    figures,
    institutions_of,
)
from deals.views.gates import signed_in
from listings.exports.writing import csv_lines
from marketplace.core.formatting import percent_text
from marketplace.core.gates import get_visible


@require_safe
def programme(request: HttpRequest) -> HttpResponse:
    """What came of the projects of a year, by field and by country."""
    found, institution, institutions = _asked(request)
    names = [stage.name for stage in found.line.stages]
    groups = [
        ("field", _("By technology field"), _("Technology field"), found.fields),
        ("country", _("By country or area"), _("Country or area"), found.countries),
    ]
    told = _("%(group)s: how many projects reached each stage")
    base = {"pipeline": PIPELINE, "state": "all", "tti": institution.public_id}
    if found.year is not None:
        base["year"] = str(found.year)
    context = {
        "found": found, "institution": institution, "institutions": institutions,
        "stages": found.line.stages, "where": "projects",
        "total": _linked(found, found.total, base, ""),
        "may_import": own_institutions(signed_in(request)).exists(),
        "groups": [
            {
                "code": code, "title": title, "label": label,
                "rows": [_linked(found, row, base, code) for row in rows],
                "chart": stages_chart(
                    [(row.name, row.counts) for row in rows], names, told % {"group": title}
                ),
            }
            for code, title, label, rows in groups
        ],
        "query": urlencode({"tti": institution.public_id, "year": found.year or ""}),
    }  # fmt: skip
    return render(request, "deals/projects/programme.html", context)


@require_safe
def programme_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same figures as CSV."""
    found, _institution, _institutions = _asked(request)
    header = [
        _("By"), _("Code"), _("Name"), *(stage.name for stage in found.line.stages),
        *(_("%(stage)s, per cent") % {"stage": stage.name} for stage in found.line.stages[1:]),
    ]  # fmt: skip
    groups = (
        (_("All"), [found.total]), (_("Technology field"), found.fields),
        (_("Country or area"), found.countries),
    )  # fmt: skip
    rows = (
        [
            label, row.code, row.name, *row.counts,
            *("" if one is None else f"{one * 100:.1f}" for one in row.rates),
        ]
        for label, group in groups for row in group
    )  # fmt: skip
    answer = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="projects.csv"'
    return answer


def _asked(request: HttpRequest) -> tuple[Figures, Any, list[Any]]:
    """Figures of one institution of the actor; somebody else's is not there."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    rows = institutions_of(actor)
    wanted = request.GET.get("tti", "")
    institution = get_visible(rows, public_id=wanted) if wanted else get_visible(rows)
    cases = visible_to(actor).filter(organisation=institution)
    return figures(cases, asked_year(request.GET.get("year", ""))), institution, list(rows)


def _linked(found: Figures, row: Row, base: dict[str, str], group: str) -> dict[str, Any]:
    """A row of the table; each number with the list of its cases."""
    query = base | ({group: row.code} if group else {})
    cells = []
    for stage, count in zip(found.line.stages, row.counts, strict=True):
        reached = {"reached": stage.code} if stage.place else {}
        cells.append((stage.name, count, f"{reverse('cases')}?{urlencode(query | reached)}"))
    return {
        "name": row.name, "cells": cells,
        "rates": [
            (stage.name, percent_text(rate, 1) if rate is not None else "–")
            for stage, rate in zip(found.line.stages[1:], row.rates, strict=True)
        ],
    }  # fmt: skip
