"""The clause report of a contract, for whoever may open its files."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contracts.queries import reviews
from contracts.rule_sets import rule_set
from contracts.views.gates import contract_of


@require_GET
def review_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything that was found in the contract's texts; made to be printed, too."""
    actor, contract = contract_of(request, public_id)
    reviews.require_open_files(contract, actor)
    response = render(
        request,
        "contracts/review/report.html",
        {
            "contract": contract,
            "rules": rule_set(contract.rule_set),
            "reports": reviews.reports(contract),
        },
    )
    response["Cache-Control"] = "private, no-store"  # it quotes the file
    return response
