"""Cost approach: what it would cost to make again, less what has become obsolete."""

from collections.abc import Sequence

from deals.valuation import Value


def value(costs: Sequence[Value], indices: Sequence[Value], obsolescence: Value) -> Value:
    """Sum of cost_t x index_t, times (1 - obsolescence).

    indices: price level now over price level when the cost was spent, 1 for none.
    obsolescence: share from 0 to 1.
    """
    total: Value = 0.0
    for cost, index in zip(costs, indices, strict=True):
        total = total + cost * index
    return total * (1 - obsolescence)
