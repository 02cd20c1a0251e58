"""The search entry of a listing: its facts, and its words and meanings by tier.

Facts are written by the action that publishes, in its transaction; words by a job right after;
meanings at once for one listing, in batches for many. When an entry is complete, the rooms that
follow listings are told (listings.followers).
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain

from django.db import transaction
from django.db.models import Q

from listings import followers, states
from listings.models import Document, Listing, SearchEntry
from listings.models.listings import Tier
from listings.models.search import FACTS
from listings.tags import tags_of
from listings.tsvectors import Weighted, tsvectors
from marketplace.core import jobs
from marketplace.core.codes import FIELDS, SUB_FIELDS
from marketplace.core.encoder import Encoder, Vector, encoder

PARTS = ("owner", "specifications", "documents", "co_owners", "ip_rights")
EMBED_BATCH = 8
BACKLOG = "backlog"  # the queue of what follows many listings at once
# What the encoder reads of one text; the beginning decides, so the tiers are put in front.
_MEANING_CHARACTERS = 600
_WRITTEN = [
    *(name.removesuffix("_id") for name in FACTS), "ip_kinds", "language", "tags", "words_title",
    "words_public", "words_members", "words_full", "meaning_public", "meaning_full", "encoder",
    "listing_version", "indexed_at",
]  # fmt: skip


def show_facts(listing: Listing) -> None:
    """Bring a listing that has just been changed into the search by its facts, or take it out when
    it is not published. In the transaction of the change, under the listing's lock.

    Its words and meanings go until the job has read the new text: what was hidden in it must not be
    found for another second.
    """
    if listing.state == states.PUBLISHED and listing.revision_of_id is None:
        write_entries([_facts_of(listing)])
    else:
        SearchEntry.objects.filter(pk=listing.pk).delete()


def index_listing(listing_id: int) -> None:
    """Write (or remove) the entry of one listing, meanings included, and tell the followers.

    Idempotent: it computes from the stored listing, under its lock.
    """
    with transaction.atomic():
        listing = (
            Listing.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=listing_id, revision_of__isnull=True)
            .first()
        )
        if listing is None or listing.state != states.PUBLISHED:
            SearchEntry.objects.filter(pk=listing_id).delete()
            if listing is not None:
                followers.enqueue_all([listing_id])
            return
        entry = _entry(listing)
        write_entries([entry])
    # The model takes its time: not while the row is locked.
    try:
        _embed([listing])
    finally:
        # Also when it fails: words are enough to begin with, and the job is tried again.
        with transaction.atomic():
            followers.enqueue_all([listing_id])


def index_many(listing_ids: Sequence[int], *, meanings: bool = True) -> int:
    """Write the words of many listings at once and queue their meanings; returns how many.

    meanings: False leaves them (and matching) to the caller, or for good, as a load test wants.

    The followers are told by the job that adds the meanings, or here when there is no encoder.
    """
    with transaction.atomic():
        rows = list(
            Listing.objects.filter(
                pk__in=listing_ids, state=states.PUBLISHED, revision_of__isnull=True
            ).prefetch_related(*PARTS)
        )
        SearchEntry.objects.filter(pk__in=set(listing_ids) - {row.pk for row in rows}).delete()
        entries = [_entry(row) for row in rows]
        lacking = _keep_meanings(entries)
        write_entries(entries)
        if meanings:
            queue_meanings(lacking)
    return len(rows)


def _keep_meanings(entries: Sequence[SearchEntry]) -> list[int]:
    """Carry over the meanings of texts that have not changed; returns the ids of the others."""
    model = encoder()
    known = {
        entry.pk: entry
        for entry in SearchEntry.objects.filter(
            pk__in=[entry.pk for entry in entries], meaning_public__isnull=False,
            encoder=model.name[:60] if model is not None else "",
        ).only("listing_version", "meaning_public", "meaning_full", "encoder")
    }  # fmt: skip
    lacking = []
    for entry in entries:
        old = known.get(entry.pk)
        if old is None or old.listing_version != entry.listing_version:
            lacking.append(entry.pk)
            continue
        entry.meaning_public, entry.meaning_full = old.meaning_public, old.meaning_full
        entry.encoder = old.encoder
    return lacking


def queue_meanings(listing_ids: Sequence[int]) -> None:
    """One job per EMBED_BATCH listings in the queue `embedding`. In a transaction."""
    if encoder() is None:
        followers.enqueue_all(list(listing_ids), queue=BACKLOG)
        return
    batches = [
        list(listing_ids[start : start + EMBED_BATCH])
        for start in range(0, len(listing_ids), EMBED_BATCH)
    ]
    jobs.enqueue_many(
        "listings.embed_batch",
        [(f"{batch[0]}-{batch[-1]}-{len(batch)}", {"listings": batch}) for batch in batches],
    )


def embed_batch(listing_ids: Sequence[int], model: Encoder | None = None) -> None:
    """Add the meanings of listings whose words were written, then tell the followers.

    model: instead of the configured encoder, one that answers for it. Listings that have got their
    meaning meanwhile (by another job, or by this one before its worker died) are not read again.
    """
    model = model or encoder()
    rows = Listing.objects.filter(
        pk__in=listing_ids, state=states.PUBLISHED, search_entry__isnull=False
    ).prefetch_related(*PARTS)
    try:
        if model is not None:
            lacking = set(
                SearchEntry.objects.filter(lacks_meaning(model), pk__in=listing_ids).values_list(
                    "pk", flat=True
                )
            )
            _embed([row for row in rows if row.pk in lacking], model)
    finally:  # as in index_listing
        with transaction.atomic():
            followers.enqueue_all([row.pk for row in rows], queue=BACKLOG)


def lacks_meaning(model: Encoder) -> Q:
    """Entries without a meaning by this encoder; a text that changes loses its own."""
    return Q(meaning_public=None) | ~Q(encoder=model.name[:60])


def _embed(rows: Sequence[Listing], model: Encoder | None = None) -> None:
    model = model or encoder()
    if model is None or not rows:
        return
    public = [texts_of_meaning(row, Tier.PUBLIC) for row in rows]
    full = [texts_of_meaning(row, Tier.CONFIDENTIAL) for row in rows]
    vectors = meanings_of([*public, *full], model)
    for row, one, whole in zip(rows, public, full, strict=True):
        # Only onto the words of the same version: an entry that was removed stays removed, and a
        # slow worker never puts an old meaning beside new words.
        SearchEntry.objects.filter(pk=row.pk, listing_version=row.version).update(
            meaning_public=vectors[one],
            meaning_full=vectors[whole] if whole != one else None,
            encoder=model.name[:60],
        )


def meanings_of(asked: Sequence[tuple[str, str]], model: Encoder) -> dict[tuple[str, str], Vector]:
    """The meaning of each pair of title and text: the middle of both vectors, each encoded once.

    A title says what a text is about, the text what it says of it; either alone ranks worse
    (docs/explanation/matching.md).
    """
    texts = list(dict.fromkeys(chain.from_iterable(asked)))
    known = dict(zip(texts, model.passages(texts), strict=True))
    return {pair: _middle(known[pair[0]], known[pair[1]]) for pair in asked}


def _middle(one: Vector, other: Vector) -> Vector:
    """Of two vectors of length one, of length one itself."""
    if one == other:
        return one
    total = [a + b for a, b in zip(one, other, strict=True)]
    length = math.sqrt(math.fsum(x * x for x in total)) or 1.0
    return [x / length for x in total]


def write_entries(entries: list[SearchEntry]) -> None:
    """Insert or replace; the meanings of an old text go, new ones follow."""
    SearchEntry.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["listing"], update_fields=_WRITTEN,
        batch_size=200,
    )  # fmt: skip


def _entry(listing: Listing) -> SearchEntry:
    return entry_of(listing, tsvectors(tier_texts(listing)))


def entry_of(listing: Listing, vectors: Sequence[str]) -> SearchEntry:
    """The (unsaved) entry of a listing, given the tsvectors of its title and tiers; most listings
    have nothing but the public one, and hold it once."""
    title, public, members, full = vectors
    entry = _facts_of(listing)
    entry.words_title = title
    entry.words_public = public
    entry.words_members = members if members != public else None
    entry.words_full = full if full != public else None
    entry.listing_version = listing.version
    return entry


def _facts_of(listing: Listing) -> SearchEntry:
    entry = SearchEntry(
        listing=listing, language=language_of(listing),
        ip_kinds=sorted({row.kind for row in listing.ip_rights.all()}),
        **{name: getattr(listing, name) for name in FACTS},
    )  # fmt: skip
    entry.tags = tags_of(entry)
    return entry


def language_of(listing: Listing) -> str:
    """en, zh or both: in which the title or the body stands."""
    english = bool(listing.title_en or listing.body_en)
    chinese = bool(listing.title_zh or listing.body_zh)
    return "both" if english and chinese else "zh" if chinese else "en"


def tier_texts(listing: Listing) -> list[Weighted]:
    """What each tier adds to the one below it, from public to confidential."""
    return [_texts_of(listing, tier) for tier in Tier.values]


def _texts_of(listing: Listing, tier: str) -> Weighted:
    rows = [row for row in listing.specifications.all() if row.tier == tier]
    metrics = [
        text
        for row in rows
        for text in (row.metric_en, row.metric_zh, row.condition_en, row.condition_zh)
    ]
    documents = [
        text
        for row in listing.documents.all()
        if row.tier == tier
        for text in (_title_of(row, listing), row.text)
    ]
    if tier == Tier.PUBLIC:
        return (
            _join(listing.title_en, listing.title_zh),
            _join(listing.summary_en, listing.summary_zh, *listing.keywords_en,
                    *listing.keywords_zh),
            _join(listing.body_en, listing.body_zh, listing.tried_en, listing.tried_zh,
                    listing.judged_en, listing.judged_zh, *metrics),
            _join(*_field_names(listing), *_owner_names(listing), *documents),
        )  # fmt: skip
    if tier == Tier.MEMBERS:
        own = (listing.members_text_en, listing.members_text_zh)
    else:
        own = (listing.confidential_text_en, listing.confidential_text_zh)
    return "", "", _join(*own, *metrics), _join(*documents)


def _title_of(document: Document, listing: Listing) -> str:
    """A title that nobody typed is the file's name, which may name an anonymous owner."""
    untyped = document.title == document.name.rsplit(".", 1)[0]
    return "" if untyped and listing.is_anonymous else document.title


def _field_names(listing: Listing) -> list[str]:
    codes = [FIELDS.get(listing.field), SUB_FIELDS.get(listing.sub_field)]
    return [name for code in codes if code is not None for name in (code.en, code.zh)]


def _owner_names(listing: Listing) -> list[str]:
    """An anonymous owner is not found by its name: a hit would name it."""
    if listing.is_anonymous:
        return []
    others = [row.name for row in listing.co_owners.all()]
    return [listing.owner.name_en, listing.owner.name_zh, *others]


def texts_of_meaning(listing: Listing, tier: str) -> tuple[str, str]:
    """Title and text whose meanings stand for the listing (see `meanings_of`)."""
    title = _join(listing.title_en, listing.title_zh)
    return title[:_MEANING_CHARACTERS], _meaning_text(listing, tier)


def _meaning_text(listing: Listing, tier: str) -> str:
    """Of the tier `public`, or of all tiers.

    Both languages share the room; the encoder reads only the first part of a text, so what says
    most comes first.
    """
    title = _join(listing.title_en, listing.title_zh)
    summary = _join(listing.summary_en, listing.summary_zh)
    hidden = (
        _join(
            listing.confidential_text_en, listing.confidential_text_zh, listing.members_text_en,
            listing.members_text_zh,
        )
        if tier != Tier.PUBLIC
        else ""
    )  # fmt: skip
    body = _join(listing.body_en, listing.body_zh)
    # a text without a body of its own says the same twice
    return _join(*dict.fromkeys([title, summary, hidden[:250], body]))[:_MEANING_CHARACTERS]


def _join(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def rebuild(batch: int = 500, *, meanings: bool = True) -> Iterator[int]:
    """Queue every published listing for indexing anew, in batches of ids; yields how many so far.

    The search goes on: an entry is replaced by the new one, none is missing in between. The words
    come by the queue `embedding`, on every machine that works it; the meanings after them.
    """
    done = last = 0
    while True:
        ids = list(
            Listing.objects.filter(pk__gt=last, state=states.PUBLISHED, revision_of=None)
            .order_by("pk")
            .values_list("pk", flat=True)[:batch]
        )
        if not ids:
            return
        with transaction.atomic():
            jobs.enqueue(
                "listings.index_batch", {"listings": ids, "meanings": meanings},
                key=f"{ids[0]}-{ids[-1]}-{meanings}",
            )  # fmt: skip
        done += len(ids)
        last = ids[-1]
        yield done
