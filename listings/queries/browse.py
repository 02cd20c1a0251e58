"""A page of listings for a question and filters: what is found, in which order, how many."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet

from listings.disclosure import Disclosed, disclosed_many
from listings.models import SearchEntry
from listings.models.listings import Kind
from listings.queries import facets, meaning, ranking, search, suggestions
from listings.queries.alike import folded
from listings.queries.entries import entries_for
from listings.queries.facets import Counts
from listings.queries.narrowing import conditions
from listings.queries.ranking import Hit
from listings.queries.search import BOUND, Query
from listings.queries.visibility import published_for
from listings.wanted import Wanted
from marketplace.core.actor import Actor
from marketplace.core.encoder import Vector
from marketplace.core.paging import Counted
from marketplace.core.words import language_of

ROWS = 20
TWINS_SHOWN = 3
_ORDERS = {
    "newest": ("-published_at", "-pk"),
    "deadline": (F("deadline").asc(nulls_last=True), "-published_at", "-pk"),
    "trl": (F("trl").desc(nulls_last=True), "-published_at", "-pk"),
    "price": (F("price_min").asc(nulls_last=True), "-published_at", "-pk"),
}


@dataclass(frozen=True)
class Twins:
    """The first few of those that say the same again, and how many there are."""

    shown: list[Disclosed]
    number: int

    @property
    def more(self) -> int:
        return self.number - len(self.shown)


@dataclass(frozen=True)
class Found:
    """One page of a list, with counts for every filter.

    query: None when nothing was asked. page.object_list holds Disclosed, in order; hits says of
    each what it was found by, when listed by relevance. meant: the question that was answered
    instead, when words of it stand nowhere and others come near.
    beyond: the page asked for lies after the end, and the last one is shown.
    twins: by relevance, what says the same as a listing of the page and stands behind it; folded:
    how many of the whole list do.
    """

    wanted: Wanted
    query: Query | None
    page: "Page[Any]"
    counts: Counts
    fingerprints: dict[int, int]
    hits: dict[int, Hit]
    meant: str = ""
    beyond: bool = False
    twins: dict[int, Twins] = field(default_factory=dict)
    folded: int = 0

    @property
    def ends_early(self) -> bool:
        """More is found than the list leads through."""
        return bool(self.counts.total > self.page.paginator.count + self.folded)

    @property
    def is_by_meaning(self) -> bool:
        """No word of the question is in anything that is shown."""
        return bool(self.hits) and not any(hit.words for hit in self.hits.values())

    @property
    def is_partial(self) -> bool:
        """Not every word of the question is in what is shown."""
        return self.query is not None and not self.query.every


def browse(wanted: Wanted, actor: Actor, number: str | int | None = 1) -> Found:
    """The page `number` of what the actor may see of the wanted. Ten queries or so, however many
    listings there are; a question of which nothing holds every word takes two more."""
    asked = _ask(wanted, actor)
    query = asked.query
    counts = facets.count_for(wanted, asked.under, actor)
    listed = _listed(asked, wanted, actor, counts.total)
    page: Page[Any] = listed.paginator.get_page(number)
    heads = list(page.object_list)
    shown = [*heads, *(pk for head in heads for pk in listed.alike.get(head, [])[:TWINS_SHOWN])]
    # What is shown comes through the one door, whatever the search table says.
    rows = {row.pk: row for row in published_for(actor).filter(pk__in=shown)}
    views = disclosed_many([rows[pk] for pk in shown if pk in rows], actor)
    page.object_list = [views[pk] for pk in heads if pk in views]
    return Found(
        wanted, query, page, counts, {pk: rows[pk].fingerprint for pk in heads if pk in rows},
        listed.hits, meant=asked.meant, folded=listed.folded,
        twins={
            head: Twins([views[pk] for pk in alike[:TWINS_SHOWN] if pk in views], len(alike))
            for head in heads
            if (alike := listed.alike.get(head))
        },
        beyond=str(number or 1).isdecimal()
        and int(str(number or 1)[:12]) > listed.paginator.num_pages,
    )  # fmt: skip


@dataclass(frozen=True)
class _Listed:
    """Pages of ids in order; by relevance with what each was found by, and alike: id -> those that
    say the same and stand behind it."""

    paginator: "Paginator[Any]"
    hits: dict[int, Hit]
    alike: dict[int, list[int]]

    @property
    def folded(self) -> int:
        return sum(map(len, self.alike.values()))


def _listed(asked: "_Asked", wanted: Wanted, actor: Actor, total: int) -> _Listed:
    if wanted.order == "relevance" and asked.query is not None:
        hits = {hit.pk: hit for hit in _ranked(asked, wanted, actor)}
        groups = {pk: [] for pk in hits} if wanted.unfolded else folded(list(hits), actor)
        return _Listed(
            Paginator(list(groups), ROWS),
            hits,
            {pk: alike for pk, alike in groups.items() if alike},
        )
    ids = asked.under(conditions(wanted)).order_by(*_ORDERS.get(wanted.order, _ORDERS["newest"]))
    return _Listed(Counted(ids.values_list("pk", flat=True), ROWS, min(total, BOUND)), {}, {})


def answers(wanted: Wanted, actor: Actor) -> list[Hit]:
    """All that a question leads to by relevance, best first, without pages and counts."""
    return _ranked(_ask(wanted, actor), wanted, actor)


def ids_found(wanted: Wanted, actor: Actor, limit: int) -> list[int]:
    """Ids of all that the page leads through and of what lies beyond its bound, for an export: by
    relevance as far as that is weighed, the rest newest first."""
    asked = _ask(wanted, actor)
    found = asked.under(conditions(wanted))
    if wanted.order != "relevance" or asked.query is None:
        order = _ORDERS.get(wanted.order, _ORDERS["newest"])
        return list(found.order_by(*order).values_list("pk", flat=True)[:limit])
    ids = [hit.pk for hit in _ranked(asked, wanted, actor)][:limit]
    rest = found.order_by(*_ORDERS["newest"]).values_list("pk", flat=True)[:limit]
    return list(dict.fromkeys([*ids, *rest]))[:limit]


@dataclass(frozen=True)
class _Asked:
    """A question made ready. meant: corrected; under: what it finds under filters."""

    query: Query | None
    meant: str
    vector: Vector | None
    near: list[int]
    under: Callable[[Q], QuerySet[SearchEntry]]


def _ask(wanted: Wanted, actor: Actor) -> _Asked:
    query, meant = _understood(wanted, actor)
    if _finds_none(query, wanted, actor):
        query = search.require_some(meant or wanted.question, actor, wanted.kind)
    vector = _vector(query)
    near = _near(wanted, query, vector, actor)
    under = partial(candidates, wanted, query, actor, near)
    return _Asked(query, meant, vector, near, under)


def _understood(wanted: Wanted, actor: Actor) -> tuple[Query | None, str]:
    """The query of the question, and the question that is answered instead: words that stand
    nowhere are taken for slips, unless the reader wants them as they are."""
    if not wanted.question:
        return None, ""
    every = not wanted.any_word
    query = search.prepared(wanted.question, actor, wanted.kind, every=every)
    if query is None or not query.nowhere or wanted.exact:
        return query, ""
    meant = suggestions.corrected(wanted.question, query.nowhere, wanted.kind)
    if meant:
        query = search.prepared(meant, actor, wanted.kind, every=every)
    return query, meant


def _finds_none(query: Query | None, wanted: Wanted, actor: Actor) -> bool:
    """Whether all words are required and no listing holds them all."""
    if query is None or not query.every or not query.words:
        return False
    return not candidates(wanted, query, actor).exists()


def _ranked(asked: _Asked, wanted: Wanted, actor: Actor) -> list[Hit]:
    if asked.query is None:
        return []
    own = sorted(actor.organisation_ids)
    found = asked.under(conditions(wanted))
    return ranking.by_relevance(found, asked.query, asked.vector, asked.near, wanted.kind, own)


def _vector(query: Query | None) -> Vector | None:
    """The meaning of what was asked; filters written into the question are no part of it."""
    if query is None or not query.question.words:
        return None
    question = query.question
    words = " ".join(word.surface for word in question.words)
    return meaning.vector_of(words if question.is_filter or question.misread else question.text)


def _near(wanted: Wanted, query: Query | None, vector: Vector | None, actor: Actor) -> list[int]:
    """Ids of what is near in meaning. Once for all, so that counts beside the filters say where a
    change leads, and once more under the filters, which may leave little of that."""
    if vector is None or query is None:
        return []
    language = language_of(query.question.text)
    words = query.question.words
    # an abbreviation looks like nonsense to the model
    unworded = len(query.nowhere) == len(words) and not any(w.surface.isupper() for w in words)
    found = meaning.nearest(vector, actor, wanted.kind, Q(), language, unworded=unworded)
    if wanted.active and not (unworded and not found):
        found += meaning.nearest(vector, actor, wanted.kind, conditions(wanted), language)
    return list(dict.fromkeys(found))


def candidates(
    wanted: Wanted, query: Query | None, actor: Actor,
    near: list[int] | None = None, under: Q | None = None,
) -> QuerySet[SearchEntry]:  # fmt: skip
    """Entries of what the question finds of the kind, under filters. A question without words (only
    signs) finds nothing. near: what was found in meaning besides."""
    seen, under = entries_for(actor), under or Q()
    if query is not None:
        # Not of the other kind, in place of the kind: no index answers that, and the one that
        # would is read whole for nothing.
        other = Q(kind=Kind.NEED if wanted.kind == Kind.TECHNOLOGY else Kind.TECHNOLOGY)
        return search.holding(seen, query, actor, near, ~other & under)
    return seen.none() if wanted.question else seen.filter(under, kind=wanted.kind)


def newest(kind: str, actor: Actor, number: int) -> list[Disclosed]:
    """The newest few of a kind that the actor may see, without their parts."""
    return _first(entries_for(actor).filter(kind=kind), actor, number)


def of_organisation(
    public_id: str, actor: Actor, kind: str, number: int = 5
) -> tuple[list[Disclosed], int]:
    """An organisation's newest listings of a kind under its name, and how many there are in all
    (up to the bound). Anonymous ones are not among them, not even in the number."""
    wanted = Wanted(kind=kind, organisation=public_id)
    found = candidates(wanted, None, actor, under=conditions(wanted))
    views = _first(found, actor, number)
    total = len(views) if len(views) < number else found.order_by()[: BOUND + 1].count()
    return views, total


def _first(entries: QuerySet[SearchEntry], actor: Actor, number: int) -> list[Disclosed]:
    """The newest few of these, as they are shown in a list."""
    ids = entries.order_by("-published_at", "-pk").values("pk")[:number]
    rows = list(published_for(actor).filter(pk__in=ids).order_by("-published_at", "-pk"))
    views = disclosed_many(rows, actor, detail=False)
    return [views[row.pk] for row in rows]
