"""Every API refusal in one shape: problem+json (RFC 9457) with a code and field errors."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from marketplace.core.errors import DomainError, NotFound, TooLarge
from marketplace.core.forms import invalid_from

CONTENT_TYPE = "application/problem+json"
# What DRF and Django refuse by themselves; their own sentence goes into the detail.
_TITLES = {
    400: gettext_lazy("Please check what you entered"),
    401: gettext_lazy("Please sign in"),
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("This method is not offered here"),
    406: gettext_lazy("This format is not offered here"),
    409: gettext_lazy("This is not possible now"),
    415: gettext_lazy("This format cannot be read here"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong on our side"),
}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: domain errors, DRF's own and Django's, all as one problem shape."""
    request = context.get("request")
    request_id = getattr(getattr(request, "_request", request), "request_id", "")
    headers: dict[str, str] = {}
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge("too_large", _("The request is larger than this address accepts."))
    elif isinstance(error, DjangoValidationError):
        error = invalid_from(error)
    if isinstance(error, DomainError):
        body = problem(
            error.status, error.code, str(error.title), str(error.message),
            [
                {"field": name, "message": str(message)}
                for name, messages in error.fields.items()
                for message in messages
            ],
        )  # fmt: skip
        code = error.status
    elif isinstance(error, exceptions.APIException):
        code = error.status_code
        if auth_header := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = auth_header
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
        body = _from_drf(error)
    else:
        return None
    body["request_id"] = request_id
    set_rollback()
    return Response(body, status=code, headers=headers, content_type=CONTENT_TYPE)


def problem(
    status_code: int, code: str, title: str, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    return {
        "type": f"urn:yizhan:problem:{code}",
        "title": title,
        "status": status_code,
        "code": code,
        "detail": detail,
        "errors": errors or [],
    }


def _from_drf(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return problem(
            status.HTTP_400_BAD_REQUEST,
            "invalid",
            _("Please check what you entered"),
            _("Some fields are wrong. Nothing was changed."),
            [{"field": name, "message": text} for name, text in _flatten(error.detail)],
        )
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    detail = str(error.detail)
    if isinstance(error, exceptions.ParseError):
        # the parser's own words are English and name a place in the text: kept, after ours
        detail = _("The request cannot be read: %(why)s") % {"why": detail}
    return problem(error.status_code, code, title_of(error.status_code), detail)


def title_of(status_code: int) -> str:
    """What a refusal with this status is called, in the reader's language."""
    return str(_TITLES.get(status_code) or _TITLES[500 if status_code >= 500 else 400])


def _flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested serializer errors as ("specifications.0.unit", message) pairs."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _flatten(value, f"{path}.{name}".strip("."))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _flatten(value, f"{path}.{index}".strip(".") if nested else path)
    else:
        yield path, str(detail)
