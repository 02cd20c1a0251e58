"""Many more listings out of the authored ones, for load tests: varied, deterministic, streamed.

A made listing takes the frame of one authored entry and the substance of others of its field: its
problem, application, evidence and numbers are drawn anew, so that texts share words as real ones
do without being copies.
"""

import multiprocessing
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from listings import indexing
from listings.duplicates import compared_texts
from listings.fingerprints import bands_of
from listings.imports.copying import copy_rows, new_ids
from listings.models import Listing, Specification
from listings.models.listings import State
from listings.tsvectors import prepared_many
from marketplace.core.units import parse_unit, to_base
from marketplace.demo.entries import Entry, authored, content_of
from marketplace.demo.names import days_ago, in_days, stable_id

BATCH = 1000
PROCESSES = 2
Made = tuple[Listing, list[Specification]]
Prepared = list[tuple[list[str], int]]
# number -> (name of the encoder, so many vectors in PostgreSQL's text form)
Meanings = Callable[[int], tuple[str, Sequence[str]]]
SEED = 20261122
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*[A-Za-z])")
_JOINT = {"en": " ", "zh": ""}
_SENTENCE = {"en": re.compile(r"(?<=[.;])\s+"), "zh": re.compile(r"(?<=[。；])")}


def load_scaled(
    organisations: dict[str, Organisation], target: int, meanings: Meanings | None = None
) -> Iterator[tuple[int, float]]:
    """Make published public listings until there are `target`; yields (count, rows/s) by batch.

    Words are indexed; meanings and matches are not queued, since on two cores a million of them
    takes days. meanings: gives made ones for so many entries (marketplace.bench).
    """
    frames = list(authored())
    by_field: dict[str, list[Entry]] = {}
    for frame in frames:
        by_field.setdefault(frame.field, []).append(frame)
    owners = [pk for pk in organisations.values() if not pk.is_registration_point]
    total = Listing.objects.count()
    number = total
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        ahead: tuple[list[Made], list[Future[Prepared]]] | None = None
        while ahead is not None or number < target:
            started = time.monotonic()
            following = None
            if number < target:
                numbers = range(number, min(number + BATCH, target))
                following = _begin([_make(n, frames, by_field, owners) for n in numbers], pool)
                number = numbers.stop
            if ahead is not None:  # stored while other processes cut the words of the next
                made, results = ahead
                total += _store(made, [row for one in results for row in one.result()], meanings)
                yield total, len(made) / (time.monotonic() - started)
            ahead = following


def _begin(
    made: list[Made], pool: ProcessPoolExecutor
) -> tuple[list[Made], "list[Future[Prepared]]"]:
    """Cut the words of a batch in other processes."""
    tasks = []
    for pk, (listing, specifications) in zip(new_ids(len(made)), made, strict=True):
        listing.pk = pk
        listing._prefetched_objects_cache = {  # type: ignore[attr-defined]
            "specifications": specifications, "ip_rights": [], "co_owners": [], "documents": [],
        }  # fmt: skip
        tasks.append((indexing.tier_texts(listing), compared_texts(listing)))
    size = len(tasks) // PROCESSES + 1
    return made, [
        pool.submit(prepared_many, tasks[start : start + size])
        for start in range(0, len(tasks), size)
    ]


def _make(
    number: int, frames: list[Entry], by_field: dict[str, list[Entry]], owners: list[Organisation]
) -> Made:
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
    return listing, _specifications(listing, frame, dice)


def _write(
    listing: Listing, frame: Entry, others: list[Entry], language: str, dice: random.Random
) -> None:
    title = (frame.row["title"] or {}).get(language)
    if not title:
        return
    drawn = [frame.row, dice.choice(others).row, dice.choice(others).row]
    use = _keyword(dice.choice(others).row, language, dice)
    setattr(listing, f"title_{language}", _titled(_numbers(title, dice), use, language)[:200])
    summary = [(row.get("summary") or {}).get(language, "") for row in drawn[: dice.randint(1, 2)]]
    setattr(listing, f"summary_{language}", _numbers(_JOINT[language].join(summary), dice)[:600])
    sentences: list[str] = []
    keywords: list[str] = []
    for row in drawn:
        text = (row.get("body") or {}).get(language, "")
        parts = _SENTENCE[language].split(text)
        sentences.append(_numbers(dice.choice(parts), dice))
        keywords.extend((row.get("keywords") or {}).get(language, [])[:2])
    setattr(listing, f"body_{language}", _JOINT[language].join(sentences))
    setattr(listing, f"keywords_{language}", list(dict.fromkeys(keywords)))


def _keyword(row: dict[str, Any], language: str, dice: random.Random) -> str:
    words = (row.get("keywords") or {}).get(language, [])
    return str(dice.choice(words)) if words else ""


def _titled(title: str, use: str, language: str) -> str:
    """The title with what it is used for, unless it says so itself."""
    if not use or use.lower() in title.lower():
        return title
    return f"{title}, for {use}" if language == "en" else f"{title}（用于{use}）"


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


@transaction.atomic
def _store(made: list[Made], results: Prepared, meanings: Meanings | None) -> int:
    """Insert a batch with its words; returns how many were new."""
    known = set(
        Listing.objects.filter(public_id__in=[row.public_id for row, _ in made]).values_list(
            "public_id", flat=True
        )
    )
    fresh = [
        (listing, specifications, vectors, fingerprint)
        for (listing, specifications), (vectors, fingerprint) in zip(made, results, strict=True)
        if listing.public_id not in known
    ]
    for listing, specifications, _vectors, fingerprint in fresh:
        listing.fingerprint, listing.fingerprint_bands = fingerprint, bands_of(fingerprint)
        for specification in specifications:
            specification.listing = listing
    entries = [indexing.entry_of(listing, vectors) for listing, _, vectors, _ in fresh]
    if meanings is not None:
        name, made_ones = meanings(len(entries))
        for entry, vector in zip(entries, made_ones, strict=True):
            entry.meaning_public = vector
            entry.encoder = name
    copy_rows([listing for listing, *_ in fresh])
    copy_rows([row for _, specifications, *_ in fresh for row in specifications])
    copy_rows(entries)
    return len(fresh)
