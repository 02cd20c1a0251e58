"""What the amounts of a draft come to, while one types."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from contracts.amounts import work_out
from contracts.forms.inputs import MoneyField
from contracts.models import Contract
from contracts.rule_sets import RuleSet
from contracts.rules import MAX_DEDUCTIONS, rules_for
from contracts.views.gates import signed_in
from marketplace.core.errors import Invalid


@require_POST
def live_amounts(request: HttpRequest) -> HttpResponse:
    """What the amounts typed so far come to; nothing is stored. htmx asks while one types."""
    signed_in(request)
    found = _amounts_typed(request.POST)
    return render(request, "contracts/draft/_amounts.html", {"amounts": found})


def amounts_of(contract: Contract, rules: RuleSet, typed: Any = None) -> dict[str, Any]:
    """For the page: of what was typed (posted data), else of the stored contract."""
    if typed:
        return _amounts_typed(typed)
    if contract.total_amount is None:
        return {}
    deductions = [row.amount for row in contract.deductions.all()]
    return _worked_out(contract.total_amount, deductions, contract.currency, contract.rate, rules)


def _amounts_typed(data: Any) -> dict[str, Any]:
    """Read leniently: what is no number yet counts as not typed."""
    total = _number(data.get("total_amount"))
    if total is None:
        return {}
    count = str(data.get("deduction-TOTAL_FORMS", "0"))
    rows = [
        _number(data.get(f"deduction-{index}-amount"))
        for index in range(min(int(count[:4]) if count.isdecimal() else 0, MAX_DEDUCTIONS))
        if not data.get(f"deduction-{index}-DELETE")
    ]
    try:
        rules = rules_for(parse_date(str(data.get("signed_on") or "")), timezone.localdate())
    except (Invalid, ValueError):  # a date that is wrong is told at its own field
        rules = rules_for(None, timezone.localdate())
    currency = str(data.get("currency") or "CNY")
    rate = _number(data.get("rate"), 6)
    return _worked_out(total, [row for row in rows if row is not None], currency, rate, rules)


def _worked_out(
    total: Decimal, deductions: list[Decimal], currency: str, rate: Decimal | None, rules: RuleSet
) -> dict[str, Any]:
    try:
        amounts = work_out(total, deductions, currency=currency, rate=rate)
    except Invalid as error:
        return {"problem": error.message}
    cny = amounts.technology_cny
    return {
        "found": amounts,
        "currency": currency,
        "is_large": cny is not None and rules.is_large(cny),
        "threshold": rules.second_review_from,
    }


def _number(value: Any, places: int = 2) -> Decimal | None:
    try:
        found: Decimal | None = MoneyField(required=False, decimal_places=places).clean(value)
    except ValidationError:
        return None
    return found
