"""Amounts of a contract. Exact: Decimal with two places; rounding happens once, into CNY."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from marketplace.core.errors import Invalid

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999999999.99")
HOME_CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Amounts:
    """total, deducted and technology in the contract's currency; the `_cny` ones in CNY, None
    while the rate is unknown."""

    total: Decimal
    deducted: Decimal
    technology: Decimal
    total_cny: Decimal | None
    technology_cny: Decimal | None


def work_out(
    total: Decimal,
    deductions: Iterable[Decimal],
    *,
    currency: str = HOME_CURRENCY,
    rate: Decimal | None = None,
) -> Amounts:
    """Technology amount = total - deductions; 0 <= technology amount <= total.

    rate: CNY for one unit of another currency. Raises Invalid on `total_amount` or `deductions`.
    """
    rows = list(deductions)
    if total < 0:
        raise _wrong("total_amount", _("An amount cannot be negative."))
    if any(row < 0 for row in rows):
        raise _wrong("deductions", _("An amount cannot be negative."))
    deducted = sum(rows, Decimal(0))
    if deducted > total:
        raise _wrong(
            "deductions",
            _("The deductions are larger than the total, so no technology amount would be left."),
        )
    technology = total - deducted
    factor = Decimal(1) if currency == HOME_CURRENCY else rate
    return Amounts(total, deducted, technology, in_cny(total, factor), in_cny(technology, factor))


def in_cny(amount: Decimal, rate: Decimal | None) -> Decimal | None:
    """In CNY, rounded half up to the cent; None without a rate.

    Raises Invalid on `total_amount` when the result has more than 16 digits before the point.
    """
    if rate is None:
        return None
    converted = (amount * rate).quantize(CENT, rounding=ROUND_HALF_UP)
    if converted > LARGEST:
        raise _wrong("total_amount", _("The amount in yuan is too large."))
    return converted


def _wrong(field: str, message: object) -> Invalid:
    return Invalid("wrong_amount", str(message), fields={field: [str(message)]})
