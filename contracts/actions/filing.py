"""The parties' steps: submit (again) and withdraw."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts import event_kinds, notices, states
from contracts.actions.access import locked_for_parties
from contracts.actions.moves import Kind, move, tell_parties, tell_registrars
from contracts.actions.points import settings_for
from contracts.actions.screening import begin_screening
from contracts.completeness import check_complete, registrant_ids
from contracts.models import Contract
from contracts.queries import desk, ties
from contracts.queries.visibility import may_submit
from contracts.rule_sets import rule_set
from contracts.rules import EDIT_ROLES, check_facts, decision_days
from contracts.snapshots import keep_version
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Refused, field_error


@transaction.atomic
def submit_contract(
    *, actor: Actor, contract_id: int, expected_version: int | None = None
) -> Contract:
    """Hand a draft or a returned contract to its registration point; the clock runs (again).

    Raises Invalid `incomplete` with every missing field, Refused `not_the_registrant` unless the
    actor acts for a side that registers, Conflict `not_verified`, `wrong_state`.
    """
    contract = locked_for_parties(contract_id, actor, expected_version=expected_version)
    states.TRANSITIONS.target("submit", contract.state)
    today = timezone.localdate()
    contract.rule_set = check_facts(contract, today).code  # others may have been added since
    check_complete(contract, today)
    if not may_submit(contract, actor):
        raise Refused(
            "not_the_registrant",
            _("The seller’s side registers, or the buyer when the technology is bought from "
              "abroad. The draft is kept: the other side sees it and can submit it."),
        )  # fmt: skip
    if not (actor.is_system or _is_verified(contract, actor)):
        raise Conflict(
            "not_verified",
            _("Your organisation is not verified yet. The draft is kept: ask for verification, "
              "then submit it."),
        )  # fmt: skip
    if ties.point_is_tied(contract):
        raise field_error(
            "registration_point",
            _("This registration point is tied to a party, so it may not examine the contract. "
              "Choose another."),
            code="tied",
        )  # fmt: skip
    _fill_codes(contract)
    due = _due(contract, today)
    again = contract.state == states.RETURNED
    contract.due_on, contract.days_left = due, None
    contract.submitted_at = timezone.now()
    contract.examiner = None
    move(
        contract, "submit", "due_on", "days_left", "submitted_at", "examiner", "rule_set",
        actor=actor, event=event_kinds.SUBMITTED, kind=Kind.SUBMITTED,
        data={"again": again, "due_on": str(due)},
    )  # fmt: skip
    keep_version(contract, actor)
    begin_screening(contract)
    tell_registrars(contract, notices.SUBMITTED, due=str(due))
    return contract


@transaction.atomic
def withdraw_contract(*, actor: Actor, contract_id: int, words: str = "") -> Contract:
    """Give up a draft, a returned contract or one that no registrar has claimed yet, for good; it
    stays readable for its parties, and for the point that had it.

    Raises Conflict `wrong_state` when a registrar was quicker, or it is decided.
    """
    contract = locked_for_parties(contract_id, actor)
    if contract.state in (states.UNDER_EXAMINATION, states.SECOND_REVIEW):
        raise Conflict(
            "wrong_state",
            _("A registrar has begun to examine it, so it cannot be withdrawn now. Ask the "
              "registration point to return it; then you can withdraw it."),
        )  # fmt: skip
    if contract.state in states.NUMBERED:
        raise Conflict(
            "wrong_state", _("It is registered. Cancel the registration instead of withdrawing it.")
        )
    if contract.state == states.SUBMITTED and not may_submit(contract, actor):
        raise Refused(
            "not_the_registrant",
            _("The side that submitted it takes it back. Ask it, or wait for the registrar."),
        )
    words = words_of("words", words, missing="")
    was_filed = contract.submitted_at is not None
    contract.due_on = contract.days_left = None
    move(
        contract, "withdraw", "due_on", "days_left",
        actor=actor, event=event_kinds.WITHDRAWN, kind=Kind.WITHDRAWN, words=words,
    )  # fmt: skip
    if was_filed:  # of a draft the other side and the point may know nothing
        tell_parties(contract, notices.WITHDRAWN)
        tell_registrars(contract, notices.WITHDRAWN)
    return contract


def _is_verified(contract: Contract, actor: Actor) -> bool:
    """Whether the organisation that drafted it is, or the side that the actor registers for: a
    buyer in China answers for what its seller abroad has drafted."""
    if contract.filed_by.is_verified:
        return True
    sides = [pk for pk in registrant_ids(contract.parties.all()) if actor.can(pk, *EDIT_ROLES)]
    return Organisation.objects.filter(pk__in=sides, verified_at__isnull=False).exists()


def _fill_codes(contract: Contract) -> None:
    """The code of a party on the platform that nobody typed in: the register needs it."""
    for party in contract.parties.select_related("organisation").filter(code=""):
        if party.organisation is not None and party.organisation.registration_code:
            party.code = party.organisation.registration_code
            party.save(update_fields=["code"])


def _due(contract: Contract, today: dt.date) -> dt.date:
    """The day of decision: the full term, or what was left of it when it was returned."""
    assert contract.registration_point is not None
    settings = settings_for(contract.registration_point)
    calendar = desk.calendar_of(settings)
    if contract.days_left is not None:
        return calendar.add(today, contract.days_left)
    days = decision_days(
        rule_set(contract.rule_set),
        contract.technology_cny or Decimal(0),
        (settings.decision_days, settings.large_decision_days),
    )
    return calendar.add(today, days)
