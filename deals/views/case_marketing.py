"""Pages: the marketing log of a case."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deals.actions import approaches as actions
from deals.forms.case_work import ApproachForm
from deals.models import Approach, Case
from deals.queries.case_work import outcomes_of
from deals.queries.whom import meant, near
from deals.views.case_show import own_case
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

ROWS = 50


@require_safe
def marketing(request: HttpRequest, public_id: str) -> HttpResponse:
    """`?outcome=` narrows; an unknown one is not looked at."""
    _actor, case = own_case(request, public_id)
    outcomes = outcomes_of(case)
    rows = case.approaches.select_related("organisation", "made_by").order_by("-made_on", "-id")
    wanted = request.GET.get("outcome", "")
    if wanted in {code for code, _label, _number in outcomes}:
        rows = rows.filter(outcome=wanted)
    context = {
        "case": case, "where": "marketing", "outcomes": outcomes, "wanted": wanted,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
    }  # fmt: skip
    return render(request, "deals/cases/marketing.html", context)


@require_http_methods(["GET", "POST"])
def new_approach(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    form = ApproachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in actions.FIELDS}
        whom = meant(actor, form.cleaned_data["name"])
        try:
            actions.add_approach(actor=actor, case_id=case.pk, facts={**facts, **whom})
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Logged."))
            return redirect("case_marketing", public_id)
    return _page(request, case, form, near=near(actor))


@require_http_methods(["GET", "POST"])
def edit_approach(request: HttpRequest, public_id: str, approach_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    row = get_visible(case.approaches.select_related("organisation"), public_id=approach_id)
    form = ApproachForm(
        request.POST or None, is_new=False,
        initial={name: getattr(row, name) for name in (*actions.FIELDS, "version")},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in actions.FIELDS}
        try:
            actions.change_approach(
                actor=actor, approach_id=row.pk, facts=facts,
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("case_marketing", public_id)
    return _page(request, case, form, row)


def _page(
    request: HttpRequest, case: Case, form: forms.Form, row: Approach | None = None,
    near: Sequence[str] = (),
) -> HttpResponse:  # fmt: skip
    context = {"case": case, "form": form, "row": row, "near": near}
    status = 422 if form.errors else 200
    return render(request, "deals/cases/approach.html", context, status=status)
