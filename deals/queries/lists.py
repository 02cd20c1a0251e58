"""Lists of introductions: mine, what waits for me, the broker's desk."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Least

from deals import states
from deals.models import Introduction, Side
from deals.queries.pairs import Pair, pairs_of, with_people
from deals.queries.visibility import claimable_by, visible_to
from deals.rules import BROKER_ROLES, PARTY_ROLES
from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from listings.models.listings import Kind
from listings.queries.visibility import editable_by, published_for
from marketplace.core.actor import Actor
from matching.models import Match
from matching.queries.visibility import for_triage

TABS = ("live", "closed", "all")
MAX_WAITING = 100


def in_tab(queryset: QuerySet[Introduction], tab: str) -> QuerySet[Introduction]:
    """live, closed or all; what moved last comes first."""
    if tab == "closed":
        queryset = queryset.filter(state=states.CLOSED)
    elif tab != "all":
        queryset = queryset.exclude(state=states.CLOSED)
    return queryset.order_by("-updated_at", "-id")


def as_side(queryset: QuerySet[Introduction], side: str, actor: Actor) -> QuerySet[Introduction]:
    """Those in which the actor takes part on one side."""
    if side == Side.BROKER:
        ids = sorted(actor.ids_with(*BROKER_ROLES))
        return queryset.filter(broker_organisation_id__in=ids)
    ids = sorted(actor.ids_with(*PARTY_ROLES))
    return queryset.filter(**{f"{side}_party_id__in": ids})


def waiting_for(actor: Actor, limit: int = 10) -> list[Pair]:
    """Live introductions in which something waits for the actor's side, oldest first: for
    dashboards. A fixed number of queries."""
    rows = with_people(in_tab(visible_to(actor), "live"))[:MAX_WAITING]
    found = [pair for pair in pairs_of(list(rows), actor) if waits_for_me(pair)]
    return sorted(found, key=lambda pair: pair.introduction.updated_at)[:limit]


def waits_for_me(pair: Pair) -> bool:
    return any(step.is_waiting for step in pair.my_turn)


def counts(actor: Actor) -> dict[str, int]:
    """Introductions by tab."""
    mine = visible_to(actor).order_by()
    live = mine.exclude(state=states.CLOSED).count()
    closed = mine.filter(state=states.CLOSED).count()
    return {"live": live, "closed": closed, "all": live + closed}


# --- Asking for one ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One's own listing that could be introduced to another's; `introduction` when it is."""

    listing: Listing
    introduction: Introduction | None


def choices_for(other: Listing, actor: Actor) -> list[Choice]:
    """The actor's published listings of the other kind, the most recent first."""
    kind = Kind.NEED if other.kind == Kind.TECHNOLOGY else Kind.TECHNOLOGY
    own = list(
        editable_by(actor)
        .filter(kind=kind, state="published", revision_of__isnull=True)
        .exclude(owner_id=other.owner_id)
        .order_by("-published_at")[:50]
    )
    mine, theirs = ("need", "technology") if kind == Kind.NEED else ("technology", "need")
    live = Introduction.objects.exclude(state=states.CLOSED).filter(
        **{f"{theirs}_id": other.pk, f"{mine}_id__in": [listing.pk for listing in own]}
    )
    known = {getattr(one, f"{mine}_id"): one for one in live}
    return [Choice(listing, known.get(listing.pk)) for listing in own]


# --- The broker's desk -------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """A pair that waits for a broker, as the market shows it; of an enquiry without a name the
    listing that asks is None where it is confidential."""

    introduction: Introduction
    need: Disclosed | None
    technology: Disclosed | None


@dataclass(frozen=True)
class Triage:
    """A match that nobody has taken up, as a broker may see it: with the lower of the scores that
    the sides are shown, since the matcher's own also tells of texts that are closed to a broker."""

    match: Match
    score: int
    need: Disclosed
    technology: Disclosed


def requests_for(actor: Actor, limit: int = 20) -> list[Request]:
    """Pairs to take up, longest waiting first."""
    rows = claimable_by(actor).select_related("need__owner", "technology__owner", "enquiry")[:limit]
    return as_requests(list(rows), actor)


def as_requests(rows: list[Introduction], actor: Actor) -> list[Request]:
    """Rows of claimable_by as the market shows them."""
    shown = _shown(rows, actor)
    return [
        Request(row, shown.get(row.need_id), shown.get(row.technology_id))
        for row in rows
        if (row.need_id in shown and row.technology_id in shown) or hasattr(row, "enquiry")
    ]


def triage_for(actor: Actor, limit: int = 10) -> list[Triage]:
    """The best pairs that are in no introduction, of organisations that are not the actor's."""
    own = sorted(actor.organisation_ids)
    taken = Introduction.objects.filter(
        need_id=OuterRef("need_id"), technology_id=OuterRef("technology_id")
    )
    open_to = published_for(actor)
    rows = list(
        for_triage(actor)
        .filter(
            ~Exists(taken),
            Exists(open_to.filter(pk=OuterRef("need_id"))),
            Exists(open_to.filter(pk=OuterRef("technology_id"))),
        )
        .exclude(need_owner_id__in=own)
        .exclude(technology_owner_id__in=own)
        .select_related("need__owner", "technology__owner")
        .annotate(shown_score=Least("need_score", "technology_score"))
        .order_by("-shown_score", "-id")[:limit]
    )
    shown = _shown(rows, actor)
    return [
        Triage(
            row,
            min(row.need_score, row.technology_score),
            shown[row.need_id],
            shown[row.technology_id],
        )
        for row in rows
        if row.need_id in shown and row.technology_id in shown
    ]


def _shown(rows: Iterable[Introduction | Match], actor: Actor) -> dict[int, Disclosed]:
    listings = {listing.pk: listing for row in rows for listing in (row.need, row.technology)}
    return disclosed_many(list(listings.values()), actor, detail=False)
