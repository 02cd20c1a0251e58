"""How often one may do what is dear: one account for pages and API together."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from marketplace.core.errors import Throttled

if TYPE_CHECKING:
    from marketplace.core.actor import Actor


class ActorRate(SimpleRateThrottle):
    """By token, person or address. A room names its scope; settings say the rate."""

    def get_cache_key(self, request: Any, view: Any) -> str:
        actor: Actor = getattr(request, "actor", None) or request._request.actor
        if actor.token_id:
            who = f"token:{actor.token_id}"
        elif actor.user_id:
            who = f"user:{actor.user_id}"
        else:
            who = f"address:{self.get_ident(request)}"
        return f"throttle:{self.scope}:{who}"


def count(rate: ActorRate, request: HttpRequest, code: str, words: Callable[[int], str]) -> None:
    """Count what a page asks for. words: seconds to wait -> the refusal. Raises Throttled."""
    if not rate.allow_request(request, None):  # type: ignore[arg-type]
        raise Throttled(code, words(max(1, round(rate.wait() or 1))))
