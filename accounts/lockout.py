"""What django-axes counts failed sign-ins by."""

from typing import Any

from django.http import HttpRequest

from accounts.network import client_ip

_NAMES = ("email", "login", "username")


def login_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address that somebody tries, in one spelling, wherever axes happens to meet it."""
    given = credentials or {}
    found = next((given[name] for name in _NAMES if given.get(name)), "")
    return str(found or request.POST.get("login", ""))[:254].strip().lower()


def caller(request: HttpRequest) -> str | None:
    """The address of the caller behind trusted proxies; None where there is none."""
    return client_ip(request) or None
