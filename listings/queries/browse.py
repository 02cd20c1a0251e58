"""A page of listings for a question and filters: what is found, in which order, how many."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from listings.queries import facets, search
from listings.queries.facets import Counts
from listings.queries.narrowing import conditions
from listings.queries.search import BOUND, RANKED, Query
from listings.queries.visibility import published_for
from listings.wanted import Wanted
from marketplace.core.actor import Actor

ROWS = 20
_ORDERS = {
    "newest": ("-published_at", "-pk"),
    "deadline": (F("deadline").asc(nulls_last=True), "-published_at", "-pk"),
    "trl": (F("trl").desc(nulls_last=True), "-published_at", "-pk"),
    "price": (F("price_min").asc(nulls_last=True), "-published_at", "-pk"),
}


@dataclass(frozen=True)
class Found:
    """One page of a list, with counts for every filter.

    query: None when nothing was asked. page.object_list holds Disclosed, in order.
    beyond: the page asked for lies after the end, and the last one is shown.
    """

    wanted: Wanted
    query: Query | None
    page: "Page[Any]"
    counts: Counts
    fingerprints: dict[int, int]
    beyond: bool = False

    @property
    def ends_early(self) -> bool:
        """More is found than the list leads through."""
        return bool(self.counts.total > self.page.paginator.count)

    @property
    def is_partial(self) -> bool:
        """Not every word of the question is in what is shown."""
        return self.query is not None and not self.query.every


def browse(wanted: Wanted, actor: Actor, number: str | int | None = 1) -> Found:
    """The page `number` of what the actor may see of the wanted. Six queries or so, however many
    listings there are; a question of which nothing holds every word takes two more."""
    query = None
    if wanted.question:
        query = (
            search.require_some(wanted.question, actor, wanted.kind)
            if wanted.any_word
            else search.require_all(wanted.question, actor)
        )
    everything = candidates(wanted, query, actor)
    counts = facets.count_for(wanted, everything, actor)
    if query is not None and query.every and not counts.without_filters:
        some = search.require_some(wanted.question, actor, wanted.kind)
        assert some is not None
        query, everything = some, candidates(wanted, some, actor)
        counts = facets.count(wanted, everything)
    rows_wanted = ordered(everything.filter(conditions(wanted)), wanted, query)
    bound = RANKED if wanted.order == "relevance" and query is not None else BOUND
    paginator = _Bounded(rows_wanted, min(counts.total, bound))
    page = paginator.get_page(number)
    rows = list(page.object_list)
    views = disclosed_many(rows, actor)
    page.object_list = [views[row.pk] for row in rows if row.pk in views]
    return Found(
        wanted, query, page, counts, {row.pk: row.fingerprint for row in rows},
        beyond=str(number or 1).isdecimal() and int(str(number or 1)[:12]) > paginator.num_pages,
    )  # fmt: skip


def candidates(wanted: Wanted, query: Query | None, actor: Actor) -> QuerySet[Listing]:
    """What the question alone finds of the kind, before filters. A question without words (only
    signs) finds nothing."""
    seen = published_for(actor).filter(kind=wanted.kind)
    if query is not None:
        return search.holding(seen, query, actor)
    return seen.none() if wanted.question else seen


def ordered(listings: QuerySet[Listing], wanted: Wanted, query: Query | None) -> QuerySet[Listing]:
    """In the wanted order; by relevance only where something was asked."""
    if wanted.order == "relevance" and query is not None:
        return search.ranked(listings, query)
    return listings.order_by(*_ORDERS.get(wanted.order, _ORDERS["newest"]))


def newest(kind: str, actor: Actor, number: int) -> list[Disclosed]:
    """The newest few of a kind that the actor may see, without their parts."""
    rows = list(published_for(actor).filter(kind=kind).order_by("-published_at", "-pk")[:number])
    views = disclosed_many(rows, actor, detail=False)
    return [views[row.pk] for row in rows]


def of_organisation(
    public_id: str, actor: Actor, kind: str, number: int = 5
) -> tuple[list[Disclosed], int]:
    """An organisation's newest listings of a kind under its name, and how many there are in all
    (up to the bound). Anonymous ones are not among them, not even in the number."""
    wanted = Wanted(kind=kind, organisation=public_id)
    found = candidates(wanted, None, actor).filter(conditions(wanted))
    rows = list(found.order_by("-published_at", "-pk")[:number])
    views = disclosed_many(rows, actor, detail=False)
    total = len(rows) if len(rows) < number else found.order_by()[: BOUND + 1].count()
    return [views[row.pk] for row in rows], total


def without(wanted: Wanted, name: str) -> Wanted:
    """The same without one filter."""
    empty = Wanted(kind=wanted.kind)
    names = {"trl": ("trl_min", "trl_max"), "price": ("price_min", "price_max", "currency"),
             "field": ("field", "sub_field")}.get(name, (name,))  # fmt: skip
    return replace(wanted, **{key: getattr(empty, key) for key in names})


class _Bounded(Paginator):  # type: ignore[type-arg]
    """Pages of a list that was counted already, up to the bound."""

    def __init__(self, listings: QuerySet[Listing], total: int) -> None:
        super().__init__(listings, ROWS)
        self.total = total

    @property
    def count(self) -> int:
        return self.total
