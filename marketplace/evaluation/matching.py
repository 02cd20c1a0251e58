"""The matcher's own pipeline over a set of needs and offers, and what it is compared with."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from marketplace.evaluation.figures import Row
from matching.pipeline import candidates, subjects
from matching.pipeline.features import Comparison, Features
from matching.pipeline.model import Model
from matching.pipeline.run import background_of, compared
from matching.pipeline.score import strength

DEPTH = 1_000  # as far as a run file has to go
FLIPS = 10_000
SEED = 5
# Ways to order the same pairs: the model, and what it must be better than.
WAYS = ("model", "words", "meaning", "fused")


@dataclass(frozen=True)
class Pool:
    """The pairs of one need: names of the offers, their features, and for each way a number by
    which to order."""

    offers: list[str]
    features: list[Features]
    orders: dict[str, list[float]]

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
        },
    )


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
