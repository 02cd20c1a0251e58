"""The log-ins of the demo market, and tokens for its roles."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.models import ApiToken, User
from accounts.queries.tokens import PREFIX, digest
from marketplace.core.api.permissions import SCOPES
from marketplace.core.errors import NotFound
from marketplace.demo.names import MAIL_DOMAIN, read

LABEL = "demo"


@dataclass(frozen=True)
class DemoAccount:
    """One log-in: role, address, password, and what to try with it in both languages."""

    role: str
    email: str
    password: str
    name: str
    en: str
    zh: str


def demo_accounts() -> list[DemoAccount]:
    """The log-ins by role, in the order of people.yaml; empty on a market that is no demo."""
    if not (settings.DEMO or settings.DEBUG or settings.TESTING):
        return []
    return [
        DemoAccount(
            row["role"], f"{row['key']}@{MAIL_DOMAIN}", settings.DEMO_PASSWORD, row["name"],
            row["en"], row["zh"],
        )
        for row in read("people.yaml")
        if "role" in row
    ]  # fmt: skip


@transaction.atomic
def demo_token(role: str) -> str:
    """A working API token of a demo role with every scope; the same each time it is asked for.

    Raises NotFound when the demo market is not loaded, or this market is no demo.
    """
    account = next((entry for entry in demo_accounts() if entry.role == role), None)
    user = User.objects.filter(email=account.email).first() if account else None
    if user is None:
        raise NotFound
    # Made from the pepper, so that it can be printed again though only its hash is stored.
    secret = hmac.new(settings.TOKEN_PEPPER.encode(), f"demo:{role}".encode(), hashlib.sha256)
    token = PREFIX + base64.b32encode(secret.digest()).decode().lower().rstrip("=")
    ApiToken.objects.update_or_create(
        digest=digest(token),
        defaults={
            "user": user, "name": LABEL, "prefix": token[:8], "scopes": sorted(SCOPES),
            "revoked_at": None, "expires_at": None, "allowed_networks": ["127.0.0.0/8", "::1/128"],
        },
    )  # fmt: skip
    return token
