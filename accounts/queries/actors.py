"""From a person to an Actor."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import get_language

from accounts.models import Membership, User
from marketplace.core.actor import Actor

_FACTS = ("organisation_id", "roles", "organisation__verified_at")
_Held = tuple[int, list[str], dt.datetime | None]


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
    held = Membership.objects.filter(user_id=user.pk).values_list(*_FACTS)
    return _actor(
        user, list(held), language=language, scopes=scopes, token_id=token_id, request_id=request_id
    )


def actors_for(users: Iterable[User]) -> dict[int, Actor]:
    """The actors of many people by id, in one query; each in its person's own language."""
    people = {user.pk: user for user in users}
    held: dict[int, list[_Held]] = defaultdict(list)
    rows = Membership.objects.filter(user_id__in=list(people)).values_list("user_id", *_FACTS)
    for user_id, *facts in rows:
        held[user_id].append(tuple(facts))
    return {pk: _actor(user, held[pk], language=user.language) for pk, user in people.items()}


def _actor(user: User, held: Iterable[_Held], **values: Any) -> Actor:
    roles: dict[int, frozenset[str]] = {}
    verified: set[int] = set()
    for organisation_id, names, verified_at in held:
        roles[organisation_id] = frozenset(names)
        if verified_at is not None:
            verified.add(organisation_id)
    return Actor(
        user_id=user.pk,
        is_operator=user.is_operator,
        is_moderator=user.is_moderator,
        roles=roles,
        verified_ids=frozenset(verified),
        **values,
    )
