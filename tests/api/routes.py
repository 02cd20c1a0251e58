"""Every route of the API with its methods, read from the resolver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    name: str  # "technology-list"
    pattern: str  # "api/v1/technologies/"
    method: str  # "GET"
    view: Any
    action: str

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def scope(self) -> str:
        """The scope that a token must have, "" when any will do."""
        reading = self.method == "GET"
        own = getattr(self.view, "action_scopes", {}).get(self.action)
        scopes = getattr(self.view, "required_scopes", {})
        return own or scopes.get("read" if reading else "write", "")


def routes() -> list[Route]:
    """Sorted by name and method; HEAD and OPTIONS follow GET."""
    found: list[Route] = []

    def walk(resolver: Any, prefix: str) -> None:
        for part in resolver.url_patterns:
            here = prefix + str(part.pattern)
            if isinstance(part, URLResolver):
                walk(part, here)
            elif isinstance(part, URLPattern) and here.startswith("api/v1/"):
                found.extend(_of(part, here))

    walk(get_resolver("marketplace.urls"), "")
    return sorted(found, key=lambda route: (route.name, METHODS.index(route.method.lower())))


def _of(part: URLPattern, here: str) -> list[Route]:
    callback: Any = part.callback
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    actions = getattr(callback, "actions", None)
    if actions is None:
        actions = {name: name for name in METHODS if hasattr(view, name)}
    return [
        Route(part.name or "?", here, method.upper(), view, action)
        for method, action in actions.items()
        if method in METHODS
    ]
