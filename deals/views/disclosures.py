"""Pages: my disclosures, the inbox of an institution, reading, signing, deciding."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals import disclosure_states as states
from deals.actions import disclosure_decisions, disclosure_signing
from deals.actions import disclosures as actions
from deals.disclosure_content import content_digest, missing, novelty
from deals.forms import disclosures as own_forms
from deals.models import Disclosure
from deals.queries import disclosures as queries
from deals.queries.cases import people_of, readable_among
from deals.queries.cases import visible_to as cases_visible_to
from deals.queries.centres import takings_of
from deals.rules import CASE_ROLES
from deals.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 30


def private(response: HttpResponse) -> HttpResponse:
    """Nothing of it stays in a cache or in an index, and its address goes to no other site."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


def own_disclosure(request: HttpRequest, public_id: str) -> tuple[Actor, Disclosure]:
    """A disclosure that the actor may read."""
    actor = signed_in(request)
    return actor, get_visible(queries.with_people(queries.visible_to(actor)), public_id=public_id)


@require_safe
def disclosure_list(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    rows = queries.mine(actor).select_related("organisation", "institution")
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "informal": queries.informal_visible_to(actor).filter(author_id=actor.user_id or 0)
        .select_related("institution").order_by("-id")[:ROWS],
        "has_inbox": bool(actor.ids_with(*CASE_ROLES)),
        "has_organisation": bool(actor.organisation_ids),
    }  # fmt: skip
    return private(render(request, "deals/disclosures/list.html", context))


@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """What came to the actor's institutions; nobody else finds the page."""
    actor = signed_in(request)
    if not actor.ids_with(*CASE_ROLES):
        raise NotFound
    rows = queries.inbox(actor).select_related("organisation", "institution", "author", "case")
    informal = queries.informal_visible_to(actor).filter(
        institution_id__in=sorted(actor.ids_with(*CASE_ROLES))
    )
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "readable": readable_among(actor, [one.case_id for one in page]),
        "informal": informal.select_related("organisation", "author").order_by("-id")[:ROWS],
        "today": timezone.localdate(),
    }
    return private(render(request, "deals/disclosures/inbox.html", context))


@require_safe
def disclosure_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, disclosure = own_disclosure(request, public_id)
    return show(request, actor, disclosure)


def show(
    request: HttpRequest, actor: Actor, disclosure: Disclosure, *, name: str = "",
    form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    """The page; `name` and `form` are those of a step that came back with errors."""
    inventors = list(disclosure.inventors.all())
    mine = queries.own_signature(actor, disclosure)
    allowed = states.TRANSITIONS.allowed(disclosure.state)
    is_author = queries.is_author(actor, disclosure)
    decides = queries.works_there(actor, disclosure) and "accept" in allowed
    digest = content_digest(disclosure, inventors)
    may_sign = mine is not None and mine.signed_at is None and "sign" in allowed
    version = {"version": disclosure.version}
    case = disclosure.case
    knows_case = case is not None and cases_visible_to(actor).filter(pk=case.pk).exists()
    context: dict[str, Any] = {
        "disclosure": disclosure, "inventors": inventors, "digest": digest,
        "is_author": is_author, "may_edit": is_author and "edit" in allowed,
        "missing": [
            text for texts in missing(disclosure, inventors).values() for text in texts
        ] if is_author and "ask" in allowed else [],
        "may_ask": is_author and "ask" in allowed, "may_sign": may_sign, "decides": decides,
        "case": case if knows_case else None, "opened": name,
        "novelty": novelty(disclosure.published_on, timezone.localdate()),
        "sign_form": own_forms.SignForm(initial={"seen": digest}) if may_sign else None,
    }  # fmt: skip
    if decides:
        takings = takings_of(disclosure.institution_id or 0)
        people = takings.fits
        own = next((one.public_id for one in people if one.pk == actor.user_id), "")
        context |= {
            "accept_form": own_forms.AcceptForm(
                people=people,
                why=takings.explanation,
                auto_id="accept_%s",
                initial={**version, "responsible": own},
            ),
            "decline_form": own_forms.DeclineForm(auto_id="decline_%s", initial=version),
        }
        if "return" in allowed:
            context["return_form"] = own_forms.ReturnForm(auto_id="return_%s", initial=version)
    if form is not None:
        context[f"{name}_form"] = form
    status = 422 if form is not None else 200
    return private(render(request, "deals/disclosures/disclosure.html", context, status=status))


@require_http_methods(["GET", "POST"])
def informal(request: HttpRequest) -> HttpResponse:
    """Record consulting, a publication, a meeting: what, with whom, when."""
    actor = signed_in(request)
    institutions = queries.institutions_for(actor)
    by_id = {one.public_id: one.pk for one in institutions}
    form = own_forms.InformalForm(request.POST or None, institutions=institutions)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        facts = {**given, "institution": by_id.get(given["institution"])}
        try:
            actions.record_informal(actor=actor, facts=facts)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Recorded. No case is opened of it."))
            return redirect("disclosures")
    status = 422 if form.errors else 200
    return private(
        render(request, "deals/disclosures/informal.html", {"form": form}, status=status)
    )


# --- Steps -------------------------------------------------------------------------------------


@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, disclosure = own_disclosure(request, public_id)
    try:
        actions.delete_disclosure(actor=actor, disclosure_id=disclosure.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("disclosure", public_id)
    messages.success(request, _("The draft is deleted."))
    return redirect("disclosures")


@require_POST
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    return _plain_step(
        request, public_id,
        lambda actor, pk, version: disclosure_signing.ask_for_signatures(
            actor=actor, disclosure_id=pk, expected_version=version
        ),
        _("Each inventor gets a link by mail."),
    )  # fmt: skip


@require_POST
def link_again(request: HttpRequest, public_id: str, inventor_id: str) -> HttpResponse:
    return _plain_step(
        request, public_id,
        lambda actor, pk, _version: disclosure_signing.send_link(
            actor=actor, disclosure_id=pk, inventor=inventor_id
        ),
        _("A new link is on its way; the older one no longer works."),
    )  # fmt: skip


def _plain_step(
    request: HttpRequest, public_id: str, act: Callable[[Actor, int, int], object], told: str
) -> HttpResponse:
    """A button: done, or said why not."""
    actor, disclosure = own_disclosure(request, public_id)
    try:
        act(actor, disclosure.pk, seen_version(request.POST.get("version", "")))
    except NotFound:
        raise
    except DomainError as error:
        texts = [str(text) for texts in error.fields.values() for text in texts]
        messages.error(request, " ".join(texts) or str(error))
    else:
        messages.success(request, told)
    return redirect("disclosure", public_id)


@require_POST
def sign_in_person_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, disclosure = own_disclosure(request, public_id)
    form = own_forms.SignForm(request.POST)
    if form.is_valid():
        try:
            disclosure_signing.sign_in_person(
                actor=actor, disclosure_id=disclosure.pk, name=form.cleaned_data["name"],
                seen=form.cleaned_data["seen"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("You have signed."))
            return redirect("disclosure", public_id)
    return show(request, actor, disclosure, name="sign", form=_again(form, disclosure))


@require_http_methods(["GET", "POST"])
def sign_by_link_page(request: HttpRequest, secret: str) -> HttpResponse:
    """For whoever was sent the link, with an account or without. Looking does not use it up."""
    inventor = disclosure_signing.find_by_link(secret)
    disclosure = inventor.disclosure
    inventors = list(disclosure.inventors.all())
    form = own_forms.SignForm(
        request.POST or None, initial={"seen": content_digest(disclosure, inventors)}
    )
    if request.method == "POST" and form.is_valid():
        actor: Actor = request.actor  # type: ignore[attr-defined]
        try:
            signed = disclosure_signing.sign_by_link(
                actor=actor, secret=secret, name=form.cleaned_data["name"],
                seen=form.cleaned_data["seen"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            done = {"inventor": inventor, "is_complete": signed.state == states.SUBMITTED}
            return private(render(request, "deals/disclosures/signed.html", done))
    context = {
        "disclosure": disclosure, "inventors": inventors, "inventor": inventor,
        "form": _again(form, disclosure) if form.errors else form,
        "novelty": novelty(disclosure.published_on, timezone.localdate()),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return private(render(request, "deals/disclosures/sign.html", context, status=status))


def _again(form: forms.Form, disclosure: Disclosure) -> forms.Form:
    """The form as it was typed, over the content that the page shows now."""
    inventors = list(disclosure.inventors.order_by("position", "id"))
    data = form.data.copy()  # type: ignore[attr-defined]
    data["seen"] = content_digest(disclosure, inventors)
    form.data = data
    return form


@require_POST
def decide(request: HttpRequest, public_id: str, decision: str) -> HttpResponse:
    """Take it up, return it or decline it."""
    actor, disclosure = own_disclosure(request, public_id)
    people = people_of([disclosure.institution_id or 0])[disclosure.institution_id or 0]
    by_id = {one.public_id: one.pk for one in people}
    one: dict[str, Any] = {"actor": actor, "disclosure_id": disclosure.pk}

    def accept(given: dict[str, Any]) -> HttpResponse:
        case = disclosure_decisions.accept_disclosure(
            **one, responsible=by_id.get(given["responsible"]), expected_version=given["version"]
        )
        messages.success(request, _("Case %(docket)s is open.") % {"docket": case.docket})
        return redirect("case", case.public_id)

    def give_back(given: dict[str, Any]) -> HttpResponse:
        disclosure_decisions.return_disclosure(
            **one, remarks=given["remarks"], expected_version=given["version"]
        )
        messages.success(request, _("Returned. The author is told."))
        return redirect("disclosure_inbox")

    def decline(given: dict[str, Any]) -> HttpResponse:
        disclosure_decisions.decline_disclosure(
            **one, reason=given["reason"], remarks=given["remarks"],
            expected_version=given["version"],
        )  # fmt: skip
        messages.success(request, _("Declined. The author is told."))
        return redirect("disclosure_inbox")

    known: dict[str, tuple[Callable[..., Any], Callable[[dict[str, Any]], HttpResponse]]] = {
        "accept": (own_forms.AcceptForm, accept),
        "return": (own_forms.ReturnForm, give_back),
        "decline": (own_forms.DeclineForm, decline),
    }
    if decision not in known:
        raise NotFound
    make, act = known[decision]
    more = {"people": people} if decision == "accept" else {}
    form = make(request.POST, auto_id=f"{decision}_%s", **more)
    if form.is_valid():
        try:
            return act(form.cleaned_data)
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
    if not (queries.works_there(actor, disclosure) and disclosure.state == states.SUBMITTED):
        first = next((texts[0] for texts in form.errors.values() if texts), "")
        messages.error(request, str(first))
        return redirect("disclosure", public_id)
    return show(request, actor, disclosure, name=decision, form=form)
