"""What matching may know of a listing: everything, the confidential texts too.

A Subject never leaves the pipeline; what is shown to people is built by matching.explanation from
what the reader may see. Plain SQL, since a run reads some hundred of them and needs few columns.
"""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from listings import states
from listings.disclosure import RANK
from listings.fingerprints import FIGURES
from listings.models.listings import Tier
from matching.pipeline.bearings import Bearings, nearness, numbers

# How much one mention counts by the part it stands in: title, summary and keywords, body and
# metrics, documents with names of fields and owners.
PART_WEIGHTS = {"A": 3.0, "B": 2.0, "C": 1.0, "D": 0.5}


class Mentions(NamedTuple):
    """How often a word stands in a text, by part, and whether in the title."""

    weight: float
    in_title: bool


class Said(NamedTuple):
    """The words of a text and its pairs of neighbours."""

    words: dict[str, Mentions]
    pairs: dict[str, float]


_SILENT = Said({}, {})


class Figure(NamedTuple):
    """A specification as matching needs it; fields as in listings.models.Specification."""

    pk: int
    metric_en: str
    metric_zh: str
    condition_en: str
    condition_zh: str
    comparator: str
    value: Decimal
    upper: Decimal | None
    unit: str
    dimension: str
    strength: str
    tier: str


@dataclass(frozen=True)
class Subject:
    """One side of a pair.

    The asking side has all its words and its vectors (as PostgreSQL writes them). A candidate has
    the words of its title and those that the asking side has too, and how near it is to it.
    pairs: two words beside each other, joined by a blank, with how much their mentions count.
    cosine is of the vectors as they are, nearness against the background of the market
    (matching.pipeline.bearings).
    """

    pk: int
    kind: str
    version: int
    owner_id: int
    owner_is_verified: bool
    visibility: str
    language: str
    field: str
    sub_field: str
    more_fields: tuple[str, ...]
    trl: int | None
    modes: frozenset[str]
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str
    country: str
    region: str
    closed_tiers: frozenset[str]
    encoder: str
    length: int
    cosine: float | None = None
    cosine_public: float | None = None
    nearness: float | None = None
    meaning: str | None = None
    meaning_public: str | None = None
    words: dict[str, Mentions] = dataclasses.field(default_factory=dict)
    pairs: dict[str, float] = dataclasses.field(default_factory=dict)
    specifications: tuple[Figure, ...] = ()
    is_anonymous: bool = False
    fingerprint: int = 0
    title_form: str = ""  # its title in both languages without figures

    @property
    def is_need(self) -> bool:
        return self.kind == "need"

    @cached_property
    def title_words(self) -> frozenset[str]:
        return frozenset(word for word, said in self.words.items() if said.in_title)

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en", "zh"} if self.language == "both" else {self.language})


# See Subject.title_form; of a row l of listings.
TITLE_FORM = f"regexp_replace(l.title_en || ' / ' || l.title_zh, '{FIGURES}', '#', 'g')"
_BASE = f"""
    SELECT l.id, l.kind, e.listing_version, l.owner_id, o.verified_at IS NOT NULL, l.visibility,
           e.language, l.field, l.sub_field, l.more_fields, l.trl, l.modes, l.price_min,
           l.price_max, l.currency, l.country, l.region, l.is_anonymous,
           l.fingerprint, {TITLE_FORM}, e.encoder,
           length(coalesce(e.words_full, e.words_public)),
           l.members_text_en <> '' OR l.members_text_zh <> '',
           l.confidential_text_en <> '' OR l.confidential_text_zh <> '',
           ARRAY(SELECT DISTINCT d.tier FROM listings_document d WHERE d.listing_id = l.id),
           {{nearness}}
    FROM listings_listing l
    JOIN listings_searchentry e ON e.listing_id = l.id
    JOIN accounts_organisation o ON o.id = l.owner_id
    WHERE l.id = ANY(%(ids)s::bigint[]) AND l.state = %(state)s
"""  # noqa: S608 (our names)
_OWN = "coalesce(e.meaning_full, e.meaning_public)::text, e.meaning_public::text"
_NEAR = (
    "1 - (coalesce(e.meaning_full, e.meaning_public) <=> %(meaning)s::halfvec), "
    "1 - (e.meaning_public <=> %(meaning_public)s::halfvec), "
    "halfvec_send(coalesce(e.meaning_full, e.meaning_public))"
)


# Arrays are sent as one text: the driver writes lists item by item, which thousands of words feel.


def ids_array(ids: Iterable[int]) -> str:
    """For %s::bigint[]."""
    return "{" + ",".join(map(str, ids)) + "}"


def word_list(words: Iterable[str]) -> str:
    """For string_to_array(%s, ' '): no word holds a blank (see marketplace.core.words)."""
    return " ".join(words)


def load(listing_id: int) -> Subject | None:
    """The asking side with all it has; None when it is not published or not indexed."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BASE.format(nearness=_OWN), {"ids": ids_array([listing_id]), "state": states.PUBLISHED}
        )
        row = cursor.fetchone()
    if row is None:
        return None
    specifications = _specifications([listing_id])
    words = _words([listing_id], None)
    return _subject(
        row[:-2], words.get(listing_id, _SILENT), specifications.get(listing_id, ()),
        meaning=row[-2], meaning_public=row[-1],
    )  # fmt: skip


def load_others(
    subject: Subject, listing_ids: Sequence[int], bearings: Bearings | None = None
) -> list[Subject]:
    """The published ones of these as candidates of the subject, in three queries."""
    if not listing_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _BASE.format(nearness=_NEAR),
            {
                "ids": ids_array(listing_ids), "state": states.PUBLISHED,
                "meaning": subject.meaning, "meaning_public": subject.meaning_public,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    specifications = _specifications(listing_ids)
    words = _words(listing_ids, list(subject.words))
    # Vectors of two encoders do not compare.
    near = _nearness(
        subject, [(row[0], row[6], row[-1]) for row in rows if row[20] == subject.encoder], bearings
    )
    return [
        _subject(
            row[:-3], words.get(row[0], _SILENT), specifications.get(row[0], ()),
            cosine=row[-3], cosine_public=row[-2], nearness=near.get(row[0]),
        )
        for row in rows
    ]  # fmt: skip


def _nearness(
    subject: Subject, others: Sequence[tuple[int, str, bytes | None]], bearings: Bearings | None
) -> dict[int, float]:
    """Of (id, language, meaning) of the other kind; without those that have no meaning yet."""
    known = [(pk, language, numbers(wire)) for pk, language, wire in others if wire is not None]
    if bearings is None or subject.meaning is None or not known:
        return {}
    near = nearness(
        bearings, np.array(json.loads(subject.meaning), dtype=np.float32), subject.kind,
        subject.language, np.array([vector for *_, vector in known]),
        [language for _, language, _ in known],
    )  # fmt: skip
    return {pk: float(value) for (pk, *_), value in zip(known, near, strict=True)}


def _subject(
    row: tuple[Any, ...], said: Said, specifications: tuple[Figure, ...], **nearness: Any
) -> Subject:  # fmt: skip
    (pk, kind, version, owner_id, verified, visibility, language, field_code, sub_field,
     more_fields, trl, modes, price_min, price_max, currency, country, region, is_anonymous,
     fingerprint, title_form, encoder, length, has_members, has_confidential,
     document_tiers) = row  # fmt: skip
    closed = {figure.tier for figure in specifications} | set(document_tiers)
    if has_members:
        closed.add(Tier.MEMBERS.value)
    if has_confidential:
        closed.add(Tier.CONFIDENTIAL.value)
    return Subject(
        pk=pk, kind=kind, version=version, owner_id=owner_id, owner_is_verified=verified,
        visibility=visibility, language=language, field=field_code, sub_field=sub_field,
        more_fields=tuple(more_fields), trl=trl, modes=frozenset(modes), price_min=price_min,
        price_max=price_max, currency=currency, country=country,
        # An anonymous owner's county would show in the score of whoever tries the counties.
        region=f"{region[:2]}0000" if is_anonymous and region else region,
        closed_tiers=frozenset(tier for tier in closed if RANK[tier]),
        encoder=encoder, length=length or 0, words=said.words, pairs=said.pairs,
        specifications=specifications, is_anonymous=is_anonymous, fingerprint=fingerprint or 0,
        title_form=title_form, **nearness,
    )  # fmt: skip


def _specifications(listing_ids: Sequence[int]) -> dict[int, tuple[Figure, ...]]:
    found: dict[int, list[Figure]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT listing_id, id, metric_en, metric_zh, condition_en, condition_zh, comparator,
                   value, upper, unit, dimension, strength, tier
            FROM listings_specification WHERE listing_id = ANY(%(ids)s::bigint[])
            ORDER BY position, id
            """,
            {"ids": ids_array(listing_ids)},
        )
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Figure(*row[1:]))
    return {pk: tuple(figures) for pk, figures in found.items()}


def _words(listing_ids: Sequence[int], shared: Sequence[str] | None) -> dict[int, Said]:
    narrowed = ""
    if shared is not None:
        narrowed = "AND (u.lexeme = ANY(string_to_array(%(shared)s, ' ')) OR 'A' = ANY(u.weights))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT e.listing_id, u.lexeme, array_to_string(u.weights, ''),
                   array_to_string(u.positions, ' ')
            FROM listings_searchentry e
            CROSS JOIN LATERAL unnest(coalesce(e.words_full, e.words_public)) u
            WHERE e.listing_id = ANY(%(ids)s::bigint[]) {narrowed}
              AND strpos(u.lexeme, '_') = 0 -- a term of several words stands in its words, too
            """,  # noqa: S608 (one of two literals)
            {"ids": ids_array(listing_ids), "shared": word_list(shared or [])},
        )
        # at once: a row at a time, thousands of them take longer to fetch than to read
        rows = cursor.fetchall()
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return {pk: _said(some) for pk, some in found.items()}


def _said(rows: Iterable[tuple[Any, ...]]) -> Said:
    """Of (listing, word, weights, places), as PostgreSQL keeps them."""
    words: dict[str, Mentions] = {}
    places: dict[int, tuple[str, str]] = {}
    for _listing, word, weights, where in rows:
        words[word] = _mentions(weights)
        if len(weights) == 1:  # of most words
            places[int(where)] = word, weights
        else:
            for weight, place in zip(weights, where.split(), strict=True):
                places[int(place)] = word, weight
    pairs: dict[str, float] = {}
    for number, (word, weight) in places.items():
        following = places.get(number + 1)
        if following is not None:
            pair = f"{word} {following[0]}"
            pairs[pair] = pairs.get(pair, 0.0) + PART_WEIGHTS[weight]
    return Said(words, pairs)


@lru_cache(maxsize=10_000)
def _mentions(weights: str) -> Mentions:
    """Of the parts in which a word stands, as letters: few differ."""
    return Mentions(sum(map(PART_WEIGHTS.__getitem__, weights)), "A" in weights)


def tiers_of_words(listing_ids: Sequence[int], words: Iterable[str]) -> dict[int, dict[str, str]]:
    """Listing id -> word -> the most open tier in which the word stands."""
    found: dict[int, dict[str, str]] = {}
    columns = (("words_full", Tier.CONFIDENTIAL), ("words_members", Tier.MEMBERS),
               ("words_public", Tier.PUBLIC))  # fmt: skip
    wanted = word_list(words)
    with connection.cursor() as cursor:
        for column, tier in columns:
            cursor.execute(
                f"""
                SELECT e.listing_id, u.lexeme
                FROM listings_searchentry e CROSS JOIN LATERAL unnest(e.{column}) u
                WHERE e.listing_id = ANY(%(ids)s::bigint[])
                  AND u.lexeme = ANY(string_to_array(%(words)s, ' '))
                """,  # noqa: S608 (one of three literals)
                {"ids": ids_array(listing_ids), "words": wanted},
            )
            for pk, word in cursor.fetchall():
                found.setdefault(pk, {})[word] = tier.value
    return found
