"""What a scheme would give of a round sum, worked out as a run is."""

from decimal import Decimal

from deals.distribution.schemes import Scheme
from deals.distribution.share import Distribution, distribute, unit_of

ROUND_SUM = Decimal(1_000_000)


def worked(scheme: Scheme) -> list[Distribution]:
    """Of the first million of a licence without costs to recover; with tiers also of a million
    after the last threshold was reached. In the scheme's currency, in cents where it has none."""
    unit = unit_of(scheme.currency)
    found = [distribute(scheme, ROUND_SUM, unit=unit)]
    if len(scheme.tiers) > 1:
        found.append(distribute(scheme, ROUND_SUM, cumulative=scheme.tiers[-1].above, unit=unit))
    return found
