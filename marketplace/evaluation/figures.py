"""Figures of ranked answers against graded ones.

nDCG@10 with gain 2^grade - 1 and discount log2(rank + 1) (Järvelin and Kekäläinen 2002; Burges et
al. 2005); recall@100 over answers of grade 2 and more (1 and more where no grade is higher); MRR@10
as the reciprocal rank of the first of those.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Grades = Mapping[str, int]


@dataclass(frozen=True)
class Figures:
    """Means over the questions. judged: nDCG@10 when only graded answers are ranked, for sets that
    are graded sparsely; zero: share of the questions that found nothing."""

    questions: int
    ndcg10: float
    judged: float
    recall100: float
    mrr10: float
    zero: float

    def as_dict(self) -> dict[str, float | int]:
        return {
            "questions": self.questions, "ndcg10": round(self.ndcg10, 4),
            "ndcg10_judged": round(self.judged, 4), "recall100": round(self.recall100, 4),
            "mrr10": round(self.mrr10, 4), "zero_results": round(self.zero, 4),
        }  # fmt: skip


class Row(NamedTuple):
    """Figures of one question; recall and mrr are None where nothing is good enough for them."""

    ndcg10: float
    judged: float
    recall100: float | None
    mrr10: float | None


def rows(graded: Mapping[str, Grades], found: Mapping[str, Sequence[str]]) -> dict[str, Row]:
    """Figures of each question that has a good answer."""
    usable = {name: grades for name, grades in graded.items() if max(grades.values(), default=0)}
    threshold = good_grade(usable)
    return {name: _one(grades, found.get(name, ()), threshold) for name, grades in usable.items()}


def good_grade(graded: Mapping[str, Grades]) -> int:
    """The lowest grade that is good: 2 (fairly strong) of four grades, the better one of two."""
    best = max((grade for grades in graded.values() for grade in grades.values()), default=0)
    return 2 if best > 1 else 1


def figures(graded: Mapping[str, Grades], found: Mapping[str, Sequence[str]]) -> Figures:
    """graded: question -> answer -> grade (0 is wrong); found: question -> answers, best first.

    Questions without a good answer are left out. Raises ValueError when none is left.
    """
    each = rows(graded, found)
    if not each:
        raise ValueError("no question has a graded answer")
    return Figures(
        len(each), _mean([row.ndcg10 for row in each.values()]),
        _mean([row.judged for row in each.values()]),
        _mean([row.recall100 for row in each.values() if row.recall100 is not None]),
        _mean([row.mrr10 for row in each.values() if row.mrr10 is not None]),
        _mean([float(not found.get(name)) for name in each]),
    )  # fmt: skip


def _one(grades: Grades, found: Sequence[str], threshold: int) -> Row:
    ideal = _dcg(sorted(grades.values(), reverse=True))
    place = {answer: rank for rank, answer in enumerate(found)}
    last = len(place)
    judged = sorted(grades, key=lambda answer: (place.get(answer, last), answer))
    good = {answer for answer, grade in grades.items() if grade >= threshold}
    recall = len(good.intersection(found[:100])) / len(good) if good else None
    first = next((1 / (rank + 1) for rank, one in enumerate(found[:10]) if one in good), 0.0)
    return Row(
        _dcg([grades.get(answer, 0) for answer in found]) / ideal,
        _dcg([grades[answer] for answer in judged]) / ideal,
        recall,
        first if good else None,
    )


def _dcg(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades[:10]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
