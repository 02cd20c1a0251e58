"""Broker certificates: number, issuer, issue, expiry."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import event_kinds, notices, rules
from accounts.actions.access import one_or_not_found, require_person, tidy
from accounts.models import BrokerQualification
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.forms import invalid_from

WRITABLE = ("number", "issuer", "issued_on", "expires_on")


@transaction.atomic
def add_qualification(*, actor: Actor, facts: Mapping[str, Any]) -> BrokerQualification:
    """Enter one's own certificate. Raises Invalid, Conflict `too_many`."""
    person = require_person(actor)
    if person.qualifications.count() >= rules.MAX_QUALIFICATIONS:
        raise Conflict("too_many", _("Remove an old certificate first."))
    qualification = BrokerQualification(user=person)
    _apply(qualification, facts)
    qualification.save()
    record(event_kinds.QUALIFICATION_ADDED, actor=actor, obj=qualification)
    return qualification


@transaction.atomic
def change_qualification(
    *, actor: Actor, qualification_id: int, facts: Mapping[str, Any]
) -> BrokerQualification:
    """Correct one's own certificate. Raises NotFound for another's."""
    qualification = _own(actor, qualification_id)
    _apply(qualification, facts)
    qualification.save()
    record(event_kinds.QUALIFICATION_CHANGED, actor=actor, obj=qualification)
    return qualification


@transaction.atomic
def remove_qualification(*, actor: Actor, qualification_id: int) -> None:
    """Take one's own certificate out."""
    qualification = _own(actor, qualification_id)
    record(event_kinds.QUALIFICATION_REMOVED, actor=actor, obj=qualification)
    qualification.delete()


def tell_expiring(today: dt.date | None = None) -> None:
    """Tell brokers once that a certificate ends in 60 days, and once that it has ended."""
    today = today or timezone.localdate()
    soon = today + dt.timedelta(days=rules.EXPIRY_WARNING_DAYS)
    rows = BrokerQualification.objects.filter(
        expires_on__gte=today - dt.timedelta(days=30), expires_on__lte=soon, user__is_active=True
    )
    for row in rows.iterator():
        assert row.expires_on is not None
        ended = row.expires_on < today
        with transaction.atomic():
            notify(
                [row.user_id],
                notices.QUALIFICATION_EXPIRED if ended else notices.QUALIFICATION_EXPIRING,
                params={"number": row.number, "date": row.expires_on.isoformat()},
                url=reverse("qualifications"),
                key=f"qualification-{row.pk}-{row.expires_on}-{'ended' if ended else 'soon'}",
            )


def _own(actor: Actor, qualification_id: int) -> BrokerQualification:
    found: BrokerQualification = one_or_not_found(
        BrokerQualification.objects.filter(user_id=actor.user_id or 0), pk=qualification_id
    )
    return found


def _apply(qualification: BrokerQualification, facts: Mapping[str, Any]) -> None:
    problems: dict[str, list[Any]] = {}
    for name in WRITABLE:
        if name not in facts:
            continue
        try:
            setattr(qualification, name, tidy(facts[name]))
        except ValidationError as error:
            problems[name] = list(error.messages)
    try:
        qualification.full_clean(validate_constraints=False)
    except ValidationError as error:
        for name, messages in invalid_from(error).fields.items():
            problems.setdefault(name, []).extend(messages)
    if problems:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=problems)
    rules.check_qualification_dates(
        issued_on=qualification.issued_on,
        expires_on=qualification.expires_on,
        today=timezone.localdate(),
    )
    try:
        qualification.validate_constraints()
    except ValidationError as error:
        raise Invalid(
            "invalid", _("Please correct what is marked below."), fields={"number": error.messages}
        ) from None
