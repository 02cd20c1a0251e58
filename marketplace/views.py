"""Pages that join rooms: home, dashboard, language."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import actor_of, signed_in
from marketplace.core.codes import TIERS, TRL
from marketplace.core.replicas import may_lag
from marketplace.dashboard import blocks_for, first_steps
from marketplace.home import home_context


@require_safe
@may_lag
def home(request: HttpRequest) -> HttpResponse:
    """What this is, one question, live figures, what is new."""
    return render(request, "marketplace/home.html", home_context(actor_of(request)))


@require_safe
@signed_in
def dashboard(request: HttpRequest) -> HttpResponse:
    """What is new for me, what I do next."""
    actor = actor_of(request)
    return render(
        request,
        "marketplace/dashboard.html",
        {"blocks": blocks_for(actor), "steps": first_steps(actor)},
    )


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Questions that people have, answered; one page, so that it can be searched and printed."""
    return render(request, "marketplace/help.html", {"levels": TRL, "tiers": TIERS})


def _without_language(address: str) -> str:
    """An address that names a language would win over the reader's new choice."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)
             if name != "lang"]  # fmt: skip
    if len(query) == len(parse_qsl(parts.query, keep_blank_values=True)):
        return address
    return urlunsplit(parts._replace(query=urlencode(query)))


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language in a cookie and go back to the same page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(_without_language(target))
    code = request.POST.get("language", "")
    if check_for_language(code) and code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax",
        )  # fmt: skip
    return response
