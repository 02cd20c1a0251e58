"""Protection of a case: filings, deadlines, reminders, costs that go to an income."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import people_with
from deals import case_states as states
from deals import event_kinds, notices
from deals.actions.case_access import keep, locked_for
from deals.actions.cases import checked_value
from deals.actions.receipts import enter_cost
from deals.models import CaseOutcome, IncomeAccount, IpEvent, LicenceCost
from deals.queries import income
from deals.queries.case_work import ip_events_visible_to
from deals.queries.cases import colleagues_who_read
from deals.rules import CASE_ROLES
from events.actions import notify
from marketplace.core.actor import Actor
from marketplace.core.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    Refused,
    Stale,
    field_error,
)
from marketplace.core.forms import invalid_from
from marketplace.core.gates import get_visible

MOST_EVENTS = 200
REMINDED = (30, 7, 1)  # days before a deadline, once each
FIELDS = (
    "kind", "office", "number", "happened_on", "deadline", "done_on", "cost", "currency", "note",
)  # fmt: skip


@transaction.atomic
def add_ip_event(*, actor: Actor, case_id: int, facts: Mapping[str, Any]) -> IpEvent:
    """facts: those of FIELDS; a date or a deadline is needed."""
    case = locked_for(actor, case_id)
    if case.ip_events.count() >= MOST_EVENTS:
        raise Conflict("too_many", _("A case holds at most 200 of these."))
    row = IpEvent(case=case)
    _set(row, facts)
    row.save()
    keep(case, event_kinds.CASE_PROTECTION, actor=actor, data=_told(row, "added"))
    return row


@transaction.atomic
def change_ip_event(
    *, actor: Actor, event_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> IpEvent:
    """Change what is named of FIELDS. A booked cost stays as it is: reverse it in the income."""
    row = _locked(actor, event_id, expected_version)
    was = (row.cost, row.currency)
    _set(row, facts)
    if row.booked_id and was != (row.cost, row.currency):
        raise field_error(
            "cost", _("This cost is entered in the income of a contract. Reverse it there."),
            code="booked",
        )  # fmt: skip
    row.version += 1
    row.save()
    keep(row.case, event_kinds.CASE_PROTECTION, actor=actor, data=_told(row, "changed"))
    return row


@transaction.atomic
def remove_ip_event(*, actor: Actor, event_id: int) -> None:
    """Take one off that was entered by mistake; refused once its cost is booked."""
    row = _locked(actor, event_id, None, "edit")
    if row.booked_id:
        raise Conflict("booked", _("Its cost is entered in the income of a contract."))
    case, told = row.case, _told(row, "removed")
    row.delete()
    keep(case, event_kinds.CASE_PROTECTION, actor=actor, data=told)


@transaction.atomic
def book_cost(
    *, actor: Actor, event_id: int, account: str, expected_version: int | None = None
) -> LicenceCost:
    """Enter the cost in the income of a contract, once: from then on that row counts in its
    distribution. account: public id of an account that the actor sees, in the same currency."""
    if not actor.has_scope("income:write"):
        raise Refused("scope", _("This token may not enter costs in an income."))
    row = _locked(actor, event_id, expected_version)
    if row.booked_id:
        raise Conflict("booked", _("Its cost is entered in the income of a contract."))
    if not row.cost:
        raise field_error("cost", _("Give the cost first."), code="required")
    found: IncomeAccount = get_visible(income.visible_to(actor), public_id=account)
    if found.currency != row.currency:
        raise field_error(
            "account", _("This income is kept in %(currency)s.") % {"currency": found.currency},
            code="other_currency",
        )  # fmt: skip
    spent = min(row.done_on or row.happened_on or timezone.localdate(), timezone.localdate())
    try:
        cost = enter_cost(
            actor=actor, account_id=found.pk, any_note=True,
            facts={
                "kind": LicenceCost.Kind.PATENT, "spent_on": spent, "amount": row.cost,
                "note": " ".join(part for part in (row.office, row.number) if part),
            },
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        texts = [text for texts in error.fields.values() for text in texts]
        raise field_error("account", texts[0] if texts else error.message) from None
    row.booked = cost
    row.version += 1
    row.save(update_fields=["booked", "version", "updated_at"])
    keep(row.case, event_kinds.CASE_PROTECTION, actor=actor, data=_told(row, "booked"))
    return cost


def remind_of_deadlines(today: dt.date | None = None) -> int:
    """Tell the responsible person of each open deadline 30, 7 and 1 days before, once each, and
    once when it has passed within a week; run by the clock. What was won is licensed, and its
    annuities run on. Where the person left, all who read the case are told. Returns how many were
    looked at; safe to run again, since a notice is known by its key."""
    today = today or timezone.localdate()
    due = IpEvent.objects.filter(
        Q(case__state__in=states.LIVE) | Q(case__outcome=CaseOutcome.WON),
        done_on__isnull=True,
        deadline__lte=today + dt.timedelta(days=REMINDED[0]),
        deadline__gte=today - dt.timedelta(days=7),
    ).select_related("case").order_by("case__organisation_id", "id")  # fmt: skip
    number, people, of = 0, set[int](), 0
    for row in due.iterator():
        if row.deadline is None:
            continue
        if row.case.organisation_id != of:
            of = row.case.organisation_id
            people = set(people_with(of, *CASE_ROLES))
        left = (row.deadline - today).days
        step = min((one for one in REMINDED if left <= one), default=0) if left >= 0 else -1
        told = {one for one in people if one == row.case.responsible_id}
        told = told or colleagues_who_read(row.case, people)
        if told:
            notify(
                told, notices.DEADLINE_NEAR,
                url=f"{row.case.get_absolute_url()}protection/",
                params={"docket": row.case.docket, "due": row.deadline.isoformat()},
                key=f"{row.public_id}-{row.deadline.isoformat()}-{step}",
            )  # fmt: skip
        number += 1
    return number


# --- Pieces ------------------------------------------------------------------------------------


def _locked(actor: Actor, event_id: int, expected_version: int | None, move: str = "") -> IpEvent:
    """The event, its case locked. move: as there; rights live on when a case is closed."""
    found = ip_events_visible_to(actor).filter(pk=event_id).values_list("case_id", flat=True)
    case_id = found.first()
    if case_id is None:
        raise NotFound
    case = locked_for(actor, case_id, move)
    row = IpEvent.objects.filter(pk=event_id).first()
    if row is None:
        raise NotFound
    if expected_version is not None and expected_version != row.version:
        raise Stale("stale_version", _("It has changed since you opened it. Look again."))
    row.case = case
    return row


def _set(row: IpEvent, facts: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in facts:
            value = facts[name]
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    if isinstance(row.cost, Decimal):
        try:
            checked_value(row.cost)
        except Invalid as error:
            raise field_error("cost", error.fields["value"][0], code="out_of_range") from None
    try:
        row.clean_fields(exclude=["case", "booked"])
    except ValidationError as error:
        raise invalid_from(error) from None
    if row.happened_on is None and row.deadline is None:
        raise field_error("happened_on", _("Give a date or a deadline."), code="required")
    if row.done_on is not None and row.done_on > timezone.localdate():
        raise field_error("done_on", _("This day has not come yet."), code="out_of_range")


def _told(row: IpEvent, step: str) -> dict[str, Any]:
    return {"ip_event": row.public_id, "kind": row.kind, "step": step}
