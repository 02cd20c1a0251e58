"""Fetch a case under lock for an action, refuse what is out of date, keep what happened."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from deals import case_states as states
from deals import event_kinds
from deals.models import Case
from deals.pipelines import pipeline
from deals.queries.cases import change_text, events_of, names, visible_to
from events.actions import record
from events.kinds import KINDS
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Stale
from marketplace.core.gates import lock
from marketplace.core.posted import NO_VERSION


def locked_for(
    actor: Actor, case_id: int, move: str = "edit", *, expected_version: int | None = None
) -> Case:
    """The row, locked until the transaction ends.

    move: one of deals.case_states; "edit" holds for deferred cases, too, "" in every state. Raises
    NotFound for outsiders, Stale with what changed since the expected version, Conflict when the
    state does not allow the move.
    """
    if not visible_to(actor).filter(pk=case_id).exists():
        raise NotFound
    case = lock(Case.objects.all(), case_id)
    if expected_version is not None and expected_version != case.version:
        raise Stale("stale_version", _stale_text(case, expected_version))
    if move == "edit" and case.state == states.DEFERRED:
        move = "edit_deferred"
    if not move or move in states.TRANSITIONS.allowed(case.state):
        return case
    if case.state == states.CLOSED:
        raise Conflict("case_closed", _("This case is closed. Reopen it to go on."))
    if case.state == states.DEFERRED:
        raise Conflict("case_deferred", _("This case is deferred. Take it up again to go on."))
    raise Conflict("wrong_state", _("This step is not possible: the case is open."))


def _stale_text(case: Case, since: int) -> str:
    """What changed after a version, by whom."""
    rows = [
        row
        for row in events_of(case).order_by("-id")[:20]
        if isinstance(row.data.get("version"), int) and row.data["version"] > since
    ]
    people = names({row.actor_id for row in rows})
    line = pipeline(case.pipeline)
    told = []
    for row in reversed(rows):
        what = [capfirst(str(KINDS[row.kind].label)), change_text(row, line)]
        who = people.get(row.actor_id or 0, "")
        told.append(" ".join(part for part in what if part) + (f" ({who})" if who else ""))
    if not told or since == NO_VERSION:
        return _("The case has changed since you opened it. Look at it again, then repeat.")
    return _(
        "Nothing was changed, since case %(docket)s has changed meanwhile: %(changes)s. "
        "Look at it again, then repeat."
    ) % {"docket": case.docket, "changes": "; ".join(dict.fromkeys(told))}


def keep(
    case: Case,
    kind: str,
    *names_: str,
    actor: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Store changed fields, raise the version, and write the event row, which knows the version.

    Values and texts of a case stay out of events: operators read those.
    """
    case.version += 1
    case.save(update_fields=["version", "updated_at", *names_])
    record(
        kind, actor=actor, obj=case, organisation_ids=[case.organisation_id], before=before,
        after=after, data={"version": case.version, **(data or {})},
    )  # fmt: skip


def changed_part(case: Case, actor: Actor, part: str, step: str) -> None:
    """A client, listing, contact or tie was added or removed."""
    keep(case, event_kinds.CASE_PART, actor=actor, data={"part": part, "step": step})
