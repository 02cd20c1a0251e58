"""System checks that refuse a bad production setting; each names the page that explains it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

GUIDE = "See docs/how-to/deploy.md."


@register(Tags.security)
def production_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Everything that must hold before strangers may reach this server."""
    if settings.DEBUG or settings.TESTING:
        return []
    found: list[CheckMessage] = []
    for name in ("SECRET_KEY", "TOKEN_PEPPER"):
        value = getattr(settings, name)
        if len(value) < 32 or value.startswith("insecure"):
            found.append(
                Error(
                    f"{name} must hold at least 32 random characters.", hint=GUIDE, id="yizhan.E001"
                )
            )
    if settings.SECRET_KEY and settings.SECRET_KEY == settings.TOKEN_PEPPER:
        found.append(
            Error("SECRET_KEY and TOKEN_PEPPER must differ.", hint=GUIDE, id="yizhan.E002")
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the hosts.", hint=GUIDE, id="yizhan.E003"))
    if not settings.SECURE and not settings.DEMO:
        found.append(Error("PUBLIC_URL must start with https://.", hint=GUIDE, id="yizhan.E004"))
    if settings.DEMO and settings.SECURE:
        found.append(
            Error(
                "DEMO gives everybody known passwords: never under https.",
                hint=GUIDE,
                id="yizhan.E005",
            )
        )
    if settings.WEBHOOK_ALLOW_LOCALHOST and not settings.DEMO:
        found.append(
            Error(
                "WEBHOOK_ALLOW_LOCALHOST lets strangers call this machine from within.",
                hint=GUIDE,
                id="yizhan.E011",
            )
        )
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") and not settings.DEMO:
        found.append(
            Warning("Mail is written to files: set EMAIL_URL.", hint=GUIDE, id="yizhan.W001")
        )
    return found
