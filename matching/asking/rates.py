"""How often one may ask: the model reads the text each time, and near-copies must not be cheap."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import ngettext
from rest_framework.throttling import SimpleRateThrottle

from marketplace.core.errors import Throttled

if TYPE_CHECKING:
    from marketplace.core.actor import Actor


class AskRate(SimpleRateThrottle):
    """By token, person or address; one account for pages and API together."""

    scope = "ask"

    def get_cache_key(self, request: Any, view: Any) -> str:
        actor: Actor = getattr(request, "actor", None) or request._request.actor
        if actor.token_id:
            who = f"token:{actor.token_id}"
        elif actor.user_id:
            who = f"user:{actor.user_id}"
        else:
            who = f"address:{self.get_ident(request)}"
        return f"throttle:{self.scope}:{who}"


def check_rate(request: HttpRequest) -> None:
    """Count a question of a page. Raises Throttled."""
    rate = AskRate()
    if not rate.allow_request(request, None):  # type: ignore[arg-type]
        seconds = max(1, round(rate.wait() or 1))
        raise Throttled(
            "asked_too_often",
            ngettext(
                "You ask very often. Your text is still here: try again in %(number)s second.",
                "You ask very often. Your text is still here: try again in %(number)s seconds.",
                seconds,
            )
            % {"number": seconds},
        )
