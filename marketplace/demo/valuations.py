"""Two finished valuations of the demo market: the broker's and a supplier's."""

from decimal import Decimal
from typing import Any

from accounts.models import Membership
from accounts.queries import actor_for
from deals.actions.valuations import (
    ask_for_simulation,
    begin_valuation,
    finalise,
    run_simulation,
    save_inputs,
)
from deals.models import Valuation
from marketplace.core.errors import DomainError
from marketplace.demo.names import read
from marketplace.demo.parties import Parties

SEED = 2026


def load_valuations(parties: Parties) -> None:
    """Add those that are missing, by the organisation and its first owner."""
    for told in read("valuations.yaml"):
        organisation = parties.organisations[told["organisation"]]
        if not Valuation.objects.filter(organisation=organisation).exists():
            _make(told, organisation.pk)


def _make(told: dict[str, Any], organisation_id: int) -> None:
    owner = (
        Membership.objects.filter(organisation_id=organisation_id, roles__contains=["owner"])
        .select_related("user").order_by("pk")[0]
    )  # fmt: skip
    actor = actor_for(owner.user, "zh-hans")
    made = begin_valuation(actor=actor, organisation_id=organisation_id, title=told["title"])
    one: dict[str, Any] = {"actor": actor, "valuation_id": made.pk}
    for code, inputs in told["approaches"].items():
        save_inputs(**one, approach=code, inputs=inputs, note=told["note"])
        try:
            run_simulation(ask_for_simulation(**one, approach=code, draws=10_000, seed=SEED).pk)
        except DomainError:
            continue  # nothing in it varies
    low, base, high = (Decimal(str(amount)) for amount in told["value"])
    finalise(**one, low=low, base=base, high=high, conclusion=told["conclusion"])
