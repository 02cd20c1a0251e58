"""The brokers' desk: which open pairs stand on it, narrowed and counted.

Clients and members of alliances are found by what they are named in: an anonymous listing stands
here like any other of the market, and under nobody's name.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone

from accounts.models import Alliance, AllianceMember, Organisation
from accounts.queries import alliances
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from matching import followers
from matching.models import Answer, DeskVisit, Level, Match, Origin, Side, other_side
from matching.queries.visibility import client_ids, for_institutions, named_as, tti_ids

ALL, CLIENTS = "all", "clients"
OURS, THEIRS = "ours", "theirs"
WAITS = (OURS, THEIRS)
MOST = 1_000  # nobody goes through more, and counting all would grow with the market
MOST_CLIENTS = 200  # in the choice of clients
VISIT = dt.timedelta(minutes=30)  # after this pause a look at the desk is a new visit


@dataclass(frozen=True)
class Wanted:
    """whose: "all", "clients", "client:<public id>" or "alliance:<public id>". waits: "ours" for
    pairs in which a client has not answered, "theirs" for those in which a client is interested
    and the other side has not answered. only_free: nobody proposed it, and no broker has it."""

    whose: str = ALL
    level: str = ""
    field: str = ""
    waits: str = ""
    only_new: bool = False
    only_free: bool = False


@dataclass(frozen=True)
class Desk:
    """A broker's standing: its institutions, its clients, the open pairs that it may see, and
    since when a pair is new."""

    actor: Actor
    institutions: frozenset[int]
    clients: frozenset[int]
    pairs: QuerySet[Match]
    new_since: dt.datetime | None = None


def desk_of(actor: Actor, new_since: dt.datetime | None = None) -> Desk:
    """Three queries; for who is no broker the desk has no institutions and no pairs."""
    institutions = tti_ids(actor)
    # What is confidential stands on no desk, released or not: it is carried in an introduction.
    pairs = for_institutions(actor, institutions).exclude(
        Q(need__visibility=Tier.CONFIDENTIAL) | Q(technology__visibility=Tier.CONFIDENTIAL)
    )
    return Desk(actor, institutions, client_ids(institutions), pairs, new_since)


def found(desk: Desk, wanted: Wanted) -> QuerySet[Match]:
    """The pairs as narrowed, in no order."""
    rows = _without_level(desk, wanted)
    return rows.filter(level=wanted.level) if wanted.level else rows


def ranked(rows: QuerySet[Match]) -> QuerySet[Match]:
    """Best first, by what both sides may know of the score."""
    return rows.order_by(Least("need_score", "technology_score").desc(), F("id").desc())


def counts_by_level(desk: Desk, wanted: Wanted) -> Mapping[str, int]:
    """Level -> how many under the other filters, each counted up to MOST."""
    rows = _without_level(desk, wanted).order_by()
    return {level: rows.filter(level=level)[:MOST].count() for level in Level.values}


def _without_level(desk: Desk, wanted: Wanted) -> QuerySet[Match]:
    rows = desk.pairs
    if (organisations := _named_by(desk, wanted.whose)) is not None:
        rows = rows.filter(named_as(organisations))
    if wanted.field:
        rows = rows.filter(need__field=wanted.field)
    if wanted.waits:
        rows = rows.filter(_waits(desk, wanted.waits))
    if wanted.only_new and desk.new_since is not None:
        rows = rows.filter(created_at__gt=desk.new_since)
    if wanted.only_free:
        rows = rows.filter(origin=Origin.MATCHER)
        for taken in followers.taken():
            rows = rows.exclude(taken)
    return rows


def _named_by(desk: Desk, whose: str) -> frozenset[int] | None:
    """Organisations that a choice means; none for what is not the broker's, None for all."""
    kind, _colon, public_id = whose.partition(":")
    if kind == CLIENTS:
        return desk.clients
    if kind == "client":
        named = Organisation.objects.filter(public_id=public_id, pk__in=sorted(desk.clients))
        return frozenset(named.values_list("pk", flat=True))
    if kind == "alliance":
        members = AllianceMember.objects.filter(
            alliance__in=_alliances(desk).filter(public_id=public_id),
            state=AllianceMember.State.MEMBER,
        )
        return frozenset(members.values_list("organisation_id", flat=True))
    return None


def _waits(desk: Desk, waits: str) -> Q:
    found = Q(pk__in=[])
    for side in Side.values:
        other = other_side(side)
        asked = (
            Q(**{f"{side}_answer": ""})
            if waits == OURS
            else Q(**{f"{side}_answer": Answer.INTERESTED, f"{other}_answer": ""})
        )
        found |= named_as(desk.clients, side) & asked
    return found


# --- What one may choose from --------------------------------------------------------------------


@dataclass(frozen=True)
class Client:
    """A client with how many of its pairs wait for its answer, counted up to MOST in all."""

    organisation: Organisation
    waiting: int


def clients(desk: Desk) -> list[Client]:
    """The clients, those with most waiting first."""
    if not desk.clients:
        return []
    rows = found(desk, Wanted(whose=CLIENTS, waits=OURS)).order_by()
    waiting: dict[int, int] = {}
    for side in Side.values:
        of_side = rows.filter(named_as(desk.clients, side), **{f"{side}_answer": ""})
        counted = of_side.values_list(f"{side}_owner_id").annotate(number=Count("pk"))
        for pk, number in counted:
            waiting[pk] = waiting.get(pk, 0) + number
    named = Organisation.objects.filter(pk__in=sorted(desk.clients)).order_by("pk")[:MOST_CLIENTS]
    return sorted(
        (Client(one, waiting.get(one.pk, 0)) for one in named),
        key=lambda client: (-client.waiting, client.organisation.pk),
    )


def alliances_of(desk: Desk) -> list[Alliance]:
    return list(_alliances(desk).order_by("pk"))


def _alliances(desk: Desk) -> QuerySet[Alliance]:
    members = AllianceMember.objects.filter(
        organisation_id__in=sorted(desk.institutions), state=AllianceMember.State.MEMBER
    )
    return alliances.visible_to(desk.actor).filter(pk__in=members.values("alliance_id"))


# --- Visits --------------------------------------------------------------------------------------


def visit(actor: Actor) -> dt.datetime | None:
    """Note that the broker looks at the desk now; returns when the visit before this one ended,
    None on the first. Looks within half an hour are one visit."""
    now = timezone.now()
    with transaction.atomic():
        row, is_first = DeskVisit.objects.select_for_update().get_or_create(
            user_id=actor.user_id or 0, defaults={"latest": now}
        )
        if is_first:
            return None
        if now - row.latest > VISIT:
            row.before = row.latest
        row.latest = now
        row.save(update_fields=["before", "latest"])
    return row.before


def last_visit(actor: Actor) -> dt.datetime | None:
    """Where `new` begins, without noting a visit: for the API."""
    return (
        DeskVisit.objects.filter(user_id=actor.user_id or 0)
        .values_list("before", flat=True)
        .first()
    )
