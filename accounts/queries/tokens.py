"""Personal API tokens: how one is recognised, and which ones a person holds."""

import datetime as dt
import hashlib
import hmac

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ApiToken
from marketplace.core.actor import Actor

PREFIX = "yz_"
MAX_LENGTH = 200  # longer texts are no tokens, and are not worth hashing
USE_NOTED_EVERY = dt.timedelta(minutes=1)


def digest(token: str) -> str:
    """HMAC-SHA256 under the pepper: a stolen table is worth nothing without the settings."""
    return hmac.new(settings.TOKEN_PEPPER.encode(), token.encode(), hashlib.sha256).hexdigest()


def find_valid(token: str) -> ApiToken | None:
    """The token row with its person, unless unknown, expired or revoked. One query."""
    if not token.startswith(PREFIX) or len(token) > MAX_LENGTH:
        return None
    now = timezone.now()
    return (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True)
        .filter(digest=digest(token))
        .first()
    )


def note_use(token: ApiToken) -> None:
    """Write the time of use, at most once a minute so that reading costs no writing."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now


def visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """A person's own tokens that were not revoked, newest first. Nobody sees another's."""
    if actor.user_id is None:
        return ApiToken.objects.none()
    return ApiToken.objects.filter(user_id=actor.user_id, revoked_at__isnull=True).order_by("-id")
