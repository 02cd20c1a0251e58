"""Visits of cast.broker, made by the action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from deals.actions.visits import record_visit

if TYPE_CHECKING:
    from deals.models import Visit
    from tests.cast import Cast

FOUND = [
    {"words": "The kiln loses heat.\nAbout a third.", "field": "new_energy"},
    {"words": "Noise"},
]


def visited(cast: Cast, findings: Any = FOUND, **more: Any) -> Visit:
    facts = {
        "organisation": cast.home.public_id, "visited_on": timezone.localdate(),
        "people": "Mei, Jun", **more,
    }  # fmt: skip
    return record_visit(actor=cast.broker.actor, facts=facts, findings=findings)
