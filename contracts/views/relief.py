"""The relief estimator: one contract for its parties, one year for a firm."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation
from contracts.forms.relief import ContractReliefForm, ReliefForm
from contracts.queries import relief as queries
from contracts.relief import Given, of_contract, of_year
from contracts.rule_sets import rule_set
from contracts.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.gates import get_visible


@require_http_methods(["GET", "POST"])
def contract_relief(request: HttpRequest, public_id: str) -> HttpResponse:
    """What reliefs one contract would bring; asked by POST, since amounts are nobody's business
    and addresses are logged. Stores nothing."""
    actor = signed_in(request)
    contract = get_visible(queries.estimable(actor), public_id=public_id)
    facts = queries.facts_of(contract, timezone.localdate())
    form = ContractReliefForm(
        request.POST if request.method == "POST" else None, initial={"revenue": facts.amount}
    )
    given = Given(facts.amount)
    if form.is_bound and form.is_valid():
        given = form.given()
    wrong = form.is_bound and not form.is_valid()
    reliefs = rule_set(contract.rule_set).reliefs
    context = {
        "contract": contract,
        "rules": rule_set(contract.rule_set),
        "on_its_way": contract.state in queries.ON_THE_WAY,
        "form": form,
        "caveat": reliefs.caveat,
        "lines": [] if wrong else of_contract(facts, given, reliefs),
    }
    return _private(render(
        request, "contracts/relief/contract.html", context, status=422 if wrong else 200
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
def year_page(request: HttpRequest) -> HttpResponse:
    """A firm's corporate income tax on technology transfer in one year, over its registered
    contracts: which count, which do not, and why. Stores nothing."""
    actor = signed_in(request)
    today = timezone.localdate()
    firms = list(queries.firms(actor))
    firm = _firm(request, actor, firms)
    year = _year(request.GET.get("year", ""), today)
    context: dict[str, Any] = {
        "firms": firms, "firm": firm, "year": year,
        "years": range(today.year, queries.FIRST_YEAR - 1, -1),
        "reliefs": queries.reliefs_on(dt.date(year, 12, 31)),
    }  # fmt: skip
    wrong = False
    if firm is not None:
        context |= _of_firm(request, actor, firm, year, today)
        wrong = context["wrong"]
    return _private(render(
        request, "contracts/relief/year.html", context, status=422 if wrong else 200
    ))  # fmt: skip


def _of_firm(
    request: HttpRequest, actor: Actor, firm: Organisation, year: int, today: dt.date
) -> dict[str, Any]:
    entries = queries.entries_of_year(actor, firm, year, today)
    data = request.POST if request.method == "POST" else None
    forms = [
        ReliefForm(
            # a contract that was registered after the page was opened keeps what is supposed
            data if data is not None and f"{entry.contract.public_id}-revenue" in data else None,
            prefix=entry.contract.public_id,
            initial={"revenue": entry.supposed},
        )
        for entry in entries
    ]
    wrong = any(form.is_bound and not form.is_valid() for form in forms)
    given = [
        form.given() if form.is_bound and form.is_valid() else Given(entry.supposed)
        for entry, form in zip(entries, forms, strict=True)
    ]
    told = of_year(
        year,
        [(entry.facts, one) for entry, one in zip(entries, given, strict=True)],
        queries.reliefs_on,
    )
    rows = [
        {
            "entry": entry,
            "form": form,
            "counted": counted,
            # nothing that is typed could make the others count
            "asked": counted.verdict.counts
            or counted.verdict.asks
            or counted.verdict.reason in ("related", "restricted"),
        }
        for entry, form, counted in zip(entries, forms, told.rows, strict=True)
    ]
    return {
        "rows": rows, "told": told, "wrong": wrong, "is_cut": len(entries) == queries.MOST,
        "counting": sum(1 for row in told.rows if row.verdict.counts),
    }  # fmt: skip


def _firm(request: HttpRequest, actor: Actor, firms: list[Organisation]) -> Organisation | None:
    asked = request.GET.get("organisation", "")
    if asked:
        return get_visible(queries.firms(actor), public_id=asked)
    return firms[0] if firms else None


def _year(text: str, today: dt.date) -> int:
    if len(text) == 4 and text.isascii() and text.isdigit():
        return int(text) if queries.FIRST_YEAR <= int(text) <= today.year else today.year
    return today.year


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"  # amounts of a firm
    return response
