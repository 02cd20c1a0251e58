"""What a person keeps of cases: views of the list and board, and the address of its calendar."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from deals.models import CalendarFeed, CaseView
from deals.queries.case_filters import NAMES
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Unauthenticated
from marketplace.core.forms import invalid_from

MOST_VIEWS = 50


@transaction.atomic
def save_view(*, actor: Actor, name: str, page: str, query: str) -> CaseView:
    """Keep a list or board as it is narrowed; the same name takes the place of the old one."""
    user_id = _person(actor)
    name = name.replace("\x00", "").strip()
    given = QueryDict(query[:4000])
    kept = QueryDict(mutable=True)
    for key in NAMES:
        if value := given.get(key):
            kept[key] = value[:100]
    views = CaseView.objects.filter(user_id=user_id)
    if not views.filter(name=name).exists() and views.count() >= MOST_VIEWS:
        raise Conflict("too_many_views", _("You have 50 views. Delete one before you keep more."))
    what = {"page": page, "query": kept.urlencode()}
    try:
        CaseView(user_id=user_id, name=name, **what).clean_fields()
    except ValidationError as error:
        raise invalid_from(error) from None
    # two clicks at once: the second finds what the first made
    view, _made = CaseView.objects.update_or_create(user_id=user_id, name=name, defaults=what)
    return view


def delete_view(*, actor: Actor, public_id: str) -> None:
    """Raises NotFound for one that is not the actor's."""
    gone, _rows = CaseView.objects.filter(user_id=_person(actor), public_id=public_id).delete()
    if not gone:
        raise NotFound


@transaction.atomic
def renew_calendar(*, actor: Actor) -> str:
    """A new secret for the address of the actor's calendar; the old address is dead at once. Only
    its hash is stored, so it is shown this once."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user_id=_person(actor), defaults={"digest": digest(secret)}
    )
    return secret


def digest(secret: str) -> str:
    """256 random bits need no pepper."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Unauthenticated("not_signed_in", _("Sign in to go on."))
    return actor.user_id
