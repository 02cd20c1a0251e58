"""A scratch market that holds the offers of a set, as if they had been posted."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.utils import timezone

from accounts.models import Organisation
from listings import indexing
from listings.models import Listing, SearchEntry
from listings.models.listings import Kind, State, Tier
from marketplace.core.encoder import encoder
from marketplace.demo.entries import authored
from marketplace.demo.names import in_days, stable_id
from marketplace.evaluation.sets import Offer

Item = TypeVar("Item")
BATCH = 500
ENCODED = 16


def post(offers: Iterable[Offer], *, kind: str = Kind.TECHNOLOGY) -> dict[int, str]:
    """Publish offers (or needs) with their words indexed; returns listing id -> name. Each call
    posts for an organisation of its own, since one's own listings are never paired."""
    owner = Organisation.objects.create(
        name_en="Evaluation", kind="research_institute", verified_at=timezone.now()
    )
    names: dict[int, str] = {}
    for batch in _batches(offers):
        rows = Listing.objects.bulk_create([_listing(offer, owner, kind) for offer in batch])
        indexing.index_many([row.pk for row in rows], meanings=False)
        names |= {row.pk: offer.name for row, offer in zip(rows, batch, strict=True)}
    return names


def _listing(offer: Offer, owner: Organisation, kind: str) -> Listing:
    title = offer.title or offer.text[:200]
    return Listing(
        kind=kind, owner=owner, state=State.PUBLISHED, visibility=Tier.PUBLIC,
        published_at=timezone.now(), valid_until=in_days(300), field="electronic_information",
        **{f"title_{offer.language}": title[:200], f"body_{offer.language}": offer.text[:20_000]},
    )  # fmt: skip


def add_meanings(names: dict[int, str], kept: Path, tell: Callable[[int, int], None]) -> None:
    """Give the listings their meanings: those kept in a file from an earlier run, the others by the
    encoder, which takes its time; `tell(done, of)` now and then."""
    import numpy as np  # noqa: PLC0415

    model = encoder()
    if model is None:
        return
    known: dict[str, list[float]] = {}
    if kept.exists():
        with np.load(kept) as file:
            known = dict(zip(file["names"].tolist(), file["vectors"].tolist(), strict=True))
    missing = [pk for pk, name in names.items() if name not in known]
    rows = Listing.objects.in_bulk(missing)
    for start in range(0, len(missing), ENCODED):
        ids = missing[start : start + ENCODED]
        texts = {pk: indexing.texts_of_meaning(rows[pk], Tier.PUBLIC) for pk in ids}
        vectors = indexing.meanings_of(list(texts.values()), model)
        known |= {names[pk]: vectors[texts[pk]] for pk in ids}
        if start % (64 * ENCODED) == 0 or start + ENCODED >= len(missing):
            tell(start + len(ids), len(missing))
            np.savez_compressed(
                kept, names=np.array(list(known)), vectors=np.array(list(known.values()), "f4")
            )
    for batch in _batches(names.items()):
        entries = [
            SearchEntry(pk=pk, meaning_public=known[name], encoder=model.name) for pk, name in batch
        ]
        SearchEntry.objects.bulk_update(entries, ["meaning_public", "encoder"])


def demo_names(kind: str = "") -> dict[int, str]:
    """Of the demo market that is loaded: listing id -> key of the authored entry (of a kind)."""
    keys = {
        stable_id("listing", entry.row["key"]): entry.row["key"]
        for entry in authored()
        if kind in ("", entry.kind)
    }
    rows = Listing.objects.filter(public_id__in=keys).values_list("pk", "public_id")
    return {pk: keys[public_id] for pk, public_id in rows}


def groups(names: dict[int, str]) -> dict[str, str]:
    """Name -> what kind of organisation posted it, in which language."""
    rows = Listing.objects.filter(pk__in=names).values_list(
        "pk", "owner__kind", "title_en", "title_zh"
    )
    return {
        names[pk]: f"{kind}, {'both' if en and zh else 'zh' if zh else 'en'}"
        for pk, kind, en, zh in rows
    }


def _batches(rows: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch
