"""Service figures of the broker's institution, full of secrets, corrected and told in public."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.planted import Planted

OWNERS = frozenset({"broker"})


def plant_reports(world: Planted) -> None:
    """Of 2025, submitted and corrected; the only institution of its type, so that each sum of
    amounts would be its own."""
    from deals.actions.service_reports import submit_report, write_report
    from insights.institutions import made_from, publish
    from tests.deals.figures.factories import submitted

    cast, s = world.cast, world.secret
    s("service revenue", "6803517.29", OWNERS)
    first = submitted(cast, 2025, income_technical=Decimal("6803517.29"))
    draft = write_report(
        actor=cast.broker.actor, institution_id=cast.tti.pk, year=2025,
        facts={"reason": s("service reason", "The Brambleford audit", OWNERS)},
    )  # fmt: skip
    submit_report(actor=cast.broker.actor, report_id=draft.pk)
    publish(2025, made_from(2025))
    for made in (first, draft):
        world.id("service_report", made.public_id)
    world.id("institution", cast.tti.public_id)
