"""What every action checks first: who asks, what it may see, which roles it holds."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.queries import organisations
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import NotFound, Refused, Stale, Unauthenticated


def require_person(actor: Actor) -> User:
    """The person behind the actor. Raises Unauthenticated."""
    person = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    if person is None:
        raise Unauthenticated("sign_in", _("Sign in to do this."))
    return person


def require_operator(actor: Actor) -> None:
    if not (actor.is_operator or actor.is_system):
        raise Refused("operators_only", _("Only operators of the platform may do this."))


def locked_organisation(
    organisation_id: int, actor: Actor, *roles: str, expected_version: int | None = None
) -> Organisation:
    """The organisation, locked, for a change that needs one of the roles (owners hold them all).

    Raises NotFound when the actor may not know of it, Refused without the role, Stale when the
    caller has read an older version.
    """
    organisation = (
        organisations.visible_to(actor)
        .select_for_update(of=("self",))
        .filter(pk=organisation_id)
        .first()
    )
    if organisation is None:
        raise NotFound
    if not actor.can(organisation.pk, *roles):
        raise Refused(
            "role_missing",
            _("This needs another role in the organisation. Ask one of its owners."),
        )
    check_version(organisation, expected_version)
    return organisation


def check_version(obj: Any, expected_version: int | None) -> None:
    """Raises Stale when the caller read another version than the stored one."""
    if expected_version is not None and expected_version != obj.version:
        raise Stale(
            "stale_version",
            _("It was changed after you read it. Read it again, then repeat your change."),
        )


def tidy(value: Any) -> Any:
    """Texts in one form (NFC, outer white space off), also inside lists; other values as they are.

    Raises ValidationError on control characters, as the model's validators would.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list | tuple):
        return [tidy(item) for item in value]
    return value


def changed_names(before: dict[str, Any], obj: Model) -> list[str]:
    """Names of the fields that differ from what they were: events keep names, never texts."""
    return [name for name, value in before.items() if getattr(obj, name) != value]


def one_or_not_found(queryset: QuerySet[Any], **lookup: Any) -> Any:
    """One row, locked. Raises NotFound."""
    found = queryset.select_for_update(of=("self",)).filter(**lookup).first()
    if found is None:
        raise NotFound
    return found
