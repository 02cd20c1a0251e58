"""Bringing a file in, as pages: upload, name the columns, check, import, read what was refused."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation
from listings import run_states
from listings.actions.imports import (
    cancel_import,
    check_import,
    publishes_at_once,
    remembered,
    run_import,
    start_import,
)
from listings.exports.sending import download
from listings.forms.imports import Columns, UploadForm
from listings.imports.blank import write_template
from listings.imports.refusals import run_reason
from listings.imports.report import write_report
from listings.imports.targets import place_of
from listings.models import ImportRun, ImportSource
from listings.models.exchange import Format
from listings.models.listings import Kind
from listings.queries.exchange import imports_visible_to
from listings.rules import EDIT_ROLES
from listings.views.gates import signed_in
from marketplace.core.errors import DomainError, NotFound, Refused, field_error
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

ROWS = 20
FAULTS = 50


@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the form for the next one."""
    actor = signed_in(request)
    owners = list(
        Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("pk")
    )
    sources = ImportSource.objects.filter(owner__in=owners).order_by("-updated_at")
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        owners=owners,
        sources=list(dict.fromkeys(sources.values_list("source", flat=True)[:50])),
        initial={"kind": Kind.TECHNOLOGY.value},
    )
    if request.method == "POST" and form.is_valid():
        try:
            run = start_import(
                actor=actor, owner_id=form.cleaned_data["owner"].pk,
                kind=form.cleaned_data["kind"], source=form.cleaned_data["source"],
                upload=form.cleaned_data["file"],
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect("import_run", public_id=run.public_id)
    runs = imports_visible_to(actor).select_related("owner")
    return render(
        request,
        "listings/imports/list.html",
        {
            "form": form,
            "owners": owners,
            "page": Paginator(runs, ROWS).get_page(request.GET.get("page")),
            "forms": Format.choices,
        },
        status=422 if form.is_bound else 200,
    )


@require_GET
def run_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where an import stands, and the next step."""
    return _page(request, _run(request, public_id))


@require_POST
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Name the columns and check every row, changing nothing."""
    run = _run(request, public_id)
    columns = Columns(run, {}, request.POST)
    try:
        if not columns.external_id:
            raise field_error("mapping", _("Choose the column that tells one row from another."))
        check_import(
            actor=signed_in(request), run_id=run.pk, mapping=columns.mapping(),
            withdraw_missing="withdraw_missing" in request.POST, submit="submit" in request.POST,
        )  # fmt: skip
    except DomainError as error:
        run.withdraw_missing = "withdraw_missing" in request.POST
        run.submit = "submit" in request.POST
        words = [str(text) for texts in error.fields.values() for text in texts]
        return _page(request, run, columns, words or [str(error.message)], status=422)
    return redirect("import_run", public_id=public_id)


@require_POST
def start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Store the checked rows."""
    run = _run(request, public_id)
    return _moved(request, run, lambda: run_import(actor=signed_in(request), run_id=run.pk))


@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop it; what is stored stays."""
    run = _run(request, public_id)
    return _moved(request, run, lambda: cancel_import(actor=signed_in(request), run_id=run.pk))


@require_GET
def report(request: HttpRequest, public_id: str) -> FileResponse:
    """The refused rows with their reasons, in the format of the file."""
    run = _run(request, public_id)
    if not run.rows or not run.faults.exists():
        raise NotFound(
            "no_report",
            _("No row was refused, or the rows were deleted after their days were over."),
        )
    return download(run.form, f"refused-{run.public_id}", lambda path: write_report(run, path))


@require_GET
def template(request: HttpRequest) -> FileResponse:
    """A file to fill in: columns, an example, lists of codes."""
    form, kind = request.GET.get("file", "xlsx"), request.GET.get("kind", Kind.TECHNOLOGY.value)
    if form not in Format.values or kind not in Kind.values:
        raise NotFound
    return download(form, f"template-{kind}", lambda path: write_template(path, form, kind))


def _run(request: HttpRequest, public_id: str) -> ImportRun:
    actor = signed_in(request)
    return get_visible(
        imports_visible_to(actor).select_related("owner", "person"), public_id=public_id
    )


def _moved(request: HttpRequest, run: ImportRun, move: Callable[[], Any]) -> HttpResponse:
    try:
        move()
    except (Refused, NotFound):
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("import_run", public_id=run.public_id)


def _page(
    request: HttpRequest, run: ImportRun, columns: Columns | None = None,
    problems: list[str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    can_map = run.state in (run_states.READ, run_states.CHECKED)
    if columns is None and can_map:
        columns = Columns(run, remembered(run), None)
    faults = run.faults.all()
    return render(
        request,
        "listings/imports/run.html",
        {
            "run": run,
            "is_working": run.state in run_states.WORKING,
            "can_go_on": can_map and run.expires_at is not None,
            "is_over": run.state in run_states.ENDED,
            "columns": columns,
            "problems": problems or [],
            "faults": [(row, place_of(row.column, row.field)) for row in faults[:FAULTS]],
            "reason": run_reason(run.reason_code, run.reason_about),
            "report_until": run.expires_at if run.state in run_states.ENDED and run.rows else None,
            "more_faults": max(faults.count() - FAULTS, 0),
            "at_once": publishes_at_once(run),
            "good": run.created + run.changed,
        },
        status=status,
    )
