"""Storing what a run found, once.

Promises:
- a pair is one row, whichever side's run finds it, and however many workers run at once;
- answers are never touched: an answered pair stays, with a fresh score, and so does one that a
  broker proposed;
- a listing has at most KEEP pairs that nobody has answered;
- what changed while the run was computing is not overwritten: its own run is on the way.

Locks, always in this order: the listing of the run, then its pairs by their ids. Pairs of others
are removed only when nobody else holds them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from events.actions import record
from listings import states
from listings.fingerprints import TWINS
from listings.models import Listing, SearchEntry
from listings.models.listings import Tier
from marketplace.core import jobs
from marketplace.core.actor import Actor
from matching import event_kinds
from matching.models import Level, Match, MatchRun, Origin
from matching.pipeline.features import Comparison
from matching.pipeline.levels import level_of, score_seen_by
from matching.pipeline.model import Model
from matching.pipeline.reasons import Entry
from matching.pipeline.subjects import TITLE_FORM, Subject
from matching.pipeline.variety import PER_OWNER, varied

KEEP = 50
WRITTEN = (
    "score", "need_score", "technology_score", "level", "model_version", "features", "reasons",
    "need_owner", "technology_owner", "version", "scored_at", "updated_at",
)  # fmt: skip
UNANSWERED = Q(need_answer="", technology_answer="", origin=Origin.MATCHER)


@dataclass(frozen=True)
class Scored:
    """A pair with its score and, once chosen, its reasons."""

    comparison: Comparison
    score: int
    reasons: list[Entry]


@dataclass(frozen=True)
class Delivered:
    """What a run changed: how many pairs are new, how many are kept."""

    new: int
    kept: int


def is_current(run: MatchRun | None, listing_version: int, encoder: str, model: Model) -> bool:
    """Whether this version was matched by this model, with its meaning if it has one by now."""
    return (
        run is not None
        and run.listing_version == listing_version
        and run.model_version == model.version
        and (run.encoder == encoder or not encoder)
    )


@transaction.atomic
def store(
    subject: Subject, pairs: Sequence[Scored], *, candidates: int, model: Model,
    repeat_before: dt.datetime | None = None,
) -> Delivered | None:  # fmt: skip
    """Write the run of a listing; None when there was nothing to do.

    That is when the listing changed meanwhile (a job for the new version waits) or another worker
    has matched it. repeat_before: match again what was last matched before then.
    """
    listing = (
        Listing.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=subject.pk, state=states.PUBLISHED, version=subject.version)
        .first()
    )
    if listing is None:
        return None
    run = MatchRun.objects.filter(pk=subject.pk).first()
    if is_current(run, subject.version, subject.encoder, model) and not (
        repeat_before is not None and run is not None and run.matched_at < repeat_before
    ):
        return None
    now = timezone.now()
    fresh = _unchanged([pair.comparison.other(subject) for pair in pairs])
    known = _pairs_of(subject)
    chosen = _choose(subject, [p for p in pairs if _other(subject, p) in fresh], known, model)
    rows = [_row(pair, known.get(_other(subject, pair)), model, now) for pair in chosen]
    Match.objects.bulk_create(
        sorted(rows, key=lambda row: (row.need_id, row.technology_id)),
        update_conflicts=True, unique_fields=["need", "technology"], update_fields=WRITTEN,
    )  # fmt: skip
    kept = {_other(subject, pair) for pair in chosen}
    # Those left alone for having changed meanwhile are decided by their own run.
    changed = {_other(subject, pair) for pair in pairs} - fresh
    stale = [known[other].pk for other in known.keys() - kept - changed]
    Match.objects.filter(UNANSWERED, pk__in=stale).delete()
    removed = trim(subject, kept)
    new = [pair for pair in chosen if _other(subject, pair) in kept - known.keys() - removed]
    _finish(listing, subject, new, candidates, len(kept), model, now)
    return Delivered(len(new), len(kept))


def forget(listing_id: int) -> None:
    """A listing is no longer matched: its unanswered pairs go, answered ones stay."""
    with transaction.atomic():
        Listing.objects.select_for_update(of=("self",), no_key=True).filter(pk=listing_id).first()
        if Listing.objects.filter(pk=listing_id, state=states.PUBLISHED).exists():
            return
        own = Q(need_id=listing_id) | Q(technology_id=listing_id)
        Match.objects.filter(own, UNANSWERED).delete()
        MatchRun.objects.filter(pk=listing_id).delete()


# --- Inside --------------------------------------------------------------------------------------


def _other(subject: Subject, pair: Scored) -> int:
    return pair.comparison.other(subject).pk


def _unchanged(others: Sequence[Subject]) -> set[int]:
    """Those that are still what was compared."""
    versions = dict(
        SearchEntry.objects.filter(pk__in=[other.pk for other in others]).values_list(
            "pk", "listing_version"
        )
    )
    return {other.pk for other in others if versions.get(other.pk) == other.version}


def _pairs_of(subject: Subject) -> dict[int, Match]:
    """The pairs a listing has, by the other side's id, locked."""
    own, other = ("need_id", "technology_id") if subject.is_need else ("technology_id", "need_id")
    rows = (
        Match.objects.select_for_update(no_key=True)
        .filter(**{own: subject.pk})
        .only(
            "need_id",
            "technology_id",
            "need_answer",
            "technology_answer",
            "origin",
            "version",
            "score",
            "need_score",
            "technology_score",
            "level",
        )
        .order_by("need_id", "technology_id")
    )
    return {getattr(row, other): row for row in rows}


def _choose(
    subject: Subject, pairs: Sequence[Scored], known: dict[int, Match], model: Model
) -> list[Scored]:
    """The best KEEP above the floor, no more of an owner than variety lets, and every pair that
    somebody has answered or proposed."""
    answered = {
        other
        for other, row in known.items()
        if row.need_answer or row.technology_answer or row.origin == Origin.BROKER
    }  # fmt: skip
    always = [pair for pair in pairs if _other(subject, pair) in answered]
    rest = [p for p in pairs if _other(subject, p) not in answered and p.score >= model.floor]
    others = [(pair.comparison.other(subject), pair) for pair in rest]
    stay = varied(
        ((other, score_seen_by(subject, other, pair.score, model)) for other, pair in others),
        [pair.comparison.other(subject) for pair in always],
    )
    ranked = sorted(
        (pair for other, pair in others if other.pk in stay),
        key=lambda pair: (-pair.score, _other(subject, pair)),
    )
    return always + ranked[:KEEP]


def _row(pair: Scored, had: Match | None, model: Model, now: dt.datetime) -> Match:
    need, technology = pair.comparison.need, pair.comparison.technology
    row = Match(
        need_id=need.pk, technology_id=technology.pk,
        need_owner_id=need.owner_id, technology_owner_id=technology.owner_id,
        score=pair.score, level=level_of(pair.score, model),
        need_score=score_seen_by(need, technology, pair.score, model),
        technology_score=score_seen_by(technology, need, pair.score, model),
        model_version=model.version, features=pair.comparison.features.as_data(),
        reasons=pair.reasons, scored_at=now,
    )  # fmt: skip
    if had is not None:
        # Only what both sides may know: the exact number of one would tell the other, by a version
        # that rises, how its own changes move what closed texts say.
        changed = had.level != row.level or _open_score(had) != _open_score(row)
        row.version = had.version + changed
    return row


def _open_score(match: Match) -> int:
    return min(match.need_score, match.technology_score)


def trim(subject: Subject, others: set[int]) -> set[int]:
    """Remove what others have beyond KEEP by this run, and of the subject's owner beyond what
    variety lets; returns those that lost the pair with it.

    So no listing fills the lists of everybody, no owner a list, and no text stands in it twice.
    Rows that another worker holds are left to it.
    """
    if not others:
        return set()
    other, own = (
        ("technology_id", "need_id") if subject.is_need else ("need_id", "technology_id")
    )  # fmt: skip
    reader = other.removesuffix("_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH pair AS (
                SELECT m.id, m.{other}, m.{own}, m.score, m.{reader}_score AS seen,
                       m.need_answer = '' AND m.technology_answer = '' AND m.origin = 'matcher'
                       AS is_open,
                       (l.owner_id, l.visibility, l.is_anonymous) AS owner,
                       (l.owner_id, l.visibility, l.is_anonymous)
                       = (%(owner)s, %(visibility)s, %(is_anonymous)s)
                       AND CASE WHEN l.fingerprint <> 0 AND %(fingerprint)s <> 0 THEN
                           bit_count((l.fingerprint # %(fingerprint)s)::bit(64)) <= %(twins)s
                       ELSE {TITLE_FORM} = %(title_form)s END AS is_twin
                FROM matching_match m JOIN listings_listing l ON l.id = m.{own}
                WHERE m.{other} = ANY(%(others)s)
            ), said AS (
                SELECT *, is_twin AND row_number() OVER twins > 1
                       AND %(subject)s IN ({own}, first_value({own}) OVER twins) AS is_again
                FROM pair
                WINDOW twins AS (PARTITION BY {other}, is_twin ORDER BY is_open, seen DESC, {own})
            ), ranked AS (
                SELECT id, is_open, is_again,
                       row_number() OVER (PARTITION BY {other} ORDER BY score DESC, id) AS place,
                       row_number() OVER (
                           PARTITION BY {other}, owner, is_open, is_again ORDER BY seen DESC, {own}
                       ) AS of_owner
                FROM said
            )
            SELECT m.id, m.{own} = %(subject)s, m.{other} FROM matching_match m
            JOIN ranked ON ranked.id = m.id
            WHERE ranked.is_open AND (
                ranked.place > %(keep)s OR ranked.of_owner > %(per_owner)s OR ranked.is_again
            )
            FOR UPDATE OF m SKIP LOCKED
            """,  # noqa: S608 (literals)
            {
                "subject": subject.pk, "others": sorted(others), "keep": KEEP,
                "owner": subject.owner_id, "visibility": subject.visibility,
                "is_anonymous": subject.is_anonymous, "fingerprint": subject.fingerprint,
                "title_form": subject.title_form, "per_owner": PER_OWNER, "twins": TWINS,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    if rows:
        Match.objects.filter(pk__in=[pk for pk, _own, _other in rows]).delete()
    return {other_id for _pk, is_own, other_id in rows if is_own}


def _finish(
    listing: Listing, subject: Subject, new: Sequence[Scored], candidates: int, kept: int,
    model: Model, now: dt.datetime,
) -> None:  # fmt: skip
    """The run's row, its event, and the job that tells people of new strong pairs."""
    MatchRun.objects.update_or_create(
        pk=subject.pk,
        defaults={
            "listing_version": subject.version, "model_version": model.version,
            "encoder": subject.encoder, "candidates": candidates, "kept": kept, "matched_at": now,
        },
    )  # fmt: skip
    # A pair with a confidential listing is not known to this side (see queries.visibility).
    seen = [p for p in new if p.comparison.other(subject).visibility != Tier.CONFIDENTIAL]
    if seen:
        record(
            event_kinds.FOUND, actor=Actor.system(), obj=listing,
            organisation_ids=[listing.owner_id], data={"model": model.version},
        )  # fmt: skip
    strong = [pair for pair in new if level_of(pair.score, model) == Level.STRONG]
    if strong:
        pairs = sorted((p.comparison.need.pk, p.comparison.technology.pk) for p in strong)
        jobs.enqueue("matching.tell_people", {"pairs": [list(pair) for pair in pairs]})
