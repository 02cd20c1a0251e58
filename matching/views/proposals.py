"""Proposing a pair by hand, and asking why one is not on the list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Organisation
from accounts.pages import actor_of, signed_in
from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused
from marketplace.core.forms import add_domain_errors
from matching.actions.proposals import propose
from matching.forms_desk import PairForm, ProposalForm, listing_id
from matching.pairing import named
from matching.queries.visibility import tti_ids
from matching.why import why

KINDS = ("need", "technology")


@require_http_methods(["GET", "POST"])
@signed_in
def propose_page(request: HttpRequest) -> HttpResponse:
    """A form, begun by the address with one or both listings; then the pair it made."""
    actor = actor_of(request)
    institutions = _institutions(actor)
    start = {kind: request.GET.get(kind, "")[:300] for kind in KINDS}
    form = ProposalForm(initial=start)
    if request.method == "POST":
        form = ProposalForm(request.POST)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            ids = [listing_id(actor, given[kind], kind) for kind in KINDS]
            match = propose(
                actor=actor, need_id=ids[0], technology_id=ids[1], note=given["note"],
                institution_id=_chosen(institutions, request.POST.get("institution", "")),
            )  # fmt: skip
        except NotFound:
            form.add_error(None, _("One of the two is not open to you any more."))
        except Conflict as error:
            if error.code == "already_there" and (known := _known(actor, ids)):
                messages.info(request, str(error.message))
                return redirect("match", known)
            add_domain_errors(form, error)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Proposed. Both sides are told, and read your note."))
            return redirect("match", match.public_id)
    values = form.data if form.is_bound else start
    return render(
        request,
        "matching/propose.html",
        {
            "form": form,
            "institutions": institutions,
            "chosen": request.POST.get("institution", ""),
            "picked": _picked(actor, {kind: values.get(kind, "") for kind in KINDS}),
        },
        status=422 if form.errors else 200,
    )


@require_GET
@signed_in
def why_page(request: HttpRequest) -> HttpResponse:
    """Two listings in the address, and the answer below; without them the empty form."""
    actor = actor_of(request)
    _institutions(actor)
    start = {kind: request.GET.get(kind, "")[:300] for kind in KINDS}
    form: forms.Form = PairForm(initial=start)
    context: dict[str, Any] = {}
    if all(start.values()):
        form = PairForm(start)
        if form.is_valid():
            try:
                ids = [listing_id(actor, form.cleaned_data[kind], kind) for kind in KINDS]
                context["why"] = why(actor=actor, need_id=ids[0], technology_id=ids[1])
            except (Invalid, Refused) as error:
                add_domain_errors(form, error)
            except NotFound:
                form.add_error(None, _("One of the two is not open to you."))
    if found := context.get("why"):
        views = disclosed_many([found.pair.need, found.pair.technology], actor, detail=False)
        context["need"] = views[found.pair.need.pk]
        context["technology"] = views[found.pair.technology.pk]
    else:
        context["picked"] = _picked(actor, start)
    return render(
        request,
        "matching/why.html",
        {"form": form, **context},
        status=422 if form.errors else 200,
    )


def _institutions(actor: Actor) -> list[Organisation]:
    """Those for which the reader is a broker; who is none is told so."""
    ids = tti_ids(actor)
    if not ids:
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution work at this desk."),
        )
    return list(Organisation.objects.filter(pk__in=sorted(ids)).order_by("pk"))


def _chosen(institutions: list[Organisation], public_id: str) -> int | None:
    return next((one.pk for one in institutions if one.public_id == public_id), None)


def _picked(actor: Actor, values: dict[str, str]) -> dict[str, Disclosed]:
    """The listings that the values name, as far as they are open: so that one sees whom one has."""
    ids = []
    for kind, text in values.items():
        try:
            ids.append(listing_id(actor, text, kind))
        except Invalid:
            continue
    views = disclosed_many(list(Listing.objects.filter(pk__in=ids)), actor, detail=False)
    return {view.kind: view for view in views.values()}


def _known(actor: Actor, ids: list[int]) -> str:
    pair = named(actor, ids[0], ids[1])
    return pair.match.public_id if pair.match else ""
