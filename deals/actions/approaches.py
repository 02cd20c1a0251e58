"""The marketing log of a case: whom somebody approached, and what came of it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import visible_to as organisations_visible_to
from deals import event_kinds
from deals.actions.case_access import keep, locked_for
from deals.models import Approach, ApproachOutcome
from deals.queries.case_work import approaches_visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Stale, field_error
from marketplace.core.forms import invalid_from

MOST_APPROACHES = 1000
FIELDS = ("made_on", "channel", "outcome", "reason", "next_step", "next_on")


@transaction.atomic
def add_approach(*, actor: Actor, case_id: int, facts: Mapping[str, Any]) -> Approach:
    """facts: those of FIELDS and whom: `organisation` (public id of one that the actor may know of)
    or a typed `name`."""
    case = locked_for(actor, case_id)
    if case.approaches.count() >= MOST_APPROACHES:
        raise Conflict("too_many", _("A case holds at most 1,000 of these."))
    row = Approach(case=case, made_by_id=actor.user_id)
    _set_whom(row, facts, actor)
    _set(row, facts)
    row.save()
    keep(case, event_kinds.CASE_APPROACHED, actor=actor, data=_told(row, "added"))
    return row


@transaction.atomic
def change_approach(
    *, actor: Actor, approach_id: int, facts: Mapping[str, Any],
    expected_version: int | None = None,
) -> Approach:  # fmt: skip
    """Change what is named of FIELDS: what came of it, and what is next."""
    found = approaches_visible_to(actor).filter(pk=approach_id).values_list("case_id", flat=True)
    case_id = found.first()
    if case_id is None:
        raise NotFound
    case = locked_for(actor, case_id)
    row = Approach.objects.get(pk=approach_id)
    if expected_version is not None and expected_version != row.version:
        raise Stale("stale_version", _("It has changed since you opened it. Look again."))
    _set(row, facts)
    row.version += 1
    row.save()
    keep(case, event_kinds.CASE_APPROACHED, actor=actor, data=_told(row, "changed"))
    return row


# --- Pieces ------------------------------------------------------------------------------------


def _set_whom(row: Approach, facts: Mapping[str, Any], actor: Actor) -> None:
    if number := facts.get("organisation"):
        known = organisations_visible_to(actor).filter(public_id=number.replace("\x00", ""))
        row.organisation = known.first()
        if row.organisation is None:
            raise field_error("name", _("There is no such organisation."), code="unknown")
        return
    row.name = (facts.get("name") or "").strip()
    if not row.name:
        raise field_error("name", _("Name an organisation or a person."), code="required")


def _set(row: Approach, facts: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in facts:
            value = facts[name]
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    if row.outcome != ApproachOutcome.NOT_INTERESTED:
        row.reason = ""
    try:
        row.clean_fields(exclude=["case", "organisation", "made_by"])
    except ValidationError as error:
        raise invalid_from(error) from None
    if row.outcome == ApproachOutcome.NOT_INTERESTED and not row.reason:
        raise field_error("reason", _("Say why they are not interested."), code="required")
    if row.made_on > timezone.localdate():
        raise field_error("made_on", _("This day has not come yet."), code="out_of_range")
    if row.next_step and row.next_on is None and "next_step" in facts:
        raise field_error("next_on", _("Say until when."), code="required")


def _told(row: Approach, step: str) -> dict[str, Any]:
    return {"approach": row.public_id, "outcome": row.outcome, "step": step}
