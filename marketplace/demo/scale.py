"""Many more listings out of the authored ones, for load tests: varied, deterministic, streamed.

A made listing takes the frame of one authored entry and the substance of others of its field: its
problem, application, evidence and numbers are drawn anew, so that texts share words as real ones
do without being copies.
"""

import random
import re
import time
from collections.abc import Iterator
from decimal import Decimal

from django.db import transaction

from accounts.models import Organisation
from listings import indexing
from listings.duplicates import set_fingerprint
from listings.models import Listing, Specification
from listings.models.listings import State
from marketplace.core.units import parse_unit, to_base
from marketplace.demo.entries import Entry, authored, content_of
from marketplace.demo.names import days_ago, in_days, stable_id

BATCH = 1000
SEED = 20261122
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*[A-Za-z])")
_SENTENCE = {"en": re.compile(r"(?<=[.;])\s+"), "zh": re.compile(r"(?<=[。；])")}


def load_scaled(organisations: dict[str, Organisation], target: int) -> Iterator[tuple[int, float]]:
    """Make published public listings until there are `target`; yields (count, rows/s) by batch.

    Words are indexed; meanings and matches are not queued, since on two cores a million of them
    takes a day.
    """
    frames = list(authored())
    by_field: dict[str, list[Entry]] = {}
    for frame in frames:
        by_field.setdefault(frame.field, []).append(frame)
    owners = [pk for pk in organisations.values() if not pk.is_registration_point]
    total = Listing.objects.count()
    number = total
    while total < target:
        started = time.monotonic()
        size = min(BATCH, target - total)
        with transaction.atomic():
            made = [_make(n, frames, by_field, owners) for n in range(number, number + size)]
            fresh = _store(made)
        number += size
        total += fresh
        yield total, size / (time.monotonic() - started)


def _make(
    number: int, frames: list[Entry], by_field: dict[str, list[Entry]], owners: list[Organisation]
) -> tuple[Listing, list[Specification]]:
    dice = random.Random(SEED + number)  # noqa: S311 (a load test, no secret)
    frame = dice.choice(frames)
    others = by_field[frame.field]
    owner = dice.choice(owners)
    data = content_of(frame)
    listing = Listing(
        public_id=stable_id("scaled", str(number)), kind=frame.kind, owner=owner,
        country=owner.country, region=owner.region, state=State.PUBLISHED,
        published_at=days_ago(dice.random() * 300), valid_until=in_days(dice.randint(30, 340)),
        published_version=1, trl=dice.randint(2, 9), modes=data["modes"],
        field=frame.field, sub_field=dice.choice(others).row["sub_field"],
        price_kind=data["price_kind"], currency=data["currency"],
    )  # fmt: skip
    if data["price_min"] is not None:
        low = Decimal(dice.randint(5, 400)) * 10_000
        listing.price_min, listing.price_max = low, low * dice.randint(1, 5)
    for language in ("en", "zh"):
        _write(listing, frame, others, language, dice)
    set_fingerprint(listing)
    return listing, _specifications(listing, frame, dice)


def _write(
    listing: Listing, frame: Entry, others: list[Entry], language: str, dice: random.Random
) -> None:
    title = (frame.row["title"] or {}).get(language)
    if not title:
        return
    setattr(listing, f"title_{language}", _numbers(title, dice)[:200])
    setattr(
        listing, f"summary_{language}", _numbers(frame.row["summary"].get(language, ""), dice)[:600]
    )
    sentences: list[str] = []
    keywords: list[str] = []
    for row in (frame.row, dice.choice(others).row, dice.choice(others).row):
        text = (row.get("body") or {}).get(language, "")
        parts = _SENTENCE[language].split(text)
        sentences.append(_numbers(dice.choice(parts), dice))
        keywords.extend((row.get("keywords") or {}).get(language, [])[:2])
    joint = " " if language == "en" else ""
    setattr(listing, f"body_{language}", joint.join(sentences))
    setattr(listing, f"keywords_{language}", list(dict.fromkeys(keywords)))


def _numbers(text: str, dice: random.Random) -> str:
    """The text with every number redrawn within a factor of about two, in its precision."""

    def redraw(match: re.Match[str]) -> str:
        places = len(match.group().partition(".")[2])
        return f"{float(match.group()) * dice.uniform(0.55, 1.9):.{places}f}"

    return _NUMBER.sub(redraw, text)


def _specifications(listing: Listing, frame: Entry, dice: random.Random) -> list[Specification]:
    made = []
    for position, spec in enumerate(frame.row.get("specs", [])):
        unit = parse_unit(spec.get("unit", ""))
        value = Decimal(str(spec["value"])) * Decimal(f"{dice.uniform(0.6, 1.5):.3f}")
        value = value.quantize(Decimal("0.001"))
        made.append(
            Specification(
                listing=listing, position=position, metric_en=spec["en"], metric_zh=spec["zh"],
                comparator="ge" if spec["comparator"] == "between" else spec["comparator"],
                value=value, unit=unit.text, dimension=unit.dimension[:120],
                base_value=to_base(value, unit), strength=spec.get("strength", "must"),
            )
        )  # fmt: skip
    return made


def _store(made: list[tuple[Listing, list[Specification]]]) -> int:
    """Insert a batch with its words; returns how many were new."""
    known = set(
        Listing.objects.filter(public_id__in=[row.public_id for row, _ in made]).values_list(
            "public_id", flat=True
        )
    )
    fresh = [(row, specs) for row, specs in made if row.public_id not in known]
    listings = Listing.objects.bulk_create([row for row, _ in fresh])
    for listing, specs in zip(listings, [specs for _, specs in fresh], strict=True):
        for spec in specs:
            spec.listing = listing
    Specification.objects.bulk_create([spec for _, specs in fresh for spec in specs])
    indexing.index_many([listing.pk for listing in listings], meanings=False)
    return len(fresh)
