"""Pages for refusals that Django itself raises."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template


def _answer(request: HttpRequest, status: int, code: str, template: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(
            {
                "type": "about:blank",
                "status": status,
                "code": code,
                "title": code.replace("_", " "),
            },
            status=status,
            content_type="application/problem+json",
        )
    if status >= 500:
        # without the request: context processors may be what failed
        return HttpResponse(get_template(template).render(), status=status)
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "bad_request", "errors/400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden", "errors/403.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, "csrf_failed", "errors/403_csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "errors/404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "server_error", "errors/500.html")
