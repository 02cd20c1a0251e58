"""Listings that match, and matches as the matcher leaves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from matching.models import Level, Match
from tests.listings.factories import published

if TYPE_CHECKING:
    from accounts.models import Organisation
    from listings.models import Listing

RETENTION: dict[str, Any] = {
    "metric_en": "Capacity retention", "metric_zh": "容量保持率", "comparator": "ge",
    "value": "80", "unit": "%", "condition_en": "-40 degC",
}  # fmt: skip
CONDUCTIVITY: dict[str, Any] = {
    "metric_en": "Ionic conductivity", "comparator": "ge", "value": "1.5", "unit": "mS/cm",
}  # fmt: skip


def spec(base: dict[str, Any] = RETENTION, **values: Any) -> dict[str, Any]:
    """A specification as a form or the API sends it."""
    return {**base, **values}


def pair(
    need_owner: Organisation, technology_owner: Organisation, *,
    need: dict[str, Any] | None = None, technology: dict[str, Any] | None = None,
) -> tuple[Listing, Listing]:  # fmt: skip
    """A published need and a published technology that fit; jobs are not run."""
    return (
        published(need_owner, kind="need", **(need or {})),
        published(technology_owner, **(technology or {})),
    )


def match_of(need: Listing, technology: Listing, score: int = 90, **values: Any) -> Match:
    """A stored match of two listings, without the matcher."""
    level = Level.STRONG if score >= 70 else Level.FAIRLY_STRONG if score >= 50 else Level.WEAK
    values.setdefault("need_score", score)
    values.setdefault("technology_score", score)
    return Match.objects.create(
        need=need, technology=technology, need_owner=need.owner,
        technology_owner=technology.owner, score=score, level=level, model_version="test",
        scored_at=timezone.now(), **values,
    )  # fmt: skip
