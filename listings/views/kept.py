"""Favourites: kept by one button, listed with a note of one's own."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from listings.actions import saved
from listings.disclosure import disclosed
from listings.forms.saved import NoteForm
from listings.models.listings import Kind
from listings.queries.saved import favourites_of, kept, narrowed
from listings.queries.visibility import visible_to
from listings.views.gates import back_to, is_partial, signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

ROWS = 20


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What the reader keeps; what is no longer open to it stands there without content."""
    return _list(request, signed_in(request))


@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, public_id: str) -> HttpResponse:
    """POST keeps a listing, or drops it with `drop`. GET asks: a visitor comes back here from
    signing in."""
    actor = signed_in(request)
    if request.method == "GET":
        listing = get_visible(visible_to(actor).select_related("owner"), public_id=public_id)
        seen = disclosed(listing, actor)
        return render(request, "listings/saved/keep.html", {"d": seen})
    is_kept = "drop" not in request.POST
    if is_kept:
        saved.keep(actor=actor, public_id=public_id)
    else:
        saved.drop(actor=actor, listing__public_id=public_id)
    if is_partial(request):
        return render(
            request,
            "listings/saved/_keep.html",
            {"public_id": public_id, "is_kept": is_kept, "here": request.POST.get("next", "")},
        )
    messages.success(request, _("Kept.") if is_kept else _("No longer kept."))
    return redirect(back_to(request, "kept"))


@require_POST
def note(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write one's own note on a favourite, or drop it."""
    actor = signed_in(request)
    favourite = get_visible(favourites_of(actor), public_id=public_id)
    if "drop" in request.POST:
        saved.drop(actor=actor, pk=favourite.pk)
        messages.success(request, _("No longer kept."))
        return redirect(back_to(request, "kept"))
    form = NoteForm(request.POST, prefix=public_id)
    if form.is_valid():
        try:
            saved.change_note(actor=actor, favourite_id=favourite.pk, **form.cleaned_data)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The note is saved."))
            return redirect(back_to(request, "kept"))
    return _list(request, actor, {public_id: form}, status=400)


def _list(
    request: HttpRequest, actor: Actor, typed: dict[str, NoteForm] | None = None, status: int = 200
) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    everything = favourites_of(actor)
    shown = narrowed(everything, actor, kind) if kind else everything
    words = request.GET.get("note", "").replace("\x00", "").strip()[:60]
    if words:
        shown = shown.filter(note__icontains=words)
    page = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    rows = [
        {
            "favourite": row.favourite,
            "d": row.seen,
            "form": (typed or {}).get(row.favourite.public_id)
            or NoteForm(prefix=row.favourite.public_id, initial={"note": row.favourite.note}),
        }
        for row in kept(page.object_list, actor)
    ]
    return render(
        request,
        "listings/saved/kept.html",
        {
            "page": page,
            "rows": rows,
            "kind": kind,
            "words": words,
            "total": everything.order_by().count(),
        },
        status=status,
    )
