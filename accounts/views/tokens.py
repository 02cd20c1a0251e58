"""Personal API tokens. The page that shows a new one is never kept by a browser or proxy."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import tokens as actions
from accounts.forms.people import TokenForm
from accounts.pages import actor_of, proved_lately, signed_in
from accounts.queries import tokens
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

# A form that is sent again by reloading the page would make a second token: said in the page.
_FIELDS = {"expires_at": "days", "allowed_networks": "networks"}


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@proved_lately
def token_list(request: HttpRequest) -> HttpResponse:
    """The tokens, and a form for a new one; its secret is in the answer to the POST alone."""
    actor = actor_of(request)
    form = TokenForm(request.POST or None, actor=actor)
    secret, made = "", None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.create_token(
                actor=actor,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at,
                allowed_networks=form.allowed_networks,
            )
        except DomainError as error:
            error.fields = {_FIELDS.get(name, name): found for name, found in error.fields.items()}
            add_domain_errors(form, error)
        else:
            form = TokenForm(actor=actor)
    return render(
        request,
        "accounts/tokens.html",
        {"form": form, "tokens": list(tokens.visible_to(actor)), "secret": secret, "made": made},
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    actor = actor_of(request)
    token = get_visible(tokens.visible_to(actor), public_id=public_id)
    actions.revoke_token(actor=actor, token_id=token.pk)
    messages.success(request, _("The token is revoked and no longer works."))
    return redirect("api_tokens")
