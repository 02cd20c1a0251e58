"""Pages: the assessment of a case, one's own scorecard, readiness, decision."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.actions import assessments as actions
from deals.assessing.drawing import spread
from deals.forms.case_work import DecisionForm, ReadinessForm, ScorecardForm
from deals.models import Case
from deals.queries.case_work import assessment_of
from deals.views.case_show import own_case
from marketplace.core.errors import DomainError, NotFound, Stale
from marketplace.core.forms import add_domain_errors


@require_safe
def assessment(request: HttpRequest, public_id: str) -> HttpResponse:
    _actor, case = own_case(request, public_id)
    return _show(request, case)


def _show(
    request: HttpRequest, case: Case, name: str = "", form: forms.Form | None = None
) -> HttpResponse:
    found = assessment_of(case)
    version = {"version": case.version}
    context: dict[str, Any] = {
        "case": case, "where": "assessment", "found": found, "opened": name,
        "drawing": spread(found.result.rows, _("Scores from 1 to 5: mean, lowest and highest"))
        if found.result.mean is not None else "",
        "readiness": list(case.readiness.select_related("author").order_by("-id")[:50]),
        "decisions": list(case.decisions.select_related("author").order_by("-id")[:50]),
        "readiness_form": ReadinessForm(auto_id="readiness_%s", initial=version),
        "decision_form": DecisionForm(auto_id="decision_%s", initial=version),
    }  # fmt: skip
    if form is not None:
        context[f"{name}_form"] = form
    status = 422 if form is not None else 200
    return render(request, "deals/cases/assessment.html", context, status=status)


@require_http_methods(["GET", "POST"])
def scorecard(request: HttpRequest, public_id: str) -> HttpResponse:
    """The reader's own card; those of others stand in the result alone."""
    actor, case = own_case(request, public_id)
    card = case.scorecards.filter(assessor_id=actor.user_id).first()
    template = actions.template_of(case)
    initial: dict[str, Any] = {"version": card.version if card else 0}
    for row in card.scores.all() if card else []:
        initial[f"{row.criterion}_score"] = "" if row.score is None else row.score
        initial[f"{row.criterion}_evidence"] = row.evidence
    form = ScorecardForm(request.POST or None, template=template, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_scorecard(
                actor=actor, case_id=case.pk, scores=form.scores(),
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except Stale as error:
            data = request.POST.copy()
            data["version"] = str(initial["version"])  # saved again, it is meant
            form.data = data
            add_domain_errors(form, error)
        except DomainError as error:
            for name, texts in error.fields.items():
                for text in texts:
                    form.add_error(name.replace(".", "_"), str(text))
            if not error.fields:
                add_domain_errors(form, error)
        else:
            messages.success(request, _("Your scorecard is saved."))
            return redirect("case_assessment", public_id)
    return render(
        request, "deals/cases/scorecard.html", {"case": case, "form": form},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_POST
def readiness(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    form = ReadinessForm(request.POST, auto_id="readiness_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.note_readiness(
                actor=actor, case_id=case.pk, level=given["level"], evidence=given["evidence"],
                expected_version=given["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Noted."))
            return redirect("case_assessment", public_id)
    return _show(request, case, "readiness", form)


@require_POST
def decision(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    form = DecisionForm(request.POST, auto_id="decision_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.decide_assessment(
                actor=actor, case_id=case.pk, verdict=given["verdict"], reason=given["reason"],
                until=given["until"], words=given["words"], expected_version=given["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The decision is kept."))
            return redirect("case_assessment", public_id)
    return _show(request, case, "decision", form)
