"""Verification: ask with evidence; the operators' queue and decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import verification as actions
from accounts.forms.organisations import DecisionForm, VerificationForm
from accounts.models import Organisation, Verification
from accounts.pages import actor_of, operators_only, signed_in
from accounts.queries import organisations, verifications
from accounts.views.organisations import standing_of
from marketplace.core.errors import DomainError, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_http_methods(["GET", "POST"])
@signed_in
def organisation_verify(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where an organisation stands, and the form that asks for verification."""
    actor = actor_of(request)
    organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    if not actor.can(organisation.pk):
        raise Refused("role_missing", _("Only owners ask for verification."))
    form = VerificationForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_verification(
                actor=actor,
                organisation_id=organisation.pk,
                evidence=form.cleaned_data["evidence"],
                note=form.cleaned_data["note"],
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(
                request, _("Your request is with the operators. You will hear from us by mail.")
            )
            return redirect("organisation_verify", organisation.public_id)
    return render(
        request,
        "accounts/verify.html",
        {
            "form": form,
            "organisation": organisation,
            "requests": list(
                Verification.objects.filter(organisation=organisation).order_by("-id")[:10]
            ),
            **standing_of(actor, organisation),
        },
        status=422 if form.errors else 200,
    )


@require_GET
@operators_only
def verification_queue(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first, and what was decided lately."""
    actor = actor_of(request)
    show = request.GET.get("show", "waiting")
    rows = (
        verifications.queue(actor)
        if show == "waiting"
        else verifications.visible_to(actor)
        .exclude(state=Verification.State.WAITING)
        .select_related("organisation", "decided_by")
        .order_by("-decided_at", "-id")
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/verification_queue.html",
        {"page": page, "show": show, "waiting": verifications.queue(actor).order_by().count()},
    )


@require_http_methods(["GET", "POST"])
@operators_only
def verification_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Facts and evidence side by side, and the decision."""
    actor = actor_of(request)
    found = get_visible(
        verifications.visible_to(actor).select_related("organisation", "asked_by", "decided_by"),
        public_id=public_id,
    )
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if request.POST.get("decision") == "approve":
                actions.approve_verification(actor=actor, verification_id=found.pk, note=reason)
                messages.success(request, _("The organisation is verified."))
            else:
                actions.refuse_verification(actor=actor, verification_id=found.pk, reason=reason)
                messages.success(request, _("The request is refused; the owners are told why."))
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect("verifications")
    twins = Organisation.objects.none()
    if found.organisation.registration_code:
        twins = Organisation.objects.filter(
            registration_code__iexact=found.organisation.registration_code,
            country=found.organisation.country,
        ).exclude(pk=found.organisation_id)
    return render(
        request,
        "accounts/verification.html",
        {
            "verification": found,
            "organisation": found.organisation,
            "form": form,
            "twins": list(twins[:5]),
            "earlier": list(
                Verification.objects.filter(organisation=found.organisation)
                .exclude(pk=found.pk)
                .order_by("-id")[:5]
            ),
        },
        status=422 if form.errors else 200,
    )


@require_GET
@never_cache
@signed_in
def verification_evidence(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The papers themselves, through the gate: operators and the organisation's owners."""
    actor = actor_of(request)
    found = get_visible(
        verifications.visible_to(actor).select_related("organisation"), public_id=public_id
    )
    actions.note_evidence_read(actor=actor, verification=found)
    response = FileResponse(
        found.evidence.open("rb"),
        as_attachment=True,
        filename=found.evidence_name,
        content_type=found.evidence_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
@operators_only
def organisation_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    """An operator withdraws a verification."""
    actor = actor_of(request)
    organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    actions.revoke_verification(
        actor=actor, organisation_id=organisation.pk, reason=request.POST.get("reason", "")
    )
    messages.success(request, _("The verification is withdrawn; the owners are told why."))
    return redirect("organisation", organisation.public_id)
