"""Cases for tests, opened through the action itself; of cast.tti, by cast.broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deals.actions.cases import open_case

if TYPE_CHECKING:
    from deals.models import Case
    from tests.cast import Cast


def opened(cast: Cast, **facts: Any) -> Case:
    """By hand, in the brokerage of a need."""
    given = {"title": "Coating for 300 °C", "pipeline": "need_brokerage", **facts}
    made, _new = open_case(actor=cast.broker.actor, organisation_id=cast.tti.pk, facts=given)
    return made
