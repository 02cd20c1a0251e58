"""Pages: protection of a case, with deadlines and costs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.actions import ip_events as actions
from deals.forms.case_work import BookForm, IpEventForm
from deals.models import Case, IpEvent
from deals.queries import case_work as queries
from deals.views.case_show import own_case
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_safe
def protection(request: HttpRequest, public_id: str) -> HttpResponse:
    _actor, case = own_case(request, public_id)
    context = {
        "case": case, "where": "protection", "rows": list(queries.ip_events_of(case)),
        "sums": queries.costs_of(case), "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "deals/cases/protection.html", context)


@require_http_methods(["GET", "POST"])
def new_event(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    form = IpEventForm(request.POST or None, initial={"currency": "CNY"})
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in actions.FIELDS}
        try:
            actions.add_ip_event(actor=actor, case_id=case.pk, facts=facts)
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Added."))
            return redirect("case_protection", public_id)
    return _page(request, case, form)


@require_http_methods(["GET", "POST"])
def edit_event(request: HttpRequest, public_id: str, ip_event_id: str) -> HttpResponse:
    actor, case, row = _own_event(request, public_id, ip_event_id)
    form = IpEventForm(
        request.POST or None,
        initial={name: getattr(row, name) for name in (*actions.FIELDS, "version")},
    )
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in actions.FIELDS}
        try:
            actions.change_ip_event(
                actor=actor, event_id=row.pk, facts=facts,
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("case_protection", public_id)
    return _page(request, case, form, row, actor)


@require_POST
def remove_event(request: HttpRequest, public_id: str, ip_event_id: str) -> HttpResponse:
    actor, _case, row = _own_event(request, public_id, ip_event_id)
    try:
        actions.remove_ip_event(actor=actor, event_id=row.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Removed."))
    return redirect("case_protection", public_id)


@require_POST
def book(request: HttpRequest, public_id: str, ip_event_id: str) -> HttpResponse:
    """Enter its cost in the income of a contract."""
    actor, case, row = _own_event(request, public_id, ip_event_id)
    form = BookForm(request.POST, accounts=queries.accounts_for(actor, row), auto_id="book_%s")
    if form.is_valid():
        try:
            actions.book_cost(
                actor=actor, event_id=row.pk, account=form.cleaned_data["account"],
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The cost is entered; it counts in the distribution."))
            return redirect("case_protection", public_id)
    plain = IpEventForm(initial={name: getattr(row, name) for name in (*actions.FIELDS, "version")})
    return _page(request, case, plain, row, actor, book_form=form)


# --- Pieces ------------------------------------------------------------------------------------


def _own_event(
    request: HttpRequest, public_id: str, ip_event_id: str
) -> tuple[Actor, Case, IpEvent]:
    actor, case = own_case(request, public_id)
    rows = case.ip_events.select_related("booked__account")
    return actor, case, get_visible(rows, public_id=ip_event_id)


def _page(
    request: HttpRequest, case: Case, form: forms.Form, row: IpEvent | None = None,
    actor: Actor | None = None, *, book_form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {"case": case, "form": form, "row": row, "book_form": book_form}
    if row is not None and actor is not None and row.cost and not row.booked_id:
        accounts = queries.accounts_for(actor, row)
        if accounts and book_form is None:
            context["book_form"] = BookForm(
                accounts=accounts, auto_id="book_%s", initial={"version": row.version}
            )
    wrong = bool(form.errors) or book_form is not None
    return render(request, "deals/cases/ip_event.html", context, status=422 if wrong else 200)
