"""From a person to an Actor."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import get_language

from accounts.models import Membership, User
from marketplace.core.actor import Actor


def actor_for(
    user: User | AnonymousUser | None,
    language: str | None = None,
    *,
    scopes: frozenset[str] | None = None,
    token_id: int | None = None,
    request_id: str = "",
) -> Actor:
    """The actor that a person is now, in one query; a visitor when nobody is signed in.

    language: what the answer will be written in; the active language when not given.
    scopes, token_id: set when a token acts for the person (see accounts.authentication).
    """
    language = language or get_language() or "en"
    if user is None or not isinstance(user, User) or not user.is_active:
        return Actor(language=language, request_id=request_id)
    held = Membership.objects.filter(user_id=user.pk).values_list(
        "organisation_id", "roles", "organisation__verified_at"
    )
    roles: dict[int, frozenset[str]] = {}
    verified: set[int] = set()
    for organisation_id, names, verified_at in held:
        roles[organisation_id] = frozenset(names)
        if verified_at is not None:
            verified.add(organisation_id)
    return Actor(
        user_id=user.pk,
        language=language,
        is_operator=user.is_operator,
        is_moderator=user.is_moderator,
        roles=roles,
        verified_ids=frozenset(verified),
        scopes=scopes,
        token_id=token_id,
        request_id=request_id,
    )
