"""The schedule of payments, for templates."""

from typing import Any

from django import template

from contracts.models import Contract
from contracts.payment import sum_words, terms_of
from contracts.schedule import royalty_words, schedule_of

register = template.Library()


@register.simple_tag
def payment_schedule(contract: Contract) -> dict[str, Any]:
    """`schedule`, `royalty` (None without one), its rates in words, and what does not add up."""
    terms = terms_of(contract)
    return {
        "schedule": schedule_of(contract, terms),
        "royalty": terms.royalty,
        "royalty_words": royalty_words(terms, contract.currency),
        "sum_words": sum_words(
            contract.payment_mode, terms, contract.total_amount, contract.currency
        ),
    }
