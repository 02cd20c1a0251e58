"""Weights of the matcher from pairs that somebody judged: pure, and small enough to be read.

Two steps. How features weigh against each other is learned from pairs of pairs: of one need, the
better technology before the worse (a logistic of the difference, as in RankNet, Burges et al. 2005,
without hidden layers). Weights stay near those in force, so that a feature of which the samples say
nothing keeps what it had, and a market without answers loses nothing. Then one scale and one bias
make of the sum the chance that a pair is good (Platt 1999).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.pipeline.features import Features
from matching.pipeline.model import BY_LANGUAGE, NAMES, PLAIN

Numbers = npt.NDArray[np.float64]
SEED = 11
MOST = 300  # pairs of pairs of one need
STEPS = 40


@dataclass(frozen=True)
class Sample:
    """The pairs of one need: a row of features (in the order of NAMES) and a grade for each.
    group: the set it is from; every set counts alike."""

    need: str
    group: str
    rows: Numbers
    grades: Numbers


def row_of(features: Features) -> list[float]:
    """In the order of model.NAMES; what holds for the other case of languages is 0."""
    found = dict.fromkeys(NAMES, 0.0)
    for name in BY_LANGUAGE:
        found[f"{name}_across" if features.across else name] = getattr(features, name)
    for name in PLAIN:
        found[name] = getattr(features, name)
    return [float(found[name]) for name in NAMES]


def fit(samples: Sequence[Sample], start: Numbers, ridge: float) -> Numbers:
    """Weights in the order of NAMES. ridge: how strongly they are held to `start`, against one
    set's samples together. A weight that would change its sign is left out and the rest fitted; one
    that starts at 0, as that of a new feature does, may take either."""
    better, counts = _differences(samples)
    free = np.ones(len(start), dtype=bool)
    signs = np.sign(start)
    while True:
        weights = _newton(better * free, counts, start * free, ridge)
        wrong = free & (weights * signs < 0)
        if not wrong.any():
            return weights * free
        free &= ~wrong


def _differences(samples: Sequence[Sample]) -> tuple[Numbers, Numbers]:
    """Rows better minus worse, and how much each counts: sets alike, and needs of a set alike."""
    dice = random.Random(SEED)  # noqa: S311 (a sample, no secret)
    rows: list[Numbers] = []
    counts: list[float] = []
    groups = [sample.group for sample in samples]
    for sample in samples:
        pairs = [
            (one, other)
            for one in range(len(sample.grades))
            for other in range(len(sample.grades))
            if sample.grades[one] > sample.grades[other]
        ]
        if not pairs:
            continue
        pairs = dice.sample(pairs, min(len(pairs), MOST))
        each = 1.0 / (len(pairs) * groups.count(sample.group))
        for one, other in pairs:
            rows.append(sample.rows[one] - sample.rows[other])
            counts.append(each)
    return np.array(rows).reshape(-1, len(NAMES)), np.array(counts)


def _newton(better: Numbers, counts: Numbers, start: Numbers, ridge: float) -> Numbers:
    weights = start.copy()
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(np.clip(better @ weights, -30, 30)))
        slope = -(better.T @ (counts * chance)) + ridge * (weights - start)
        curve = (better.T * (counts * chance * (1 - chance))) @ better
        step = np.linalg.solve(curve + ridge * np.eye(len(start)), slope)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


def calibrated(sums: Numbers, good: Numbers, counts: Numbers) -> tuple[float, float]:
    """Scale and bias that turn weighted sums into the chance of being good."""
    scale, bias = 1.0, 0.0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(scale * sums + bias, -30, 30)))
        curve = counts * np.maximum(chance * (1 - chance), 1e-9)
        rest = counts * (chance - good)
        slope = np.array([(rest * sums).sum(), rest.sum()])
        matrix = np.array(
            [[(curve * sums * sums).sum() + 1e-6, (curve * sums).sum()],
             [(curve * sums).sum(), curve.sum() + 1e-6]]
        )  # fmt: skip
        step = np.linalg.solve(matrix, slope)
        scale, bias = scale - float(step[0]), bias - float(step[1])
        if float(np.abs(step).max()) < 1e-6:
            break
    return scale, bias


def threshold(scores: Numbers, good: Numbers, share: float) -> int | None:
    """The lowest whole score from which on at least `share` of the pairs are good; None where no
    score does. At least 20 pairs must stand above it: of fewer a share says nothing."""
    for score in range(1, 100):
        above = scores >= score
        if above.sum() < 20:
            return None
        if good[above].mean() >= share:
            return score
    return None


def folds(samples: Sequence[Sample], number: int) -> list[tuple[list[Sample], list[Sample]]]:
    """(learned from, held back) by need: no need is in both."""
    needs = sorted({(sample.group, sample.need) for sample in samples})
    random.Random(SEED).shuffle(needs)  # noqa: S311
    place = {need: index % number for index, need in enumerate(needs)}
    return [
        (
            [s for s in samples if place[s.group, s.need] != held],
            [s for s in samples if place[s.group, s.need] == held],
        )
        for held in range(number)
    ]
