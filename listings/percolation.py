"""New listings held against all saved searches: the search turned round.

A search asks for all of its words, so a listing that answers it holds its rarest one. Steps: the
words of the new listings find the searches anchored in one of them (an index); of those, each
search's other words and plain filters are looked for in memory; the few pairs that are left are
asked of the ordinary door of search, whose answer alone counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from django.contrib.auth import get_user_model
from django.db import DataError, connection, transaction
from django.db.models import Q, QuerySet

from accounts.queries.actors import actor_for
from listings.models import Listing, SavedSearch, SearchEntry
from listings.models.listings import Tier
from listings.queries import search as words
from listings.queries.browse import candidates
from listings.queries.narrowing import conditions
from listings.question import Word
from listings.searches import wanted_of
from listings.wanted import Wanted
from marketplace.core.actor import Actor

log = structlog.get_logger(__name__)

# Searches read at a time: memory stays small however many there are.
CHUNK = 2_000
COUNTED = 2_000  # beyond, one frequent word is as good an anchor as another


@dataclass(frozen=True, slots=True)
class _News:
    """The batch in memory. postings: token -> ids of the listings that hold it in any tier;
    closed: ids of those of which members may know or read more than visitors."""

    listings: dict[int, Listing]
    postings: dict[str, set[int]]
    closed: set[int]


# Readers of the two tiers in which news are found, without organisations: what these would add
# is their own or released to them, neither of which is news. Each alert asks again, as its reader.
_VISITOR = Actor.visitor()
_MEMBER = Actor(verified_ids=frozenset({0}))


def asked(question: str) -> list[Word]:
    """The words of a question that a listing must hold; what it excludes or filters by is left to
    the search itself."""
    query = words.require_all(question, Actor.visitor()) if question else None
    return [word for word, _weight in query.words] if query is not None else []


def anchors_of(question: str) -> list[str]:
    """The tokens of the rarest word, as the market is now; empty for a question without words."""
    found = asked(question)
    if len(found) < 2:
        return sorted(found[0].tokens) if found else []
    queries = [" | ".join(map(_quoted, sorted(word.tokens))) for word in found]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM listings_searchentry e"
            " WHERE e.words_public @@ q.query::tsquery LIMIT %s) hits)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS q(query, place) ORDER BY q.place",
            [COUNTED, queries],
        )
        counts = [count for (count,) in cursor.fetchall()]
    # of equally rare words the longest says most
    rarest = min(zip(found, counts, strict=True), key=lambda pair: (pair[1], -len(pair[0].surface)))
    return sorted(rarest[0].tokens)


def matching(wanted: Wanted, actor: Actor, listing_ids: Iterable[int]) -> QuerySet[SearchEntry]:
    """The entries (by listing id) of what the actor finds now of these, by the ordinary door.

    Left out: its own organisations' listings, which are no news to it, and those under NDA, which
    no notice may name. All words of the question are required.
    """
    query = words.require_all(wanted.question, actor) if wanted.question else None
    return (
        candidates(wanted, query, actor)
        .filter(conditions(wanted))
        .filter(pk__in=list(listing_ids))
        .exclude(visibility=Tier.CONFIDENTIAL)
        .exclude(owner_id__in=sorted(actor.organisation_ids))
    )


def hits(listing_ids: Sequence[int]) -> list[tuple[SavedSearch, list[int]]]:
    """Which watched searches find which of the listings, by the present tier of their people."""
    news = _read(listing_ids)
    found: list[tuple[SavedSearch, list[int]]] = []
    answers: dict[object, list[int]] = {}
    last: int | None = 0
    while last is not None:
        chunk = list(_anchored(news).filter(pk__gt=last).order_by("pk")[:CHUNK])
        last = chunk[-1].pk if len(chunk) == CHUNK else None
        likely = [
            (search, wanted, pks)
            for search in chunk
            for wanted in [wanted_of(search.kind, search.query)]
            if (pks := _likely(search, wanted, news))
        ]
        actors = actors_of({search.user_id for search, _wanted, _pks in likely})
        for search, wanted, pks in likely:
            actor = actors.get(search.user_id)
            if actor is None:
                continue
            # Asked once for all who ask the same with the same rights; what is one's own is taken
            # out afterwards. Members read more only where there is more.
            member = actor.is_verified_member and not news.closed.isdisjoint(pks)
            same = (search.kind, search.query, member)
            if same not in answers:
                answers[same] = _exactly(search, wanted, member, pks)
            others = [
                pk
                for pk in answers[same]
                if news.listings[pk].owner_id not in actor.organisation_ids
            ]
            if others:
                found.append((search, others))
    return found


def _exactly(search: SavedSearch, wanted: Wanted, member: bool, pks: Sequence[int]) -> list[int]:
    """The listings that a search finds. One that the database refuses finds none, and does not
    keep the others from their alerts."""
    found = matching(wanted, _MEMBER if member else _VISITOR, pks).order_by("pk")
    try:
        with transaction.atomic():
            return list(found.values_list("pk", flat=True))
    except DataError as error:
        log.warning("saved_search_failed", search=search.pk, error=type(error).__name__)
        return []


def actors_of(user_ids: Iterable[int]) -> dict[int, Actor]:
    """The actors of people who are still here, by id."""
    people = get_user_model().objects.filter(pk__in=list(user_ids), is_active=True)
    return {user.pk: actor_for(user, user.language) for user in people}


def _read(listing_ids: Sequence[int]) -> _News:
    """Facts and words of the batch. The fullest tier holds all words of those below it; whether
    the reader may find by them is asked later."""
    rows = Listing.objects.filter(pk__in=listing_ids).only(
        "kind", "owner", "visibility", "field", "more_fields", "sub_field", "trl", "modes",
        "country", "is_anonymous",
    )  # fmt: skip
    listings = {row.pk: row for row in rows}
    closed = {row.pk for row in listings.values() if row.visibility != Tier.PUBLIC}
    postings: dict[str, set[int]] = defaultdict(set)
    entries = SearchEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT listing_id, tsvector_to_array(COALESCE(words_full, words_members,"  # noqa: S608
            f" words_public)), words_members IS NOT NULL FROM {entries} WHERE listing_id = ANY(%s)",
            [list(listing_ids)],
        )
        for pk, tokens, for_members in cursor.fetchall():
            if for_members:
                closed.add(pk)
            for token in tokens or ():
                postings[token].add(pk)
    return _News(listings, postings, closed)


def _anchored(news: _News) -> QuerySet[SavedSearch]:
    """Watched searches of the kinds at hand that hang on a word of the batch, or on none."""
    kinds = sorted({row.kind for row in news.listings.values()})
    rows = news.listings.values()
    fields = sorted({code for row in rows for code in (row.field, *row.more_fields)})
    with_words = Q(has_words=True, anchors__overlap=list(news.postings))
    wordless = Q(has_words=False, kind__in=kinds)
    in_fields = Q(fields=[]) | Q(fields__overlap=fields)
    return SavedSearch.objects.filter(
        with_words | wordless, in_fields, ~Q(frequency=SavedSearch.Frequency.NEVER), kind__in=kinds
    )


def _likely(search: SavedSearch, wanted: Wanted, news: _News) -> list[int]:
    """Listings of the batch that may answer: never fewer than those that do."""
    pks: set[int] | None = None
    for word in asked(wanted.question):
        holding = set().union(*(news.postings.get(token, set()) for token in word.tokens))
        pks = holding if pks is None else pks & holding
        if not pks:
            return []
    return sorted(
        pk
        for pk in (news.listings if pks is None else pks)
        if (row := news.listings.get(pk)) is not None and _may_answer(row, wanted)
    )


def _may_answer(row: Listing, wanted: Wanted) -> bool:
    """The filters that can be judged from the row alone; the others are left to the database."""
    return (
        row.kind == wanted.kind
        and (not wanted.field or bool({row.field, *row.more_fields} & set(wanted.field)))
        and (not wanted.sub_field or row.sub_field in wanted.sub_field)
        and (not wanted.trl_min or (row.trl or 0) >= wanted.trl_min)
        and (not wanted.trl_max or (row.trl or 99) <= wanted.trl_max)
        and (not wanted.mode or bool(set(row.modes) & set(wanted.mode)))
        and (not wanted.country or row.country == wanted.country)
        and not (wanted.organisation and row.is_anonymous)
    )


def _quoted(token: str) -> str:
    """A token in PostgreSQL's text form of a tsquery."""
    return "'{}'".format(token.replace("\\", "\\\\").replace("'", "''"))
