"""Which listings are worth a closer look, and what of them the asker may read.

Found by public words and public meaning alone, fetched through published_for, compared by the
tiers that the asker has been let into.
"""

from collections.abc import Mapping, Sequence

from django.db import connection
from django.db.models import F, FloatField, Func, IntegerField, Q, Value
from django.db.models.functions import Coalesce
from pgvector.django import CosineDistance

from listings.disclosure import RANK, access_to
from listings.models import Listing, SearchEntry, Specification
from listings.models.listings import Tier
from listings.queries import meaning
from listings.queries.entries import open_tiers
from listings.queries.visibility import published_for, released_to
from marketplace.core.actor import Actor
from marketplace.core.encoder import Vector
from matching.asking.text import as_figure
from matching.pipeline.bearings import other_of
from matching.pipeline.candidates import question_terms
from matching.pipeline.rarity import Rarities
from matching.pipeline.subjects import (
    PART_WEIGHTS,
    Figure,
    Mentions,
    Subject,
    ids_array,
    word_list,
)

DEPTH = 100  # by words, and by meaning in each language
_ACCESS = ("owner_id", "state", "visibility", "is_anonymous", "revision_of_id")
_COLUMNS = {
    Tier.PUBLIC.value: "e.words_public",
    Tier.MEMBERS.value: "coalesce(e.words_members, e.words_public)",
    Tier.CONFIDENTIAL.value: "coalesce(e.words_full, e.words_public)",
}
_FACTS = (
    "pk", "kind", "listing_version", "owner_id", "visibility", "language", "field", "sub_field",
    "more_fields", "trl", "modes", "price_min", "price_max", "currency", "country", "region",
    "is_anonymous", "encoder",
)  # fmt: skip


def find(
    subject: Subject, vector: Vector | None, rarities: Rarities, actor: Actor, *, language: str = ""
) -> dict[int, str]:
    """Listing id -> the tier up to which the actor may read it, of those worth comparing.

    language: only listings written in it.
    """
    kind = other_of(subject.kind)
    ids = _by_words(subject, rarities, actor, kind)
    if vector is not None:
        asked_in = next(iter(subject.languages))
        ids += meaning.nearest(vector, actor, kind, Q(), asked_in, number=DEPTH)
    return tiers_for(ids, actor, kind=kind, language=language)


def tiers_for(
    ids: Sequence[int], actor: Actor, *, kind: str = "", language: str = ""
) -> dict[int, str]:
    """Of these listings, those that are published for the actor, with the tier it may read."""
    rows = published_for(actor).filter(pk__in=set(ids), search_entry__isnull=False)
    if kind:
        rows = rows.filter(kind=kind)
    if language:
        rows = rows.filter(search_entry__language__in=[language, "both"])
    opened = access_to(list(rows.only(*_ACCESS)), actor)
    return {pk: opened[pk].tier for pk in dict.fromkeys(ids) if pk in opened}


def _by_words(subject: Subject, rarities: Rarities, actor: Actor, kind: str) -> list[int]:
    """Those that hold most of the weight of the rarest words, by the index of public words."""
    terms = question_terms(subject, rarities)
    if not terms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT hit.listing_id
            FROM unnest(%(words)s::text[], %(weights)s::float8[]) AS q(word, weight)
            CROSS JOIN LATERAL (
                SELECT e.listing_id FROM listings_searchentry e
                WHERE e.words_public @@ (quote_literal(q.word))::tsquery AND e.kind = %(kind)s
                  AND (e.visibility = ANY(%(tiers)s) OR e.owner_id = ANY(%(own)s)
                       OR e.listing_id = ANY(%(released)s))
            ) AS hit
            GROUP BY hit.listing_id
            ORDER BY sum(q.weight) DESC, hit.listing_id DESC
            LIMIT %(limit)s
            """,
            {
                "words": [word for word, _ in terms], "weights": [weight for _, weight in terms],
                "kind": kind, "tiers": open_tiers(actor), "own": sorted(actor.organisation_ids),
                "released": _released(actor), "limit": DEPTH,
            },
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


def _released(actor: Actor) -> list[int]:
    if not actor.organisation_ids:
        return []
    return sorted(released_to(actor).values_list("listing_id", flat=True))


# --- What the asker may read of them -------------------------------------------------------------


def load_open(
    tiers: Mapping[int, str], *, words: Sequence[str] | None, vector: Sequence[float] | None
) -> dict[int, Subject]:
    """Each listing as far as its tier reaches, in three queries.

    words: only these and those of its title (None: all). vector: to which nearness is measured.
    """
    if not tiers:
        return {}
    held = _words(tiers, words)
    figures = _figures(tiers)
    nothing = Value(None, output_field=FloatField())
    rows = (
        SearchEntry.objects.filter(pk__in=list(tiers))
        .annotate(
            distance=nothing if vector is None else CosineDistance("meaning_public", list(vector)),
            own_length=Coalesce(
                Func(F("words_public"), function="length", output_field=IntegerField()), Value(0)
            ),
        )
        .values(*_FACTS, "distance", "own_length")
    )
    return {
        row["pk"]: _subject(row, held.get(row["pk"], {}), figures.get(row["pk"], ()))
        for row in rows
    }


def _subject(
    row: dict[str, object], words: dict[str, Mentions], figures: tuple[Figure, ...]
) -> Subject:
    values: dict[str, object] = dict(row)
    distance, length = values.pop("distance"), values.pop("own_length")
    is_anonymous, region = values.pop("is_anonymous"), str(values["region"])
    cosine = None if distance is None else 1 - float(str(distance))
    values |= {
        "version": values.pop("listing_version"), "owner_is_verified": False,
        "more_fields": tuple(values["more_fields"]),  # type: ignore[arg-type]
        "modes": frozenset(values["modes"]),  # type: ignore[call-overload]
        "region": f"{region[:2]}0000" if is_anonymous and region else region,
        "closed_tiers": frozenset(), "length": length, "cosine": cosine, "cosine_public": cosine,
        "words": words, "specifications": figures,
    }  # fmt: skip
    # what is left out of a Subject has its default: tests/matching/test_ask.py names it
    return Subject(**values)  # type: ignore[arg-type]


def _words(tiers: Mapping[int, str], only: Sequence[str] | None) -> dict[int, dict[str, Mentions]]:
    narrowed = ""
    if only is not None:
        narrowed = "AND (u.lexeme = ANY(string_to_array(%(only)s, ' ')) OR 'A' = ANY(u.weights))"
    found: dict[int, dict[str, Mentions]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"""
                SELECT e.listing_id, u.lexeme, array_to_string(u.weights, '')
                FROM listings_searchentry e CROSS JOIN LATERAL unnest({column}) u
                WHERE e.listing_id = ANY(%({tier})s::bigint[]) {narrowed}
                  AND strpos(u.lexeme, '_') = 0 -- a term of several words stands in its words, too
                """  # noqa: S608 (our names)
                for tier, column in _COLUMNS.items()
            ),
            {
                **{
                    tier: ids_array(pk for pk, has in tiers.items() if has == tier)
                    for tier in _COLUMNS
                },
                "only": word_list(only or []),
            },
        )
        for pk, word, weights in cursor:
            weight = sum(map(PART_WEIGHTS.__getitem__, weights))
            found.setdefault(pk, {})[word] = Mentions(weight, "A" in weights)
    return found


def _figures(tiers: Mapping[int, str]) -> dict[int, tuple[Figure, ...]]:
    """Specifications of the tiers that may be read."""
    found: dict[int, list[Figure]] = {}
    rows = Specification.objects.filter(listing_id__in=list(tiers)).order_by("position", "pk")
    for row in rows:
        if RANK[row.tier] <= RANK[tiers[row.listing_id]]:
            found.setdefault(row.listing_id, []).append(as_figure(row))
    return {pk: tuple(figures) for pk, figures in found.items()}


def public_meaning(listing_id: int) -> Vector | None:
    """The vector of a listing's public text; None while it has none."""
    return meaning.stored(listing_id)


def loaded(tiers: Mapping[int, str], actor: Actor) -> list[Listing]:
    """The rows of these, through the door once more, with their owners."""
    return list(published_for(actor).filter(pk__in=list(tiers)).select_related("owner"))
