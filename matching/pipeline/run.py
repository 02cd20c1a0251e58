"""One listing through all stages."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from listings.models import Listing, SearchEntry
from matching.models import MatchRun
from matching.pipeline import candidates, delivery, rarity, reasons, subjects
from matching.pipeline.bearings import Bearings, bearings_of
from matching.pipeline.delivery import Delivered, Scored
from matching.pipeline.features import Comparison, compare
from matching.pipeline.model import Model, current
from matching.pipeline.rarity import Rarities
from matching.pipeline.score import score
from matching.pipeline.subjects import Subject


def match_listing(
    listing_id: int, *, repeat_before: dt.datetime | None = None, model: Model | None = None
) -> Delivered | None:
    """Match a listing with the market, once a version; None when there was nothing to do.

    Everything is read and computed without a lock, then stored in one short transaction.
    repeat_before: also a version that was matched, if that was before then.
    """
    model = model or current()
    listing = Listing.objects.filter(pk=listing_id).only("state", "revision_of_id").first()
    if listing is None:
        return None
    if not candidates.is_open(listing):
        delivery.forget(listing_id)
        return None
    if not _is_due(listing_id, model, repeat_before):
        return None
    subject = subjects.load(listing_id)
    if subject is None:  # not indexed yet: the index job tells us when it is
        return None
    background = background_of(subject)
    found = candidates.find(subject, *background)
    pairs = [
        Scored(pair, score(pair.features, model), [])
        for pair in compared(subject, found.ids, background, model)
    ]
    return delivery.store(
        subject, _worth_storing(subject, pairs, found.known, model), candidates=len(found.ids),
        model=model, repeat_before=repeat_before,
    )  # fmt: skip


class Background(NamedTuple):
    """What a market's own texts say of words and of meanings, for one listing."""

    rarities: Rarities
    bearings: Bearings | None


def background_of(subject: Subject) -> Background:
    """In four small queries."""
    rarities = rarity.rarities([*subject.words, *subject.pairs])
    return Background(rarities, bearings_of(subject.encoder, rarities.market))


def compared(
    subject: Subject, ids: Sequence[int], background: Background, model: Model
) -> list[Comparison]:
    """The subject with each of these listings of the other kind, as far as they may be paired."""
    others = subjects.load_others(subject, ids, background.bearings)
    rarities = rarity.extended(background.rarities, {word for one in others for word in one.words})
    pairs = (compare(subject, other, rarities, model) for other in others)
    return [pair for pair in pairs if _is_allowed(pair)]


def _is_due(listing_id: int, model: Model, repeat_before: dt.datetime | None) -> bool:
    """A cheap look before the work; delivery decides under the lock."""
    run = MatchRun.objects.filter(pk=listing_id).first()
    if run is None:
        return True
    if repeat_before is not None and run.matched_at < repeat_before:
        return True
    entry = SearchEntry.objects.filter(pk=listing_id).values_list("listing_version", "encoder")
    version, encoder = entry.first() or (0, "")
    return not delivery.is_current(run, version, encoder, model)


def _is_allowed(pair: Comparison) -> bool:
    return pair.need.owner_id != pair.technology.owner_id


def _worth_storing(
    subject: Subject, pairs: list[Scored], known: frozenset[int], model: Model
) -> list[Scored]:
    """The best above the floor and the pairs it has already, with their reasons.

    Some more than are kept, since a few may change before they are stored.
    """
    ranked = sorted(pairs, key=lambda pair: (-pair.score, pair.comparison.other(subject).pk))
    best = [pair for pair in ranked if pair.score >= model.floor][: delivery.KEEP + 10]
    had = [pair for pair in ranked if pair.comparison.other(subject).pk in known]
    chosen = best + [pair for pair in had if pair not in best]
    words = {one.word for pair in chosen for one in pair.comparison.shared[: reasons.MAX_TERMS]}
    ids = [subject.pk, *(pair.comparison.other(subject).pk for pair in chosen)]
    tiers = subjects.tiers_of_words(ids, words) if chosen else {}
    return [
        replace(
            pair,
            reasons=reasons.build(
                pair.comparison,
                tiers.get(pair.comparison.need.pk, {}),
                tiers.get(pair.comparison.technology.pk, {}),
            ),
        )
        for pair in chosen
    ]
