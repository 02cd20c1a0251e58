"""The one door for reading cases, and what one is made of."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Membership, Organisation
from deals import case_states as states
from deals.case_needs import NEEDS, CaseFacts, missing
from deals.models import Case, CaseReading, CaseTask, CentreSettings, Introduction
from deals.pipelines import Pipeline, Stage, pipeline
from deals.rules import CASE_ROLES
from events.kinds import KINDS
from events.models import Event
from listings.disclosure import Disclosed, disclosed_many
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from matching.models import Match

TIMELINE = 200
# tasks: what is to be done by its date, then what was done
OPEN_FIRST = (F("done_at").asc(nulls_first=True), F("due_on").asc(nulls_last=True), "id")


def visible_to(actor: Actor) -> QuerySet[Case]:
    """Cases of the institutions in which the actor is owner, editor or broker; where the owners of
    one let people read their own cases only, those for which the actor is responsible, which it
    opened or in which it has something to do.

    Nobody else's, not even an operator's: what an institution notes of its clients is its own.
    Membership decides at each request, so who leaves sees nothing from then on.
    """
    if actor.is_system:
        return Case.objects.all()
    ids = actor.ids_with(*CASE_ROLES)
    found = Case.objects.filter(organisation_id__in=sorted(ids))
    if ids <= owned_by(actor):
        return found
    closed = closed_to(actor).filter(organisation=OuterRef("organisation"))
    tasks = CaseTask.objects.filter(
        case=OuterRef("pk"), assignee_id=actor.user_id or 0, done_at__isnull=True
    )
    return found.filter(
        ~Exists(closed)
        | Q(responsible_id=actor.user_id or 0)
        | Q(opened_by_id=actor.user_id or 0)
        | Exists(tasks)
    )


def owned_by(actor: Actor) -> set[int]:
    """Ids of organisations of which the actor is an owner."""
    return {pk for pk, roles in actor.roles.items() if "owner" in roles}


def closed_to(actor: Actor) -> QuerySet[CentreSettings]:
    """Settings of institutions that let their people read their own cases only, and of which the
    actor is no owner."""
    return CentreSettings.objects.filter(reading=CaseReading.OWN).exclude(
        organisation__in=sorted(owned_by(actor))
    )


def reads(actor: Actor, organisation_id: int, case_id: int | None) -> bool:
    """Whether the actor reads this case of an institution; no query for its owners and for
    outsiders."""
    if case_id is None or not actor.can(organisation_id, *CASE_ROLES):
        return False
    if actor.is_system or organisation_id in owned_by(actor):
        return True
    return visible_to(actor).filter(pk=case_id).exists()


def colleagues_who_read(case: Case, people: Collection[int]) -> set[int]:
    """Which of these people of its institution read the case, for notices that name it: all of
    them; where each reads their own cases, owners, who is responsible, who opened it and who has an
    open task in it. One query, or three."""
    found = set(people)
    of = {"organisation_id": case.organisation_id}
    if not found or not CentreSettings.objects.filter(**of, reading=CaseReading.OWN).exists():
        return found
    mine = {case.responsible_id, case.opened_by_id}
    mine |= set(case.tasks.filter(done_at__isnull=True).values_list("assignee_id", flat=True))
    owners = Membership.objects.filter(**of, roles__contains=["owner"])
    return found & (mine | set(owners.values_list("user_id", flat=True)))


def readable_among(actor: Actor, ids: Iterable[int | None]) -> set[int]:
    """Which of these cases the actor reads; no query where there are none."""
    wanted = {pk for pk in ids if pk}
    if not wanted:
        return set()
    return set(visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))


def own_institutions(actor: Actor) -> QuerySet[Organisation]:
    """Verified institutions for which the actor may open cases."""
    ids = actor.ids_with(*CASE_ROLES) & actor.verified_ids
    return Organisation.objects.filter(pk__in=sorted(ids), kind="tti").order_by("id")


def works_with_cases(actor: Actor) -> bool:
    return own_institutions(actor).exists() or visible_to(actor).exists()


def open_case_of(
    actor: Actor, introduction: Introduction | None, match: Match | None
) -> Case | None:
    """The one of the actor's institutions that is not closed and is of this pair."""
    pair = Q(introduction=introduction) if introduction else Q(match=match)
    return visible_to(actor).filter(pair).exclude(state=states.CLOSED).order_by("id").first()


def tasks_visible_to(actor: Actor) -> QuerySet[CaseTask]:
    """Tasks of cases that the actor sees."""
    return CaseTask.objects.filter(case__in=visible_to(actor))


def people_of(organisation_ids: Iterable[int]) -> dict[int, list[Any]]:
    """Organisation -> people who may be responsible for its cases (owners and brokers), by name."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = Membership.objects.filter(
        organisation_id__in=list(organisation_ids), roles__overlap=["owner", "broker"],
        user__is_active=True,
    ).select_related("user").order_by("user__name", "user_id")  # fmt: skip
    for row in rows:
        found[row.organisation_id].append(row.user)
    return found


def ids_of_people(organisation_id: int) -> set[int]:
    """Those of people_of for one institution: who left it is not among them."""
    return {one.pk for one in people_of([organisation_id])[organisation_id]}


def colleagues_of(organisation_id: int) -> list[Any]:
    """People who may be given a task: owners, editors and brokers, by name."""
    rows = Membership.objects.filter(
        organisation_id=organisation_id, roles__overlap=["owner", *CASE_ROLES],
        user__is_active=True,
    ).select_related("user").order_by("user__name", "user_id")  # fmt: skip
    return [row.user for row in rows]


def with_people(queryset: QuerySet[Case]) -> QuerySet[Case]:
    return queryset.select_related("responsible", "organisation")


# --- One case ----------------------------------------------------------------------------------


def facts_of(case: Case) -> CaseFacts:
    """What it has, for the rules of its stage: four queries."""
    introduction = case.introduction
    return CaseFacts(
        value=case.value is not None,
        client=case.clients.exists(),
        listing=case.listings.exists(),
        contact=case.contacts.exists(),
        next_action=bool(case.next_action and case.next_action_on),
        introduction=introduction is not None,
        contract=bool(case.contract_id or (introduction and introduction.contract_id)),
        tasks_done=not case.tasks.filter(stage=case.stage, done_at__isnull=True).exists(),
    )


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is missing before the next stage; blocks: a move on is refused."""

    code: str
    text: Any
    blocks: bool


def needs_of(case: Case, stage: Stage | None) -> list[Need]:
    """What is missing in its stage."""
    if stage is None or not stage.needs:
        return []
    return [
        Need(code, NEEDS[code], code in stage.blocks)
        for code in missing(facts_of(case), stage.needs)
    ]


def blocking_needs(case: Case, stages: Iterable[Stage]) -> list[Need]:
    """What is missing that one of these stages must have, each once: four queries or none."""
    held = [stage for stage in stages if stage.blocks]
    facts = facts_of(case) if held else CaseFacts()
    codes = dict.fromkeys(
        code for stage in held for code in missing(facts, stage.needs) if code in stage.blocks
    )
    return [Need(code, NEEDS[code], True) for code in codes]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: an event or a note. body: of a note, internal."""

    at: Any
    who: str
    label: Any
    detail: str = ""
    body: str = ""


def timeline_of(case: Case) -> list[Line]:
    """Events and notes, newest first: three queries. The caller has gated the case."""
    line = pipeline(case.pipeline)
    events = list(events_of(case).order_by("-id")[:TIMELINE])
    notes = list(case.notes.order_by("-id")[:TIMELINE])
    people = names({row.actor_id for row in events} | {note.author_id for note in notes})
    found = [
        Line(
            row.created_at, people.get(row.actor_id or 0, ""),
            KINDS[row.kind].label if row.kind in KINDS else row.kind, change_text(row, line),
        )
        for row in events
        if not row.kind.endswith(".noted")
    ]  # fmt: skip
    found += [
        Line(note.created_at, people.get(note.author_id or 0, ""), "", body=note.body)
        for note in notes
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def events_of(case: Case) -> QuerySet[Event]:
    return Event.objects.filter(object_type="case", object_id=case.public_id)


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """People of the same institution, by id."""
    wanted = {one for one in ids if one}
    return {one.pk: str(one) for one in get_user_model().objects.filter(pk__in=wanted)}


def change_text(event: Event, line: Pipeline | None) -> str:
    """ "Search → Introduction", for events that have such a thing to say."""
    before, after = event.before.get("stage"), event.after.get("stage")
    if not (before and after) or before == after:
        return ""
    if line is None:
        return f"{before} → {after}"
    return f"{line.stage_name(before)} → {line.stage_name(after)}"


def listings_of(case: Case, actor: Actor) -> list[tuple[str, Disclosed | None]]:
    """(id of the tie, listing as the actor may see it, None when it may no longer)."""
    rows = list(case.listings.select_related("listing__owner").order_by("id"))
    shown = disclosed_many([row.listing for row in rows], actor, detail=False)
    return [(row.public_id, shown.get(row.listing_id)) for row in rows]


def parts_of(case: Case, actor: Actor, language: str) -> list[dict[str, Any]]:
    """Clients, listings and contacts as the API says them; a listing that is closed to the actor
    keeps its place without a name or number."""
    empty: dict[str, Any] = {
        "name": "", "organisation": None, "listing": None, "role": "", "mail": "", "phone": "",
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    for client in case.clients.select_related("organisation").order_by("id"):
        known = client.organisation
        found.append(empty | {
            "kind": "clients", "id": client.public_id,
            "name": pick(known, "name", language).value if known else client.name,
            "organisation": known.public_id if known else None,
        })  # fmt: skip
    for tie, shown in listings_of(case, actor):
        found.append(empty | {
            "kind": "listings", "id": tie,
            "name": pick(shown, "title", language).value if shown else "",
            "listing": shown.public_id if shown else None,
        })  # fmt: skip
    for one in case.contacts.order_by("id"):
        found.append(empty | {
            "kind": "contacts", "id": one.public_id, "name": one.name, "role": one.role,
            "mail": one.mail, "phone": one.phone,
        })  # fmt: skip
    return found
