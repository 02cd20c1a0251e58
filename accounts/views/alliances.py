"""Alliances: list, page, founding, members."""

import re

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import alliances as actions
from accounts.forms.alliances import AllianceForm, AllianceInviteForm, FoundAllianceForm
from accounts.models import Alliance, Organisation
from accounts.pages import actor_of, signed_in
from accounts.queries import alliances, organisations
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Invalid, field_error
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


@require_GET
def alliance_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    rows = alliances.with_members(alliances.visible_to(actor)).order_by("-member_count", "id")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/alliances.html",
        {"page": page, "may_found": bool(_leads(actor).exists())},
    )


@require_GET
def alliance_page(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _visible(request, public_id), AllianceInviteForm())


def _page(request: HttpRequest, alliance: Alliance, form: AllianceInviteForm) -> HttpResponse:
    actor = actor_of(request)
    leads = actions.leads(actor, alliance)
    return render(
        request,
        "accounts/alliance.html",
        {
            "alliance": alliance,
            "leads": leads,
            "sees_rules": alliances.sees_rules(actor, alliance),
            "own_ids": actor.ids_with("owner"),
            "invited": list(alliances.invited_to(alliance)) if leads else [],
            "invitations": [
                row for row in alliances.invitations_for(actor) if row.alliance_id == alliance.pk
            ],
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def alliance_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    leads = _leads(actor)
    form = FoundAllianceForm(request.POST or None, leads=leads)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        lead = facts.pop("lead")
        try:
            alliance = actions.create_alliance(actor=actor, lead_id=lead.pk, facts=facts)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The alliance is founded. Invite its members."))
            return redirect("alliance", alliance.public_id)
    return render(
        request,
        "accounts/alliance_form.html",
        {"form": form, "alliance": None, "may_found": leads.exists()},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def alliance_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    alliance = _visible(request, public_id)
    initial = {name: getattr(alliance, name) for name in actions.WRITABLE}
    form = AllianceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_alliance(
                actor=actor_of(request), alliance_id=alliance.pk, facts=form.cleaned_data
            )
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("alliance", alliance.public_id)
    elif request.method == "GET":
        # Asked early, so that nobody writes a text that cannot be saved.
        actions.require_lead(actor_of(request), alliance)
    return render(
        request,
        "accounts/alliance_form.html",
        {"form": form, "alliance": alliance, "may_found": True},
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def alliance_invite(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, alliance = actor_of(request), _visible(request, public_id)
    form = AllianceInviteForm(request.POST)
    if form.is_valid():
        try:
            actions.require_lead(actor, alliance)
            organisation = _named(actor, form.cleaned_data["organisation"])
            actions.invite_organisation(
                actor=actor, alliance_id=alliance.pk, organisation_id=organisation.pk
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The invitation is sent."))
            return redirect("alliance", alliance.public_id)
    return _page(request, alliance, form)


@require_POST
@signed_in
def alliance_answer(request: HttpRequest, public_id: str, organisation_id: str) -> HttpResponse:
    actor, alliance = actor_of(request), _visible(request, public_id)
    organisation = get_visible(organisations.own(actor), public_id=organisation_id)
    accept = request.POST.get("answer") == "accept"
    actions.answer_invitation(
        actor=actor, alliance_id=alliance.pk, organisation_id=organisation.pk, accept=accept
    )
    messages.success(request, _("You have joined.") if accept else _("The invitation is declined."))
    return redirect("alliance", alliance.public_id)


@require_POST
@signed_in
def alliance_leave(request: HttpRequest, public_id: str, organisation_id: str) -> HttpResponse:
    actor, alliance = actor_of(request), _visible(request, public_id)
    organisation = get_visible(organisations.own(actor), public_id=organisation_id)
    actions.leave_alliance(actor=actor, alliance_id=alliance.pk, organisation_id=organisation.pk)
    messages.success(request, _("Your organisation has left the alliance."))
    return redirect("alliance", alliance.public_id)


@require_POST
@signed_in
def alliance_remove(request: HttpRequest, public_id: str, organisation_id: str) -> HttpResponse:
    actor, alliance = actor_of(request), _visible(request, public_id)
    organisation = get_visible(organisations.visible_to(actor), public_id=organisation_id)
    actions.remove_organisation(
        actor=actor, alliance_id=alliance.pk, organisation_id=organisation.pk
    )
    messages.success(request, _("The organisation is no longer part of the alliance."))
    return redirect("alliance", alliance.public_id)


@require_POST
@signed_in
def alliance_lead(request: HttpRequest, public_id: str, organisation_id: str) -> HttpResponse:
    actor, alliance = actor_of(request), _visible(request, public_id)
    organisation = get_visible(organisations.visible_to(actor), public_id=organisation_id)
    actions.hand_over_lead(actor=actor, alliance_id=alliance.pk, organisation_id=organisation.pk)
    messages.success(request, _("The lead is handed over."))
    return redirect("alliance", alliance.public_id)


def _visible(request: HttpRequest, public_id: str) -> Alliance:
    queryset = alliances.with_members(alliances.visible_to(actor_of(request)))
    found: Alliance = get_visible(queryset, public_id=public_id)
    return found


def _leads(actor: Actor) -> QuerySet[Organisation]:
    """Organisations that may found an alliance: verified ones that the actor owns."""
    return Organisation.objects.filter(
        pk__in=sorted(actor.ids_with("owner")), verified_at__isnull=False
    ).order_by("id")


def _named(actor: Actor, text: str) -> Organisation:
    """The organisation of a name, an id or an address. Raises Invalid on `organisation`."""
    seen = organisations.visible_to(actor)
    match = re.search(r"\b([0-9A-HJKMNP-TV-Z]{10})\b", text)
    if match and (found := seen.filter(public_id=match[1]).first()):
        return found
    named = list(seen.filter(Q(name_en__iexact=text) | Q(name_zh=text))[:2])
    if not named:
        named = list(seen.filter(Q(name_en__icontains=text) | Q(name_zh__contains=text))[:2])
    if len(named) == 1:
        return named[0]
    raise field_error(
        "organisation",
        _("More than one organisation is called so. Paste the address of its page.")
        if named
        else _("No organisation is called so. Paste the address of its page."),
        code="ambiguous" if named else "unknown",
    )
