"""Listings and the people around them, made through the actions themselves."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Membership, Organisation, User
from listings.actions.drafts import create_draft
from listings.actions.lifecycle import submit
from listings.models import Listing
from marketplace.core.actor import Actor

_number = count(1)

TECHNOLOGY: dict[str, Any] = {
    "title_en": "Fluorinated ester electrolyte for -40 degC pouch cells",
    "summary_en": "Keeps 84% of its capacity at -40 degC, 11 points above carbonate blends.",
    "body_en": "A blend of fluorinated esters that does not freeze; made in a 200 kg reactor.",
    "field": "new_energy",
    "trl": 6,
}
NEED: dict[str, Any] = {
    "title_en": "Electrolyte that keeps its capacity at -40 degC",
    "summary_en": "Our pouch cells lose half of their capacity in the northern winter.",
    "field": "new_energy",
}


def organisation(name: str = "", *, verified: bool = True, **values: Any) -> Organisation:
    """An organisation, verified unless told otherwise."""
    values.setdefault("kind", "domestic_enterprise")
    return Organisation.objects.create(
        name_en=name or f"Organisation {next(_number)}",
        verified_at=timezone.now() if verified else None,
        **values,
    )


def person(**values: Any) -> User:
    """A user who can log in with the password `secret-phrase-1`."""
    number = next(_number)
    values.setdefault("email", f"person{number}@example.org")
    values.setdefault("name", f"Person {number}")
    return User.objects.create_user(password="secret-phrase-1", **values)


def member_of(owner: Organisation, *roles: str, user: User | None = None) -> Actor:
    """An actor with these roles (default: owner) there, backed by rows."""
    user = user or person()
    Membership.objects.create(user=user, organisation=owner, roles=list(roles or ["owner"]))
    return actor_of(user)


def actor_of(user: User, language: str = "en") -> Actor:
    """The actor of a user, as a request would have it."""
    rows = list(Membership.objects.filter(user=user).select_related("organisation"))
    return Actor(
        user_id=user.pk,
        language=language,
        is_operator=user.is_operator,
        is_moderator=user.is_moderator,
        roles={row.organisation_id: frozenset(row.roles) for row in rows},
        verified_ids=frozenset(row.organisation_id for row in rows if row.organisation.is_verified),
    )


def moderator() -> Actor:
    return actor_of(person(is_moderator=True))


def draft(
    owner: Organisation, actor: Actor | None = None, data: Mapping[str, Any] | None = None,
    kind: str = "technology", **values: Any,
) -> Listing:  # fmt: skip
    """A draft with everything a posting needs; values win over the defaults."""
    base = TECHNOLOGY if kind == "technology" else NEED
    return create_draft(
        actor=actor or Actor.system(), kind=kind, owner_id=owner.pk,
        data={**base, **(data or {}), **values},
    )  # fmt: skip


def published(
    owner: Organisation | None = None, kind: str = "technology", **values: Any
) -> Listing:
    """A published listing (by the system, so without review)."""
    made = draft(owner or organisation(), kind=kind, **values)
    return submit(actor=Actor.system(), listing_id=made.pk)
