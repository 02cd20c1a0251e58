"""Opening a case, changing what it says, and moving it along its pipeline."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import case_states as states
from deals import event_kinds, notices
from deals.actions.case_access import keep, locked_for
from deals.actions.case_tasks import hand_over, make_stage_tasks
from deals.actions.numbering import next_docket
from deals.models import (
    Case,
    CaseClient,
    CaseListing,
    CaseOrigin,
    Disclosure,
    Introduction,
    LocatorRequest,
    LocatorSuggestion,
)
from deals.models.cases import MAX_VALUE
from deals.pipelines import Pipeline, Stage, pipeline
from deals.queries import disclosures, requests
from deals.queries import visibility as introductions
from deals.queries.cases import blocking_needs, own_institutions, visible_to
from deals.queries.centres import first_pipeline, is_owner, takings_of
from events.actions import notify, record
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, field_error
from marketplace.core.forms import invalid_from
from matching.models import Match
from matching.queries.visibility import visible_to as matches_visible_to

# what `change_case` takes
FIELDS = (
    "title", "responsible", "value", "currency", "probability", "next_action", "next_action_on",
)  # fmt: skip


@transaction.atomic
def open_case(
    *, actor: Actor, organisation_id: int | None, facts: Mapping[str, Any],
    introduction: Introduction | None = None, match: Match | None = None,
    disclosure: Disclosure | None = None, locator: LocatorRequest | None = None,
) -> tuple[Case, bool]:  # fmt: skip
    """Open a case; returns it and whether it is new: the open one of the introduction or match is
    returned as it is.

    facts: pipeline (the institution's first unless named), stage (the first unless named) and those
    of FIELDS; responsible: a user's id, the actor unless named. Listings and clients of the
    introduction or match are taken over as far as the actor sees them; of a disclosure
    (deals.actions.disclosure_decisions) the organisation; of a request for help
    (deals.actions.request_work) the asker and the suggested listings. Raises Refused without an
    institution and for who may not take cases there (deals.queries.centres), Conflict where a
    colleague has one of the pair that the actor does not read, NotFound for an introduction, match,
    disclosure or request that the actor does not see, Invalid for a faulty field.
    """
    organisation_id = _institution(actor, organisation_id)
    refuse_who_may_not_take(actor, organisation_id)
    if introduction and not introductions.visible_to(actor).filter(pk=introduction.pk).exists():
        raise NotFound
    if match and not matches_visible_to(actor).filter(pk=match.pk).exists():
        raise NotFound
    if disclosure and not disclosures.visible_to(actor).filter(pk=disclosure.pk).exists():
        raise NotFound
    if locator and not requests.visible_to(actor).filter(pk=locator.pk).exists():
        raise NotFound
    there = _open_one(organisation_id, introduction, match)
    if there is not None:
        if not visible_to(actor).filter(pk=there.pk).exists():
            raise Conflict(
                "case_of_a_colleague",
                _("A colleague has a case of this pair open, which you do not read. Ask an owner "
                  "of your institution."),
            )  # fmt: skip
        return there, False
    code = facts.get("pipeline", "") or first_pipeline(organisation_id)
    line, stage = _stage(code, facts.get("stage", ""))
    given = {"responsible": actor.user_id, "probability": stage.probability}
    given |= {key: facts[key] for key in FIELDS if facts.get(key) is not None}
    origin = CaseOrigin.INTRODUCTION if introduction else CaseOrigin.BY_HAND
    if disclosure:
        origin = CaseOrigin.DISCLOSURE
    if locator:
        origin = CaseOrigin.REQUEST
    now = timezone.now()
    case = Case(
        organisation_id=organisation_id, year=timezone.localdate(now).year, number=0,
        pipeline=line.code, stage=stage.code, stage_since=now, opened_by_id=actor.user_id,
        introduction=introduction, match=match, origin=CaseOrigin.MATCH if match else origin,
    )  # fmt: skip
    _set(case, given, actor)
    case.number = next_docket(organisation_id, case.year)
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError:  # another was quicker with the same introduction or match
        raise Conflict("case_there", _("A case of this pair was just opened.")) from None
    _take_over(case, actor)
    if disclosure and disclosure.organisation_id != organisation_id:
        CaseClient.objects.create(case=case, organisation_id=disclosure.organisation_id)
    if locator:
        _take_over_request(case, locator, actor)
    make_stage_tasks(case, stage)
    record(
        event_kinds.CASE_OPENED, actor=actor, obj=case, organisation_ids=[organisation_id],
        after={"state": case.state, "stage": case.stage},
        data={"version": case.version, "pipeline": case.pipeline, "origin": case.origin},
    )  # fmt: skip
    _tell_responsible(case, actor)
    return case, True


@transaction.atomic
def change_case(
    *, actor: Actor, case_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> Case:
    """Change what is named of FIELDS (value and next_action_on may be None).

    Raises Invalid for a faulty field, Conflict once it is closed, Stale for an older version.
    """
    case = locked_for(actor, case_id, expected_version=expected_version)
    before = {key: _stored(case, key) for key in FIELDS if key in facts}
    _set(case, {key: facts[key] for key in before}, actor)
    changed = [key for key in before if _stored(case, key) != before[key]]
    if not changed:
        return case
    keep(case, event_kinds.CASE_CHANGED, *changed, actor=actor, data={"fields": changed})
    if "responsible" in changed:
        hand_over(case, before["responsible"])
        _tell_responsible(case, actor)
    return case


@transaction.atomic
def move_case(
    *, actor: Actor, case_id: int, stage: str, expected_version: int | None = None
) -> Case:
    """Put a case into another stage of its pipeline and make the tasks of that stage, once.

    A move on is refused (Conflict) while something is missing that the stage, or one that it would
    jump, names under `blocks`; what else is missing is advice. Back, and to another channel, one
    may always go. Raises Invalid for a stage that the pipeline does not have.
    """
    case = locked_for(actor, case_id, "move", expected_version=expected_version)
    line, target = _stage(case.pipeline, stage or "?")
    if target.code == case.stage:
        return case
    present = line.stage(case.stage)
    if present is not None and line.is_forward(present, target):
        blocking = blocking_needs(case, line.left_behind(present, target))
        if blocking:
            raise Conflict(
                "stage_blocked",
                _("%(docket)s stays in “%(stage)s”: %(needs)s")
                % {
                    "docket": case.docket, "stage": present.name,
                    "needs": " ".join(str(need.text) for need in blocking),
                },
            )  # fmt: skip
    before, old = case.stage, present.probability if present else None
    case.stage, case.stage_since = target.code, timezone.now()
    names = ["stage", "stage_since"]
    if case.probability == old:  # nobody has judged it otherwise
        case.probability = target.probability
        names.append("probability")
    keep(
        case, event_kinds.CASE_MOVED, *names, actor=actor,
        before={"stage": before}, after={"stage": case.stage},
    )  # fmt: skip
    make_stage_tasks(case, target)
    return case


# --- Pieces ------------------------------------------------------------------------------------


def _institution(actor: Actor, organisation_id: int | None) -> int:
    found = own_institutions(actor)
    if organisation_id is not None:
        found = found.filter(pk=organisation_id)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        raise Refused(
            "no_institution",
            _("Cases are for brokers and editors of a verified technology transfer institution."),
        )
    return int(pk)


def _open_one(
    organisation_id: int, introduction: Introduction | None, match: Match | None
) -> Case | None:
    live = Case.objects.filter(organisation_id=organisation_id).exclude(state=states.CLOSED)
    if introduction:
        return live.filter(introduction=introduction).first()
    return live.filter(match=match).first() if match else None


def _stage(code: str, stage: str) -> tuple[Pipeline, Stage]:
    line = pipeline(code)
    if line is None:
        raise field_error("pipeline", _("There is no such pipeline."), code="unknown_code")
    found = line.stage(stage) if stage else line.stages[0]
    if found is None:
        raise field_error("stage", _("This pipeline has no such stage."), code="unknown_code")
    return line, found


def _set(case: Case, given: Mapping[str, Any], actor: Actor) -> None:
    """Put the facts on the case, checked; raises Invalid."""
    if "responsible" in given:
        _set_responsible(case, given["responsible"])
    if "value" in given:
        case.value = checked_value(given["value"])
    if "next_action_on" in given and given["next_action_on"] != case.next_action_on:
        case.next_action_on = not_past(given["next_action_on"], "next_action_on", actor)
    for key in ("title", "currency", "probability", "next_action"):
        if key in given:
            setattr(case, key, given[key].strip() if isinstance(given[key], str) else given[key])
    try:
        case.clean_fields(exclude=["year", "number"])
    except ValidationError as error:
        raise invalid_from(error) from None
    if case.next_action and case.next_action_on is None and "next_action" in given:
        raise field_error("next_action_on", _("Say until when."), code="required")


def _set_responsible(case: Case, user_id: int | None) -> None:
    if user_id == case.responsible_id and case.pk:
        return
    takings = takings_of(case.organisation_id)
    if user_id not in takings.ids:
        other = next((one for one in takings.others if one.pk == user_id), None)
        if other is not None:
            raise field_error("responsible", takings.why_not(other), code="may_not_take")
        raise field_error(
            "responsible",
            _("Choose a broker of the institution. This person is none, or no longer."),
            code="not_a_broker",
        )
    case.responsible_id = user_id


def refuse_who_may_not_take(actor: Actor, organisation_id: int) -> None:
    """Whoever opens a case, or claims one for the institution, is one whom it lets take cases, an
    editor who does so for a colleague, or an owner. Raises Refused."""
    if is_owner(actor, organisation_id):
        return
    takings = takings_of(organisation_id)
    own = next((one for one in takings.others if one.pk == actor.user_id), None)
    if own is not None:
        raise Refused("may_not_take", takings.why_not_you)


def checked_value(value: Decimal | None) -> Decimal | None:
    """A value in range, in units with two decimals. Raises Invalid, also for what is no number."""
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value < MAX_VALUE:
        raise field_error(
            "value", _("Give a value from 0 to less than a trillion."), code="out_of_range"
        )
    if value != value.quantize(Decimal("0.01")):
        raise field_error("value", _("At most two decimals."), code="out_of_range")
    return value


def not_past(day: dt.date | None, name: str, actor: Actor) -> dt.date | None:
    """A day from today on. What is agreed for a day that has gone by cannot be done any more."""
    if day is not None and day < timezone.localdate() and not actor.is_system:
        raise field_error(name, _("This day has gone by. Choose today or later."), code="past")
    return day


def _stored(case: Case, key: str) -> Any:
    return case.responsible_id if key == "responsible" else getattr(case, key)


def _take_over(case: Case, actor: Actor) -> None:
    """Listings and owners of the pair, as far as the actor may know of them: an owner that the
    market does not name is not named here either."""
    pair = case.introduction or case.match
    if pair is None:
        return
    seen = listings_visible_to(actor).filter(pk__in=[pair.need_id, pair.technology_id])
    for listing in seen.select_related("owner"):
        CaseListing.objects.create(case=case, listing=listing)
        open_owner = not listing.is_anonymous and listing.visibility != "confidential"
        if open_owner and listing.owner_id != case.organisation_id and listing.kind == "need":
            CaseClient.objects.create(case=case, organisation_id=listing.owner_id)


def _take_over_request(case: Case, locator: LocatorRequest, actor: Actor) -> None:
    CaseClient.objects.create(case=case, organisation_id=locator.asker_id)
    told = LocatorSuggestion.objects.filter(answer__request=locator).values("listing")
    seen = listings_visible_to(actor).filter(pk__in=told).order_by("pk")
    CaseListing.objects.bulk_create(CaseListing(case=case, listing=one) for one in seen)


def _tell_responsible(case: Case, actor: Actor) -> None:
    if case.responsible_id and case.responsible_id != actor.user_id:
        notify(
            [case.responsible_id], notices.CASE_GIVEN, url=case.get_absolute_url(),
            params={"docket": case.docket}, key=f"{case.public_id}-{case.version}",
        )  # fmt: skip


def refuse_unless_visible(actor: Actor) -> None:
    """The rooms of cases are for people of an institution; everybody else finds nothing there."""
    if not own_institutions(actor).exists() and not visible_to(actor).exists():
        raise Refused(
            "no_institution",
            _("Cases are for brokers and editors of a verified technology transfer institution."),
        )
