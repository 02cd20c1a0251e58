"""A person's data: what each room holds about a person, gathered into one ZIP of JSON files.

Rooms above add theirs when they start: `personal_data.provide("listings", read)` in
AppConfig.ready, where read(user_id) returns something JSON can hold. See also `closing.obstacle`.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import (
    ApiToken,
    BrokerQualification,
    ExpertProfile,
    Invitation,
    Membership,
    User,
    Verification,
)
from events.models import Event, MailPreference, Notification

Reader = Callable[[int], Any]
READERS: dict[str, Reader] = {}
MAX_EVENTS = 20_000


def provide(name: str, read: Reader) -> None:
    """Register what a room holds about a person; name becomes the file's name."""
    READERS[name] = read


def export(user: User) -> bytes:
    """The ZIP. It holds what the person entered, was told or did; no secrets and no digests."""
    files: dict[str, Any] = {
        "profile": _profile(user),
        "memberships": _rows(
            Membership.objects.filter(user=user),
            "public_id", "organisation__public_id", "organisation__name_en",
            "organisation__name_zh", "roles", "created_at",
        ),
        "qualifications": _rows(
            BrokerQualification.objects.filter(user=user),
            "public_id", "number", "issuer", "issued_on", "expires_on", "created_at",
        ),
        "expert_profile": _rows(
            ExpertProfile.objects.filter(user=user),
            "organisation__public_id", "title", "about", "agreed_at",
        ),
        "api_tokens": _rows(
            ApiToken.objects.filter(user=user),
            "public_id", "name", "prefix", "scopes", "allowed_networks", "created_at",
            "expires_at", "last_used_at", "revoked_at",
        ),
        "sign_in": {
            "addresses": _rows(
                EmailAddress.objects.filter(user=user), "email", "verified", "primary"
            ),
            "second_factors": _rows(
                Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
            ),
            "sessions": _rows(
                UserSession.objects.filter(user=user),
                "ip", "user_agent", "created_at", "last_seen_at",
            ),
        },
        "invitations_sent": _rows(
            Invitation.objects.filter(invited_by=user),
            "public_id", "organisation__public_id", "email", "roles", "created_at", "accepted_at",
        ),
        "verifications_asked": _rows(
            Verification.objects.filter(asked_by=user),
            "public_id", "organisation__public_id", "state", "evidence_name", "note", "created_at",
        ),
        "notifications": _rows(
            Notification.objects.filter(recipient=user).order_by("id"),
            "public_id", "kind", "params", "url", "created_at", "read_at",
        ),
        "mail_preferences": _rows(MailPreference.objects.filter(user=user), "kind", "when"),
        "events": _rows(
            Event.objects.filter(actor_id=user.pk).order_by("-id")[:MAX_EVENTS],
            "kind", "object_type", "object_id", "created_at", "before", "after", "data",
        ),
    }  # fmt: skip
    for name, read in READERS.items():
        files[name] = read(user.pk)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _readme(user))
        for name, content in files.items():
            archive.writestr(
                f"{name}.json",
                json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2),
            )
    return buffer.getvalue()


def _profile(user: User) -> dict[str, Any]:
    return {
        "id": user.public_id,
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "may_be_found": user.agreed_to_be_found,
        "agreed_at": user.agreed_at,
        "joined": user.date_joined,
        "last_login": user.last_login,
        "is_operator": user.is_operator,
        "is_moderator": user.is_moderator,
    }


def _rows(queryset: "QuerySet[Any]", *names: str) -> list[dict[str, Any]]:
    return [
        {name.replace("__public_id", "").replace("__", "_"): value for name, value in row.items()}
        for row in _values(queryset, names)
    ]


def _values(queryset: "QuerySet[Any]", names: Iterable[str]) -> "QuerySet[Any, dict[str, Any]]":
    return queryset.values(*names)


def _readme(user: User) -> str:
    return _(
        "Your data on Yizhan, as of %(when)s.\n"
        "Each file is JSON in UTF-8. Times are in UTC. Objects are named by the id in their "
        "address.\n"
    ) % {"when": timezone.now().isoformat(timespec="minutes")}
