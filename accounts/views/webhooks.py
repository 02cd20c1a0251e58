"""Webhooks of an organisation: for its owners. A page that shows a secret is kept nowhere."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.webhooks import WebhookForm
from accounts.models import Organisation
from accounts.pages import actor_of, proved_lately, signed_in
from accounts.queries import organisations
from accounts.views.organisations import standing_of
from events.models import Webhook
from events.webhooks import actions, addresses, queries, sending
from events.webhooks.rates import count_message
from events.webhooks.words import FAULTS
from marketplace.core.errors import DomainError, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

PAGE_SIZE = 20


def _organisation(request: HttpRequest, public_id: str) -> Organisation:
    actor = actor_of(request)
    organisation: Organisation = get_visible(organisations.visible_to(actor), public_id=public_id)
    if not actor.can(organisation.pk):
        raise Refused("owners_only", _("Only owners of the organisation look after its webhooks."))
    return organisation


def _hook(request: HttpRequest, public_id: str, webhook_id: str) -> tuple[Organisation, Webhook]:
    organisation = _organisation(request, public_id)
    own = queries.visible_to(actor_of(request)).filter(organisation=organisation)
    return organisation, get_visible(own, public_id=webhook_id)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@proved_lately
def webhook_list(request: HttpRequest, public_id: str) -> HttpResponse:
    """The organisation's webhooks, and a form for another; its secret is in the answer to the
    POST alone."""
    organisation = _organisation(request, public_id)
    actor = actor_of(request)
    form = WebhookForm(request.POST or None)
    secret, made = "", None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.add_webhook(
                actor=actor, organisation_id=organisation.pk, **form.facts
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            form = WebhookForm()
    hooks = list(queries.visible_to(actor).filter(organisation=organisation))
    return render(
        request, "accounts/webhooks.html",
        {
            "organisation": organisation, "hooks": hooks, "form": form, "secret": secret,
            "made": made, "is_full": len(hooks) >= actions.MAX_WEBHOOKS,
            **standing_of(actor, organisation),
        },
        status=422 if form.errors else 200,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def webhook_page(request: HttpRequest, public_id: str, webhook_id: str) -> HttpResponse:
    """One webhook: where it stands, its last messages, its settings."""
    organisation, hook = _hook(request, public_id, webhook_id)
    form = WebhookForm(request.POST or None, chosen=hook.kinds, url=hook.url, note=hook.note)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_webhook(actor=actor_of(request), webhook_id=hook.pk, facts=form.facts)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("organisation_webhook", public_id, webhook_id)
    return _page(request, organisation, hook, form=form)


def _page(
    request: HttpRequest, organisation: Organisation, hook: Webhook, *, form: WebhookForm,
    secret: str = "",
) -> HttpResponse:  # fmt: skip
    actor = actor_of(request)
    rows = queries.deliveries_visible_to(actor).filter(webhook=hook)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "organisation": organisation, "hook": hook, "form": form, "secret": secret,
        "host": addresses.host_of(hook.url), "page": page, "labels": _labels(),
        "lines": [
            {
                "row": row, "fault": FAULTS.get(row.fault, row.fault),
                "message_id": sending.message_id(row),
            }
            for row in page
        ],
        "is_busy": any(row.state == row.State.WAITING for row in page),
        **standing_of(actor, organisation),
    }  # fmt: skip
    return render(request, "accounts/webhook.html", context, status=422 if form.errors else 200)


def _labels() -> dict[str, Any]:
    found = {
        kind.code: kind.label for kinds in queries.kinds_to_choose().values() for kind in kinds
    }
    return {**found, queries.TEST: _("Test")}


@never_cache
@require_POST
@signed_in
@proved_lately
def webhook_secret(request: HttpRequest, public_id: str, webhook_id: str) -> HttpResponse:
    """A new secret, shown in this answer alone."""
    organisation, hook = _hook(request, public_id, webhook_id)
    hook, secret = actions.change_secret(actor=actor_of(request), webhook_id=hook.pk)
    form = WebhookForm(chosen=hook.kinds, url=hook.url, note=hook.note)
    return _page(request, organisation, hook, form=form, secret=secret)


@require_POST
@signed_in
def webhook_test(request: HttpRequest, public_id: str, webhook_id: str) -> HttpResponse:
    _organisation_found, hook = _hook(request, public_id, webhook_id)
    count_message(request)
    actions.send_test(actor=actor_of(request), webhook_id=hook.pk)
    messages.success(request, _("The test is on its way. What came of it stands below."))
    return redirect("organisation_webhook", public_id, webhook_id)


@require_POST
@signed_in
def webhook_switch(request: HttpRequest, public_id: str, webhook_id: str) -> HttpResponse:
    """Switch it on or off, as `to` says."""
    _organisation_found, hook = _hook(request, public_id, webhook_id)
    if request.POST.get("to") == "off":
        actions.stop_webhook(actor=actor_of(request), webhook_id=hook.pk)
        messages.success(request, _("The webhook is off. Nothing more is sent."))
    else:
        actions.start_webhook(actor=actor_of(request), webhook_id=hook.pk)
        messages.success(request, _("The webhook is on. It is told what happens from now on."))
    return redirect("organisation_webhook", public_id, webhook_id)


@require_POST
@signed_in
def webhook_remove(request: HttpRequest, public_id: str, webhook_id: str) -> HttpResponse:
    _organisation_found, hook = _hook(request, public_id, webhook_id)
    actions.remove_webhook(actor=actor_of(request), webhook_id=hook.pk)
    messages.success(request, _("The webhook is removed."))
    return redirect("organisation_webhooks", public_id)


@require_POST
@signed_in
def webhook_again(
    request: HttpRequest, public_id: str, webhook_id: str, delivery_id: str
) -> HttpResponse:
    """Send a message once more."""
    _organisation_found, hook = _hook(request, public_id, webhook_id)
    rows = queries.deliveries_visible_to(actor_of(request)).filter(webhook=hook)
    row = get_visible(rows, public_id=delivery_id)
    count_message(request)
    actions.try_again(actor=actor_of(request), delivery_id=row.pk)
    messages.success(request, _("The message is on its way again."))
    return redirect("organisation_webhook", public_id, webhook_id)
