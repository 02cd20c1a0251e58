"""Taking listings out, as pages: small exports at once, large ones by a page of their own."""

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from listings import run_states
from listings.actions.exports import (
    AT_ONCE,
    MAX_ROWS,
    ask_export,
    bound_for,
    checked,
    export_file,
    write,
)
from listings.exports.finding import Asked, ids_of, views_of
from listings.exports.sending import attached, download, slow_down
from listings.imports.refusals import export_reason
from listings.models.exchange import Format
from listings.models.listings import Kind
from listings.queries.exchange import exports_visible_to
from listings.views.gates import actor_of, signed_in
from marketplace.core.gates import get_visible
from marketplace.core.replicas import may_lag

ROWS = 20
# Parameters of the address that are not of the search.
_OURS = ("file", "page", "kind")


@require_http_methods(["GET", "POST"])
@may_lag
def technologies(request: HttpRequest) -> HttpResponse | FileResponse:
    """Export of a search for technologies."""
    return _export(request, Asked(Kind.TECHNOLOGY.value, _query(request)))


@require_http_methods(["GET", "POST"])
@may_lag
def needs(request: HttpRequest) -> HttpResponse | FileResponse:
    """Export of a search for needs."""
    return _export(request, Asked(Kind.NEED.value, _query(request)))


@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse | FileResponse:
    """Export of one's own listings, with all that only their people see."""
    signed_in(request)
    kind = request.GET.get("kind", "")
    return _export(request, Asked(kind if kind in Kind.values else "", _query(request), own=True))


def _export(request: HttpRequest, asked: Asked) -> HttpResponse | FileResponse:
    """The file where a format is named and it is small; else the page that asks and explains."""
    actor = actor_of(request)
    form = request.GET.get("file", "") if request.method == "GET" else request.POST.get("file", "")
    checked(asked, form or Format.CSV)
    if request.method == "POST":
        run = ask_export(actor=actor, asked=asked, form=form)
        return redirect("export_run", public_id=run.public_id)
    bound = AT_ONCE if actor.is_authenticated else bound_for(actor)
    ids = ids_of(asked, actor, bound + 1)
    is_large = len(ids) > bound
    if form and ids and not (is_large and actor.is_authenticated):
        slow_down(request, actor)
        name = f"yizhan-{asked.kind or 'listings'}.{form}"
        return download(
            form, name.removesuffix(f".{form}"),
            lambda path: write(path, asked, form, views_of(asked, ids[:bound], actor)),
        )  # fmt: skip
    return render(
        request,
        "listings/exports/ask.html",
        {
            "asked": asked,
            "form": form,
            "forms": Format.choices,
            "number": min(len(ids), bound),
            "is_large": is_large,
            "bound": bound,
            "most": MAX_ROWS,
            "back": _back(asked),
        },
    )


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """One's own exports."""
    actor = signed_in(request)
    page = Paginator(exports_visible_to(actor), ROWS).get_page(request.GET.get("page"))
    return render(request, "listings/exports/list.html", {"page": page})


@require_GET
def run_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where an export stands, and its file."""
    run = get_visible(exports_visible_to(signed_in(request)), public_id=public_id)
    return render(
        request,
        "listings/exports/run.html",
        {"run": run, "is_working": run.state == run_states.WAITING,
         "is_ready": run.state == run_states.DONE, "reason": export_reason(run.reason_code)},
    )  # fmt: skip


@require_GET
def file(request: HttpRequest, public_id: str) -> FileResponse:
    """The bytes, for the asker alone."""
    run, stream = export_file(signed_in(request), public_id)
    return attached(stream, run.form, run.file_name)


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in _OURS:
        query.pop(name, None)
    return query.urlencode()


def _back(asked: Asked) -> str:
    page = "/my/listings/" if asked.own else (
        "/needs/" if asked.kind == Kind.NEED else "/technologies/"
    )  # fmt: skip
    return f"{page}?{asked.query}" if asked.query else page
