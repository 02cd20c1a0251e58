"""Recording a visit, and making a need or a case of what was found."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import people_with
from accounts.queries.organisations import visible_to as organisations_visible_to
from deals import event_kinds, notices
from deals.actions.case_parts import add_client
from deals.actions.cases import open_case
from deals.models import Case, Finding, Visit
from deals.models.cases import MAX_TITLE
from deals.models.visits import MAX_FINDING, MAX_PEOPLE
from deals.queries.cases import own_institutions
from deals.queries.visits import mandate_of, visible_to
from deals.rules import PARTY_ROLES
from events.actions import notify, record
from listings.actions.drafts import create_draft
from listings.models.listings import Kind
from marketplace.core.actor import Actor
from marketplace.core.cleaning import NEEDED, words_of
from marketplace.core.errors import (
    Conflict,
    Invalid,
    Message,
    NotFound,
    Refused,
    Stale,
    field_error,
)
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock
from marketplace.core.words import language_of

MOST_FINDINGS = 30  # of one visit
MOST_ROWS = 10  # with the visit itself


@transaction.atomic
def record_visit(
    *, actor: Actor, facts: Mapping[str, Any], findings: Sequence[Mapping[str, Any]] = (),
    institution: str = "",
) -> Visit:  # fmt: skip
    """Record a visit of the actor's institution (a public id, needed where there are several).

    facts: organisation (public id of one that the actor may know of) or name, visited_on (today or
    before), people. findings: words and field of each, empty rows left out. Raises Refused without
    an institution, Invalid with every faulty field; of findings as "findings.1.words".
    """
    ours = own_institutions(actor)
    chosen = list((ours.filter(public_id=institution) if institution else ours)[:2])
    if not chosen:
        raise Refused(
            "no_institution",
            _("Visits are for brokers and editors of a verified technology transfer institution."),
        )
    if len(chosen) > 1:
        raise field_error("institution", _("Choose for which institution you record it."))
    errors: dict[str, list[Message]] = {}
    visit = Visit(institution=chosen[0], author_id=actor.user_id)
    _set_client(visit, facts, actor, errors)
    day = facts.get("visited_on")
    if not isinstance(day, dt.date) or not dt.date(2000, 1, 1) <= day <= timezone.localdate():
        errors["visited_on"] = [_("Choose the day of the visit, not after today.")]
    else:
        visit.visited_on = day
    try:
        visit.people = words_of("people", str(facts.get("people") or ""), MAX_PEOPLE, missing="")
    except Invalid as error:
        errors.update(error.fields)
    rows = []
    for index, given in enumerate(findings[: MOST_ROWS + 1]):
        try:
            rows.append(_finding(given))
        except Invalid as error:
            errors |= {f"findings.{index}.{key}": found for key, found in error.fields.items()}
    if len(findings) > MOST_ROWS:
        errors["findings"] = [_("At most ten at first; add the others on its page.")]
    if errors:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=errors)
    visit.save()
    for row in rows:
        row.visit = visit
        row.save()
    _record(visit, event_kinds.VISIT_RECORDED, actor)
    return visit


@transaction.atomic
def add_finding(
    *, actor: Actor, visit_id: int, words: str, field: str = "", expected_version: int | None = None
) -> Finding:
    """One more. Raises NotFound, Invalid at its field, Conflict when there are enough, Stale."""
    visit = _locked(actor, visit_id, expected_version)
    row = _finding({"words": words, "field": field})
    if visit.findings.count() >= MOST_FINDINGS:
        raise Conflict("too_many", _("A visit has at most 30 findings."))
    row.visit = visit
    row.save()
    _touched(visit, event_kinds.VISIT_CHANGED, actor)
    return row


@transaction.atomic
def remove_finding(
    *, actor: Actor, finding: str, visit_id: int, expected_version: int | None = None
) -> Visit:
    """Take one out that nothing was made of yet."""
    visit = _locked(actor, visit_id, expected_version)
    row = _of(visit, finding)
    if row.need_id or row.case_id:
        raise Conflict("in_use", _("Something was made of it already; it stays."))
    row.delete()
    _touched(visit, event_kinds.VISIT_CHANGED, actor)
    return visit


@transaction.atomic
def draft_finding_need(
    *, actor: Actor, visit_id: int, finding: str, expected_version: int | None = None
) -> Finding:
    """Make a draft of a need of it, which is the visited organisation's: its people see, change and
    publish it. Raises Refused unless that organisation gave the institution a mandate, Conflict
    where there is one."""
    visit = _locked(actor, visit_id, expected_version)
    row = _of(visit, finding)
    # held until the end, so that a withdrawal waits
    if visit.organisation_id is None or not list(mandate_of(visit).select_for_update()):
        raise Refused(
            "no_mandate", _("This organisation has given your institution no mandate. Open a case.")
        )
    if row.need_id:
        raise Conflict("need_there", _("There is a draft of this need already."))
    tongue = language_of(row.words)
    data = {f"title_{tongue}": _title(row), f"body_{tongue}": row.words}
    if row.field:
        data["field"] = row.field
    row.need = create_draft(
        actor=Actor.system(), kind=Kind.NEED.value, owner_id=visit.organisation_id, data=data
    )
    row.save(update_fields=["need"])
    _touched(visit, event_kinds.VISIT_NEED, actor)
    notify(
        set(people_with(visit.organisation_id, *PARTY_ROLES)) - {actor.user_id or 0},
        notices.VISIT_NEED, url=f"/listings/{row.need.public_id}/edit/",
        key=f"visit-need-{row.public_id}",
    )  # fmt: skip
    return row


@transaction.atomic
def open_finding_case(
    *, actor: Actor, visit_id: int, finding: str, responsible: int | None = None,
    expected_version: int | None = None,
) -> Case:  # fmt: skip
    """Open a case of the institution for it, with whom was visited as client. responsible: a user's
    id, the actor unless named."""
    visit = _locked(actor, visit_id, expected_version)
    row = _of(visit, finding)
    if row.case_id:
        raise Conflict("case_there", _("There is a case of this finding already."))
    case, _new = open_case(
        actor=actor, organisation_id=visit.institution_id,
        facts={"title": _title(row), "responsible": responsible},
    )  # fmt: skip
    known = visit.organisation
    add_client(
        actor=actor, case_id=case.pk, organisation=known.public_id if known else "",
        name="" if known else visit.name,
    )  # fmt: skip
    row.case = case
    row.save(update_fields=["case"])
    _touched(visit, event_kinds.VISIT_CASE, actor)
    return case


# --- Pieces --------------------------------------------------------------------------------------


def _locked(actor: Actor, visit_id: int, expected_version: int | None) -> Visit:
    if not visible_to(actor).filter(pk=visit_id).exists():
        raise NotFound
    visit = lock(Visit.objects.all(), visit_id)
    if expected_version is not None and expected_version != visit.version:
        raise Stale(
            "stale_version", _("The visit has changed since you opened it. Look at it again.")
        )
    return visit


def _of(visit: Visit, finding: str) -> Finding:
    row = visit.findings.filter(public_id=finding.replace("\x00", "")).first()
    if row is None:
        raise NotFound
    return row


def _set_client(
    visit: Visit, facts: Mapping[str, Any], actor: Actor, errors: dict[str, list[Message]]
) -> None:
    number = str(facts.get("organisation") or "").strip()
    try:
        visit.name = words_of(
            "name", str(facts.get("name") or ""), 160, missing="" if number else NEEDED
        )
    except Invalid as error:
        errors.update(error.fields)
    if not number:
        return
    if visit.name:
        errors["name"] = [_("Give the number or the name, not both.")]
    known = organisations_visible_to(actor).exclude(pk=visit.institution_id)
    safe = "" if "\x00" in number else number.upper()
    visit.organisation = known.filter(public_id=safe).first()
    if visit.organisation is None:
        errors["organisation"] = [_("There is no such organisation.")]


def _finding(given: Mapping[str, Any]) -> Finding:
    row = Finding(
        words=words_of("words", str(given.get("words") or ""), MAX_FINDING),
        field=str(given.get("field") or ""),
    )
    try:
        row.clean_fields(exclude=["visit", "need", "case"])
    except ValidationError as error:
        raise invalid_from(error) from None
    return row


def _title(row: Finding) -> str:
    """Its first line, cut to a title."""
    first = row.words.split("\n", 1)[0].strip()
    return first if len(first) <= MAX_TITLE else first[: MAX_TITLE - 1].rstrip() + "…"


def _touched(visit: Visit, kind: str, actor: Actor) -> None:
    visit.version += 1
    visit.save(update_fields=["version", "updated_at"])
    _record(visit, kind, actor)


def _record(visit: Visit, kind: str, actor: Actor) -> None:
    """Ids and versions, no words and no name."""
    record(
        kind, actor=actor, obj=visit, organisation_ids=[visit.institution_id],
        data={"version": visit.version},
    )  # fmt: skip
