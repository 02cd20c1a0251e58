"""Pages of the import of many foreign projects."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deals.actions.cases import refuse_unless_visible
from deals.actions.project_imports import (
    cancel_project_import,
    run_project_import,
    start_project_import,
)
from deals.foreign.columns import columns
from deals.foreign.refusals import run_reason
from deals.forms.foreign_projects import ProjectImportForm
from deals.models import ProjectImport, ProjectImportRow
from deals.queries.cases import own_institutions
from deals.queries.foreign_projects import (
    counts_of,
    faults_of,
    imports_visible_to,
    report_of,
    rows_of,
)
from deals.views.gates import signed_in
from listings.exports.writing import csv_lines
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, NotFound, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

ROWS = 50
CHUNK = 1_000  # rows of a report at a time
SHOWN = 30  # tables brought in before


@require_http_methods(["GET", "POST"])
def imports_page(request: HttpRequest) -> HttpResponse:
    """Upload a table; the tables brought in before."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    own = list(own_institutions(actor))
    form = ProjectImportForm(institutions=own)
    if request.method == "POST":
        form = ProjectImportForm(request.POST, request.FILES, institutions=own)
        if form.is_valid():
            try:
                run, _is_new = start_project_import(
                    actor=actor, organisation_id=form.chosen(), upload=form.cleaned_data["file"]
                )
                return redirect(run)
            except DomainError as error:
                add_domain_errors(form, error)
    context = {
        "form": form, "may_import": bool(own), "columns": columns(),
        "runs": imports_visible_to(actor).select_related("owner")[:SHOWN],
    }  # fmt: skip
    return render(
        request, "deals/projects/imports.html", context, status=422 if form.is_bound else 200
    )


@require_GET
def template_csv(request: HttpRequest) -> StreamingHttpResponse:
    """An empty table with the columns in the reader's language."""
    signed_in(request)
    return _csv("foreign-projects", csv_lines(list(columns().values()), []))


@require_GET
def import_page(request: HttpRequest, project_import_id: str) -> HttpResponse:
    """How far one table is, and what comes of its rows."""
    actor, run = _run(request, project_import_id)
    counts = counts_of(run)
    outcome = request.GET.get("outcome", "")
    rows = rows_of(run, actor)
    if outcome in counts:
        rows = rows.filter(outcome=outcome)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "run": run, "reason": run_reason(run.reason_code, run.reason_about),
        "tabs": [
            (kind.value, kind.label, counts[kind.value])
            for kind in ProjectImportRow.Outcome if counts.get(kind.value)
        ],
        "all_rows": sum(counts.values()), "outcome": outcome, "page": page,
        "lines": [(row, faults_of(row)) for row in page],
        "new": counts.get(ProjectImportRow.Outcome.NEW, 0),
        "wait_days": settings.IMPORT_WAIT_DAYS,
    }  # fmt: skip
    return render(request, "deals/projects/import.html", context)


@require_POST
def run_page(request: HttpRequest, project_import_id: str) -> HttpResponse:
    """Open the cases that the check promised."""
    return _step(request, project_import_id, run_project_import)


@require_POST
def cancel_page(request: HttpRequest, project_import_id: str) -> HttpResponse:
    """Stop it; cases that were opened stay."""
    return _step(request, project_import_id, cancel_project_import)


@require_GET
def report_csv(request: HttpRequest, project_import_id: str) -> StreamingHttpResponse:
    """Every row with what comes of it and why; cells that look like formulas are defused."""
    actor, run = _run(request, project_import_id)
    report = report_of(run, actor)
    header = [_("Row"), _("Reference"), _("Title"), _("Outcome"), _("Case"), _("Reason")]
    rows = (
        [
            row.line, row.reference, row.title, row.get_outcome_display(),
            row.case.docket if row.case else "",
            " · ".join(f"{name}: {text}" if name else text for name, text in faults_of(row)),
        ]
        for row in report.iterator(chunk_size=CHUNK)
    )  # fmt: skip
    return _csv(f"report-{run.public_id}", csv_lines(header, rows))


@require_GET
def upload(request: HttpRequest, project_import_id: str) -> FileResponse:
    """The table as it was uploaded, while it is kept."""
    _actor, run = _run(request, project_import_id)
    if not run.file:
        raise NotFound
    try:
        stream = run.file.open("rb")
    except OSError:
        raise NotFound from None
    answer = FileResponse(stream, as_attachment=True, filename=run.name)
    answer["Content-Type"] = "application/octet-stream"  # never shown, whatever is in it
    return answer


def _step(
    request: HttpRequest, project_import_id: str, step: Callable[..., ProjectImport]
) -> HttpResponse:
    actor, run = _run(request, project_import_id)
    try:
        step(actor=actor, run_id=run.pk)
    except (Conflict, Refused) as error:  # somebody was quicker, or it is not theirs to take
        messages.error(request, str(error.message))
    return redirect(run)


def _run(request: HttpRequest, project_import_id: str) -> tuple[Actor, ProjectImport]:
    actor = signed_in(request)
    runs = imports_visible_to(actor).select_related("owner", "person")
    return actor, get_visible(runs, public_id=project_import_id)


def _csv(name: str, lines: Any) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
