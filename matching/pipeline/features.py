"""What a pair has in common, as numbers from 0 to 1. Pure and the same from both directions.

Where a listing does not say, a feature takes its middle: silence is neither for nor against.
"""

import math
from dataclasses import dataclass, fields
from decimal import Decimal

from matching.pipeline.candidates import says_something
from matching.pipeline.model import Model
from matching.pipeline.rarity import Rarities
from matching.pipeline.specifications import MET, NEARLY, UNMET, Verdict, verdicts
from matching.pipeline.subjects import Figure, Subject

UNSAID = 0.5
# Meaning is as a rule a little nearer than words are: what is assumed until the encoder has been.
BEYOND_WORDS = 0.15
SATURATION = 2.0  # BM25's k1, of the technology
LENGTH = 0.75  # BM25's b
ASKED = 8.0  # BM25's k3, of the need: a word said again asks for little more
PAIRS = 0.8  # of a word's worth for two words side by side
# Shared weight, by the root of the shorter text's length, at which the word feature is a half:
# a title cannot share as much as a page.
WORDS_HALF = 12.0
# Telling words of a title in one language. The beginning of a text, put where a title should be,
# is longer and does not name the thing.
LONGEST_TITLE = 16
DEAR = Decimal("1.25")  # a price this much over the budget is talked about, not refused


@dataclass(frozen=True, slots=True)
class SharedWord:
    word: str
    weight: float


@dataclass(frozen=True)
class Features:
    """Numbers of one pair; `unsaid` names those that stand in the middle for want of facts."""

    words: float
    title: float
    meaning: float
    across: bool
    field: float
    trl: float
    modes: float
    price: float
    region: float
    specifications_met: float
    specifications_unmet: float
    unsaid: tuple[str, ...]

    def as_data(self) -> dict[str, float | bool | list[str]]:
        """For the JSON column, rounded: enough to replay the score."""
        data: dict[str, float | bool | list[str]] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            data[one.name] = round(value, 4) if isinstance(value, float) else value
        return data | {"unsaid": list(self.unsaid)}


@dataclass(frozen=True)
class Comparison:
    """The features of a pair with what they were read from, for the reasons."""

    need: Subject
    technology: Subject
    features: Features
    shared: list[SharedWord]
    verdicts: list[Verdict[Figure]]
    cosine: float | None
    cosine_public: float | None

    def other(self, subject: Subject) -> Subject:
        return self.technology if subject.pk == self.need.pk else self.need


def compare(one: Subject, other: Subject, rarities: Rarities, model: Model) -> Comparison:
    """Features of a need and a technology; `one` asks, `other` is a candidate of it."""
    need, technology = (one, other) if one.is_need else (other, one)
    shared = shared_words(need, technology, rarities)
    found = verdicts(need.specifications, technology.specifications)
    across = not (need.languages & technology.languages)
    unsaid: list[str] = []

    def said(name: str, value: float | None, otherwise: float = UNSAID) -> float:
        if value is None:
            unsaid.append(name)
            return otherwise
        return value

    met, unmet = specification_shares(found)
    paired = paired_weight(need, technology, rarities)
    words = words_feature(shared, paired, min(need.length, technology.length))
    meaning = meaning_feature(other.nearness, model, other.encoder, across)
    features = Features(
        words=words,
        title=title_feature(need, technology, rarities),
        meaning=said("meaning", meaning, min(1.0, words + BEYOND_WORDS)),
        across=across,
        field=field_feature(need, technology),
        trl=said("trl", trl_feature(need.trl, technology.trl)),
        modes=said("modes", modes_feature(need.modes, technology.modes)),
        price=said("price", price_feature(need, technology)),
        region=said("region", region_feature(need, technology)),
        specifications_met=met,
        specifications_unmet=unmet,
        unsaid=tuple(unsaid),
    )
    return Comparison(need, technology, features, shared, found, other.cosine, other.cosine_public)


# --- Words and meaning ---------------------------------------------------------------------------


def shared_words(need: Subject, technology: Subject, rarities: Rarities) -> list[SharedWord]:
    """Words of both, heaviest first: rarity times saturated mentions on either side."""
    norm = _norm(technology, rarities)
    found = [
        SharedWord(
            word,
            rarities.idf(word)
            * _saturated(need.words[word].weight, ASKED)
            * _saturated(technology.words[word].weight, norm),
        )
        for word in need.words.keys() & technology.words.keys()
        if says_something(word)
    ]
    return sorted(found, key=lambda one: (-one.weight, one.word))


def paired_weight(need: Subject, technology: Subject, rarities: Rarities) -> float:
    """The same sum for pairs of neighbouring words: "heat exchanger" in both says more than "heat"
    and "exchanger" here and there."""
    if not rarities.pair_texts:
        return 0.0
    norm = _norm(technology, rarities)
    return PAIRS * math.fsum(
        rarities.idf(pair)
        * _saturated(need.pairs[pair], ASKED)
        * _saturated(technology.pairs[pair], norm)
        for pair in sorted(need.pairs.keys() & technology.pairs.keys())
    )


def _norm(technology: Subject, rarities: Rarities) -> float:
    """Long texts mention more by chance."""
    length = technology.length / max(rarities.mean_length, 1.0)
    return SATURATION * (1 - LENGTH + LENGTH * length)


def _saturated(mentions: float, norm: float) -> float:
    """How much so many mentions say: one as a rule counts one."""
    return mentions * (norm + 1) / (mentions + norm)


def words_feature(shared: list[SharedWord], paired: float, length: int) -> float:
    """paired: weight of shared pairs; length: different words of the shorter text."""
    total = math.fsum(one.weight for one in shared) + paired
    return total / (total + WORDS_HALF * math.sqrt(max(length, 1)))


def title_feature(need: Subject, technology: Subject, rarities: Rarities) -> float:
    """The share of a title's weight that the other text has, in the better direction."""
    return max(_title_share(need, technology, rarities), _title_share(technology, need, rarities))


def _title_share(one: Subject, other: Subject, rarities: Rarities) -> float:
    if len(one.title_words) > LONGEST_TITLE * len(one.languages):
        return 0.0
    whole = met = 0.0
    for word in one.title_words:
        if says_something(word):
            weight = rarities.idf(word)
            whole += weight
            met += weight if word in other.words else 0.0
    # A little more than the whole, so that a title of one word is not met by one word.
    return met / (whole + 8.0)


def meaning_feature(
    nearness: float | None, model: Model, encoder: str, across: bool
) -> float | None:
    """0 at the nearness of any two texts, 1 at that of two that are about the same."""
    if nearness is None:
        return None
    low, high = model.meaning_scale(encoder, across)
    return min(1.0, max(0.0, (nearness - low) / (high - low)))


# --- Facts ---------------------------------------------------------------------------------------


def field_feature(need: Subject, technology: Subject) -> float:
    """1 the same sub-field, 0.7 the same field, 0.4 a further field of one of them, else 0."""
    if need.sub_field and need.sub_field == technology.sub_field:
        return 1.0
    if need.field == technology.field:
        return 0.7
    first, second = {need.field, *need.more_fields}, {technology.field, *technology.more_fields}
    return 0.4 if first & second else 0.0


def trl_feature(wanted: int | None, reached: int | None) -> float | None:
    """1 as ready as is wanted, 0.6 one level short, 0.3 two, 0 more."""
    if wanted is None or reached is None:
        return None
    return {0: 1.0, 1: 0.6, 2: 0.3}.get(max(0, wanted - reached), 0.0)


def modes_feature(wanted: frozenset[str], offered: frozenset[str]) -> float | None:
    if not wanted or not offered:
        return None
    return 1.0 if wanted & offered else 0.0


def price_feature(need: Subject, technology: Subject) -> float | None:
    """1 within the budget, 0.5 up to a quarter above, 0 beyond; unknown across currencies."""
    budget = need.price_max if need.price_max is not None else need.price_min
    price = technology.price_min if technology.price_min is not None else technology.price_max
    if budget is None or price is None or need.currency != technology.currency:
        return None
    if price <= budget:
        return 1.0
    return UNSAID if price <= budget * DEAR else 0.0


def region_feature(need: Subject, technology: Subject) -> float | None:
    """1 the same city, 0.7 the same province, 0.3 the same country, 0 another."""
    if need.country != technology.country:
        return 0.0
    if not need.region or not technology.region:
        return None
    if need.region[:4] == technology.region[:4] and need.region[2:4] != "00":
        return 1.0
    return 0.7 if need.region[:2] == technology.region[:2] else 0.3


def specification_shares(found: list[Verdict[Figure]]) -> tuple[float, float]:
    """(met, unmet): weights of requirements that are met (nearly counts half) and unmet, over all
    and a little more, so that one of one says less than four of four. A wish weighs half a must."""
    met = unmet = whole = 0.0
    for one in found:
        weight = 1.0 if one.is_must else 0.5
        whole += weight
        if one.verdict == MET:
            met += weight
        elif one.verdict == NEARLY:
            met += weight / 2
        elif one.verdict == UNMET:
            unmet += weight
    return (met / (whole + 1.0), unmet / (whole + 1.0)) if whole else (0.0, 0.0)
