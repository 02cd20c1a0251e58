"""How the OpenAPI document describes the two ways of signing in."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "yz_…",
            "description": "A personal API token, made under Account, API tokens.",
        }


class OwnSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.ActorSessionAuthentication"
    name = "session"
