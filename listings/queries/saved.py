"""A person's saved searches and favourites: its own, and nobody else's."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Favourite, Listing, SavedSearch
from listings.queries.visibility import published_for, visible_to
from marketplace.core.actor import Actor


def searches_of(actor: Actor) -> QuerySet[SavedSearch]:
    """The actor's own, newest first."""
    return SavedSearch.objects.filter(user_id=actor.user_id or 0).order_by("-pk")


def searches_with_news(actor: Actor) -> QuerySet[SavedSearch]:
    """The same with `waiting`: how many hits are found and not told yet."""
    untold = Count("hits", filter=Q(hits__told_at__isnull=True))
    return searches_of(actor).annotate(waiting=untold)


def favourites_of(actor: Actor) -> QuerySet[Favourite]:
    """The actor's own, those kept last first."""
    return Favourite.objects.filter(user_id=actor.user_id or 0).order_by("-pk")


@dataclass(frozen=True)
class Kept:
    """A favourite and what the reader may see of it; seen None: it is no longer open to it."""

    favourite: Favourite
    seen: Disclosed | None


def kept(favourites: Iterable[Favourite], actor: Actor, *, detail: bool = False) -> list[Kept]:
    """Favourites (of one page) with what may be seen of each, in their order."""
    rows = list(favourites)
    listings = visible_to(actor).filter(pk__in=[row.listing_id for row in rows])
    seen = disclosed_many(list(listings), actor, detail=detail)
    return [Kept(row, seen.get(row.listing_id)) for row in rows]


def narrowed(favourites: QuerySet[Favourite], actor: Actor, kind: str) -> QuerySet[Favourite]:
    """Favourites of one kind, as far as they are open: of the others the kind is not told."""
    open_ones = visible_to(actor).filter(kind=kind)
    return favourites.filter(listing__in=open_ones)


def kept_ids(actor: Actor) -> frozenset[int]:
    """Ids of all listings that the actor keeps, for the buttons of a page; one query."""
    if not actor.is_authenticated:
        return frozenset()
    return frozenset(favourites_of(actor).order_by().values_list("listing_id", flat=True))


def named(public_ids: Iterable[str], actor: Actor, *, detail: bool = False) -> list[Disclosed]:
    """Published listings by public id, in the given order, as far as the actor may see them."""
    wanted = list(public_ids)
    rows: list[Listing] = list(published_for(actor).filter(public_id__in=wanted)) if wanted else []
    seen = disclosed_many(rows, actor, detail=detail)
    return sorted(seen.values(), key=lambda one: wanted.index(one.public_id))
