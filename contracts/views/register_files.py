"""The public register as a file, and one organisation's part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.queries.organisations import visible_to as organisations_visible_to
from contracts.codes import CONTRACT_TYPES
from contracts.queries import register as queries
from contracts.queries.entries import COLUMNS, lines_of, of_organisation
from contracts.views.register import ROWS, _is_year
from listings.exports.sending import download, slow_down
from listings.exports.writing import write_table
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS
from marketplace.core.gates import get_visible
from marketplace.core.replicas import may_lag

if TYPE_CHECKING:
    from marketplace.core.actor import Actor

MOST = 10_000  # rows of a file; newest first


@require_GET
@may_lag
def register_file(request: HttpRequest) -> FileResponse:
    """The search of the register page as CSV: public facts alone, the newest MOST of them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    slow_down(request, actor)
    found = queries.narrow(
        queries.registered(),
        text=request.GET.get("q", "").replace("\x00", "").strip()[:100],
        types=[code for code in request.GET.getlist("type") if code in CONTRACT_TYPES],
        fields=[code for code in request.GET.getlist("field") if code in FIELDS],
        years=[int(year) for year in request.GET.getlist("year") if _is_year(year)],
    )[:MOST]
    entries = (queries.entry_of(contract) for contract in found.iterator(chunk_size=1000))
    return download(
        "csv", "register", lambda path: write_table(path, "csv", COLUMNS, lines_of(entries))
    )


@require_GET
@may_lag
def organisation_register(request: HttpRequest, public_id: str) -> HttpResponse:
    """Registered contracts of an organisation, as far as their parties let themselves be named."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    organisation = get_visible(organisations_visible_to(actor), public_id=public_id)
    page = Paginator(of_organisation(organisation), ROWS).get_page(request.GET.get("page"))
    return render(
        request, "contracts/register/organisation.html",
        {
            "organisation": organisation,
            "name": pick(organisation, "name", actor.language).value,
            "page": page,
            "entries": [queries.entry_of(contract) for contract in page],
        },
    )  # fmt: skip
