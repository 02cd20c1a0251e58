"""Which listings an export holds, and their rows, by the reader's own visibility."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet
from django.http import QueryDict

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from listings.models.listings import State
from listings.queries.browse import ids_found
from listings.queries.mine import SORTS, my_listings
from listings.queries.visibility import published_for
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
    if asked.own:
        return list(_own(asked, actor).values_list("pk", flat=True)[:limit])
    return ids_found(read_wanted(asked.kind, QueryDict(asked.query)), actor, limit)


def _own(asked: Asked, actor: Actor) -> QuerySet[Listing]:
    query = QueryDict(asked.query)
    rows = my_listings(actor, kind=asked.kind)
    if (owner := query.get("owner", "")).isalnum():
        rows = rows.filter(owner__public_id=owner)
    if (state := query.get("state")) in State.values:
        rows = rows.filter(state=state)
    return rows.order_by(*SORTS["changed"])


def views_of(asked: Asked, ids: Sequence[int], actor: Actor) -> Iterator[Disclosed]:
    """The listings as the actor sees them now, in order, some hundred at a time; what was hidden
    meanwhile is left out."""
    # the search table may lag behind: what is shown comes through the one door
    door = my_listings(actor) if asked.own else published_for(actor)
    left = iter(ids)
    while chunk := list(islice(left, CHUNK)):
        rows = door.filter(pk__in=chunk).in_bulk()
        views = disclosed_many([rows[pk] for pk in chunk if pk in rows], actor)
        yield from (views[pk] for pk in chunk if pk in views)
