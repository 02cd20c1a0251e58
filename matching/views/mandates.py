"""An organisation's page about who may answer for it, and for whom it may answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organisation
from accounts.pages import actor_of, signed_in
from accounts.queries import organisations
from accounts.views.organisations import standing_of
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from matching.actions import mandates as actions
from matching.forms_desk import MandateForm, institution_named
from matching.queries import mandates


@require_http_methods(["GET", "POST"])
@signed_in
def mandates_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """For its members; only owners give and withdraw."""
    actor = actor_of(request)
    organisation = _own(request, public_id)
    form = MandateForm(initial={"institution": request.GET.get("institution", "")[:300]})
    if request.method == "POST":
        form = MandateForm(request.POST)
    if form.is_bound and form.is_valid():
        try:
            institution = institution_named(actor, form.cleaned_data["institution"])
            actions.give_mandate(
                actor=actor, organisation_id=organisation.pk, institution_id=institution.pk
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The institution may now answer matches for you."))
            return redirect("organisation_mandates", organisation.public_id)
    return render(
        request,
        "matching/mandates.html",
        {
            "organisation": organisation,
            "form": form,
            "given": list(mandates.given_by(organisation.pk)),
            "held": list(mandates.held_by(organisation.pk)) if organisation.is_tti else [],
            **standing_of(actor, organisation),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def mandate_withdraw(request: HttpRequest, public_id: str, mandate_id: str) -> HttpResponse:
    actor = actor_of(request)
    organisation = _own(request, public_id)
    mandate = get_visible(
        mandates.visible_to(actor).filter(organisation=organisation), public_id=mandate_id
    )
    actions.withdraw_mandate(actor=actor, mandate_id=mandate.pk)
    messages.success(request, _("Withdrawn. The institution no longer answers for you."))
    return redirect("organisation_mandates", organisation.public_id)


def _own(request: HttpRequest, public_id: str) -> Organisation:
    """An organisation of the reader; to everybody else the page does not exist."""
    return get_visible(organisations.own(actor_of(request)), public_id=public_id)
