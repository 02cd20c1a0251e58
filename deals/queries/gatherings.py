"""The one door for reading gatherings, who may do what with one, and what institutions held."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractYear
from django.utils import timezone

from accounts.models import Alliance, AllianceMember
from deals import gathering_states as states
from deals.models import Gathering, GatheringPlace, PlaceState
from deals.queries.cases import own_institutions
from deals.rules import CASE_ROLES
from marketplace.core.actor import Actor

LIVE = (PlaceState.REGISTERED, PlaceState.WAITING)
PARTS = ("coming", "past")


def _shown(actor: Actor) -> Q:
    """Published by a verified institution for everybody, or for an alliance in which one of the
    actor's organisations is; and where the actor has a place, also after leaving the alliance."""
    found = Q(alliance__isnull=True)
    if actor.organisation_ids:
        members = AllianceMember.objects.filter(
            state=AllianceMember.State.MEMBER, organisation_id__in=sorted(actor.organisation_ids)
        )
        found |= Q(alliance__in=members.values("alliance"))
    found &= Q(institution__verified_at__isnull=False)
    if actor.user_id is not None:
        own = GatheringPlace.objects.filter(person_id=actor.user_id, state__in=LIVE)
        found |= Q(pk__in=own.values("gathering"))
    return found & ~Q(state=states.DRAFT)


def _ours(actor: Actor) -> Q:
    return Q(institution_id__in=sorted(actor.ids_with(*CASE_ROLES)))


def visible_to(actor: Actor) -> QuerySet[Gathering]:
    """What is published for the actor, and all of the institutions in which it is owner, editor
    or broker. Nobody else's drafts, not for operators."""
    if actor.is_system:
        return Gathering.objects.all()
    return Gathering.objects.filter(_shown(actor) | _ours(actor))


def listed(
    actor: Actor, part: str = "coming", *, kind: str = "", region: str = ""
) -> QuerySet[Gathering]:
    """What the actor may see of what comes and runs, soonest first, or of what is over, newest
    first; with_counts. No drafts. region: a GB/T 2260 code, all that lies in it."""
    now = timezone.now()
    rows = Gathering.objects.filter(_shown(actor) | (_ours(actor) & ~Q(state=states.DRAFT)))
    if part == "past":
        rows = rows.filter(Q(state__in=[states.HELD, states.PUBLISHED], ends_at__lte=now)).order_by(
            "-starts_at", "-id"
        )
    else:
        rows = rows.filter(state=states.PUBLISHED, ends_at__gt=now).order_by("starts_at", "id")
    if kind:
        rows = rows.filter(kind=kind)
    if region:
        rows = rows.filter(region__startswith=_prefix(region))
    return with_counts(rows, actor)


def _prefix(region: str) -> str:
    """A province is known by two digits, a city by four."""
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region


def desk(actor: Actor) -> QuerySet[Gathering]:
    """All of the actor's institutions, newest first; with_counts."""
    return with_counts(Gathering.objects.filter(_ours(actor)), actor).order_by("-starts_at", "-id")


def organises(actor: Actor) -> bool:
    """Whether there is a desk for the actor."""
    return own_institutions(actor).exists() or Gathering.objects.filter(_ours(actor)).exists()


def own_places(actor: Actor) -> QuerySet[GatheringPlace]:
    """The actor's places that were not given back, soonest first."""
    rows = GatheringPlace.objects.filter(person_id=actor.user_id or 0, state__in=LIVE)
    return rows.exclude(gathering__state=states.DRAFT)


def with_counts(rows: QuerySet[Gathering], actor: Actor) -> QuerySet[Gathering]:
    """With `taken`, the places taken, `own_state`, the state of the actor's own place or None, and
    names. `taken` is for the organiser; others are told `places_left`."""
    taken = (
        GatheringPlace.objects.filter(gathering=OuterRef("pk"), state=PlaceState.REGISTERED)
        .order_by()
        .values("gathering")
        .annotate(number=Count("pk"))
        .values("number")
    )
    own = GatheringPlace.objects.filter(
        gathering=OuterRef("pk"), person_id=actor.user_id or 0, state__in=LIVE
    )
    return rows.select_related("institution", "alliance").annotate(
        taken=Coalesce(Subquery(taken), 0), own_state=Subquery(own.values("state")[:1])
    )


def places_left(row: Gathering, taken: int) -> int | None:
    """None where there is no bound."""
    return None if row.capacity is None else max(row.capacity - taken, 0)


def place_of(row: Gathering, actor: Actor) -> GatheringPlace | None:
    """The actor's own, if it has one that was not given back."""
    if actor.user_id is None:
        return None
    return row.places.filter(person_id=actor.user_id, state__in=LIVE).first()


def roles_of(row: Gathering, actor: Actor, place: GatheringPlace | None) -> frozenset[str]:
    """All roles of deals.gathering_states that the actor has; place: from place_of."""
    found = {states.VISITOR}
    if actor.user_id is not None:
        found = {place.state if place else states.PERSON}
    if actor.is_system or row.institution_id in actor.ids_with(*CASE_ROLES):
        found.add(states.ORGANISER)
    return frozenset(found)


def register_of(row: Gathering) -> QuerySet[GatheringPlace]:
    """Who has a place, the waiting list behind. For the organiser alone: the caller has asked."""
    rows = row.places.filter(state__in=LIVE).select_related("person", "organisation")
    return rows.order_by("state", "asked_at", "id")  # registered comes before waiting


def alliances_for(actor: Actor) -> list[Alliance]:
    """Alliances of the actor's verified institutions, by their first name."""
    members = AllianceMember.objects.filter(
        state=AllianceMember.State.MEMBER, organisation__in=own_institutions(actor)
    )
    return list(Alliance.objects.filter(pk__in=members.values("alliance")).order_by("id")[:200])


def is_member(alliance: Alliance, institution_id: int) -> bool:
    return alliance.members.filter(
        organisation_id=institution_id, state=AllianceMember.State.MEMBER
    ).exists()


@dataclass(frozen=True, slots=True)
class Held:
    """Of one institution and year: gatherings held and people who attended, by code of
    GatheringKind, and the hours of its trainings. Kinds without any are left out."""

    gatherings: Mapping[str, int] = field(default_factory=dict)
    attended: Mapping[str, int] = field(default_factory=dict)
    hours: Decimal = Decimal(0)


def held_counts(
    institution_ids: Iterable[int], since: dt.date, until: dt.date
) -> dict[tuple[int, int], Held]:
    """(institution id, year) -> what it held, counted from rows in two queries.

    since, until: days of the platform's time zone, both inside; a gathering counts on the day on
    which it began, once the institution has closed it as held. Institutions and years without one
    are left out. Not for a reader: whoever shows it decides who may see it.
    """
    zone = timezone.get_default_timezone()
    begin = dt.datetime.combine(since, dt.time.min, zone)
    rows = Gathering.objects.filter(
        institution_id__in=sorted(set(institution_ids)), state=states.HELD, starts_at__gte=begin
    )
    if until < dt.date.max:
        end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time.min, zone)
        rows = rows.filter(starts_at__lt=end)
    rows = rows.annotate(year=ExtractYear("starts_at", tzinfo=zone))
    found: dict[tuple[int, int], tuple[dict[str, int], dict[str, int]]] = {}
    grouped = rows.values("institution_id", "year", "kind").annotate(
        held=Count("pk", distinct=True), people=Count("places", filter=Q(places__attended=True))
    )
    for row in grouped.order_by("institution_id", "year", "kind"):
        held, people = found.setdefault((row["institution_id"], row["year"]), ({}, {}))
        held[row["kind"]], people[row["kind"]] = row["held"], row["people"]
    # apart: joined with the places, hours would be summed once for each of them
    hours = {
        (row["institution_id"], row["year"]): row["total"]
        for row in rows.values("institution_id", "year").annotate(total=Sum("hours"))
    }
    return {
        key: Held(held, people, hours.get(key) or Decimal(0))
        for key, (held, people) in found.items()
    }
