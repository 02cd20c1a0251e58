"""Search over words, in the tier that the reader may read: a confidential word finds nothing.

All words are required; when no listing holds them all, the rarest of them are enough, and the page
says so. Hits are ranked within a bound, so that a frequent word costs no more than a rare one.
"""

import math
from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, F, FloatField, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from listings.models import Listing, SearchEntry
from listings.question import Word, all_of, any_of, words_of
from marketplace.core.actor import Actor

# Counting stops here; a list says "10,000+" beyond.
BOUND = 10_000
# Reading the words of a hit to rank it costs more than finding it.
RANKED = 3_000
# A word in more listings than this does not help to find one among them.
FREQUENT = 2_000
RARE_WORDS = 12
# Weights of D (documents, names), C (body), B (summary, keywords), A (title).
_WEIGHTS = "{0.1, 0.25, 0.6, 1.0}"


@dataclass(frozen=True)
class Query:
    """A question made ready: what to match and how to rank it.

    words: those that count, with how much each says (the rarer the more). every: all are required.
    nowhere: words that no listing of the kind holds, when only some are required.
    """

    words: tuple[tuple[Word, float], ...]
    every: bool
    tsquery: str
    column: str
    nowhere: tuple[Word, ...] = ()

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset(token for word, _ in self.words for token in word.tokens)


def column_for(actor: Actor) -> str:
    """The column of SearchEntry with the words that this reader may find by."""
    return "words_members" if actor.is_verified_member else "words_public"


def require_all(question: str, actor: Actor) -> Query | None:
    """A query for every word of the question; None when it holds no word at all."""
    words = words_of(question)
    if not words:
        return None
    return Query(tuple((word, 1.0) for word in words), True, all_of(words), column_for(actor))


def require_some(question: str, actor: Actor, kind: str) -> Query | None:
    """A query for the rarest words of the question, one of which is enough (one small query)."""
    words = words_of(question)
    if not words:
        return None
    column = column_for(actor)
    counts = _counts(words, column, kind)
    known = sorted(
        (word for word in words if counts[word.token]), key=lambda word: counts[word.token]
    )
    chosen = [word for word in known if counts[word.token] <= FREQUENT][:RARE_WORDS] or known[:1]
    if not chosen:
        chosen = words[:1]
    weighted = tuple((word, _weight(word, counts[word.token])) for word in chosen)
    nowhere = tuple(word for word in words if not counts[word.token])
    return Query(weighted, False, any_of(chosen), column, nowhere)


def _weight(word: Word, listings: int) -> float:
    """How much a word says: the rarer the more; a bare number says little of a subject."""
    rarity = math.log(1 + 2 * FREQUENT / max(listings, 1))
    return rarity if word.token[0].isalpha() else rarity * 0.3


def _counts(words: list[Word], column: str, kind: str) -> dict[str, int]:
    """In how many listings each word stands, counted up to FREQUENT + 1."""
    assert column in ("words_public", "words_members")
    closed = ""
    if column != "words_public":
        closed = (
            " UNION ALL SELECT 1 FROM listings_searchentry e WHERE e.kind = %(kind)s"  # noqa: S608
            f" AND e.words_public @@ w.query::tsquery AND e.{column} IS NULL"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            # The column is one of two names of ours.
            "SELECT w.token, (SELECT count(*) FROM (SELECT 1 FROM listings_searchentry e"  # noqa: S608
            f" WHERE e.kind = %(kind)s AND e.{column} @@ w.query::tsquery{closed}"
            " LIMIT %(limit)s) hits)"
            " FROM unnest(%(tokens)s::text[], %(queries)s::text[]) AS w(token, query)",
            {
                "kind": kind, "limit": FREQUENT + 1, "tokens": [word.token for word in words],
                "queries": [word.tsquery for word in words],
            },
        )  # fmt: skip
        return dict(cursor.fetchall())


def _arms(column: str, tsquery: str) -> list[QuerySet[SearchEntry]]:
    """The entries that a query finds in a tier, as sets to be joined by UNION ALL.

    An entry that adds nothing to its public words has null in the other columns. Two sets and not
    one condition with OR, for which PostgreSQL would read the words of every hit again.
    """
    public = SearchEntry.objects.filter(Matches("words_public", tsquery))
    if column == "words_public":
        return [public]
    closed = SearchEntry.objects.filter(Matches(column, tsquery))
    return [closed, public.filter(**{f"{column}__isnull": True})]


def holding(listings: QuerySet[Listing], query: Query, actor: Actor) -> QuerySet[Listing]:
    """Those of the listings (of the actor's visible ones) that the query finds.

    Words of a closed tier find only the reader's own listings.
    """
    arms = _arms(query.column, query.tsquery)
    if actor.organisation_ids:
        own = {"listing__owner_id__in": sorted(actor.organisation_ids)}
        arms += [arm.filter(**own) for arm in _arms("words_full", query.tsquery)]
    first, *others = (arm.values("pk") for arm in arms)
    return listings.filter(pk__in=first.union(*others, all=True) if others else first)


def ranked(listings: QuerySet[Listing], query: Query, *, limit: int = RANKED) -> QuerySet[Listing]:
    """Best first; of more than `limit` hits, the newest are ranked and the others left out."""
    newest = listings.order_by("-pk").values("pk")[:limit]
    return (
        Listing.objects.filter(pk__in=newest)
        .annotate(rank=_rank(query))
        .order_by("-rank", "-published_at", "-pk")
    )


def _rank(query: Query) -> Combinable:
    """With every word there, how near the top they stand; else the sum of what each word says."""
    column = _words_in(query.column)
    if query.every:
        return Rank(column, query.tsquery)
    total: Combinable = Value(0.0)
    for word, weight in query.words:
        total = total + Rank(column, word.tsquery) * Value(weight) + Found(column, word, weight)
    return total


def _words_in(column: str) -> Combinable:
    """The words of a listing's entry in a tier."""
    public = F("search_entry__words_public")
    if column == "words_public":
        return public
    return Coalesce(F(f"search_entry__{column}"), public)


class Matches(Func):
    """`column @@ tsquery`, for a tsquery in PostgreSQL's own text form."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, tsquery: str) -> None:
        super().__init__(F(column), TsQuery(tsquery))


class TsQuery(Func):
    template = "%(expressions)s::tsquery"
    output_field = TextField()

    def __init__(self, tsquery: str) -> None:
        super().__init__(Value(tsquery))


class Rank(Func):
    """ts_rank with our weights, long texts a little discounted."""

    function = "ts_rank"
    template = f"ts_rank('{_WEIGHTS}', %(expressions)s, 1)"
    output_field = FloatField()

    def __init__(self, words: Combinable, tsquery: str) -> None:
        super().__init__(words, TsQuery(tsquery))


class Found(Func):
    """A part of the word's weight for standing there at all."""

    arg_joiner = " @@ "
    output_field = FloatField()

    def __init__(self, words: Combinable, word: Word, weight: float) -> None:
        super().__init__(words, TsQuery(word.tsquery))
        self.template = f"(CASE WHEN %(expressions)s THEN {weight / 2:.4f} ELSE 0 END)"


def finds(question: str, actor: Actor) -> Q:
    """For filters of the API: listings that hold every word of the question; none without words."""
    query = require_all(question, actor)
    if query is None:
        return Q(pk__in=[])
    return Q(pk__in=holding(Listing.objects.all(), query, actor).values("pk"))
