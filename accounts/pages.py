"""What page views of every room share about the person who asks."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from marketplace.core.actor import Actor
from marketplace.core.errors import Refused, Unauthenticated

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a page request (see accounts.middleware)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def signed_in(view: View) -> View:
    """Sends a visitor to sign in and back here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not actor_of(request).is_authenticated:
            raise Unauthenticated("sign_in", _("Sign in to see this page."))
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def operators_only(view: View) -> View:
    """Refuses everybody but operators of the platform."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = actor_of(request)
        if not actor.is_authenticated:
            raise Unauthenticated("sign_in", _("Sign in to see this page."))
        if not actor.is_operator:
            raise Refused("operators_only", _("Only operators of the platform may do this."))
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def proved_lately(view: View) -> View:
    """For what touches the safety of an account: before a POST is done, asks for the password or
    another proof again, unless one was given in the last few minutes (signing in counts). What was
    sent is kept and done afterwards.
    """
    asking = reauthentication_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        proofs = get_authentication_records(request, request.user)
        fresh = bool(proofs) and time.time() - proofs[-1]["at"] < REAUTHENTICATION_TIMEOUT
        if fresh or request.method != "POST":
            return view(request, *args, **kwargs)
        return cast("HttpResponseBase", asking(request, *args, **kwargs))

    return cast("View", guarded)
