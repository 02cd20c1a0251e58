"""One's own broker certificates."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import qualifications as actions
from accounts.forms.people import QualificationForm
from accounts.pages import actor_of, signed_in
from accounts.queries.people import qualifications_of
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_GET
@signed_in
def qualification_list(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "accounts/qualifications.html",
        {
            "qualifications": list(qualifications_of(actor_of(request))),
            "today": timezone.localdate(),
        },
    )


@require_http_methods(["GET", "POST"])
@signed_in
def qualification_edit(request: HttpRequest, public_id: str = "") -> HttpResponse:
    """Enter a certificate, or correct one."""
    actor = actor_of(request)
    known = get_visible(qualifications_of(actor), public_id=public_id) if public_id else None
    form = QualificationForm(
        request.POST or None, initial=QualificationForm.facts_of(known) if known else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            if known:
                actions.change_qualification(
                    actor=actor, qualification_id=known.pk, facts=form.cleaned_data
                )
            else:
                actions.add_qualification(actor=actor, facts=form.cleaned_data)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The certificate is saved."))
            return redirect("qualifications")
    return render(
        request,
        "accounts/qualification_form.html",
        {"form": form, "known": known},
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def qualification_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = actor_of(request)
    known = get_visible(qualifications_of(actor), public_id=public_id)
    actions.remove_qualification(actor=actor, qualification_id=known.pk)
    messages.success(request, _("The certificate is removed."))
    return redirect("qualifications")
