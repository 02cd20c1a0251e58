"""Rates by token (or person, or address), told in headers on every answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from marketplace.core.api.permissions import actor_of


class ByToken(SimpleRateThrottle):
    scope = "token"

    def allow_request(self, request: Request, view: Any) -> bool:
        actor = actor_of(request)
        self.scope = "token" if actor.is_authenticated else "visitor"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed = bool(super().allow_request(request, view))
        left = max((self.num_requests or 0) - len(getattr(self, "history", [])), 0)
        request._request.rate_limit = (self.num_requests, left, self.duration)  # type: ignore[attr-defined]
        return allowed

    def get_cache_key(self, request: Request, view: Any) -> str:
        actor = actor_of(request)
        if actor.token_id:
            who = f"token:{actor.token_id}"
        elif actor.user_id:
            who = f"user:{actor.user_id}"
        else:
            who = f"address:{self.get_ident(request)}"
        return f"throttle:{self.scope}:{who}"


def add_rate_headers(request: HttpRequest, response: HttpResponse) -> None:
    """RateLimit-* headers of the answer, from what the throttle left on the request."""
    limit = getattr(request, "rate_limit", None)
    if limit:
        response["RateLimit-Limit"] = str(limit[0])
        response["RateLimit-Remaining"] = str(limit[1])
        response["RateLimit-Policy"] = f"{limit[0]};w={limit[2]}"
