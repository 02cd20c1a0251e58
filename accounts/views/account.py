"""One's own account: overview, profile, organisations, data."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import people
from accounts.forms.people import CloseForm, ProfileForm
from accounts.models import User
from accounts.pages import actor_of, proved_lately, signed_in
from accounts.queries import alliances, tokens
from accounts.queries.people import memberships_of, qualifications_of
from marketplace.core.errors import DomainError, Invalid
from marketplace.core.forms import add_domain_errors


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require_GET
@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """The hub: what is set, and where to change it."""
    actor, person = actor_of(request), _person(request)
    factors = list(
        Authenticator.objects.filter(user=person).values_list("type", flat=True).order_by()
    )
    return render(
        request,
        "accounts/overview.html",
        {
            "person": person,
            "memberships": list(memberships_of(actor)),
            "qualifications": list(qualifications_of(actor)),
            "token_count": tokens.visible_to(actor).count(),
            "addresses": list(EmailAddress.objects.filter(user=person).order_by("-primary", "id")),
            "has_totp": Authenticator.Type.TOTP in factors,
            "passkey_count": factors.count(Authenticator.Type.WEBAUTHN),
        },
    )


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    person = _person(request)
    form = ProfileForm(
        request.POST or None,
        initial={
            "name": person.name,
            "language": person.language,
            "agreed_to_be_found": person.agreed_to_be_found,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            people.change_profile(actor=actor_of(request), facts=form.cleaned_data)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            return _in_language(request, str(form.cleaned_data["language"]))
    return render(
        request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200
    )


def _in_language(request: HttpRequest, language: str) -> HttpResponse:
    """Back to the profile, in the language just chosen: the browser's older choice gives way."""
    with translation.override(language):
        messages.success(request, _("Your profile is saved."))
    response = redirect("account_profile")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip
    return response


@require_GET
@signed_in
def my_organisations(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return render(
        request,
        "accounts/my_organisations.html",
        {
            "memberships": list(memberships_of(actor)),
            "alliances": list(alliances.with_members(alliances.own(actor)).order_by("id")),
            "alliance_invitations": list(alliances.invitations_for(actor)),
        },
    )


@require_GET
@signed_in
def data(request: HttpRequest) -> HttpResponse:
    """What one may do with one's data."""
    return render(
        request,
        "accounts/data.html",
        {"reasons": people.reasons_against_closing(actor_of(request))},
    )


@never_cache
@require_POST
@signed_in
@proved_lately
def export_data(request: HttpRequest) -> HttpResponse:
    content = people.export_data(actor=actor_of(request))
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="yizhan-my-data.zip"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "POST"])
@signed_in
@proved_lately
def close(request: HttpRequest) -> HttpResponse:
    """Say what will happen, ask once, and do it."""
    actor = actor_of(request)
    form = CloseForm(request.POST or None, email=_person(request).email)
    reasons = people.reasons_against_closing(actor)
    if request.method == "POST" and form.is_valid() and not reasons:
        try:
            people.close_account(actor=actor)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            logout(request)
            messages.success(request, _("Your account is closed and your data is removed."))
            return redirect("home")
    return render(
        request,
        "accounts/close.html",
        {"form": form, "reasons": reasons},
        status=422 if form.errors else 200,
    )
