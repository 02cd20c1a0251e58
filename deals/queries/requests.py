"""The one door for reading requests for help, and who may do what with one."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.models import Alliance, AllianceMember, Organisation
from accounts.queries.organisations import own, ttis_visible_to
from deals import request_states as states
from deals.models import LocatorAnswer, LocatorOutcome, LocatorPass, LocatorRequest
from deals.queries.cases import own_institutions
from deals.rules import CASE_ROLES, PARTY_ROLES
from listings.disclosure import Disclosed, disclosed_many
from marketplace.core.actor import Actor

ASKER, INSTITUTION, MEMBER = "asker", "institution", "member"
MOST_INSTITUTIONS = 1000


def _alliances(actor: Actor) -> QuerySet[AllianceMember]:
    """Memberships of verified institutions in which the actor works with cases."""
    return AllianceMember.objects.filter(
        state=AllianceMember.State.MEMBER, organisation__in=own_institutions(actor)
    )


def _asked(actor: Actor) -> Q:
    """Those of organisations in which the actor is owner, editor or broker, and what a member
    asked itself."""
    return Q(asker_id__in=sorted(actor.ids_with(*PARTY_ROLES))) | Q(
        asked_by_id=actor.user_id or 0, asker_id__in=sorted(actor.organisation_ids)
    )


def _addressed(actor: Actor) -> Q:
    """Addressed to, passed on to or taken by the actor's institutions; and what waits for, or is
    being worked on in, one of their alliances."""
    return Q(institution_id__in=sorted(actor.ids_with(*CASE_ROLES))) | Q(
        alliance__in=_alliances(actor).values("alliance"), state__in=sorted(states.WAITS)
    )


def visible_to(actor: Actor) -> QuerySet[LocatorRequest]:
    """What the actor asked or is asked. Nobody else's, not an operator's."""
    if actor.is_system:
        return LocatorRequest.objects.all()
    if actor.user_id is None:
        return LocatorRequest.objects.none()
    return LocatorRequest.objects.filter(_asked(actor) | _addressed(actor))


def mine(actor: Actor) -> QuerySet[LocatorRequest]:
    """What the actor's organisations asked, newest first."""
    return visible_to(actor).filter(_asked(actor)).order_by("-id")


def inbox(actor: Actor, part: str = "") -> QuerySet[LocatorRequest]:
    """What the actor's institutions are asked. part: "open", "ours" (taken or answered), "done",
    or "" for all of it. What is wanted first comes first; what is done, newest first."""
    rows = LocatorRequest.objects.filter(_addressed(actor))
    if part == "open":
        return rows.filter(state=states.OPEN).order_by("answer_by", "id")
    if part == "ours":
        rows = rows.filter(_held(actor), state__in=[states.TAKEN, states.ANSWERED])
        return rows.order_by("answer_by", "id")
    if part == "done":
        return rows.filter(_held(actor), state__in=[states.CLOSED, states.EXPIRED]).order_by("-id")
    return rows.order_by("-id")


def _held(actor: Actor) -> Q:
    return Q(institution_id__in=sorted(actor.ids_with(*CASE_ROLES)))


def counted(actor: Actor) -> dict[str, int]:
    """How many stand in each part of the inbox, in one query."""
    held = _held(actor)
    return inbox(actor).aggregate(
        open=Count("pk", filter=Q(state=states.OPEN)),
        ours=Count("pk", filter=held & Q(state__in=[states.TAKEN, states.ANSWERED])),
        done=Count("pk", filter=held & Q(state__in=[states.CLOSED, states.EXPIRED])),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfField:
    """Requests of one field (a code, "" where none was named)."""

    field: str
    total: int
    answered: int
    helped: int


def by_field(actor: Actor) -> list[OfField]:
    """What the actor's institutions were asked, by field, most first: one query."""
    rows = (
        inbox(actor).order_by().values("field")
        .annotate(
            total=Count("pk"),
            answered=Count("pk", filter=Q(state=states.ANSWERED) | Q(state=states.CLOSED) & Q(
                outcome__in=[LocatorOutcome.HELPED, LocatorOutcome.NOT_HELPED])),
            helped=Count("pk", filter=Q(outcome=LocatorOutcome.HELPED)),
        )
        .order_by("-total", "field")
    )  # fmt: skip
    return [OfField(**row) for row in rows]


def has_inbox(actor: Actor) -> bool:
    return bool(actor.ids_with(*CASE_ROLES)) and own_institutions(actor).exists()


def sides_of(row: LocatorRequest, actor: Actor) -> frozenset[str]:
    """ASKER, INSTITUTION (whose it is now), MEMBER (may take what waits for the alliance)."""
    found = set()
    if row.asker_id in actor.ids_with(*PARTY_ROLES) or (
        row.asked_by_id is not None
        and row.asked_by_id == actor.user_id
        and row.asker_id in actor.organisation_ids
    ):
        found.add(ASKER)
    if row.institution_id in actor.ids_with(*CASE_ROLES):
        found.add(INSTITUTION)
    elif takers(actor, row).exists():
        found.add(MEMBER)
    return frozenset(found)


def takers(actor: Actor, row: LocatorRequest) -> QuerySet[Organisation]:
    """The actor's verified institutions that may take it: the one that it was addressed or passed
    on to, else members of the alliance other than the asker."""
    found = own_institutions(actor)
    if row.institution_id is not None:
        return found.filter(pk=row.institution_id)
    members = _alliances(actor).filter(alliance=row.alliance_id).values("organisation")
    return found.filter(pk__in=members).exclude(pk=row.asker_id)


def receivers(row: LocatorRequest) -> QuerySet[Organisation]:
    """Verified institutions to which the one that has it may pass it on: other members of the
    alliance that was asked, else of its own alliances."""
    members = AllianceMember.objects.filter(state=AllianceMember.State.MEMBER)
    if row.alliance_id is not None:
        near = members.filter(alliance=row.alliance_id)
    else:
        own_ones = members.filter(organisation=row.institution_id).values("alliance")
        near = members.filter(alliance__in=own_ones)
    found = ttis_visible_to(Actor.visitor()).filter(pk__in=near.values("organisation"))
    return found.exclude(pk__in=[pk for pk in (row.institution_id, row.asker_id) if pk])


def askers(actor: Actor) -> QuerySet[Organisation]:
    """Verified organisations for which the actor may ask: those it is a member of."""
    return own(actor).filter(verified_at__isnull=False).order_by("id")


def institutions_for(actor: Actor) -> list[Organisation]:
    """Verified institutions to ask, by their Chinese name."""
    rows = ttis_visible_to(actor).order_by("name_zh", "id")
    return list(rows[:MOST_INSTITUTIONS])


def alliances_for(actor: Actor) -> list[Alliance]:
    """Alliances to ask: those with a verified institution as a member."""
    members = AllianceMember.objects.filter(
        state=AllianceMember.State.MEMBER, organisation__kind="tti",
        organisation__verified_at__isnull=False,
    )  # fmt: skip
    return list(Alliance.objects.filter(pk__in=members.values("alliance")).order_by("id")[:200])


def with_names(queryset: QuerySet[LocatorRequest]) -> QuerySet[LocatorRequest]:
    return queryset.select_related("asker", "asked_by", "institution", "alliance", "need", "case")


def answers_shown(row: LocatorRequest, actor: Actor) -> list[LocatorAnswer]:
    """All answers to the asker and the institution that has it; none to other members."""
    if not actor.is_system and not sides_of(row, actor) & {ASKER, INSTITUTION}:
        return []
    rows = row.answers.select_related("institution", "author")
    return list(rows.prefetch_related("suggestions__listing"))


def suggested(answers: list[LocatorAnswer], actor: Actor) -> dict[int, list[Disclosed]]:
    """Answer -> its listings as far as the actor may see each; the others are left out."""
    listings = {one.listing_id: one.listing for row in answers for one in row.suggestions.all()}
    shown = disclosed_many(list(listings.values()), actor, detail=False) if listings else {}
    return {
        row.pk: [shown[one.listing_id] for one in row.suggestions.all() if one.listing_id in shown]
        for row in answers
    }


def passes_of(row: LocatorRequest) -> list[LocatorPass]:
    """From whom to whom it went, in order. Their words are for the institutions."""
    return list(row.passes.select_related("giver", "receiver"))
