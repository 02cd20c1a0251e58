"""What page views of every room share about the person who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from marketplace.core.actor import Actor
from marketplace.core.errors import Refused, Unauthenticated

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a page request (see accounts.middleware)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def signed_in(view: View[P]) -> View[P]:
    """Sends a visitor to sign in and back here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not actor_of(request).is_authenticated:
            raise Unauthenticated("sign_in", _("Sign in to see this page."))
        return view(request, *args, **kwargs)

    return guarded


def operators_only(view: View[P]) -> View[P]:
    """Refuses everybody but operators of the platform."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = actor_of(request)
        if not actor.is_authenticated:
            raise Unauthenticated("sign_in", _("Sign in to see this page."))
        if not actor.is_operator:
            raise Refused("operators_only", _("Only operators of the platform may do this."))
        return view(request, *args, **kwargs)

    return guarded
