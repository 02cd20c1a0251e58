"""Who reads which figures of the register (docs/explanation/figures.md).

Exact: of every registered contract, for those whose office it is. Open: a function of what the
public register shows of each contract, and of nothing else, for everybody.
"""

from contracts.queries.visibility import registration_points
from marketplace.core.actor import Actor


def reads_exactly(actor: Actor) -> bool:
    """Operators, registrars and analysts of a registration point. A token needs contracts:read."""
    if actor.is_system:
        return True
    if not actor.has_scope("contracts:read"):
        return False
    if actor.is_operator:
        return True
    return _is_of_a_point(actor)


def reads_every_amount(actor: Actor) -> bool:
    """Also contract by contract: operators. Sums are the office of registrars and analysts, single
    contracts only as far as `contracts.queries.behind.own_of` goes."""
    return actor.is_system or (actor.has_scope("contracts:read") and actor.is_operator)


def _is_of_a_point(actor: Actor) -> bool:
    ids = sorted(actor.ids_with("registrar", "analyst"))
    return bool(ids) and registration_points().filter(pk__in=ids).exists()
