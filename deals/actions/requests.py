"""Asking for help, closing a request, and the clock."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Alliance, Organisation
from deals import event_kinds, notices
from deals import request_states as states
from deals.actions.request_access import keep, locked, tell_addressed, tell_asker
from deals.models import LocatorOutcome, LocatorRequest
from deals.models.cases import MAX_NOTE, MAX_TITLE
from deals.models.requests import MAX_CONTACT
from deals.queries.requests import ASKER, alliances_for, askers, institutions_for
from deals.rules import GRACE, LONGEST_WAIT, MOST_REQUESTS, REMIND_OF_REQUESTS
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import NEEDED, words_of
from marketplace.core.errors import Conflict, Invalid, Message, Refused, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock

# outcomes that an asker may name in a state: of an answer one says whether it helped
_AFTER_ANSWER = frozenset({LocatorOutcome.HELPED, LocatorOutcome.NOT_HELPED})


@transaction.atomic
def ask_for_help(
    *, actor: Actor, facts: Mapping[str, Any], organisation: str = ""
) -> LocatorRequest:
    """Ask an institution, or all institutions of an alliance, in the asker's own words.

    organisation: public id of a verified organisation of the actor, needed where there are
    several. facts: title, words, field, region, contact, answer_by, and `to`, the public id of a
    verified institution or of an alliance. Raises Refused without a verified organisation, Invalid
    with every faulty field, Conflict once too many are open.
    """
    asker = _asker(actor, organisation)
    errors: dict[str, list[Message]] = {}
    given: dict[str, Any] = {}
    for name, most, needed in (
        ("title", MAX_TITLE, True), ("words", MAX_NOTE, True), ("contact", MAX_CONTACT, False),
    ):  # fmt: skip
        try:
            given[name] = words_of(
                name, str(facts.get(name) or ""), most, missing=NEEDED if needed else ""
            )
        except Invalid as error:
            errors.update(error.fields)
    day = facts.get("answer_by")
    if message := _day_fault(day):
        errors["answer_by"] = [message]
    target = _addressed(actor, str(facts.get("to") or ""))
    if target is None:
        errors["to"] = [_("Choose an institution or an alliance.")]
    elif target == asker:
        errors["to"] = [_("Ask another institution than your own.")]
    if errors:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=errors)
    assert isinstance(day, dt.date)  # else it is among the errors
    # the organisation's row is the lock under which its open ones are counted
    lock(Organisation.objects.all(), asker.pk)
    standing = LocatorRequest.objects.filter(asker=asker, state__in=sorted(states.LIVE))
    if standing.count() >= MOST_REQUESTS:
        raise Conflict(
            "too_many",
            _("Your organisation has %(limit)s open requests. Close some first.")
            % {"limit": MOST_REQUESTS},
        )
    row = LocatorRequest(
        asker=asker, asked_by_id=actor.user_id, answer_by=day, field=facts.get("field") or "",
        region=facts.get("region") or "", **given,
        institution=target if isinstance(target, Organisation) else None,
        alliance=target if isinstance(target, Alliance) else None,
    )  # fmt: skip
    try:
        row.clean_fields(exclude=["asked_by"])
    except ValidationError as error:
        raise invalid_from(error) from None
    row.save()
    record(
        event_kinds.LOCATOR_ASKED, actor=actor, obj=row,
        organisation_ids=[row.asker_id, row.institution_id], after={"state": row.state},
        data={"version": row.version},
    )  # fmt: skip
    tell_addressed(row, notices.LOCATOR_RECEIVED, actor)
    return row


@transaction.atomic
def close_request(
    *, actor: Actor, request_id: int, outcome: str, words: str = "",
    expected_version: int | None = None,
) -> LocatorRequest:  # fmt: skip
    """The asker says how it went. After an answer: helped or not_helped, or not_needed; before:
    no_answer or not_needed. words: up to 1,000 characters, read by the institution."""
    row = locked(actor, request_id, "close", side=[ASKER], expected_version=expected_version)
    if outcome not in outcomes_for(row.state):
        raise field_error("outcome", _("Choose how it went."), code="unknown_code")
    row.outcome = outcome
    row.outcome_words = words_of("words", words, 1000, missing="")
    row.state = states.TRANSITIONS.target("close", row.state)
    row.closed_at = timezone.now()
    keep(
        row, event_kinds.LOCATOR_CLOSED, "outcome", "outcome_words", "state", "closed_at",
        actor=actor, outcome=outcome,
    )  # fmt: skip
    if row.institution_id is not None:
        tell_addressed(row, notices.LOCATOR_CLOSED, actor)
    return row


def outcomes_for(state: str) -> list[str]:
    """Codes that an asker may close a request with, in their order."""
    is_answered = state == states.ANSWERED
    return [
        one.value
        for one in LocatorOutcome
        if one is LocatorOutcome.NOT_NEEDED or (one in _AFTER_ANSWER) == is_answered
    ]


# --- The clock -----------------------------------------------------------------------------------


def expire_requests(today: dt.date | None = None) -> int:
    """End what nobody took until the asker's day, and what was taken and not answered GRACE days
    after it. Returns how many; safe to run again."""
    today = today or timezone.localdate()
    open_ones = LocatorRequest.objects.filter(state=states.OPEN, answer_by__lt=today)
    taken = LocatorRequest.objects.filter(
        state=states.TAKEN, answer_by__lt=today - dt.timedelta(days=GRACE)
    )
    done = 0
    for pk in [*open_ones.values_list("pk", flat=True)[:5000],
               *taken.values_list("pk", flat=True)[:5000]]:  # fmt: skip
        with transaction.atomic():
            try:
                row = locked(Actor.system(), pk, "expire", side=[])
            except Conflict:  # somebody was quicker
                continue
            late = today - dt.timedelta(days=GRACE if row.state == states.TAKEN else 0)
            if row.answer_by >= late:  # taken meanwhile
                continue
            row.state = states.TRANSITIONS.target("expire", row.state)
            keep(row, event_kinds.LOCATOR_EXPIRED, "state", actor=Actor.system())
            tell_asker(row, notices.LOCATOR_EXPIRED, Actor.system())
            done += 1
    return done


def remind_of_requests(today: dt.date | None = None) -> int:
    """Tell those addressed, once, that an answer is wanted within REMIND_OF_REQUESTS days. Returns
    how many wait; safe to run again, since a notice is known by its key."""
    today = today or timezone.localdate()
    rows = LocatorRequest.objects.filter(
        state__in=sorted(states.WAITS), answer_by__gte=today,
        answer_by__lte=today + dt.timedelta(days=REMIND_OF_REQUESTS),
    )  # fmt: skip
    count = 0
    for row in rows.order_by("pk").iterator(chunk_size=500):
        with transaction.atomic():
            tell_addressed(
                row, notices.LOCATOR_DUE, Actor.system(), key=f"due-{row.institution_id or 0}",
                due=row.answer_by.isoformat(),
            )  # fmt: skip
        count += 1
    return count


# --- Pieces --------------------------------------------------------------------------------------


def _asker(actor: Actor, organisation: str) -> Organisation:
    found = askers(actor)
    if organisation:
        found = found.filter(public_id=organisation)
    chosen = list(found[:2])
    if not chosen:
        raise Refused(
            "no_organisation",
            _("Requests are asked by members of a verified organisation. Have yours verified."),
        )
    if len(chosen) > 1:
        raise field_error("organisation", _("Choose for which organisation you ask."))
    return chosen[0]


def _addressed(actor: Actor, public_id: str) -> Organisation | Alliance | None:
    known: list[Organisation | Alliance] = [*institutions_for(actor), *alliances_for(actor)]
    return next((one for one in known if one.public_id == public_id), None)


def _day_fault(day: Any) -> Message | None:
    if not isinstance(day, dt.date):
        return _("Say until when an answer is of use.")
    today = timezone.localdate()
    if not today < day <= today + dt.timedelta(days=LONGEST_WAIT):
        return _("Choose a day from tomorrow on, at most %(days)s days ahead.") % {
            "days": LONGEST_WAIT
        }
    return None
