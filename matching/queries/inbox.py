"""The inbox of one side: what waits, what is new, filters and counts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, When

from listings.models import Listing
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from matching.models import Answer, Level, Match, Side, other_side
from matching.queries.sides import ROLES
from matching.queries.visibility import of_side

# What a list is narrowed to by the reader's own answer; "open" waits for one.
WAITING, ALL = "open", "all"
MOST_LISTINGS = 50  # in the choice of listings
SHOWN = (WAITING, Answer.LATER.value, Answer.INTERESTED.value, Answer.DECLINED.value, ALL)


@dataclass(frozen=True)
class Wanted:
    """What the reader narrowed by; listing: a public id of its own, "" for all; field: of the other
    side's listing."""

    side: str = Side.NEED
    listing: str = ""
    level: str = ""
    show: str = WAITING
    only_new: bool = False
    field: str = ""


def with_listings(queryset: QuerySet[Match]) -> QuerySet[Match]:
    """With all that readings take from the row, without a query a row."""
    return queryset.select_related("need__owner", "technology__owner", "proposal__institution")


def ranked(queryset: QuerySet[Match], side: str) -> QuerySet[Match]:
    """Best first, by what that side may know of the score."""
    return queryset.order_by(f"-{side}_score", "-pk")


def found(actor: Actor, wanted: Wanted) -> QuerySet[Match]:
    """The matches of a side as narrowed."""
    rows = _without_level(actor, wanted)
    return rows.filter(level=wanted.level) if wanted.level else rows


def counts_by_level(actor: Actor, wanted: Wanted) -> Mapping[str, int]:
    """Level -> how many, under the other filters."""
    rows = _without_level(actor, wanted).order_by().values_list("level")
    counted = dict(rows.annotate(number=Count("pk")))
    return {level: counted.get(level, 0) for level in Level.values}


def _without_level(actor: Actor, wanted: Wanted) -> QuerySet[Match]:
    rows = _of_listing(of_side(actor, wanted.side), wanted.side, wanted.listing)
    if wanted.field:
        rows = rows.filter(in_field(wanted.side, wanted.field))
    if wanted.only_new:
        rows = rows.filter(is_new(wanted.side))
    if wanted.show == WAITING:
        return rows.filter(**{f"{wanted.side}_answer": ""})
    if wanted.show != ALL:
        return rows.filter(**{f"{wanted.side}_answer": wanted.show})
    return rows


def in_field(side: str, field: str) -> Q:
    """The other listing is of this field. Never of a confidential one: being in the list would tell
    the field of a blind pair."""
    other = other_side(side)
    return Q(**{f"{other}__field": field}) & ~Q(**{f"{other}__visibility": Tier.CONFIDENTIAL})


def newest_first(queryset: QuerySet[Match], side: str, since: dt.datetime) -> QuerySet[Match]:
    """What was found after a moment, then the rest, either best first."""
    return queryset.order_by(
        Case(When(created_at__gt=since, then=0), default=1), f"-{side}_score", "-pk"
    )


def is_new(side: str) -> Q:
    """Not looked at and not answered by that side."""
    return Q(**{f"{side}_seen_at__isnull": True, f"{side}_answer": ""})


def new_count(actor: Actor, side: str = "", listing: str = "") -> int:
    """How many are new, counted up to 100; of one own listing, where its public id is given."""
    return sum(
        _of_listing(of_side(actor, one), one, listing).filter(is_new(one)).order_by()[:100].count()
        for one in ([side] if side else Side.values)
    )


def _of_listing(rows: QuerySet[Match], side: str, listing: str) -> QuerySet[Match]:
    return rows.filter(**{f"{side}__public_id": listing}) if listing else rows


@dataclass(frozen=True)
class OwnListing:
    """One of the reader's listings, with how many of its matches wait for an answer."""

    listing: Listing
    waiting: int


def own_listings(actor: Actor, side: str) -> list[OwnListing]:
    """The actor's listings with most matches waiting, in two queries."""
    waiting = (
        of_side(actor, side)
        .filter(**{f"{side}_answer": ""})
        .order_by()
        .values_list(f"{side}_id")
        .annotate(number=Count("pk"))
        .order_by("-number", f"{side}_id")[:MOST_LISTINGS]
    )
    counted = dict(waiting)
    rows = Listing.objects.filter(
        pk__in=list(counted), owner_id__in=sorted(actor.ids_with(*ROLES))
    ).only("public_id", "title_en", "title_zh", "kind")
    found = {row.pk: row for row in rows}
    return [OwnListing(found[pk], number) for pk, number in counted.items() if pk in found]


def sides_of(actor: Actor) -> dict[str, int]:
    """Side -> matches that wait for the actor's answer, for sides that have any at all."""
    counted = {}
    for side in Side.values:
        rows = of_side(actor, side)
        if rows.exists():
            counted[side] = rows.filter(**{f"{side}_answer": ""}).order_by()[:1000].count()
    return counted


def of_listing(listing_id: int, actor: Actor, side: str) -> QuerySet[Match]:
    """One listing's matches that its owner's people may see, best first."""
    return ranked(of_side(actor, side).filter(**{f"{side}_id": listing_id}), side)
