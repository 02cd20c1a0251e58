"""Amounts as people write them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from contracts.forms.inputs import MoneyField


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1,200,000.50", "1200000.50"), ("¥30 000", "30000"), ("30万", "300000"),
     ("30 万元", "300000"), ("1.2亿", "120000000"), ("500元", "500")],
)  # fmt: skip
def test_groups_signs_and_ten_thousands_are_read(text, amount):
    assert MoneyField().clean(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["万", "三十万", "30万5", "9" * 19 + "亿", "NaN万"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValidationError):
        MoneyField().clean(text)
