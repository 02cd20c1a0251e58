"""Members of an organisation and invitations."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import invitations, members
from accounts.forms.organisations import InviteForm, RolesForm
from accounts.models import Organisation, User
from accounts.pages import actor_of, signed_in
from accounts.queries import organisations
from accounts.views.organisations import standing_of
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible


def _own(request: HttpRequest, public_id: str) -> tuple[Actor, Organisation]:
    actor = actor_of(request)
    return actor, get_visible(organisations.visible_to(actor), public_id=public_id)


@require_http_methods(["GET", "POST"])
@signed_in
def member_list(request: HttpRequest, public_id: str) -> HttpResponse:
    """Members with their roles; owners change roles and invite here."""
    actor, organisation = _own(request, public_id)
    if organisation.pk not in actor.roles and not actor.is_operator:
        raise Refused("members_only", _("Only members of the organisation see its people."))
    form = InviteForm(
        request.POST or None, is_registration_point=organisation.is_registration_point
    )
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite_member(
                actor=actor,
                organisation_id=organisation.pk,
                email=form.cleaned_data["email"],
                roles=form.cleaned_data["roles"],
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(
                request,
                _("An invitation is on its way to %(email)s.")
                % {"email": form.cleaned_data["email"]},
            )
            return redirect("organisation_members", organisation.public_id)
    standing = standing_of(actor, organisation)
    return render(
        request,
        "accounts/members.html",
        {
            "organisation": organisation,
            "rows": [
                {
                    "member": member,
                    "form": RolesForm(
                        initial={"roles": member.roles},
                        is_registration_point=organisation.is_registration_point,
                        auto_id=f"id_{member.public_id}_%s",
                    )
                    if standing["is_owner"]
                    else None,
                }
                for member in organisations.members_of(organisation)
            ],
            "form": form,
            "invitations": list(organisations.open_invitations(organisation))
            if standing["is_owner"]
            else [],
            **standing,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def member_roles(request: HttpRequest, public_id: str, member_id: str) -> HttpResponse:
    actor, organisation = _own(request, public_id)
    member = get_visible(
        organisations.memberships_visible_to(actor), organisation=organisation, public_id=member_id
    )
    members.change_roles(actor=actor, membership_id=member.pk, roles=request.POST.getlist("roles"))
    messages.success(request, _("The roles are saved."))
    return redirect("organisation_members", organisation.public_id)


@require_POST
@signed_in
def member_remove(request: HttpRequest, public_id: str, member_id: str) -> HttpResponse:
    actor, organisation = _own(request, public_id)
    member = get_visible(
        organisations.memberships_visible_to(actor), organisation=organisation, public_id=member_id
    )
    members.remove_member(actor=actor, membership_id=member.pk)
    messages.success(request, _("The membership has ended."))
    return redirect("organisation_members", organisation.public_id)


@require_POST
@signed_in
def organisation_leave(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, organisation = _own(request, public_id)
    members.leave_organisation(actor=actor, organisation_id=organisation.pk)
    messages.success(request, _("You have left the organisation."))
    return redirect("my_organisations")


@require_POST
@signed_in
def invitation_again(request: HttpRequest, public_id: str, invitation_id: str) -> HttpResponse:
    """Send a new link; the older one stops working."""
    actor, organisation = _own(request, public_id)
    found = get_visible(
        organisations.invitations_visible_to(actor),
        organisation=organisation,
        public_id=invitation_id,
    )
    invitations.invite_member(
        actor=actor, organisation_id=organisation.pk, email=found.email, roles=found.roles
    )
    messages.success(request, _("A new link is on its way to %(email)s.") % {"email": found.email})
    return redirect("organisation_members", organisation.public_id)


@require_POST
@signed_in
def invitation_withdraw(request: HttpRequest, public_id: str, invitation_id: str) -> HttpResponse:
    actor, organisation = _own(request, public_id)
    found = get_visible(
        organisations.invitations_visible_to(actor),
        organisation=organisation,
        public_id=invitation_id,
    )
    invitations.withdraw_invitation(actor=actor, invitation_id=found.pk)
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("organisation_members", organisation.public_id)


@never_cache
@require_GET
def invitation_page(request: HttpRequest, secret: str) -> HttpResponse:
    """Where the link of the mail leads: who invites, into what, and the one button."""
    invitation = invitations.find_invitation(secret)
    person = request.user if isinstance(request.user, User) else None
    if person is None:
        # The link came by mail, so the address is proven: signing up need not prove it again.
        get_adapter().stash_verified_email(request, invitation.email)
    return render(
        request,
        "accounts/invitation.html",
        {
            "invitation": invitation,
            "organisation": invitation.organisation,
            "secret": secret,
            "fits": person is not None and invitations.is_for(invitation, person),
            "has_account": person is None
            and User.objects.filter(email__iexact=invitation.email, is_active=True).exists(),
        },
    )


@require_POST
@signed_in
def invitation_accept(request: HttpRequest, secret: str) -> HttpResponse:
    membership = invitations.accept_invitation(actor=actor_of(request), secret=secret)
    messages.success(request, _("Welcome. You are now a member."))
    return redirect("organisation", membership.organisation.public_id)
