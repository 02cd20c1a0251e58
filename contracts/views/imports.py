"""Pages of the import of many contracts, and submitting those that are complete."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation
from contracts.actions.bulk import submit_many
from contracts.actions.import_runs import cancel_import, run_checked_import
from contracts.actions.imports import start_contract_import
from contracts.forms.imports import ImportForm
from contracts.imports.columns import columns
from contracts.models import ContractImport, ContractImportRow
from contracts.queries.imports import counts_of, imports_visible_to, report_of, with_yield
from contracts.rules import EDIT_ROLES
from contracts.views.gates import signed_in
from listings.exports.writing import csv_lines
from listings.imports.refusals import run_reason
from marketplace.core.errors import Conflict, DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

ROWS = 50


@require_http_methods(["GET", "POST"])
def imports_page(request: HttpRequest) -> HttpResponse:
    """Upload a table; the files brought in before."""
    actor = signed_in(request)
    own = list(
        Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("id")
    )
    form = ImportForm(request.POST or None, request.FILES or None, organisations=own)
    if request.method == "POST" and form.is_valid():
        try:
            run = start_contract_import(
                actor=actor,
                owner_id=form.organisations[form.cleaned_data["organisation"]].pk,
                source=form.cleaned_data["source"],
                upload=form.cleaned_data["file"],
                is_dry=form.cleaned_data["dry_run"],
            )
            return redirect("contract_import", run.public_id)
        except DomainError as error:
            add_domain_errors(form, error)
    return render(
        request,
        "contracts/imports/list.html",
        {
            "form": form,
            "has_organisation": bool(own),
            "runs": with_yield(imports_visible_to(actor).select_related("owner"))[:30],
            "columns": columns(),
        },
        status=422 if form.is_bound else 200,
    )


@require_GET
def import_template(request: HttpRequest) -> StreamingHttpResponse:
    """An empty table with the columns in the reader's language."""
    signed_in(request)
    return _csv("contracts", csv_lines(list(columns().values()), []))


@require_GET
def import_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """How far one file is, and what came of its rows."""
    run = _run(request, public_id)
    counts = counts_of(run)
    outcome = request.GET.get("outcome", "")
    rows = run.outcomes.select_related("contract")
    if outcome in counts:
        rows = rows.filter(outcome=outcome)
    return render(
        request,
        "contracts/imports/run.html",
        {
            "run": run,
            "reason": run_reason(run.reason_code, run.reason_about),
            "tabs": [
                (kind.value, kind.label, counts[kind.value])
                for kind in ContractImportRow.Outcome
                if kind.value in counts
            ],
            "outcome": outcome,
            "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        },
    )


@require_POST
def run_import_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Import the rows that were checked."""
    return _step(request, public_id, run_checked_import)


@require_POST
def cancel_import_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop it; what was drafted stays."""
    return _step(request, public_id, cancel_import)


def _step(
    request: HttpRequest, public_id: str, step: Callable[..., ContractImport]
) -> HttpResponse:
    run = _run(request, public_id)
    try:
        step(actor=signed_in(request), run_id=run.pk)
    except Conflict as error:  # somebody was quicker: the page says how it stands
        messages.error(request, str(error.message))
    return redirect("contract_import", public_id)


@require_GET
def import_report(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """Every row with what came of it and why, as CSV; cells that look like formulas are defused."""
    run = _run(request, public_id)
    report = report_of(run)
    header = [_("Row"), _("ID at the source"), _("Title"), _("Outcome"), _("Contract"), _("Reason")]
    rows = (
        [
            row.line, row.external_id, row.title, row.get_outcome_display(),
            row.contract.public_id if row.contract else "", row.reason,
        ]
        for row in report.iterator()
    )  # fmt: skip
    return _csv(f"report-{run.public_id}", csv_lines(header, rows))


@require_POST
def submit_complete(request: HttpRequest) -> HttpResponse:
    """Submit the drafts that were ticked, each by itself; what is not complete stays a draft."""
    ids = [public_id[:10] for public_id in request.POST.getlist("contract")]
    told = submit_many(actor=signed_in(request), public_ids=ids)
    results = [one for one in told if one.contract is not None]
    done_count = sum(one.is_done for one in results)
    return render(
        request, "contracts/imports/submitted.html", {"results": results, "done": done_count}
    )


def _run(request: HttpRequest, public_id: str) -> ContractImport:
    runs = with_yield(imports_visible_to(signed_in(request)).select_related("owner"))
    return get_visible(runs, public_id=public_id)


def _csv(name: str, lines: Any) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
