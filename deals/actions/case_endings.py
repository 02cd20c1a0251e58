"""Deferring a case, taking it up again, closing and reopening it."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import case_states as states
from deals import event_kinds, notices, referral_states
from deals.actions.case_access import keep, locked_for
from deals.models import Case, CaseOutcome, CaseReason, DeferReason
from deals.models.cases import REASONS
from deals.queries.cases import ids_of_people
from events.actions import notify
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, field_error
from marketplace.core.jobs import enqueue_many

WAKE_JOB = "deals.wake_case"


@transaction.atomic
def defer_case(
    *, actor: Actor, case_id: int, until: dt.date, reason: str, expected_version: int | None = None
) -> Case:
    """Put a case aside until a day after today, on which it wakes by itself."""
    if reason not in DeferReason.values:
        raise field_error("reason", _("Choose a reason."), code="unknown_code")
    if until <= timezone.localdate():
        raise field_error("until", _("Choose a day after today."), code="past")
    case = locked_for(actor, case_id, "defer", expected_version=expected_version)
    case.state = states.TRANSITIONS.target("defer", case.state)
    case.deferred_until, case.defer_reason = until, reason
    keep(
        case, event_kinds.CASE_DEFERRED, "state", "deferred_until", "defer_reason", actor=actor,
        before={"state": states.OPEN}, after={"state": case.state},
        data={"until": until.isoformat(), "reason": reason},
    )  # fmt: skip
    return case


@transaction.atomic
def wake_case(*, actor: Actor, case_id: int, expected_version: int | None = None) -> Case:
    """Take a deferred case up again."""
    case = locked_for(actor, case_id, "wake", expected_version=expected_version)
    case.state = states.TRANSITIONS.target("wake", case.state)
    case.deferred_until, case.defer_reason = None, ""
    keep(
        case, event_kinds.CASE_WOKEN, "state", "deferred_until", "defer_reason", actor=actor,
        before={"state": states.DEFERRED}, after={"state": case.state},
    )  # fmt: skip
    if actor.is_system and case.responsible_id in ids_of_people(case.organisation_id):
        notify(
            [case.responsible_id or 0], notices.CASE_WOKEN, url=case.get_absolute_url(),
            params={"docket": case.docket}, key=f"{case.public_id}-{case.version}",
        )  # fmt: skip
    return case


def wake_one(case_id: int) -> None:
    """Wake a case whose day has come; nothing when somebody did, or put it off, meanwhile."""
    due = Case.objects.filter(
        pk=case_id, state=states.DEFERRED, deferred_until__lte=timezone.localdate()
    )
    if due.exists():
        try:
            wake_case(actor=Actor.system(), case_id=case_id)
        except (Conflict, NotFound):
            return  # somebody was quicker


@transaction.atomic
def queue_waking() -> int:
    """A job for every case whose day has come; run by the clock. Returns how many."""
    due = list(
        Case.objects.filter(
            state=states.DEFERRED, deferred_until__lte=timezone.localdate()
        ).values_list("pk", flat=True)[:5000]
    )
    enqueue_many(WAKE_JOB, [(str(pk), {"case": pk}) for pk in due])
    return len(due)


@transaction.atomic
def close_case(
    *, actor: Actor, case_id: int, outcome: str, reason: str, expected_version: int | None = None
) -> Case:
    """End a case with its outcome and one of the reasons that go with it."""
    if outcome not in CaseOutcome.values:
        raise field_error("outcome", _("Say how it ended."), code="unknown_code")
    if reason not in REASONS[outcome]:
        raise field_error(
            "reason", _("Choose a reason that goes with this outcome."), code="unknown_code"
        )
    case = locked_for(actor, case_id, "close", expected_version=expected_version)
    before = case.state
    case.state = states.TRANSITIONS.target("close", case.state)
    case.outcome, case.reason, case.closed_at = outcome, reason, timezone.now()
    case.deferred_until, case.defer_reason = None, ""
    keep(
        case, event_kinds.CASE_CLOSED, "state", "outcome", "reason", "closed_at", "deferred_until",
        "defer_reason", actor=actor, before={"state": before}, after={"state": case.state},
        data={"outcome": outcome, "reason": reason},
    )  # fmt: skip
    return case


@transaction.atomic
def reopen_case(*, actor: Actor, case_id: int, expected_version: int | None = None) -> Case:
    """Go on with a closed case. Raises Conflict when its pair has another open case."""
    case = locked_for(actor, case_id, "reopen", expected_version=expected_version)
    others = Case.objects.filter(organisation=case.organisation_id).exclude(state=states.CLOSED)
    if (case.introduction_id and others.filter(introduction=case.introduction_id).exists()) or (
        case.match_id and others.filter(match=case.match_id).exists()
    ):
        raise Conflict("case_there", _("Another case of the same pair is open. Go on in that one."))
    if case.reason == CaseReason.TAKEN_BACK or (
        case.reason == CaseReason.HANDED_OVER
        and case.referrals.filter(state=referral_states.CARRIED).exists()
    ):
        raise Conflict(
            "carried_elsewhere",
            _("Another institution carries this case on by a referral. What is agreed there goes "
              "before."),
        )  # fmt: skip
    case.state = states.TRANSITIONS.target("reopen", case.state)
    outcome = case.outcome
    case.outcome, case.reason, case.closed_at = "", "", None
    keep(
        case, event_kinds.CASE_REOPENED, "state", "outcome", "reason", "closed_at", actor=actor,
        before={"state": states.CLOSED}, after={"state": case.state}, data={"outcome": outcome},
    )  # fmt: skip
    return case
