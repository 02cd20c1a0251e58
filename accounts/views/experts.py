"""One's consent to be found among the experts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import experts
from accounts.forms.experts import ExpertForm
from accounts.pages import actor_of, signed_in
from accounts.queries.experts import own_profile
from accounts.queries.people import memberships_of
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def expert_profile(request: HttpRequest) -> HttpResponse:
    """Agree, or change what others find."""
    actor = actor_of(request)
    memberships = list(memberships_of(actor))
    profile = own_profile(actor)
    initial = (
        {
            "organisation": profile.organisation.public_id,
            "title": profile.title,
            "about": profile.about,
        }
        if profile
        else {}
    )
    form = ExpertForm(request.POST or None, initial=initial, memberships=memberships)
    if request.method == "POST" and form.is_valid():
        try:
            experts.agree(actor=actor, **form.cleaned_data)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("You can be found now. Take it back whenever you like."))
            return redirect("expert_profile")
    return render(
        request,
        "accounts/expert_profile.html",
        {"form": form, "profile": profile, "memberships": memberships},
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def take_back(request: HttpRequest) -> HttpResponse:
    experts.take_back(actor=actor_of(request))
    messages.success(request, _("You are not found any more. What was said of you is deleted."))
    return redirect("expert_profile")
