"""Agreeing to be found among the experts, and taking it back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds
from accounts.actions.access import require_person, tidy
from accounts.models import ExpertProfile
from accounts.queries.organisations import own
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, field_error
from marketplace.core.forms import invalid_from


@transaction.atomic
def agree(*, actor: Actor, organisation: str, title: str = "", about: str = "") -> ExpertProfile:
    """Be found under one of one's organisations (its public id), or change what is said there.

    Raises Conflict for a person without a name, Invalid for an organisation of others.
    """
    person = require_person(actor)
    if not person.name:
        raise Conflict("no_name", _("Enter your name in the profile first."))
    found = own(actor).filter(public_id=organisation).first()
    if found is None:
        raise field_error("organisation", _("Choose one of your organisations."))
    profile = ExpertProfile.objects.select_for_update().filter(user=person).first()
    profile = profile or ExpertProfile(user=person)
    profile.organisation = found
    try:
        profile.title, profile.about = tidy(title), tidy(about)
        profile.full_clean()
    except ValidationError as error:
        raise invalid_from(error) from None
    profile.save()
    record(event_kinds.EXPERT_AGREED, actor=actor, obj=person, organisation_ids=[found.pk])
    return profile


@transaction.atomic
def take_back(*, actor: Actor) -> None:
    """Not to be found any more, from now on; the title and the text are deleted with it."""
    person = require_person(actor)
    removed, _rows = ExpertProfile.objects.filter(user=person).delete()
    if removed:
        record(event_kinds.EXPERT_TOOK_BACK, actor=actor, obj=person)
