"""Buttons of the operator's page that begin and cancel matching the market again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.pages import actor_of, operators_only
from marketplace.core.errors import DomainError
from matching.actions import rematching


@require_POST
@operators_only
def begin(request: HttpRequest) -> HttpResponse:
    try:
        rematching.begin(actor=actor_of(request), again=request.POST.get("again") == "1")
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The market is being matched again."))
    return redirect(f"{reverse('operations')}#rematch")


@require_POST
@operators_only
def cancel(request: HttpRequest, rematch_id: int) -> HttpResponse:
    try:
        rematching.cancel(actor=actor_of(request), rematch_id=rematch_id)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Cancelled. What has been matched stays."))
    return redirect(f"{reverse('operations')}#rematch")
