"""Pages for refusals that Django itself raises."""

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _

from marketplace.core.api.problems import CONTENT_TYPE, problem, title_of

_DETAILS = {
    "bad_request": _("The request cannot be read."),
    "too_large": _("The request is larger than this address accepts."),
    "forbidden": _("You may not do this."),
    "csrf_failed": _("The page’s safety token is missing or old. Load the page again."),
    "not_found": _("There is nothing here, or it is not open to you."),
    "server_error": _(
        "Nothing was changed. Please try again; if it stays, tell us the request id."
    ),
}


def _answer(request: HttpRequest, status: int, code: str, template: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = problem(status, code, title_of(status), str(_DETAILS[code]))
        body["request_id"] = getattr(request, "request_id", "")
        return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    if status >= 500:
        # without the request: context processors may be what failed
        return HttpResponse(get_template(template).render(), status=status)
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, DisallowedHost) and not request.path.startswith("/api/"):
        # without the request: the page would ask it for its address
        return HttpResponse(get_template("errors/400.html").render(), status=400)
    # an address that asks for too much is a bad request; a body may be too large
    has_body = request.method not in ("GET", "HEAD")
    if has_body and isinstance(exception, TooManyFieldsSent | RequestDataTooBig):
        return _answer(request, 413, "too_large", "errors/413.html")
    return _answer(request, 400, "bad_request", "errors/400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden", "errors/403.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, "csrf_failed", "errors/403_csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "errors/404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "server_error", "errors/500.html")
