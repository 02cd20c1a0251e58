"""Pages of visits: the log, a new one, one visit and what is made of its findings."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.actions import visits as actions
from deals.forms.visits import FindingForm, FindingFormSet, VisitForm
from deals.models import Visit
from deals.queries import visits as queries
from deals.queries.cases import own_institutions, readable_among
from deals.queries.centres import person_named, to_choose
from deals.queries.whom import meant, near
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS
from marketplace.core.errors import DomainError, Invalid, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 30


@require_safe
def visit_list(request: HttpRequest) -> HttpResponse:
    """Visits of one's institutions; nobody else finds the page."""
    actor = signed_in(request)
    if not queries.works_with_visits(actor):
        raise NotFound
    page = Paginator(queries.listed(actor), ROWS).get_page(request.GET.get("page"))
    return private(render(request, "deals/visits/list.html", {"page": page}))


@require_http_methods(["GET", "POST"])
def new_visit(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    institutions = list(own_institutions(actor))
    if not institutions:
        raise NotFound
    form = VisitForm(
        request.POST or None, institutions=institutions,
        initial={"visited_on": timezone.localdate()},
    )  # fmt: skip
    rows = FindingFormSet(request.POST or None, prefix="findings")
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        facts = dict(form.cleaned_data)
        facts |= {"name": "", **meant(actor, facts["name"])}
        filled = [one for one in rows.forms if one.is_filled]
        try:
            made = actions.record_visit(
                actor=actor, institution=facts.pop("institution", ""), facts=facts,
                findings=[one.cleaned_data for one in filled],
            )  # fmt: skip
        except Invalid as error:
            _place(error, form, filled)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Recorded."))
            return redirect(made.get_absolute_url())
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "rows": rows, "near": near(actor)}
    return private(render(request, "deals/visits/form.html", context, status=status))


def _place(error: Invalid, form: forms.Form, rows: list[Any]) -> None:
    """Each fault at its field, those of findings in their row."""
    for name, texts in error.fields.items():
        parts = name.split(".")
        if parts[0] == "findings" and len(parts) == 3:
            target, name = rows[int(parts[1])], parts[2]
        else:
            # who was visited is one field here
            target, name = form, "name" if name == "organisation" else name
        for text in texts:
            target.add_error(name if name in target.fields else None, str(text))


def own_visit(request: HttpRequest, public_id: str) -> tuple[Actor, Visit]:
    actor = signed_in(request)
    rows = queries.visible_to(actor).select_related("organisation", "institution", "author")
    return actor, get_visible(rows, public_id=public_id)


@require_safe
def visit_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, visit = own_visit(request, public_id)
    return show(request, actor, visit)


def show(
    request: HttpRequest, actor: Actor, visit: Visit, form: forms.Form | None = None
) -> HttpResponse:
    names = {code.code: code.name() for code in FIELDS}
    found = list(visit.findings.select_related("case"))
    context = {
        "visit": visit, "form": form or FindingForm(),
        "findings": [(one, names.get(one.field, "")) for one in found],
        "readable": readable_among(actor, [one.case_id for one in found]),
        "has_mandate": visit.organisation_id is not None and queries.mandate_of(visit).exists(),
        "people": to_choose(actor, visit.institution_id)
        if any(one.case_id is None for one in found) else [],
    }  # fmt: skip
    return private(render(request, "deals/visits/visit.html", context, status=422 if form else 200))


@require_POST
def add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a finding."""
    actor, visit = own_visit(request, public_id)
    form = FindingForm(request.POST)
    if form.is_valid():
        try:
            actions.add_finding(
                actor=actor, visit_id=visit.pk, **form.cleaned_data,
                expected_version=seen_version(request.POST.get("version", "")),
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Added."))
            return redirect(visit.get_absolute_url())
    return show(request, actor, visit, form)


@require_POST
def step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """need, case or remove, of the posted `finding`."""
    actor, visit = own_visit(request, public_id)
    known: dict[str, Callable[..., Any]] = {
        "need": actions.draft_finding_need, "case": actions.open_finding_case,
        "remove": actions.remove_finding,
    }  # fmt: skip
    if step not in known:
        raise NotFound
    chosen = request.POST.get("responsible", "")[:10]
    given = {"responsible": person_named(visit.institution_id, chosen)} if step == "case" else {}
    try:
        made = known[step](
            actor=actor, visit_id=visit.pk, finding=request.POST.get("finding", "")[:10],
            expected_version=seen_version(request.POST.get("version", "")), **given,
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
    else:
        if step == "case":
            messages.success(request, _("Case %(docket)s is open.") % {"docket": made.docket})
            return redirect(made.get_absolute_url())
        told = _("The organisation has a draft of a need and is told.")
        messages.success(request, told if step == "need" else _("Taken out."))
    return redirect(visit.get_absolute_url())
