"""The page of a technology and of a need: what one reader may see of it, and what to do next."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from listings.actions.access import may_change
from listings.disclosure import Disclosed, disclosed
from listings.models import Listing, ListingVersion
from listings.models.listings import Kind, State
from listings.queries.mine import next_action
from listings.queries.similar import similar_to
from listings.queries.visibility import visible_to
from listings.remembered import remember
from listings.structured import head_of
from listings.views.gates import actor_of
from marketplace.core.actor import Actor
from marketplace.core.codes import TRL, Code
from marketplace.core.gates import get_visible
from marketplace.core.replicas import may_lag


@dataclass(frozen=True)
class Tally:
    """What a closed tier holds, in numbers."""

    tier: str
    parts: int


@require_GET
@may_lag
def technology(request: HttpRequest, public_id: str) -> HttpResponse:
    """One technology."""
    return _page(request, public_id, Kind.TECHNOLOGY)


@require_GET
@may_lag
def need(request: HttpRequest, public_id: str) -> HttpResponse:
    """One need."""
    return _page(request, public_id, Kind.NEED)


def _page(request: HttpRequest, public_id: str, kind: Kind) -> HttpResponse:
    actor = actor_of(request)
    listing: Listing = get_visible(
        visible_to(actor).select_related("owner", "revision", "revision_of"), public_id=public_id
    )
    if listing.revision_of is not None:
        # A prepared change has no page of its own: its people go on with it, moderators examine it.
        if may_change(listing, actor):
            return redirect("edit_listing_start", public_id=public_id)
        if actor.is_moderator:
            return redirect("review_listing", public_id=public_id)
        return redirect(_address(listing.revision_of))
    if listing.kind != kind:
        return redirect(_address(listing))
    seen = disclosed(listing, actor)
    response = render(
        request,
        "listings/detail/page.html",
        {
            "d": seen,
            "kind": kind.value,
            "rungs": rungs(seen.trl),
            "closed": [Tally(tier, seen.withheld_counts.get(tier, 0)) for tier in seen.withheld],
            "rights": rights_line(seen),
            "versions": list(
                ListingVersion.objects.filter(listing=listing)
                .order_by("-number")
                .values("number", "published_at")[:10]
            ),
            "similar": similar_to(seen, actor),
            "today": timezone.localdate(),
            "head": head_of(listing, actor.language),
            **_owner_part(listing, seen, actor),
        },
    )
    remember(request, response, public_id)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _owner_part(listing: Listing, seen: Disclosed, actor: Actor) -> dict[str, Any]:
    """What only the owner's people get: the row itself, for its state and its moves."""
    if not seen.is_own:
        return {"is_open": seen.state == State.PUBLISHED}
    may = may_change(listing, actor)
    return {
        "is_open": seen.state == State.PUBLISHED,
        "listing": listing,
        "may_change": may,
        "next": next_action(listing, timezone.localdate()) if may else None,
    }


@dataclass(frozen=True)
class Rung:
    """One level of readiness: reached, or the one at which it stands."""

    code: Code
    is_reached: bool
    is_here: bool


def rungs(level: int | None) -> list[Rung]:
    """The nine levels from the top; empty when none is stated."""
    if level is None:
        return []
    return [
        Rung(code, int(code.code) <= level, int(code.code) == level) for code in reversed(list(TRL))
    ]


def rights_line(seen: Disclosed) -> dict[str, int]:
    """Kind of right -> how many of it are alive, in the order of the listing."""
    counts: dict[str, int] = {}
    for row in seen.ip_rights:
        if not row.is_expired and row.status != "lapsed":
            counts[row.kind] = counts.get(row.kind, 0) + 1
    return counts


def _address(listing: Listing) -> str:
    name = "technology" if listing.is_technology else "need"
    return reverse(name, args=[listing.public_id])
