"""Rows of percentages on a form: of the terms with a client, of an institution's usual prices."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from deals.actions.brokerage import MOST_TIERS
from deals.models import BrokerageAgreement, CentreSettings
from deals.queries.commissions import tiers_of
from marketplace.core.errors import DomainError, Invalid
from marketplace.core.forms import add_domain_errors

PRICES = ("currency", "due", "minimum", "cap", "costs_cap")


def tier_rows(stored: BrokerageAgreement | CentreSettings) -> list[dict[str, Any]]:
    """What the rows hold at first: what is stored, or an empty first row and another."""
    found = [
        {"above": one.above, "percent": f"{one.percent.normalize():f}"}
        for one in tiers_of(stored.tiers)
    ]
    return found or [{"above": Decimal(0)}, {}]


def another(data: QueryDict, most: int = MOST_TIERS, prefix: str = "form") -> None:
    """One row more, of at most so many; nothing typed is lost."""
    name = f"{prefix}-TOTAL_FORMS"
    count = data.get(name, "0")
    data[name] = (
        str(min(int(count[:3]), most - 1) + 1) if count.isascii() and count.isdecimal() else "1"
    )


def place_errors(form: forms.Form, filled: Sequence[Any], error: DomainError) -> None:
    """What is wrong with a row at its field, the rest on the form."""
    of_rows = [name for name in error.fields if name.startswith("tiers.")]
    for name in of_rows:
        _rows, place, field = name.split(".")
        for text in error.fields[name]:
            filled[int(place)].add_error(field, str(text))
    left = {name: texts for name, texts in error.fields.items() if name not in of_rows}
    if left or not of_rows:
        add_domain_errors(form, Invalid(error.code, error.message, fields=left))
