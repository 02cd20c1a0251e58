"""The review desk: a queue, one submission with what changed, approve or return."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from listings import states
from listings.actions import lifecycle
from listings.changes import LABELS, changes
from listings.disclosure import disclosed
from listings.duplicates import near_duplicates
from listings.forms.review import ReturnForm
from listings.models import Listing, Review
from listings.models.listings import Tier
from listings.queries.review import last_version, waiting_reviews
from listings.queries.visibility import visible_to
from listings.snapshots import snapshot
from listings.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, is_chinese
from marketplace.core.errors import DomainError, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

_READ = ("title", "summary", "keywords", "body", "tried", "judged", "members_text")


def _moderator(request: HttpRequest) -> Actor:
    actor = signed_in(request)
    if not actor.is_moderator:
        raise Refused("not_a_moderator", gettext_lazy("Only moderators may open the review desk."))
    return actor


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first."""
    actor = _moderator(request)
    page = Paginator(waiting_reviews(actor), 30).get_page(request.GET.get("page"))
    recent = (
        Review.objects.exclude(state=Review.State.WAITING)
        .filter(decided_by_id=actor.user_id)
        .select_related("listing")
        .order_by("-decided_at")[:8]
    )
    return render(request, "listings/review/desk.html", {"page": page, "recent": recent})


@require_http_methods(["GET", "POST"])
def examine(request: HttpRequest, public_id: str) -> HttpResponse:
    """One submission: read it, see what changed, decide."""
    actor = _moderator(request)
    listing = get_visible(visible_to(actor).select_related("owner"), public_id=public_id)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = _decide(request, actor, listing, form)
        if done is not None:
            return done
    shown_before = last_version(listing.revision_of_id or listing.pk)
    review = Review.objects.filter(listing=listing).order_by("-pk").first()
    earlier = Review.objects.filter(listing=listing, state=Review.State.RETURNED).order_by("-pk")
    return render(
        request,
        "listings/review/examine.html",
        {
            "listing": listing,
            "seen": disclosed(listing, actor),
            "others": _in_other_language(listing, actor.language),
            "review": review,
            "earlier": earlier[:3],
            "is_waiting": listing.state == states.IN_REVIEW,
            "is_own": listing.owner_id in actor.organisation_ids,
            "changes": changes(
                shown_before.data, snapshot(listing), hidden_tiers=[Tier.CONFIDENTIAL]
            )
            if shown_before
            else [],
            "is_new": shown_before is None,
            "duplicates": near_duplicates(listing, actor),
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


def _in_other_language(listing: Listing, language: str) -> list[tuple[Any, Text]]:
    """The (label, text) that stand in the language in which the page does not show them: both
    will be published, so both must be read."""
    shown, other, tag = ("zh", "en", "en") if is_chinese(language) else ("en", "zh", "zh-Hans")
    found = []
    for name in _READ:
        text = getattr(listing, f"{name}_{other}")
        if text and getattr(listing, f"{name}_{shown}"):
            words = "; ".join(text) if isinstance(text, list) else text
            found.append((LABELS[f"{name}_{other}"], Text(words, tag)))
    return found


def _decide(
    request: HttpRequest, actor: Actor, listing: Listing, form: ReturnForm
) -> HttpResponse | None:
    """Carry the decision out and lead to the next submission; None when it was refused."""
    try:
        if "approve" in request.POST:
            lifecycle.approve(actor=actor, listing_id=listing.pk)
            messages.success(request, _("Approved and published."))
        else:
            form.is_valid()
            reason = form.cleaned_data.get("reason", "") if form.is_valid() else ""
            lifecycle.return_(actor=actor, listing_id=listing.pk, reason=reason)
            messages.success(request, _("Returned with your reason."))
    except DomainError as error:
        if not form.errors:
            add_domain_errors(form, error)
        return None
    following = (
        waiting_reviews(actor).exclude(listing__owner_id__in=sorted(actor.organisation_ids)).first()
    )
    if following is None:
        return redirect("review_desk")
    return redirect("review_listing", public_id=following.listing.public_id)
