"""From a request to the listing it is about, or a refusal."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from listings.actions.access import may_change
from listings.models import Listing
from listings.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import Refused, Unauthenticated
from marketplace.core.gates import get_visible


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def signed_in(request: HttpRequest) -> Actor:
    """The actor, or the way to the log-in page."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    return actor


def own_listing(request: HttpRequest, public_id: str) -> tuple[Actor, Listing]:
    """The actor and a listing that it may change; a visitor is asked to sign in."""
    actor = signed_in(request)
    listing = get_visible(visible_to(actor).select_related("owner"), public_id=public_id)
    if not may_change(listing, actor):
        raise Refused(
            "not_your_listing",
            _("Only editors, brokers and owners of the posting organisation may do this."),
        )
    return actor, listing


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def back_to(request: HttpRequest, page: str) -> str:
    """The address in `next` when it leads to this site, else the named page."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if target and safe else reverse(page)
