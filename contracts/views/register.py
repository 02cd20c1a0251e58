"""The public register: search, and a page for every number."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts import states
from contracts.codes import CONTRACT_TYPES
from contracts.queries import register as queries
from contracts.queries.register_counts import Counts, count_register
from contracts.queries.register_text import BOUND, find
from contracts.rule_sets import rule_set
from marketplace.core.codes import FIELDS
from marketplace.core.gates import get_visible
from marketplace.core.paging import Counted

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
    with_text = find(text) if text else None
    found = queries.narrow(
        everything, text=text, types=types, fields=fields, years=years, found=with_text
    )
    counts = count_register(with_text)
    total = BOUND if counts.is_cut else counts.total(types, fields, years)
    page = Counted(found, ROWS, min(total, BOUND)).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/register/list.html",
        {
            "page": page,
            "entries": [queries.entry_of(contract) for contract in page],
            "text": text,
            "facets": facets(counts, types, fields, years),
            "narrowed": bool(text or types or fields or years),
            "total": total,
            "is_cut": counts.is_cut,
            "bound": BOUND,
        },
    )


def facets(
    counts: Counts, types: list[str], fields: list[str], years: list[int]
) -> dict[str, list[dict[str, Any]]]:
    """Choices with counts, without them where too many were found to be counted."""
    by_type, by_field = counts.by_type(fields, years), counts.by_field(types, years)
    by_year = counts.by_year(types, fields)
    if counts.is_cut:
        by_year = count_register().by_year((), ())
    told = {
        "type": [(entry.code, entry.name(), by_type[entry.code]) for entry in CONTRACT_TYPES],
        "field": [
            (entry.code, entry.name(), by_field[entry.code])
            for entry in FIELDS
            if by_field[entry.code] or entry.code in fields or counts.is_cut
        ],
        "year": [(str(year), str(year), by_year[year]) for year in sorted(by_year, reverse=True)],
    }
    return {
        name: [
            {"value": value, "label": label, "count": None if counts.is_cut else count}
            for value, label, count in rows
        ]
        for name, rows in told.items()
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
