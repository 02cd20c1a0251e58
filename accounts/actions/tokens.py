"""Personal API tokens: the secret leaves this module once, when it is made."""

import base64
import datetime as dt
import secrets
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, rules
from accounts.actions.access import one_or_not_found, require_person, tidy
from accounts.models import ApiToken, User
from accounts.queries.tokens import PREFIX, digest, visible_to
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, field_error
from marketplace.core.forms import invalid_from

_SECRET_BYTES = 25  # 200 bits, 40 characters of base32
_SHOWN = 9


def new_secret() -> str:
    return PREFIX + base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()


@transaction.atomic
def create_token(
    *,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    expires_at: dt.datetime | None = None,
    allowed_networks: Sequence[str] = (),
    user: User | None = None,
) -> tuple[ApiToken, str]:
    """Make a token; returns its row and the secret, which is not stored and not shown again.

    expires_at: within a year, 90 days from now when None. A token that makes a token gives no
    scope it lacks. user: whose token, only for the system (demo data, commands), which may also
    make one that does not end. Raises Invalid on the field that is wrong, Conflict `too_many`.
    """
    person = user if user is not None and actor.is_system else require_person(actor)
    now = timezone.now()
    try:
        cleaned: str = tidy(name)
    except ValidationError as error:
        raise field_error("name", error.messages[0]) from None
    token = ApiToken(
        user=person,
        name=cleaned,
        scopes=rules.clean_scopes(scopes, held=actor.scopes),
        allowed_networks=rules.clean_networks(allowed_networks),
        expires_at=expires_at if actor.is_system else rules.clean_expiry(expires_at, now=now),
    )
    alive = ApiToken.objects.filter(user=person, revoked_at__isnull=True, expires_at__gt=now)
    if not actor.is_system and alive.count() >= rules.MAX_TOKENS:
        raise Conflict("too_many", _("You have as many tokens as you may. Revoke one first."))
    secret = new_secret()
    token.prefix = secret[:_SHOWN]
    token.digest = digest(secret)
    try:
        token.full_clean()
    except ValidationError as error:
        raise invalid_from(error) from None
    token.save()
    record(
        event_kinds.TOKEN_CREATED,
        actor=actor,
        obj=token,
        data={"scopes": token.scopes, "networks": len(token.allowed_networks)},
    )
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> None:
    """End one's own token at once. Raises NotFound for another's or a revoked one."""
    token: ApiToken = one_or_not_found(visible_to(actor), pk=token_id)
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(event_kinds.TOKEN_REVOKED, actor=actor, obj=token)
