"""Up to four listings of one kind side by side, and the list of those last seen: both live in the
address or in the browser, without an account."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from listings.comparison import compare
from listings.models.listings import Kind
from listings.queries.saved import named
from listings.queries.visibility import published_for
from listings.remembered import (
    COMPARED,
    compared_ids,
    forget_seen,
    read_ids,
    store_compared,
    tray_of,
)
from listings.views.gates import actor_of, back_to, is_partial
from marketplace.core.gates import get_visible
from marketplace.core.replicas import may_lag


@require_GET
@may_lag
def page(request: HttpRequest) -> HttpResponse:
    """/compare/?id=..&id=..: the comparison; without ids, of those that were chosen by button."""
    actor = actor_of(request)
    ids = read_ids(request.GET.getlist("id"))
    if not ids:
        kind = request.GET.get("kind", "")
        kinds = [kind] if kind in Kind.values else list(Kind.values)
        ids = next((chosen for one in kinds if (chosen := compared_ids(request, one))), [])
        if ids:
            return redirect(f"{reverse('compare')}?{urlencode({'id': ids}, doseq=True)}")
    found = named(ids, actor, detail=True)
    kind = found[0].kind if found else Kind.TECHNOLOGY.value
    same = [seen for seen in found if seen.kind == kind]
    response = render(
        request,
        "listings/saved/compare.html",
        {
            "shown": same,
            "kind": kind,
            "comparison": compare(same) if len(same) > 1 else None,
            "left_out": len(found) - len(same),
            "closed": len(ids) - len(found),
            "without": {
                seen.public_id: _address([i.public_id for i in same if i is not seen])
                for seen in same
            },
            "most": COMPARED,
        },
    )
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_POST
def choose(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put a listing beside those to be compared, or take it away."""
    listing = get_visible(published_for(actor_of(request)), public_id=public_id)
    ids = compared_ids(request, listing.kind)
    if public_id in ids:
        ids.remove(public_id)
        messages.info(request, _("Taken out of the comparison."))
    elif len(ids) >= COMPARED:
        messages.warning(
            request,
            _("%(number)s are compared at most. Take one out first.") % {"number": COMPARED},
        )
    else:
        ids.append(public_id)
        if len(ids) == 1:
            messages.info(request, _("Chosen for comparing. Choose one more of the same kind."))
        else:
            messages.success(request, _("Chosen for comparing."))
    response: HttpResponse = HttpResponseRedirect(back_to(request, "compare"))
    if is_partial(request):
        response = render(
            request,
            "listings/saved/_chosen.html",
            {
                **tray_of(listing.kind, ids),
                "public_id": public_id,
                "is_compared": public_id in ids,
                "here": request.POST.get("next", ""),
            },
        )
    store_compared(response, listing.kind, ids)
    return response


@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Empty the choice."""
    response = HttpResponseRedirect(back_to(request, "technologies"))
    for kind in Kind.values:
        store_compared(response, kind, [])
    return response


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget what was seen last."""
    response = HttpResponseRedirect(back_to(request, "technologies"))
    forget_seen(response)
    messages.success(request, _("Forgotten: the list of what you looked at is empty."))
    return response


def _address(ids: list[str]) -> str:
    return f"{reverse('compare')}?{urlencode({'id': ids}, doseq=True)}" if ids else "?"
