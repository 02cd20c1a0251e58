"""Which listings an export holds, and their rows, by the reader's own visibility."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet
from django.http import QueryDict

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from listings.models.listings import State
from listings.queries import search
from listings.queries.browse import candidates, ordered
from listings.queries.mine import SORTS, my_listings
from listings.queries.narrowing import conditions
from listings.wanted import read_wanted
from marketplace.core.actor import Actor

CHUNK = 200


@dataclass(frozen=True)
class Asked:
    """What an export is of: a search by the address parameters of the browse page, or one's own
    listings (parameters state, owner; kind "" for both kinds)."""

    kind: str
    query: str = ""
    own: bool = False


def ids_of(asked: Asked, actor: Actor, limit: int) -> list[int]:
    """Ids of what is found, in the order of the page, `limit` at most."""
    found = _own(asked, actor) if asked.own else _searched(asked, actor)
    return list(found.values_list("pk", flat=True)[:limit])


def _own(asked: Asked, actor: Actor) -> QuerySet[Listing]:
    query = QueryDict(asked.query)
    rows = my_listings(actor, kind=asked.kind)
    if owner := query.get("owner"):
        rows = rows.filter(owner__public_id=owner)
    if (state := query.get("state")) in State.values:
        rows = rows.filter(state=state)
    return rows.order_by(*SORTS["changed"])


def _searched(asked: Asked, actor: Actor) -> QuerySet[Listing]:
    """As listings.queries.browse.browse finds it, without the bound of a page."""
    wanted = read_wanted(asked.kind, QueryDict(asked.query))
    query = None
    if wanted.question:
        query = (
            search.require_some(wanted.question, actor, wanted.kind)
            if wanted.any_word
            else search.require_all(wanted.question, actor)
        )
    everything = candidates(wanted, query, actor)
    if query is not None and query.every and not everything.exists():
        query = search.require_some(wanted.question, actor, wanted.kind)
        everything = candidates(wanted, query, actor)
    return ordered(everything.filter(conditions(wanted)), wanted, query)


def views_of(ids: Sequence[int], actor: Actor) -> Iterator[Disclosed]:
    """The listings as the actor sees them now, in order, some hundred at a time; what was hidden
    meanwhile is left out."""
    left = iter(ids)
    while chunk := list(islice(left, CHUNK)):
        rows = Listing.objects.filter(pk__in=chunk).in_bulk()
        views = disclosed_many([rows[pk] for pk in chunk if pk in rows], actor)
        yield from (views[pk] for pk in chunk if pk in views)
