"""Search over words, in the tier that the reader may read: a confidential word finds nothing.

All words are required; when no listing holds them all, the rarest of them are enough, and the page
says so. How hits are ordered is in listings.queries.ranking.
"""

import hashlib
import math
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Q, QuerySet

from listings.models import SearchEntry
from listings.queries.entries import open_tiers
from listings.queries.matches import Matches
from listings.queries.narrowing import written_into
from listings.question import Question, Word, all_of, any_of, read_question
from marketplace.core.actor import Actor
from marketplace.core.replicas import reading_connection

# Counting stops here; a list says "10,000+" beyond.
BOUND = 10_000
# A word in more listings than this does not help to find one among them.
FREQUENT = 2_000
# For so many seconds a frequent word is known to be one: counting it reads its whole index entry.
FREQUENT_FOR = 3600
RARE_WORDS = 24


@dataclass(frozen=True)
class Query:
    """A question made ready: what to match and how to rank it.

    words: those that count, with how much each says (the rarer the more). every: all are required.
    nowhere: words that no listing of the kind holds. frequent: tokens of words in more listings
    than are worth looking at for one word. tsquery is "" for a question of filters alone.
    column, tiers: the words that the reader finds by, and whose visibility lets it find them.
    """

    question: Question
    words: tuple[tuple[Word, float], ...]
    every: bool
    tsquery: str
    column: str
    tiers: tuple[str, ...] = ()
    nowhere: tuple[Word, ...] = ()
    frequent: frozenset[str] = frozenset()

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset(token for word, _ in self.words for token in word.tokens)


def column_for(actor: Actor) -> str:
    """The column of SearchEntry with the words that this reader may find by."""
    return "words_members" if actor.is_verified_member else "words_public"


def require_all(text: str, actor: Actor) -> Query | None:
    """A query for every word of the question; None when it says nothing at all."""
    question = read_question(text)
    if not question.words and not question.is_filter:
        return None
    weighted = tuple((word, 1.0) for word in question.words)
    return Query(
        question, weighted, True, all_of(question.words), column_for(actor),
        tuple(open_tiers(actor)),
    )  # fmt: skip


def require_some(text: str, actor: Actor, kind: str, *, rarest: int = RARE_WORDS) -> Query | None:
    """A query for the rarest words of the question, one of which is enough (one small query)."""
    return prepared(text, actor, kind, every=False, rarest=rarest)


def prepared(
    text: str, actor: Actor, kind: str, *, every: bool = True, rarest: int = RARE_WORDS
) -> Query | None:
    """The query of a question with its words weighed by how rare they are (one small query).

    every: all words are required, unless one of them stands nowhere.
    """
    question = read_question(text)
    words = question.words
    if not words:
        return require_all(text, actor)
    column = column_for(actor)
    tiers = tuple(open_tiers(actor))
    counts = _counts(words, column, kind, tiers)
    # Words of an owner's own closed texts are not counted; they are found all the same.
    own = bool(actor.organisation_ids)
    nowhere = () if own and every else tuple(word for word in words if not counts[word.token])
    frequent = frozenset(word.token for word in words if counts[word.token] > FREQUENT)
    if every and not nowhere:
        weighted = tuple((word, _weight(word, counts[word.token])) for word in words)
        return Query(question, weighted, True, all_of(words), column, tiers, (), frequent)
    known = sorted(
        (word for word in words if counts[word.token]), key=lambda word: counts[word.token]
    )
    chosen = [word for word in known if word.token not in frequent][:rarest] or known[:1]
    if not chosen:
        chosen = list(words[:1])
    weighted = tuple((word, _weight(word, counts[word.token])) for word in chosen)
    return Query(question, weighted, False, any_of(chosen), column, tiers, nowhere, frequent)


def _weight(word: Word, listings: int) -> float:
    """How much a word says: the rarer the more; a bare number says little of a subject."""
    rarity = math.log(1 + 2 * FREQUENT / max(listings, 1))
    return rarity if word.token[0].isalpha() else rarity * 0.3


def _counts(
    words: tuple[Word, ...], column: str, kind: str, tiers: tuple[str, ...]
) -> dict[str, int]:
    """In how many listings that the reader finds each word stands, counted up to FREQUENT + 1:
    that a word stands nowhere must not tell of what is hidden. One query, or none when all are
    known to be frequent."""
    told = f"{column}:{kind}:{','.join(tiers)}"
    keys = {
        word.token: "listings:frequent:"
        + hashlib.sha256(f"{told}:{word.tsquery}".encode()).hexdigest()
        for word in words
    }
    known = cache.get_many(keys.values())
    counts = {token: FREQUENT + 1 for token, key in keys.items() if key in known}
    rest = [word for word in words if word.token not in counts]
    if rest:
        fresh = _counted(rest, column, kind, tiers)
        counts |= fresh
        if often := {keys[token]: True for token, number in fresh.items() if number > FREQUENT}:
            cache.set_many(often, FREQUENT_FOR)
    return counts


def _counted(words: list[Word], column: str, kind: str, tiers: tuple[str, ...]) -> dict[str, int]:
    hits = " UNION ALL ".join(
        f"SELECT 1 FROM listings_searchentry e WHERE {arm}"  # noqa: S608 (our names)
        for arm in holding_sql(column)
    )
    with reading_connection().cursor() as cursor:
        cursor.execute(
            f"SELECT q.token, (SELECT count(*) FROM ({hits} LIMIT %(limit)s) hits)"  # noqa: S608
            " FROM unnest(%(tokens)s::text[], %(queries)s::text[]) AS q(token, query)",
            {
                "kind": kind, "tiers": list(tiers), "limit": FREQUENT + 1,
                "tokens": [word.token for word in words],
                "queries": [word.tsquery for word in words],
            },
        )  # fmt: skip
        return dict(cursor.fetchall())


# Entries that a reader finds whosever they are: parameters kind, tiers. In SQL, where the ORM's
# form would be read once for each word; entries_for says the same.
SEEN_SQL = "e.kind = %(kind)s AND e.visibility = ANY(%(tiers)s)"


def holding_sql(column: str) -> list[str]:
    """Conditions in SQL for an entry e of SEEN_SQL that holds q.query in a tier, as arms of a
    UNION ALL (see _arms)."""
    assert column in ("words_public", "words_members")
    public = f"e.words_public @@ q.query::tsquery AND {SEEN_SQL}"
    if column == "words_public":
        return [public]
    return [f"e.{column} @@ q.query::tsquery AND {SEEN_SQL}", f"{public} AND e.{column} IS NULL"]


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


def holding(
    entries: QuerySet[SearchEntry], query: Query, actor: Actor, also: list[int] | None = None,
    under: Q | None = None,
) -> QuerySet[SearchEntry]:  # fmt: skip
    """Those of the entries (of the actor's visible ones) that the query finds under the filters.

    also: ids that are found some other way, in meaning; filters hold for them too, also those that
    stand in the question. Words of a closed tier find only the reader's own listings.
    """
    under = written_into(query.question, actor, query.column) & (under or Q())
    if not query.tsquery:
        return entries.filter(under)
    if query.column == "words_public" and not actor.organisation_ids and not also:
        return entries.filter(Matches("words_public", query.tsquery)).filter(under)
    arms = _arms(query.column, query.tsquery)
    if actor.organisation_ids:
        own = {"owner_id__in": sorted(actor.organisation_ids)}
        arms += [arm.filter(**own) for arm in _arms("words_full", query.tsquery)]
    if also:
        arms.append(SearchEntry.objects.filter(pk__in=also))
    # The filters inside of each, where the index of the words knows them, too.
    first, *others = (arm.filter(under).values("pk") for arm in arms)
    return entries.filter(pk__in=first.union(*others, all=True) if others else first)


def finds(question: str, actor: Actor) -> Q:
    """For filters of the API: listings that hold every word of the question; none without words."""
    query = require_all(question, actor)
    if query is None:
        return Q(pk__in=[])
    return Q(pk__in=holding(SearchEntry.objects.all(), query, actor).values("pk"))
