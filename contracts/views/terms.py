"""The schedule of what is typed so far, while one types."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from contracts.codes import PAYMENT_MODES
from contracts.forms.inputs import MoneyField, day
from contracts.forms.terms import TermsForms
from contracts.models import Contract
from contracts.payment import sum_words, terms_of
from contracts.schedule import royalty_words, schedule_of
from contracts.views.gates import contract_of
from marketplace.core.codes import CURRENCIES


@require_POST
def live_schedule(request: HttpRequest, public_id: str) -> HttpResponse:
    """What falls due when by what is typed; nothing is stored, what cannot be read is left out."""
    _actor, stored = contract_of(request, public_id)
    found = schedule_context(stored, TermsForms(stored, request.POST), request.POST)
    return render(request, "contracts/draft/_schedule.html", found)


def schedule_context(contract: Contract, forms: TermsForms, typed: Any) -> dict[str, Any]:
    """`schedule`, `royalty_words` and `sum_words` (what does not add up) of the stored terms, or
    of what is `typed` (the posted data, empty for none)."""
    terms = forms.typed() if forms.is_given else terms_of(contract)
    if typed:
        contract = _as_typed(typed)
    return {
        "schedule": schedule_of(contract, terms),
        "royalty_words": royalty_words(terms, contract.currency),
        "sum_words": sum_words(
            contract.payment_mode, terms, contract.total_amount, contract.currency
        ),
    }


def _as_typed(typed: Any) -> Contract:
    """An unsaved contract with the facts that a schedule is worked out from, read leniently."""
    probe = Contract()
    mode, currency = str(typed.get("payment_mode", "")), str(typed.get("currency", ""))
    probe.payment_mode = mode if mode in PAYMENT_MODES else ""
    probe.currency = currency if currency in CURRENCIES else "CNY"
    for name, field in (
        ("total_amount", MoneyField(required=False)),
        ("signed_on", day("")),
        ("valid_from", day("")),
        ("valid_to", day("")),
    ):
        try:
            setattr(probe, name, field.clean(typed.get(name)))
        except ValidationError:
            setattr(probe, name, None)
    return probe
