"""Organisations: the public page, founding, changing, history."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.actions import organisations as actions
from accounts.forms.organisations import OrganisationForm, StandingForm
from accounts.forms.places import district_choices
from accounts.models import Organisation, Verification
from accounts.models.memberships import Role
from accounts.pages import actor_of, operators_only, signed_in
from accounts.queries import alliances, organisations
from events.queries import history_of
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.replicas import may_lag


@require_GET
@may_lag
def organisation_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """What everybody may know of an organisation, and the doors of those who work for it."""
    actor = actor_of(request)
    organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    return render(
        request,
        "accounts/organisation.html",
        {
            "organisation": organisation,
            "people": list(organisations.people_shown(organisation)),
            "alliances": list(alliances.of_organisation(organisation.pk)),
            "today": timezone.localdate(),
            **standing_of(actor, organisation),
        },
    )


def standing_of(actor: Actor, organisation: Organisation) -> dict[str, Any]:
    """What the reader may do here; for every page about one organisation."""
    is_member = organisation.pk in actor.roles
    found: dict[str, Any] = {
        "is_member": is_member,
        "is_owner": actor.can(organisation.pk),
        "may_edit": actor.can(organisation.pk, Role.EDITOR) or actor.is_operator,
        "own_roles": [role for role in Role if role in actor.roles.get(organisation.pk, ())],
    }
    if is_member or actor.is_operator:
        found["last_verification"] = (
            Verification.objects.filter(organisation=organisation).order_by("-id").first()
        )
    if actor.is_operator:
        found["standing_form"] = StandingForm(
            initial={
                "is_trusted": organisation.is_trusted,
                "is_registration_point": organisation.is_registration_point,
            }
        )
    return found


@require_http_methods(["GET", "POST"])
@signed_in
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Found an organisation; verification and members are the next two steps."""
    form = _facts_form(request)
    if request.method == "POST" and form.is_bound and form.is_valid():
        try:
            organisation = actions.create_organisation(
                actor=actor_of(request), facts=form.cleaned_data
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(
                request, _("It is founded. Have it verified, so that you can publish.")
            )
            return redirect("organisation_verify", organisation.public_id)
    return _facts_page(request, form, None)


@require_http_methods(["GET", "POST"])
@signed_in
def organisation_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = actor_of(request)
    organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    if not (actor.can(organisation.pk, Role.EDITOR) or actor.is_operator):
        raise Refused(
            "role_missing", _("This needs another role in the organisation. Ask one of its owners.")
        )
    form = _facts_form(request, organisation, actor)
    if request.method == "POST" and form.is_bound and form.is_valid():
        try:
            actions.change_organisation(
                actor=actor, organisation_id=organisation.pk, facts=form.cleaned_data
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("organisation", organisation.public_id)
    return _facts_page(request, form, organisation)


def _facts_form(
    request: HttpRequest, organisation: Organisation | None = None, actor: Actor | None = None
) -> OrganisationForm:
    """Bound when something is to be saved; only filled when just the districts were asked for
    (the button of readers without JavaScript)."""
    locked = bool(
        organisation and organisation.is_verified and actor is not None and not actor.is_operator
    )
    initial = OrganisationForm.facts_of(organisation) if organisation else {}
    if request.method != "POST":
        return OrganisationForm(initial=initial, locked=locked)
    if "show_districts" in request.POST:
        typed: dict[str, Any] = {
            name: request.POST.getlist(name) if name == "field_codes" else value
            for name, value in request.POST.items()
        }
        return OrganisationForm(initial={**initial, "field_codes": [], **typed}, locked=locked)
    return OrganisationForm(request.POST, initial=initial, locked=locked)


def _facts_page(
    request: HttpRequest, form: OrganisationForm, organisation: Organisation | None
) -> HttpResponse:
    return render(
        request,
        "accounts/organisation_form.html",
        {"form": form, "organisation": organisation},
        status=422 if form.is_bound and form.errors else 200,
    )


@require_GET
@vary_on_headers("HX-Request")
def districts(request: HttpRequest) -> HttpResponse:
    """The district select for a chosen city: htmx puts it in place."""
    city = request.GET.get("region", "")
    form = OrganisationForm(initial={"region": city if regions.get(city) else ""})
    return render(
        request,
        "accounts/partials/district.html",
        {"form": form, "has_districts": bool(district_choices(city))},
    )


@require_GET
@signed_in
def organisation_history(request: HttpRequest, public_id: str) -> HttpResponse:
    """What happened to the organisation; for its people and operators."""
    actor = actor_of(request)
    organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    if not (organisation.pk in actor.roles or actor.is_operator):
        raise Refused("members_only", _("Only members of the organisation see its history."))
    return render(
        request,
        "accounts/organisation_history.html",
        {
            "organisation": organisation,
            "history": list(
                reversed(history_of("organisation", organisation.public_id, actor=actor))
            ),
            **standing_of(actor, organisation),
        },
    )


@require_POST
@operators_only
def organisation_standing(request: HttpRequest, public_id: str) -> HttpResponse:
    """An operator trusts an organisation, or makes it a registration point."""
    actor = actor_of(request)
    organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    form = StandingForm(request.POST)
    form.is_valid()
    actions.set_standing(actor=actor, organisation_id=organisation.pk, **form.cleaned_data)
    messages.success(request, _("The standing is saved."))
    return redirect(reverse("organisation", args=[organisation.public_id]))
