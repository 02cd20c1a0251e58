"""Saved searches: save one, open it, change how often it tells, delete it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from listings.actions import saved
from listings.forms.saved import SearchForm
from listings.models import SavedSearch
from listings.models.listings import Kind
from listings.queries.saved import searches_of, searches_with_news
from listings.searches import address_of, canonical, describe, wanted_of
from listings.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Save the search whose parameters stand in this address, beside `kind`."""
    actor = signed_in(request)
    kind = request.GET.get("kind", "")
    if kind not in Kind.values:
        raise NotFound
    query = canonical(kind, request.GET)
    words = describe(wanted_of(kind, query))
    status = 200
    if request.method == "POST":
        form = SearchForm(request.POST)
        if form.is_valid():
            try:
                made = saved.save_search(
                    actor=actor, kind=kind, query=request.GET, **form.cleaned_data
                )
            except DomainError as error:
                add_domain_errors(form, error)
            else:
                messages.success(request, _("The search is saved. You are told as you chose."))
                return redirect(address_of(made.kind, made.query))
        status = 400
    else:
        form = SearchForm(initial={"name": words, "frequency": SavedSearch.Frequency.DAILY})
    return render(
        request,
        "listings/saved/new.html",
        {"form": form, "kind": kind, "words": words, "back": address_of(kind, query)},
        status=status,
    )


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All of the reader's searches, with what waits in each."""
    return _list(request, signed_in(request))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET leads to the newest hits of the search; POST renames it or changes its frequency."""
    actor = signed_in(request)
    search: SavedSearch = get_visible(searches_of(actor), public_id=public_id)
    if request.method == "GET":
        return redirect(address_of(search.kind, search.query, sort="newest"))
    form = SearchForm(request.POST, prefix=public_id)
    if form.is_valid():
        try:
            saved.change_search(actor=actor, search_id=search.pk, **form.cleaned_data)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The search is changed."))
            return redirect("saved_searches")
    return _list(request, actor, {public_id: form}, status=400)


@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Forget a search."""
    actor = signed_in(request)
    search: SavedSearch = get_visible(searches_of(actor), public_id=public_id)
    saved.delete_search(actor=actor, search_id=search.pk)
    messages.success(request, _("The search is deleted. Nothing is told of it any more."))
    return redirect("saved_searches")


def _list(
    request: HttpRequest,
    actor: Actor,
    typed: dict[str, SearchForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """typed: forms that came back with errors, by the search's id."""
    rows = [
        {
            "search": search,
            "words": describe(wanted_of(search.kind, search.query)),
            "url": address_of(search.kind, search.query),
            "form": (typed or {}).get(search.public_id)
            or SearchForm(
                prefix=search.public_id,
                initial={"name": search.name, "frequency": search.frequency},
            ),
        }
        for search in searches_with_news(actor)
    ]
    return render(request, "listings/saved/list.html", {"rows": rows}, status=status)
