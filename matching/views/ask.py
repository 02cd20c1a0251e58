"""Describe your problem: a text in one's own words, and what the market has for it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import actor_of
from listings.models.listings import Kind
from marketplace.core.errors import DomainError, field_error
from matching.asking.examples import example_of, examples
from matching.asking.ranking import Ranking, rank
from matching.asking.rates import check_rate
from matching.asking.text import MAX_USED, Asked, read_text

SHOWN = 10
CARRIED = "asked_text"  # in the session: a text that its writer wants to post


@never_cache
@require_http_methods(["GET", "POST"])
def ask_page(request: HttpRequest) -> HttpResponse:
    """The box, and under it what fits. The text comes by POST alone: it is private, and an address
    stays in logs and histories. Examples are ours and have addresses."""
    example = example_of(request.GET.get("example", "")) if request.method == "GET" else None
    text = example.text if example else request.POST.get("text", "")
    kind = (
        example.kind if example else _kind(request.POST.get("is", "") or request.GET.get("is", ""))
    )
    context: dict[str, Any] = {
        "text": text, "kind": kind, "bound": MAX_USED,
        "examples": examples(actor_of(request).language),
    }  # fmt: skip
    if example is None and request.method == "GET":
        return render(request, "matching/ask.html", context)
    try:
        check_rate(request)
        found = _found(request, text, kind)
    except DomainError as error:
        context |= {"error": error, "messages_of_text": error.fields.get("text", [error.message])}
        return render(request, "matching/ask.html", context, status=_status(error))
    return render(request, "matching/ask.html", context | {"found": found, "asked": found.asked})


def _found(request: HttpRequest, text: str, kind: str) -> Ranking:
    asked = _with_ticks(read_text(text, kind), request)
    return rank(asked, actor_of(request), limit=SHOWN)


def _with_ticks(asked: Asked, request: HttpRequest) -> Asked:
    """Without the figures that were shown and are no longer ticked."""
    shown, ticked = request.POST.getlist("read")[:20], request.POST.getlist("figure")[:20]
    return asked.without(set(shown) - set(ticked))


def _kind(given: str) -> str:
    return given if given in Kind.values else Kind.NEED.value


def _status(error: DomainError) -> int:
    return 422 if error.status == 400 else error.status


@require_POST
def ask_post(request: HttpRequest) -> HttpResponse:
    """Carry the text into the form for posting. In the session, so that a visitor finds it again
    after signing in, and not in the address."""
    text = request.POST.get("text", "").strip()
    if not text:
        raise field_error("text", _("There is no text to post."), code="text_missing")
    request.session[CARRIED] = text[:MAX_USED]
    return redirect(f"{reverse('post')}?kind={_kind(request.POST.get('is', ''))}")
