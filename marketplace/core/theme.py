"""Light, dark, or as the device says: kept in a cookie, so the server draws the page right at once
(no inline script, no flash of the other theme).
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

COOKIE = "theme"
CHOICES = ("light", "dark")
ONE_YEAR = 365 * 24 * 3600


def chosen(request: HttpRequest | None) -> str:
    """light, dark, or "" for as the device says."""
    value = request.COOKIES.get(COOKIE, "") if request is not None else ""
    return value if value in CHOICES else ""


def attribute(request: HttpRequest | None) -> SafeString:
    """The attribute of the html element, with a leading space; "" when nothing was chosen."""
    value = chosen(request)
    return SafeString(f' data-theme="{value}"' if value else "")


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice (POST theme = light, dark or auto) and goes back to ``next``."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    value = request.POST.get("theme", "")
    if value in CHOICES:
        response.set_cookie(
            COOKIE, value, max_age=ONE_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
