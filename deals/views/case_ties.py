"""Pages: what a case belongs to, and editing one of its tasks."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deals.actions import case_parts, case_tasks
from deals.forms import cases as case_forms
from deals.queries.cases import colleagues_of, tasks_visible_to
from deals.views.case_show import NUMBER, TIES, back_to, own_case, show
from deals.views.gates import signed_in
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, Invalid, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_POST
def tie(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """To an introduction or a contract, by its number or the address of its page."""
    actor, case = own_case(request, public_id)
    if kind not in TIES:
        raise NotFound
    form = case_forms.TieForm(request.POST, label=TIES[kind], auto_id=f"{kind}_%s")
    if form.is_valid():
        text = form.cleaned_data["number"].strip()
        found = re.search(NUMBER, text)
        number = found[1].upper() if found else text[:10]
        try:
            case_parts.tie_case(actor=actor, case_id=case.pk, kind=kind, public_id=number)
        except NotFound:
            raise
        except Invalid as error:
            for texts in error.fields.values():
                form.add_error("number", [str(text) for text in texts])
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{case.get_absolute_url()}#ties")
    return show(request, actor, case, name=kind, form=form)


@require_http_methods(["GET", "POST"])
def edit_task(request: HttpRequest, task_id: str) -> HttpResponse:
    """What is to be done, by whom, until when."""
    actor = signed_in(request)
    rows = tasks_visible_to(actor).select_related("case", "assignee")
    task = get_visible(rows, public_id=task_id)
    people = colleagues_of(task.case.organisation_id)
    by_id = {one.public_id: one.pk for one in people}
    form = case_forms.TaskForm(
        request.POST or None, people=people,
        initial={
            "title": pick(task, "title", get_language()).value, "due_on": task.due_on,
            "assignee": next((p.public_id for p in people if p.pk == task.assignee_id), ""),
            "version": task.version,
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        # only what was changed: a title that a stage brought keeps its other language
        given: dict[str, Any] = {
            name: form.cleaned_data[name]
            for name in ("title", "assignee", "due_on")
            if name in form.changed_data
        }
        if "assignee" in given:
            given["assignee"] = by_id.get(given["assignee"])
        try:
            case_tasks.change_task(
                actor=actor, task_id=task.pk, facts=given,
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to(actor, task.case, "#task")
    return render(
        request, "deals/cases/task.html", {"form": form, "task": task, "case": task.case},
        status=422 if form.errors else 200,
    )  # fmt: skip
