"""New listings held against all saved searches: the search turned round.

A search asks for all of its words, so a listing that answers it holds its rarest one. Steps: the
words of the new listings find the searches anchored in one of them (an index); these are held
against the facts and words of the batch in memory, which decides most of them; of the few that only
the database can decide, the ordinary door of search is asked, many in a statement.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import structlog
from django.contrib.auth import get_user_model
from django.db import DataError, connection, transaction
from django.db.models import IntegerField, Q, QuerySet, Value

from accounts.queries.actors import actors_for
from listings.batches import Batch
from listings.models import SavedSearch, SearchEntry
from listings.models.listings import Tier
from listings.queries import search as words
from listings.queries.browse import candidates
from listings.queries.narrowing import conditions
from listings.readings import reading_of, stale
from listings.searches import wanted_of
from listings.wanted import Wanted
from marketplace.core.actor import Actor

log = structlog.get_logger(__name__)

# Searches read at a time: memory stays small however many there are.
CHUNK = 2_000
ASKED = 25  # questions in one statement

# Words of a batch up to which each is looked for in the index of anchors; of more, all searches are
# gone through once.
FEW = 1_000
# Not "anchors overlap tokens": PostgreSQL would hold each search against each token.
_BY_INDEX = (
    "SELECT s.id FROM unnest(%(tokens)s::text[]) AS t(token) CROSS JOIN LATERAL ("
    " SELECT id FROM listings_savedsearch"
    " WHERE anchors @> ARRAY[t.token] AND has_words AND frequency <> 'never') s"
)
_BY_SCAN = (
    "SELECT s.id FROM listings_savedsearch s CROSS JOIN LATERAL unnest(s.anchors) AS a(token)"
    " JOIN unnest(%(tokens)s::text[]) AS t(token) USING (token)"
    " WHERE s.has_words AND s.frequency <> 'never'"
)

# Readers of the two tiers in which news are found, without organisations: what these would add
# is their own or released to them, neither of which is news. Each alert asks again, as its reader.
_READERS = {False: Actor.visitor(), True: Actor(verified_ids=frozenset({0}))}
# kind, parameters, as a member: what is answered once for all who ask the same
_Same = tuple[str, str, bool]


def matching(wanted: Wanted, actor: Actor, listing_ids: Iterable[int]) -> QuerySet[SearchEntry]:
    """The entries (by listing id) of what the actor finds now of these, by the ordinary door.

    Left out: its own organisations' listings, which are no news to it, and those under NDA, which
    no notice may name. All words of the question are required.
    """
    query = words.require_all(wanted.question, actor) if wanted.question else None
    return (
        candidates(wanted, query, actor, under=conditions(wanted) & Q(pk__in=list(listing_ids)))
        .exclude(visibility=Tier.CONFIDENTIAL)
        .exclude(owner_id__in=sorted(actor.organisation_ids))
    )


def hits(listing_ids: Sequence[int]) -> Iterator[tuple[SavedSearch, list[int]]]:
    """Which watched searches find which of the listings, by the present tier of their people."""
    batch = Batch(listing_ids)
    ids = _anchored(batch)
    for start in range(0, len(ids), CHUNK):
        searches = SavedSearch.objects.in_bulk(ids[start : start + CHUNK]).values()
        actors = actors_of({search.user_id for search in searches})
        pairs = [
            (search, actor)
            for search in searches
            if (actor := actors.get(search.user_id)) is not None
        ]
        # Decided once for all who ask the same with the same rights.
        different = {_same(search, actor, batch): search for search, actor in pairs}
        answers = _answers(different, batch)
        for search, actor in pairs:
            news = answers[_same(search, actor, batch)] & ~batch.owned_by(actor.organisation_ids)
            if news:
                yield search, batch.ids(news)


def actors_of(user_ids: Iterable[int]) -> dict[int, Actor]:
    """The actors of people who are still here, by id."""
    people = get_user_model().objects.filter(pk__in=list(user_ids), is_active=True)
    return actors_for(people)


def _same(search: SavedSearch, actor: Actor, batch: Batch) -> _Same:
    # members read more only where there is more
    return search.kind, search.query, actor.is_verified_member and batch.is_closed


def _answers(asked: Mapping[_Same, SavedSearch], batch: Batch) -> dict[_Same, int]:
    """What each search finds of the batch."""
    answers: dict[_Same, int] = {}
    open_ones: list[_Same] = []
    for same, search in asked.items():
        reading = reading_of(search)
        answers[same] = batch.found(reading, search.kind, member=same[2])
        if answers[same] and reading.get("ask"):
            open_ones.append(same)
    for start in range(0, len(open_ones), ASKED):
        answers.update(_asked(open_ones[start : start + ASKED], answers, batch))
    return answers


def _asked(
    asked: Sequence[_Same], likely: Mapping[_Same, int], batch: Batch
) -> dict[_Same, int]:  # fmt: skip
    """What the database says of these searches and the listings that they are likely to find.

    One that it refuses finds none, and does not keep the others from their alerts.
    """
    first, *others = (
        matching(wanted_of(kind, query), _READERS[member], batch.ids(likely[kind, query, member]))
        .order_by()
        .annotate(number=Value(number, IntegerField()))
        .values_list("number", "pk")
        for number, (kind, query, member) in enumerate(asked)
    )
    found = dict.fromkeys(asked, 0)
    try:
        with transaction.atomic():
            for number, pk in first.union(*others, all=True) if others else first:
                found[asked[number]] |= batch.bit_of(pk)
    except DataError as error:
        if others:
            return {
                same: bits for one in asked for same, bits in _asked([one], likely, batch).items()
            }
        log.warning("saved_search_failed", kind=asked[0][0], error=type(error).__name__)
        return {asked[0]: 0}
    return found


def _anchored(batch: Batch) -> list[int]:
    """Ids of the watched searches of the kinds at hand that hang on a word of the batch, or on
    none; those of a person in a row."""
    kinds, tokens = list(batch.kinds), batch.tokens
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT user_id, id FROM listings_savedsearch WHERE id IN ("  # noqa: S608 (our texts)
            f"{_BY_INDEX if len(tokens) <= FEW else _BY_SCAN} UNION ALL"
            " SELECT id FROM listings_savedsearch"
            " WHERE NOT has_words AND frequency <> 'never' AND kind = ANY(%(kinds)s)"
            ") AND kind = ANY(%(kinds)s)"
            " AND (fields = '{}' OR fields && %(fields)s::varchar[])"
            " ORDER BY user_id, id",
            {"tokens": tokens, "kinds": kinds, "fields": list(batch.fields)},
        )
        ids = [pk for _user, pk in cursor.fetchall()]
    # what could not be read anew before this check
    left = stale().filter(kind__in=kinds).exclude(frequency=SavedSearch.Frequency.NEVER)
    return list(dict.fromkeys([*ids, *left.values_list("pk", flat=True)]))
