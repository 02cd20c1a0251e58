"""Specifications proposed to the poster from what it wrote. Worked out when looked at; pure.

A proposal has the tier of the text in which its figure stands, never a lower one, and is made of
words of that tier alone.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from listings.changes import LABELS
from listings.disclosure import RANK
from listings.figures.reading import Figure, read_figures
from listings.models import Listing, Specification
from listings.models.listings import Kind
from listings.rules import MAX_PROPOSALS
from listings.snapshots import SPECIFICATION_FIELDS, TIER_OF_FIELD
from marketplace.core.errors import Invalid
from marketplace.core.units import parse_unit, to_base
from marketplace.core.words import has_chinese

# The texts that say what it is; what was tried and how answers are judged have other figures.
READ = (
    "title_en", "title_zh", "summary_en", "summary_zh", "body_en", "body_zh", "members_text_en",
    "members_text_zh", "confidential_text_en", "confidential_text_zh",
)  # fmt: skip
MAX_QUOTE = 240
_PLACES = Decimal("0.00000001")
_LARGEST = Decimal(10) ** 16


@dataclass(frozen=True, slots=True)
class Proposal:
    """key: the same for the same words; field: the text it comes from, and of that the sentence
    from start to end, which `quote` holds (cut when it is long)."""

    key: str
    field: str
    start: int
    end: int
    quote: str
    metric_en: str
    metric_zh: str
    comparator: str
    value: Decimal
    upper: Decimal | None
    unit: str
    condition_en: str
    condition_zh: str
    strength: str
    tier: str

    def row(self) -> dict[str, Any]:
        """As save_draft takes a row of specifications."""
        made = {name: getattr(self, name, "") for name in SPECIFICATION_FIELDS}
        return {**made, "compared_with_en": "", "compared_with_zh": ""}

    @property
    def field_label(self) -> str | Promise:
        return LABELS[self.field]


def proposals_for(
    listing: Listing, rows: Iterable[Specification], dismissed: Collection[str] = ()
) -> list[Proposal]:
    """What its texts say and no row says yet, lowest tier first, at most MAX_PROPOSALS.

    rows: its specifications; dismissed: keys that are not to be proposed again.
    """
    standing = [(_names(row), *_base(row)) for row in rows]
    made: dict[tuple[Any, ...], Proposal] = {}
    for field in sorted(READ, key=lambda name: RANK[_tier(name)]):
        text = getattr(listing, field)
        for figure in read_figures(text, is_need=listing.kind == Kind.NEED) if text else ():
            one = _proposal(listing, field, text, figure)
            if one is None or one.key in dismissed:
                continue
            base = _base(one)
            if any(_same(_names(one), base, row) for row in standing):
                continue
            again = next((k for k in made if _same(_names(one), base, k)), None)
            if again is None:
                made[(_names(one), *base)] = one
            else:
                made[again] = _with_condition_of(made[again], one)
    return list(made.values())[:MAX_PROPOSALS]


def _proposal(listing: Listing, field: str, text: str, figure: Figure) -> Proposal | None:
    """A figure of a text as a proposal; None when a column could not hold it."""
    numbers = [n for n in (figure.value, figure.upper) if n is not None]
    if any(abs(n) >= _LARGEST or n != n.quantize(_PLACES) for n in numbers):
        return None
    quote = " ".join(text[figure.start : figure.end].split())
    said = (
        quote, figure.metric_en or figure.metric_zh, figure.comparator,
        *numbers, figure.unit,
    )  # fmt: skip
    condition = figure.condition
    chinese = has_chinese(condition) or (field.endswith("_zh") and bool(condition))
    return Proposal(
        key=hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()[:16],
        field=field, start=figure.start, end=figure.end, quote=_cut(quote),
        metric_en=figure.metric_en[:120], metric_zh=figure.metric_zh[:120],
        comparator=figure.comparator, value=_plain(figure.value),
        upper=None if figure.upper is None else _plain(figure.upper), unit=figure.unit,
        condition_en="" if chinese else condition, condition_zh=condition if chinese else "",
        strength=Specification.Strength.MUST.value, tier=_tier(field),
    )  # fmt: skip


def _tier(field: str) -> str:
    return TIER_OF_FIELD.get(field, "public")


def _plain(value: Decimal) -> Decimal:
    """Without zeros behind, and never as 2E+3."""
    return Decimal(f"{value.normalize():f}")


def _cut(quote: str) -> str:
    return quote if len(quote) <= MAX_QUOTE else f"{quote[: MAX_QUOTE - 1]}…"


def _names(row: Any) -> frozenset[str]:
    return frozenset(n.strip().lower() for n in (row.metric_en, row.metric_zh) if n)


def _base(row: Any) -> tuple[str, float | None, float | None]:
    """Dimension, and the values in its base unit."""
    try:
        unit = parse_unit(row.unit)
        return (
            unit.dimension, to_base(row.value, unit),
            None if row.upper is None else to_base(row.upper, unit),
        )  # fmt: skip
    except (Invalid, OverflowError):  # pragma: no cover (units were checked when they were read)
        return "", None, None


def _same(
    names: frozenset[str], base: tuple[str, float | None, float | None], other: tuple[Any, ...]
) -> bool:
    """Whether both are of one metric (by a name in either language), dimension and value."""
    return bool(
        names & other[0] and base[0] == other[1] and _near(base[1], other[2])
        and _near(base[2], other[3])
    )  # fmt: skip


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1e-12)


def _with_condition_of(first: Proposal, again: Proposal) -> Proposal:
    """The same figure said in the other language gives the condition there; never across tiers."""
    if first.tier != again.tier:
        return first
    return replace(
        first, condition_en=first.condition_en or again.condition_en,
        condition_zh=first.condition_zh or again.condition_zh,
    )  # fmt: skip
