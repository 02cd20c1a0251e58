"""The public register: search, and a page for every number."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts import states
from contracts.codes import CONTRACT_TYPES
from contracts.queries import register as queries
from contracts.rule_sets import rule_set
from marketplace.core.codes import FIELDS
from marketplace.core.gates import get_visible

ROWS = 20


@require_GET
def register_page(request: HttpRequest) -> HttpResponse:
    """Registered contracts by number, title, type, field and year."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    types = [code for code in request.GET.getlist("type") if code in CONTRACT_TYPES]
    fields = [code for code in request.GET.getlist("field") if code in FIELDS]
    years = [int(year) for year in request.GET.getlist("year") if _is_year(year)]
    everything = queries.registered()
    exact = everything.filter(number=text).first() if len(text) == 16 and text.isdigit() else None
    if exact is not None and not (types or fields or years):
        return redirect("register_entry", text)
    found = queries.narrow(everything, text=text, types=types, fields=fields, years=years)
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/register/list.html",
        {
            "page": page,
            "entries": [queries.entry_of(contract) for contract in page],
            "text": text,
            "facets": facets(text, types, fields, years),
            "narrowed": bool(text or types or fields or years),
            "total": page.paginator.count,
        },
    )


def facets(
    text: str, types: list[str], fields: list[str], years: list[int]
) -> dict[str, list[dict[str, Any]]]:
    """Choices with counts; each counted under the other filters, so that none leads nowhere."""
    everything = queries.registered()
    by_type = queries.type_counts(queries.narrow(everything, text=text, fields=fields, years=years))
    by_field = queries.field_counts(queries.narrow(everything, text=text, types=types, years=years))
    by_year = queries.year_counts(queries.narrow(everything, text=text, types=types, fields=fields))
    return {
        "type": [
            {"value": entry.code, "label": entry.name(), "count": by_type.get(entry.code, 0)}
            for entry in CONTRACT_TYPES
        ],
        "field": [
            {"value": entry.code, "label": entry.name(), "count": by_field.get(entry.code, 0)}
            for entry in FIELDS
            if by_field.get(entry.code) or entry.code in fields
        ],
        "year": [
            {"value": str(year), "label": str(year), "count": count}
            for year, count in sorted(by_year.items(), reverse=True)
        ],
    }


@require_GET
def register_entry(request: HttpRequest, number: str) -> HttpResponse:
    """What everybody may know of one number: valid or not, what, when, by whom."""
    contract = get_visible(queries.registered(), number=number)
    entry = queries.entry_of(contract)
    return render(
        request,
        "contracts/register/entry.html",
        {
            "entry": entry,
            "rules": rule_set(contract.rule_set),
            "is_valid": entry.state == states.REGISTERED,
            "editions": [
                {"edition": row.edition, "on": timezone.localdate(row.registered_at)}
                for row in queries.editions_of(number)
                if row.registered_at
            ],
            "today": timezone.localdate(),
            "address": request.build_absolute_uri(),
        },
    )


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit() and 2000 <= int(text) <= 2200
