"""A possible hit at the registrar's desk: the entry, what was quoted, the decision."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contracts import states
from contracts.actions.screening import decide_hit
from contracts.forms.screening import HitForm
from contracts.queries import reviews
from contracts.queries import screening as queries
from contracts.rule_sets import rule_set
from contracts.views.gates import file_at_point
from contracts.views.screening import hits_shown
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from marketplace.core.forms import add_domain_errors


@require_http_methods(["GET", "POST"])
def hit_page(request: HttpRequest, public_id: str, hit_id: int) -> HttpResponse:
    """Decide; goes on to the next hit that is not decided, then back to the contract."""
    actor, contract = file_at_point(request, public_id)
    reviews.require_open_files(contract, actor)
    standing = queries.standing(contract, timezone.localdate())
    hit = next((one for one in standing.hits if one.pk == hit_id), None)
    if hit is None:
        if request.method == "POST" and standing.screening:
            messages.error(request, _("It was screened anew meanwhile. These are its hits now."))
            return redirect("examine_contract", contract.public_id)
        raise NotFound
    form = HitForm(request.POST if request.method == "POST" else None, entry=hit.entry)
    if form.is_bound and form.is_valid():
        given = {"licence_number": "", "licence_on": None, "licence_by": "", **form.cleaned_data}
        try:
            decide_hit(actor=actor, contract_id=contract.pk, hit_id=hit.pk, **given)
        except Invalid as error:
            add_domain_errors(form, error)
        except (Conflict, Refused) as error:
            form.add_error(None, str(error.message))
        else:
            left = [one for one in standing.held if one.pk != hit.pk]
            messages.success(request, _("Decided."))
            if left:
                return redirect("screening_hit", contract.public_id, left[0].pk)
            return redirect("examine_contract", contract.public_id)
    may_decide = (
        contract.state == states.UNDER_EXAMINATION and contract.examiner_id == actor.user_id
    ) or (contract.state == states.SECOND_REVIEW and contract.examiner_id != actor.user_id)
    response = render(
        request,
        "contracts/screening/hit.html",
        {
            "contract": contract,
            "row": hits_shown([hit])[0],
            "form": form,
            "may_decide": may_decide,
            "decisions": list(hit.decisions.all()),
            "refusal": rule_set(contract.rule_set).refusals[
                rule_set(contract.rule_set).screening.refusal
            ],
        },
        status=422 if form.is_bound else 200,
    )
    response["Cache-Control"] = "private, no-store"
    return response
