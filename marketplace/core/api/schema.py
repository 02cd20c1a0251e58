"""OpenAPI: what every operation shares (problem answers, headers, sparse fields)."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

_LANGUAGE = OpenApiParameter(
    "Accept-Language", str, OpenApiParameter.HEADER, description="`en` or `zh-hans`."
)
_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description="Sent again, the same key gives the stored answer and nothing is done twice.",
)  # fmt: skip
_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description="The ETag you read; 412 if the object has changed since.",
)  # fmt: skip
_FIELDS = OpenApiParameter("fields", str, description="Comma-separated names of fields to return.")
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "urn:yizhan:problem:invalid",
        "title": "Please check what you entered",
        "status": 400,
        "code": "invalid",
        "detail": "Some fields are wrong. Nothing was changed.",
        "errors": [{"field": "trl", "message": "The TRL is a number from 1 to 9."}],
        "request_id": "6f0c9a1e5d3b4c72",
    },
}


class Schema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        parameters = [_LANGUAGE]
        if self.method == "POST":
            parameters.append(_KEY)
        if self.method in {"PUT", "PATCH"}:
            parameters.append(_MATCH)
        if self.method == "GET":
            parameters.append(_FIELDS)
            expandable = getattr(self.view, "expandable", ())
            if expandable:
                parameters.append(
                    OpenApiParameter("expand", str, description=f"Any of: {', '.join(expandable)}.")
                )
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            operation["responses"]["default"] = {
                "description": "A refusal",
                "content": {"application/problem+json": {"schema": _PROBLEM}},
            }
        return operation
