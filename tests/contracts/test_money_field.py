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


@pytest.mark.parametrize(
    "typed",
    [
        "120000,50",
        "12,34",
        "1,5万",
        "1.2,5",
        "1,2345,67",
        "1e999999万",
        "sNaN万",
        "NaN亿",
        "1,,000",
    ],
)
def test_what_may_be_another_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        MoneyField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,234,567.89", "1234567.89"), ("12,3456", "123456"), ("¥ 120,000", "120000"),
        ("1 234.50", "1234.50"), ("1，200万", "12000000"), ("30 万元", "300000"),
    ],
)  # fmt: skip
def test_groups_of_three_or_four_are_read(typed: str, amount: str) -> None:
    assert MoneyField().clean(typed) == Decimal(amount)
