"""The matcher's own pipeline over a set of needs and offers, and what it is compared with."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from marketplace.evaluation.figures import Row
from matching.pipeline import candidates, subjects
from matching.pipeline.features import Comparison, Features
from matching.pipeline.levels import level_of
from matching.pipeline.model import Model
from matching.pipeline.run import background_of, compared
from matching.pipeline.score import score, strength

DEPTH = 1_000  # as far as a run file has to go
FLIPS = 10_000
SEED = 5
# Ways to order the same pairs: the model, and what it must be better than.
WAYS = ("model", "words", "meaning", "fused")
# What an ablation leaves out, each at a time.
GROUPS = {
    "words": ("words", "words_across", "title", "title_across"),
    "title": ("title", "title_across"),
    "meaning": ("meaning", "meaning_across"),
    "facts": ("field", "trl", "modes", "price", "region"),
    "specifications": ("specifications_met", "specifications_unmet"),
}
SHOWN = 10  # what a list shows at first


@dataclass(frozen=True)
class Pool:
    """The pairs of one need: names of the offers, their features, and for each way a number by
    which to order."""

    offers: list[str]
    features: list[Features]
    orders: dict[str, list[float]]
    scores: list[int]

    def ranked(self, way: str) -> list[tuple[str, float]]:
        """Offers with their numbers, best first; ties by name, so that chance earns nothing."""
        pairs = zip(self.offers, self.orders[way], strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def pools(
    needs: Mapping[int, str], offers: Mapping[int, str], graded: Mapping[str, Mapping[str, int]],
    model: Model,
) -> Iterator[tuple[str, Pool]]:  # fmt: skip
    """Every need (listing id -> name) with its DEPTH best candidates of either source and all of
    its graded offers. What is not indexed is left out."""
    ids = {name: pk for pk, name in offers.items()}
    for pk, name in needs.items():
        subject = subjects.load(pk)
        if subject is None:
            continue
        background = background_of(subject)
        found = candidates.find(subject, *background, depth=DEPTH).ids
        judged = [ids[offer] for offer in graded.get(name, {}) if offer in ids]
        pairs = compared(subject, list(dict.fromkeys([*found, *judged])), background, model)
        yield name, _pool(pairs, offers, model)


def _pool(pairs: Sequence[Comparison], offers: Mapping[int, str], model: Model) -> Pool:
    words = [math.fsum(one.weight for one in pair.shared) for pair in pairs]
    meaning = [-1.0 if pair.cosine is None else pair.cosine for pair in pairs]
    return Pool(
        [offers[pair.technology.pk] for pair in pairs],
        [pair.features for pair in pairs],
        {
            "model": [strength(pair.features, model) for pair in pairs],
            "words": words,
            "meaning": meaning,
            "fused": [a + b for a, b in zip(_standard(words), _standard(meaning), strict=True)],
            **{
                f"without {group}": [
                    strength(pair.features, _without(names, model)) for pair in pairs
                ]
                for group, names in GROUPS.items()
            },
        },
        [score(pair.features, model) for pair in pairs],
    )


def _without(names: Sequence[str], model: Model) -> Model:
    return replace(model, weights={**model.weights, **dict.fromkeys(names, 0.0)})


@dataclass
class Levels:
    """Of the pairs of each level, how many are good: of the grade that counts as a hit (fairly
    strong of four grades). judged: somebody said no to some, so that only judged pairs count; else
    what nobody judged is not good."""

    judged: bool
    pairs: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)

    def add(self, pool: Pool, grades: Mapping[str, int], least: int, model: Model) -> None:
        """least: the lowest grade that is good."""
        for offer, number in zip(pool.offers, pool.scores, strict=True):
            if number >= model.floor and (offer in grades or not self.judged):
                level = level_of(number, model)
                self.pairs[level] += 1
                self.good[level] += grades.get(offer, 0) >= least

    def as_dict(self) -> dict[str, dict[str, float | int]]:
        return {
            level: {"pairs": number, "good": round(self.good[level] / number, 3)}
            for level, number in self.pairs.items()
        }


def exposure(shown: Counter[str], offers: Mapping[str, str]) -> dict[str, Any]:
    """Who is ever seen. shown: how many lists have an offer among their first ten; offers: each
    with the group it is of. Gini: 0 where all are seen alike, 1 where one takes every place."""
    counts = sorted(shown[offer] for offer in offers)
    seen: Counter[str] = Counter()
    of: Counter[str] = Counter(offers.values())
    for offer, group in offers.items():
        seen[group] += shown[offer] > 0
    return {
        "offers": len(counts), "ever": round(sum(map(bool, counts)) / max(len(counts), 1), 3),
        "gini": round(_gini(counts), 3),
        "ever_by_group": {group: round(seen[group] / of[group], 3) for group in sorted(of)},
    }  # fmt: skip


def _gini(counts: Sequence[int]) -> float:
    """Of counts in rising order."""
    total, number = sum(counts), len(counts)
    if not total:
        return 0.0
    ranked = sum((rank + 1) * count for rank, count in enumerate(counts))
    return 2 * ranked / (number * total) - (number + 1) / number


def _standard(values: Sequence[float]) -> list[float]:
    """z-scores."""
    if not values:
        return []
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in values) / len(values)) or 1.0
    return [(x - mean) / spread for x in values]


def chance(first: Mapping[str, Row], second: Mapping[str, Row], figure: str) -> float:
    """How likely a mean difference as large as that of the two would come by chance, two-sided: a
    paired randomisation test (signs of the differences flipped FLIPS times)."""
    differences = [
        one - other
        for name in first.keys() & second.keys()
        if (one := getattr(first[name], figure)) is not None
        and (other := getattr(second[name], figure)) is not None
        and one != other
    ]
    seen = abs(math.fsum(differences))
    dice = random.Random(SEED)  # noqa: S311 (a test of chance, no secret)
    as_large = sum(
        abs(math.fsum(x if dice.random() < 0.5 else -x for x in differences)) >= seen - 1e-12
        for _ in range(FLIPS)
    )
    return (as_large + 1) / (FLIPS + 1)
