"""Scorecards worked out: criteria as dated data, and what the cards of a case come to.

docs/explanation/assessment.md gives the formulas.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

from marketplace.core.bilingual import pick

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Criterion:
    """weight: of 100."""

    code: str
    weight: int
    name_en: str
    name_zh: str
    about_en: str
    about_zh: str

    @property
    def name(self) -> str:
        """In the reader's language."""
        return pick(self, "name", get_language()).value

    @property
    def about(self) -> str:
        return pick(self, "about", get_language()).value


@dataclass(frozen=True, slots=True)
class Template:
    code: str
    valid_from: dt.date
    criteria: tuple[Criterion, ...]


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """All of them by code, the oldest first. Raises ValueError when weights do not come to 100."""
    text = (Path(__file__).resolve().parent / "criteria.yaml").read_text(encoding="utf-8")
    found = {}
    for raw in yaml.safe_load(text):
        criteria = tuple(
            Criterion(
                one["code"], one["weight"], one["name"]["en"], one["name"]["zh"],
                one["about"]["en"], one["about"]["zh"],
            )
            for one in raw["criteria"]
        )  # fmt: skip
        if sum(one.weight for one in criteria) != 100:
            raise ValueError(f"weights of {raw['code']} do not come to 100")
        found[raw["code"]] = Template(raw["code"], raw["valid_from"], criteria)
    return found


def current(today: dt.date) -> Template:
    """The newest that holds on a day; the oldest before all of them."""
    known = list(templates().values())
    return next((one for one in reversed(known) if one.valid_from <= today), known[0])


# --- Results -----------------------------------------------------------------------------------

# criterion -> score; None: unknown. One mapping for each assessor.
Card = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """What the assessors say of a criterion. mean, low, high: None when nobody knows."""

    criterion: Criterion
    mean: Decimal | None
    low: int | None
    high: int | None
    deviation: Decimal | None
    known: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Result:
    """mean: 1 to 5, over the weight that is known, None when nothing is. unknown: per cent of the
    weight. low, high, deviation: of the assessors' own means. All to two decimals."""

    rows: tuple[Row, ...]
    cards: int
    mean: Decimal | None
    unknown: Decimal
    low: Decimal | None
    high: Decimal | None
    deviation: Decimal | None


def result(template: Template, cards: Sequence[Card]) -> Result:
    """What several cards come to. A criterion that a card lacks is unknown to it."""
    rows = tuple(_row(one, [card.get(one.code) for card in cards]) for one in template.criteria)
    own = [mean for card in cards if (mean := weighted_mean(template, card)) is not None]
    known = [(row.criterion.weight, row) for row in rows if row.known]
    weight = sum(one for one, _row_ in known)
    total = sum(
        (one * _exact_mean([card.get(row.criterion.code) for card in cards]) for one, row in known),
        Decimal(0),
    )
    missing = sum(
        (Decimal(row.criterion.weight * row.unknown) / len(cards) for row in rows), Decimal(0)
    ) if cards else Decimal(100)  # fmt: skip
    return Result(
        rows, len(cards), _round(total / weight) if weight else None, _round(missing),
        _round(min(own)) if own else None, _round(max(own)) if own else None,
        _round(_deviation(own)) if own else None,
    )  # fmt: skip


def weighted_mean(template: Template, card: Card) -> Decimal | None:
    """Of one assessor, over what it knows; exact. None when it knows nothing."""
    known = [
        (one.weight, score)
        for one in template.criteria
        if (score := card.get(one.code)) is not None
    ]
    weight = sum(one for one, _score in known)
    return Decimal(sum(one * score for one, score in known)) / weight if weight else None


def _row(criterion: Criterion, scores: Sequence[int | None]) -> Row:
    known = [score for score in scores if score is not None]
    if not known:
        return Row(criterion, None, None, None, None, 0, len(scores))
    return Row(
        criterion, _round(_exact_mean(known)), min(known), max(known),
        _round(_deviation([Decimal(one) for one in known])), len(known), len(scores) - len(known),
    )  # fmt: skip


def _exact_mean(scores: Sequence[int | None]) -> Decimal:
    known = [score for score in scores if score is not None]
    return Decimal(sum(known)) / len(known)


def _deviation(values: Sequence[Decimal]) -> Decimal:
    """Of the whole group (divided by n), 0 for one."""
    mean = sum(values, Decimal(0)) / len(values)
    return (sum(((one - mean) ** 2 for one in values), Decimal(0)) / len(values)).sqrt()


def _round(value: Decimal) -> Decimal:
    return value.quantize(_CENT)
