"""From a request to the introduction it is about, or a refusal."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from deals.models import Introduction
from deals.queries.pairs import Pair, pair_of, with_people
from deals.queries.visibility import visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import Unauthenticated
from marketplace.core.gates import get_visible


def signed_in(request: HttpRequest) -> Actor:
    """The actor, or the way to the log-in page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_authenticated:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    return actor


def own_introduction(request: HttpRequest, public_id: str) -> tuple[Actor, Introduction]:
    """An introduction that the actor takes part in."""
    actor = signed_in(request)
    return actor, get_visible(visible_to(actor), public_id=public_id)


def own_pair(request: HttpRequest, public_id: str) -> tuple[Actor, Pair]:
    """The same, as the actor sees it."""
    actor = signed_in(request)
    introduction = get_visible(with_people(visible_to(actor)), public_id=public_id)
    return actor, pair_of(introduction, actor)


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
