"""Valuations for tests, made through the actions themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from deals.actions import valuations as actions
from tests.deals.valuation.vectors import RELIEF

if TYPE_CHECKING:
    from deals.models import Valuation
    from tests.cast import Cast

SECRET = "Electrolyte at twice its price"


def begun(cast: Cast, **facts: Any) -> Valuation:
    """A draft of `home`, begun by its owner."""
    facts = {"title": SECRET, **facts}
    return actions.begin_valuation(actor=cast.owner.actor, organisation_id=cast.home.pk, **facts)


def valued(cast: Cast, approach: str = "relief", inputs: Any = RELIEF, **facts: Any) -> Valuation:
    """The same with one approach."""
    made = begun(cast, **facts)
    actions.save_inputs(
        actor=cast.owner.actor, valuation_id=made.pk, approach=approach, inputs=inputs,
        note="By the sales plan",
    )  # fmt: skip
    made.refresh_from_db()
    return made


def final(cast: Cast, **facts: Any) -> Valuation:
    made = valued(cast, **facts)
    return actions.finalise(
        actor=cast.owner.actor, valuation_id=made.pk, low=Decimal(300_000),
        base=Decimal(400_000), high=Decimal(500_000), conclusion="Royalties weigh most.",
    )  # fmt: skip
