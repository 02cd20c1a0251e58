"""The owner's side: my listings, moves by one button, renewal."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation
from listings import renewal, states
from listings.actions import drafts, lifecycle, revisions
from listings.changes import versions_with_changes
from listings.completeness import missing
from listings.models import Listing
from listings.models.listings import State
from listings.queries.mine import SORTS, counts_by_state, for_page, my_listings, next_action
from listings.queries.visibility import visible_to
from listings.rules import EDIT_ROLES, renewed_until
from listings.views.gates import actor_of, own_listing, signed_in
from marketplace.core.errors import Conflict, Invalid, NotFound

ROWS = 20
DONE = {
    "pause": gettext_lazy("Paused: nobody finds it until you resume it."),
    "resume": gettext_lazy("Published again."),
    "withdraw": gettext_lazy("Withdrawn. You can reopen it as a draft at any time."),
    "fulfil": gettext_lazy("Marked as done. Congratulations on the result."),
    "reopen": gettext_lazy("It is a draft again."),
    "take-back": gettext_lazy("Taken back from review. Change it and submit it again."),
    "discard": gettext_lazy("The revision is discarded; the published version stays."),
    "delete": gettext_lazy("The draft is deleted."),
}
MOVES = {
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "withdraw": lifecycle.withdraw,
    "fulfil": lifecycle.mark_fulfilled,
    "reopen": lifecycle.reopen,
    "take-back": lifecycle.take_back,
    "discard": revisions.discard_revision,
    "delete": drafts.delete_draft,
}


@require_GET
def my_listings_page(request: HttpRequest) -> HttpResponse:
    """All listings of my organisations by state, with what each asks for next."""
    actor = signed_in(request)
    owners = list(
        Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("pk")
    )
    owner = next((o for o in owners if o.public_id == request.GET.get("owner")), None)
    kind = request.GET.get("kind", "")
    kind = kind if kind in ("technology", "need") else ""
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    sort = request.GET.get("sort", "changed")
    own = my_listings(actor, owner_id=owner.pk if owner else None, kind=kind)
    counts = counts_by_state(own)
    page = Paginator(for_page(own, state, sort), ROWS).get_page(request.GET.get("page"))
    today = timezone.localdate()
    return render(
        request,
        "listings/mine/list.html",
        {
            "page": page,
            "rows": [{"listing": row, "next": next_action(row, today)} for row in page],
            "owners": owners,
            "owner": owner,
            "kind": kind,
            "state": state,
            "sorts": list(SORTS),
            "tabs": [("", _("All"), sum(counts.values()))]
            + [
                (value, label, counts[value]) for value, label in State.choices if counts.get(value)
            ],
            "total": sum(counts.values()),
        },
    )


@require_POST
def submit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Hand a draft in; what is missing is said on the preview page."""
    actor, listing = own_listing(request, public_id)
    try:
        shown = lifecycle.submit(actor=actor, listing_id=listing.pk)
    except (Invalid, Conflict) as error:
        messages.error(request, str(error.message))
        return redirect(reverse("edit_listing", args=[listing.public_id, "preview"]))
    if shown.state == states.IN_REVIEW:
        messages.success(
            request, _("Handed in. A moderator looks at it, as a rule within one working day.")
        )
        return redirect("my_listings")
    messages.success(request, _("Published. Matching has begun."))
    return redirect(lifecycle.page_of(shown))


@require_POST
def move(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """Pause, resume, withdraw, mark as done, reopen, take back, discard or delete."""
    actor, listing = own_listing(request, public_id)
    action = MOVES.get(name)
    if action is None:
        raise NotFound
    action(actor=actor, listing_id=listing.pk)
    messages.success(request, str(DONE[name]))
    return redirect("my_listings")


@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, public_id: str) -> HttpResponse:
    """Renew by one click, for a signed-in owner."""
    actor, listing = own_listing(request, public_id)
    today = timezone.localdate()
    if request.method == "POST":
        listing = lifecycle.renew(actor=actor, listing_id=listing.pk)
        messages.success(
            request, _("Renewed until %(until)s.") % {"until": str(listing.valid_until)}
        )
        return redirect("my_listings")
    return render(
        request,
        "listings/mine/renew.html",
        {
            "listing": listing,
            "until": renewed_until(listing, today),
            "gaps": missing(listing),
            "title_shown": True,
        },
    )


@require_http_methods(["GET", "POST"])
def renew_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Renew by the signed link of a reminder, without signing in; the link works once."""
    listing = renewal.listing_of(token)
    if listing is None:
        return render(request, "listings/mine/renew_gone.html", status=410)
    if request.method == "POST":
        renewed = renewal.renew_by_token(token)
        return render(request, "listings/mine/renewed.html", {"listing": renewed})
    return render(
        request,
        "listings/mine/renew.html",
        {
            "listing": listing,
            "until": renewed_until(listing, timezone.localdate()),
            # a forwarded mail must not tell a stranger what the listing is
            "title_shown": visible_to(actor_of(request)).filter(pk=listing.pk).exists(),
        },
    )


@require_GET
def history(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every published version, and what changed from one to the next."""
    _actor, listing = own_listing(request, public_id)
    if listing.revision_of_id is not None:
        listing = Listing.objects.get(pk=listing.revision_of_id)
    return render(
        request,
        "listings/mine/history.html",
        {"listing": listing, "versions": versions_with_changes(listing)},
    )
