"""How often certificates may be checked by one address: codes are not to be tried out."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import ngettext
from rest_framework.throttling import SimpleRateThrottle

from marketplace.core.errors import Throttled

if TYPE_CHECKING:
    from marketplace.core.actor import Actor


class CheckRate(SimpleRateThrottle):
    """By token, person or address; one account for pages and API together."""

    scope = "certificate_check"

    def get_cache_key(self, request: Any, view: Any) -> str:
        actor: Actor = getattr(request, "actor", None) or request._request.actor
        if actor.token_id:
            who = f"token:{actor.token_id}"
        elif actor.user_id:
            who = f"user:{actor.user_id}"
        else:
            who = f"address:{self.get_ident(request)}"
        return f"throttle:{self.scope}:{who}"


def count_check(request: HttpRequest) -> None:
    """Count a check on a page. Raises Throttled."""
    rate = CheckRate()
    if not rate.allow_request(request, None):  # type: ignore[arg-type]
        seconds = max(1, round(rate.wait() or 1))
        raise Throttled(
            "checked_too_often",
            ngettext(
                "Too many checks from here. Try again in %(number)s second.",
                "Too many checks from here. Try again in %(number)s seconds.",
                seconds,
            )
            % {"number": seconds},
        )
