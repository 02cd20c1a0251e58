"""Request id, figures, and the one translation of domain errors to pages."""

import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from marketplace.core.api.throttles import add_rate_headers
from marketplace.core.errors import DomainError, Unauthenticated
from marketplace.core.metrics import REQUEST_SECONDS, REQUESTS

GetResponse = Callable[[HttpRequest], HttpResponse]
_SAFE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Takes X-Request-Id from a proxy or makes one; it is in logs, events and error pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class RateMiddleware:
    """Tells the rate on every answer of the API, refusals and plain views included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        add_rate_headers(request, response)
        return response


class LanguageMiddleware(LocaleMiddleware):
    """The reader's language by cookie and browser, as Django has it; `?lang=` in an address says
    otherwise for that page, so that a page has an address in each language."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        chosen = request.GET.get("lang", "")
        if chosen in dict(settings.LANGUAGES):
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()


class MetricsMiddleware:
    """Counts and times requests by view name, never by address (addresses hold ids)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match else "unresolved"
        REQUESTS.labels(request.method or "", view, str(response.status_code)).inc()
        REQUEST_SECONDS.labels(view).observe(time.perf_counter() - started)
        return response


class DomainErrorMiddleware:
    """A DomainError that a page view let through becomes a page that says what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, Unauthenticated):
            back = urlencode({"next": request.get_full_path()}, safe="/")
            target = f"{reverse('account_login')}?{back}"
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": target})
            return HttpResponse(status=302, headers={"Location": target})
        template = "errors/404.html" if error.status == 404 else "errors/refusal.html"
        return render(request, template, {"error": error}, status=error.status)
