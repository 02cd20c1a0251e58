"""Steps in an introduction: each parses, gates, calls one action and goes back to the page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deals.actions import brokers, closing, drafting, releases, talks
from deals.actions.nda import accept_nda
from deals.forms.introductions import CloseForm, MessageForm, NdaForm
from deals.queries.pairs import Pair
from deals.queries.threads import lines_of
from deals.views.gates import is_partial, own_introduction, own_pair
from deals.views.pages import show
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors


@require_POST
def post_message(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add to the thread; a text that is refused comes back as it was typed."""
    actor, pair = own_pair(request, public_id)
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            talks.post_message(
                actor=actor, introduction_id=pair.introduction.pk, body=form.cleaned_data["body"],
                side=request.POST.get("side", ""),
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            if is_partial(request):
                return _thread(request, public_id)
            return redirect(f"{pair.introduction.get_absolute_url()}#write")
    return show(request, actor, pair, form=form)


def _thread(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, pair = own_pair(request, public_id)
    context = {"pair": pair, "lines": lines_of(pair, actor), "message_form": MessageForm()}
    response = render(request, "deals/parts/talk.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_http_methods(["GET", "POST"])
def nda(request: HttpRequest, public_id: str) -> HttpResponse:
    """Read the agreement; accept it for one's side."""
    actor, pair = own_pair(request, public_id)
    one = pair.introduction
    form = NdaForm(request.POST or None, initial={"text_hash": pair.nda_text.hash})
    if request.method == "POST" and form.is_valid():
        try:
            accept_nda(
                actor=actor, introduction_id=one.pk, name=form.cleaned_data["name"],
                text_hash=form.cleaned_data["text_hash"], side=request.POST.get("side", ""),
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Accepted. The other side was told."))
            return redirect("introduction", public_id)
    return render(
        request,
        "deals/nda.html",
        {
            "pair": pair,
            "introduction": one,
            "form": form,
            "may_accept": _may_accept(pair),
            "text": _lines(pair, chinese=is_chinese(get_language())),
            "other_text": _lines(pair, chinese=not is_chinese(get_language())),
        },
        status=422 if form.errors else 200,
    )


def _lines(pair: Pair, *, chinese: bool) -> dict[str, Any]:
    """The agreement as paragraphs in one language; none where it has no such text."""
    lines = pair.nda_text.paragraphs(chinese=chinese)
    return {"lang": "zh-Hans" if chinese else "en", "lines": lines}


def _may_accept(pair: Pair) -> bool:
    return (
        pair.introduction.is_live
        and pair.side in ("need", "technology")
        and pair.side not in pair.nda
    )


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, pair = own_pair(request, public_id)
    one = pair.introduction
    form = CloseForm(request.POST or None, initial={"version": one.version})
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            closing.close(
                actor=actor, introduction_id=one.pk, outcome=facts["outcome"],
                reason=facts["reason"], words=facts["words"], expected_version=facts["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The introduction is closed. Nothing in it is lost."))
            return redirect("introduction", public_id)
    return render(
        request,
        "deals/close.html",
        {"pair": pair, "introduction": one, "form": form},
        status=422 if form.errors else 200,
    )


# --- Steps of one button ---------------------------------------------------------------------

Step = Callable[[Actor, int, HttpRequest], Any]


def _identity(actor: Actor, pk: int, request: HttpRequest) -> str:
    releases.release_identity(actor=actor, introduction_id=pk, side=request.POST.get("side", ""))
    return _("The other side now knows your name.")


def _release(actor: Actor, pk: int, request: HttpRequest) -> str:
    releases.release_details(actor=actor, introduction_id=pk, side=request.POST.get("side", ""))
    return _("Your confidential details are open to the other side.")


def _revoke(actor: Actor, pk: int, request: HttpRequest) -> str:
    releases.revoke_release(actor=actor, introduction_id=pk, side=request.POST.get("side", ""))
    return _("What you had opened is closed from now on.")


def _broker(actor: Actor, pk: int, request: HttpRequest) -> str:
    brokers.ask_for_broker(actor=actor, introduction_id=pk)
    return _("The pair is on the desks of the brokers now.")


def _step_back(actor: Actor, pk: int, request: HttpRequest) -> str:
    brokers.step_back(actor=actor, introduction_id=pk)
    return _("You stepped back. The parties were told.")


STEPS: dict[str, Callable[[Actor, int, HttpRequest], str]] = {
    "identity": _identity,
    "release": _release,
    "revoke": _revoke,
    "broker": _broker,
    "step-back": _step_back,
}


@require_POST
def step(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """One of STEPS; a refusal is told on the page it came from."""
    if name not in STEPS:
        raise NotFound
    actor, introduction = own_introduction(request, public_id)
    try:
        done = STEPS[name](actor, introduction.pk, request)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    if name == "step-back":
        return redirect("desk")
    return redirect("introduction", public_id)


@require_POST
def contract(request: HttpRequest, public_id: str) -> HttpResponse:
    """Draft the contract (or go to the one there is)."""
    actor, introduction = own_introduction(request, public_id)
    try:
        made = drafting.draft_contract(
            actor=actor, introduction_id=introduction.pk, mode=request.POST.get("mode", "")
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("introduction", public_id)
    return redirect("contract", made.public_id)
