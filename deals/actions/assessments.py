"""Judging a case: an assessor's scorecard, the level of readiness, the decision."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import event_kinds
from deals.actions.case_access import keep, locked_for
from deals.actions.case_tasks import MOST_TASKS
from deals.assessing import Template, current, templates
from deals.models import (
    Case,
    CaseDecision,
    CaseReadiness,
    CaseScore,
    CaseScorecard,
    CaseTask,
    Verdict,
)
from deals.models.assessments import VERDICT_REASONS
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, Message, Refused, Stale, field_error
from marketplace.core.forms import invalid_from

MOST_ROWS = 200  # of readiness, and of decisions


def template_of(case: Case) -> Template:
    """By which a case is judged: that of its first card, else the one that holds today."""
    first = case.scorecards.order_by("id").values_list("template", flat=True).first()
    return templates().get(first or "") or current(timezone.localdate())


@transaction.atomic
def save_scorecard(
    *, actor: Actor, case_id: int, scores: Mapping[str, Mapping[str, Any]],
    expected_version: int | None = None,
) -> CaseScorecard:  # fmt: skip
    """The actor's own card, in place of its former one.

    scores: criterion -> score (1 to 5, None for unknown) and evidence; what is not named is
    unknown. expected_version: of the card, 0 for none yet. Raises Invalid at "criterion.score" or
    "criterion.evidence".
    """
    case = locked_for(actor, case_id)
    if actor.user_id is None:
        raise Refused("not_a_person", _("A scorecard is a person’s."))
    template = template_of(case)
    known = {one.code for one in template.criteria}
    if strange := sorted({*scores} - known):
        raise field_error(strange[0], _("There is no such criterion."), code="unknown_code")
    card = case.scorecards.filter(assessor_id=actor.user_id).first()
    if expected_version is not None and expected_version != (card.version if card else 0):
        raise Stale("stale_version", _("Your card has changed since you opened it. Look again."))
    rows = [
        CaseScore(
            criterion=one.code, score=scores.get(one.code, {}).get("score"),
            evidence=(scores.get(one.code, {}).get("evidence") or "").strip(),
        )
        for one in template.criteria
    ]  # fmt: skip
    wrong: dict[str, list[Message]] = {}
    for row in rows:
        try:
            row.clean_fields(exclude=["card"])
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                wrong[f"{row.criterion}.{name}"] = list(texts)
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    if card is None:
        card = CaseScorecard.objects.create(
            case=case, assessor_id=actor.user_id, template=template.code
        )
    else:
        card.version += 1
        card.save(update_fields=["version", "updated_at"])
        card.scores.all().delete()
    for row in rows:
        row.card = card
    CaseScore.objects.bulk_create(rows)
    keep(case, event_kinds.CASE_SCORED, actor=actor, data={"card": card.public_id})
    return card


@transaction.atomic
def note_readiness(
    *, actor: Actor, case_id: int, level: int, evidence: str, expected_version: int | None = None
) -> CaseReadiness:
    """A level (TRL 1 to 9) with what shows it; earlier ones stay as history."""
    case = locked_for(actor, case_id, expected_version=expected_version)
    if case.readiness.count() >= MOST_ROWS:
        raise Conflict("too_many", _("A case holds at most 200 of these."))
    row = CaseReadiness(case=case, level=level, evidence=evidence.strip(), author_id=actor.user_id)
    try:
        row.clean_fields()
    except ValidationError as error:
        raise invalid_from(error) from None
    row.save()
    keep(case, event_kinds.CASE_READINESS, actor=actor, data={"level": level})
    return row


@transaction.atomic
def decide_assessment(
    *, actor: Actor, case_id: int, verdict: str, reason: str, until: dt.date | None = None,
    words: str = "", expected_version: int | None = None,
) -> CaseDecision:  # fmt: skip
    """Take it on, not, or decide later: then a task on that day is made for the responsible person.

    The case itself goes on; declining one is closing it (deals.actions.case_endings)."""
    if verdict not in Verdict.values:
        raise field_error("verdict", _("Choose a decision."), code="unknown_code")
    if reason not in VERDICT_REASONS[verdict]:
        raise field_error(
            "reason", _("Choose a reason that goes with this decision."), code="unknown_code"
        )
    deferred = verdict == Verdict.DEFER
    if deferred and (until is None or until <= timezone.localdate()):
        raise field_error("until", _("Choose a day after today."), code="past")
    case = locked_for(actor, case_id, expected_version=expected_version)
    if case.decisions.count() >= MOST_ROWS or (deferred and case.tasks.count() >= MOST_TASKS):
        raise Conflict("too_many", _("A case holds at most 200 of these."))
    row = CaseDecision(
        case=case, verdict=verdict, reason=reason, until=until if deferred else None,
        words=words.strip(), author_id=actor.user_id,
    )  # fmt: skip
    try:
        row.clean_fields()
    except ValidationError as error:
        raise invalid_from(error) from None
    row.save()
    if deferred:
        CaseTask.objects.create(
            case=case, stage=case.stage, assignee_id=case.responsible_id, due_on=until,
            title_en="Decide on the assessment", title_zh="就评估作出决定",
        )  # fmt: skip
    keep(
        case, event_kinds.CASE_DECIDED, actor=actor,
        data={"verdict": verdict, "reason": reason, "until": until.isoformat() if until else ""},
    )  # fmt: skip
    return row
