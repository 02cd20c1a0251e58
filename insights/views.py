"""The market in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.queries.organisations import by_name, ttis_visible_to
from insights.queries import field_counts, market_figures, tti_figures
from listings.models.listings import Kind
from marketplace.core.codes import FIELDS
from marketplace.core.replicas import may_lag

if TYPE_CHECKING:
    from insights.queries.market import TtiFigures
    from marketplace.core.actor import Actor

MAX_TTIS = 50


@require_safe
@may_lag
def figures(request: HttpRequest) -> HttpResponse:
    """Public: the figure row, fields, institutions."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    technologies, needs = field_counts(Kind.TECHNOLOGY), field_counts(Kind.NEED)
    fields = [
        {
            "code": field.code,
            "name": field.name(),
            "technologies": technologies.get(field.code, 0),
            "needs": needs.get(field.code, 0),
        }
        for field in FIELDS
    ]
    ttis = list(by_name(ttis_visible_to(actor), actor.language)[:MAX_TTIS])
    theirs = tti_figures([tti.pk for tti in ttis])
    return render(
        request,
        "insights/figures.html",
        {
            "figures": market_figures(),
            "fields": fields,
            "most": max([*technologies.values(), *needs.values(), 1]),
            "ttis": [
                {"tti": tti, "figures": theirs[tti.pk]}
                for tti in sorted(ttis, key=lambda one: _busy(theirs[one.pk]), reverse=True)
            ],
        },
    )


def _busy(figures: TtiFigures) -> tuple[int, int, int]:
    return (figures.contracts, figures.introductions, figures.listings)
