"""From a text to ranked listings with reasons, and one pair judged by what its reader may read."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.utils.translation import gettext as _

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.encoder import Vector, encoder
from matching.asking import candidates
from matching.asking.rarity import open_rarities
from matching.asking.text import Asked, as_disclosed, as_subject
from matching.explanation import CLOSE, Point, points_of
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
    """rows: best first, at most what was asked for. total: how many fit at all. by_meaning: False
    when only words were compared. keywords: the telling words, for a search."""

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
    vector, name = _meaning(asked.text)
    subject = as_subject(asked, _as_text(vector), name)
    rarities = open_rarities(subject.words)
    tiers = candidates.find(subject, vector, rarities, actor, language=language)
    others = candidates.load_open(tiers, words=list(subject.words), vector=vector)
    scored = _scored(subject, list(others.values()), rarities, model)
    fitting = [(points, pair) for points, pair in scored if points >= model.floor]
    chosen = fitting[: min(limit, MAX_RESULTS)]
    return Ranking(
        asked, _disclosed(asked, subject, chosen, rarities, actor, model), len(fitting),
        vector is not None, model.version, _keywords(asked, subject, rarities),
    )  # fmt: skip


def _meaning(text: str) -> tuple[Vector | None, str]:
    """The vector of a text and the encoder's name. Not kept anywhere: the text is private."""
    engine = encoder()
    if engine is None:
        return None, ""
    try:
        return engine.passages([text])[0], engine.name
    except Exception as error:  # of another host, or of the engine: words still find
        log.warning("text_not_encoded", error=type(error).__name__)
        return None, ""


def _as_text(vector: Vector | None) -> str | None:
    return None if vector is None else "[" + ",".join(f"{x:.6f}" for x in vector) + "]"


def _scored(
    subject: Subject, others: Sequence[Subject], rarities: Rarities, model: Model
) -> list[tuple[int, Comparison]]:
    """Best first; equal ones the newer first."""
    rarities = _with_titles(rarities, others)
    pairs = [_without_facts(compare(subject, other, rarities, model)) for other in others]
    scored = [(score(pair.features, model), pair) for pair in pairs]
    return sorted(scored, key=lambda row: (-row[0], -row[1].other(subject).pk))


def _with_titles(rarities: Rarities, others: Sequence[Subject]) -> Rarities:
    """With the words of the candidates' titles counted, too."""
    words = {word for one in others for word in one.words} - rarities.counts.keys()
    more = open_rarities(words).counts if words else {}
    return Rarities(
        rarities.texts, rarities.mean_length, {**rarities.counts, **more}, rarities.market
    )


def _without_facts(pair: Comparison) -> Comparison:
    """A text has no field and no place: silence, which is neither for nor against."""
    features = pair.features
    unsaid = tuple(dict.fromkeys([*features.unsaid, "field", "region"]))
    neutral = dataclasses.replace(features, field=UNSAID, region=UNSAID, unsaid=unsaid)
    return dataclasses.replace(pair, features=neutral)


# --- As it is read -------------------------------------------------------------------------------


def _disclosed(
    asked: Asked, subject: Subject, chosen: Sequence[tuple[int, Comparison]], rarities: Rarities,
    actor: Actor, model: Model,
) -> list[Ranked]:  # fmt: skip
    tiers = {pair.other(subject).pk: "" for _points, pair in chosen}
    views = disclosed_many(candidates.loaded(tiers, actor), actor)
    own = as_disclosed(asked)
    telling = [word for word, _weight in question_terms(subject, rarities)]
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
                seen, points, level_of(points, model),
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
    """What the text speaks of and the listing does not; words of two languages never meet."""
    if asked.language not in other.languages:
        return []
    # Only of the first sentence of a long text: a page holds much that is beside the point.
    words = [word for word in telling if word in asked.title_words and word in asked.words]
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


def _keywords(asked: Asked, subject: Subject, rarities: Rarities) -> str:
    """The most telling words as they were written, in the order of the text."""
    best = [word for word, _ in question_terms(subject, rarities) if word in asked.words]
    chosen = set(best[:MAX_SEARCHED])
    return " ".join(written for word, written in asked.words.items() if word in chosen)


# --- One pair ------------------------------------------------------------------------------------


def judge(need: Listing, technology: Listing, actor: Actor) -> Ranked | None:
    """A need and a technology held against each other by what the actor may read of both.

    The `listing` of the answer is the technology. None when the actor may not know of one of them
    (any more), or one is not indexed yet. Below the floor the level is "".
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
    others = candidates.load_open(
        {technology.pk: tiers[technology.pk]}, words=list(subject.words), vector=vector
    )
    if technology.pk not in others:
        return None
    other = others[technology.pk]
    rarities = open_rarities({*subject.words, *other.words})
    pair = compare(subject, other, rarities, model)
    points = score(pair.features, model)
    one, two = views[need.pk], views[technology.pk]
    table: list[Verdict[Any]] = verdicts(one.specifications, two.specifications)
    fits, against, ask = points_of(one, two)
    return Ranked(
        two, points, level_of(points, model) if points >= model.floor else "",
        terms=shared_terms(one, two, [word.word for word in pair.shared[:MAX_TERMS]]),
        specifications=table, verdicts=counts(table), fits=[*fits, *_near(pair)],
        against=against, ask=ask,
    )  # fmt: skip
