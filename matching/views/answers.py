"""Answering a match from its page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.pages import actor_of, signed_in
from marketplace.core.errors import Conflict, Invalid, Refused, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from matching.actions import answers
from matching.actions.undo import take_back
from matching.forms import AnswerForm
from matching.models import Answer, Match, Side
from matching.queries.inbox import with_listings
from matching.queries.visibility import visible_to
from matching.views.inbox import UNDO, page_context

DONE = {
    Answer.INTERESTED.value: gettext_lazy("Interested. The other side is told."),
    Answer.LATER.value: gettext_lazy("Put aside for later."),
    Answer.DECLINED.value: gettext_lazy("Not for you. The other side is told the reason."),
}


@require_POST
@signed_in
def answer_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Store an answer and go to the next pair; what is wrong is said beside the pair."""
    actor = actor_of(request)
    match = get_visible(with_listings(visible_to(actor)), public_id=public_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            match = answers.answer(
                actor=actor, match_id=match.pk, answer=given["answer"], reason=given["reason"],
                text=given["text"], side=given["side"],
                seen_answer=given["seen"] if "seen" in request.POST else None,
            )  # fmt: skip
        except Invalid as error:
            add_domain_errors(form, error)
        except (Conflict, Stale) as error:
            messages.error(request, str(error.message))
            return redirect("match", public_id)
        else:
            _say(request, match, given["answer"])
            # a pair that came about is worth more than the next one in the list
            if match.both_interested:
                return redirect("match", public_id)
            return redirect(_next(request))
    return render(
        request, "matching/match.html", page_context(request, match, actor, form), status=422
    )


def _say(request: HttpRequest, match: Match, answer: str) -> None:
    if match.both_interested:
        request.session.pop(UNDO, None)
        messages.success(
            request, _("Both sides are interested: an introduction is being opened for you.")
        )
    else:
        request.session[UNDO] = {
            "match": match.public_id, "side": request.POST.get("side", ""),
            "done": str(DONE[answer]),
        }  # fmt: skip


@require_POST
@signed_in
def undo_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take one's answer back, and look at the pair again."""
    actor = actor_of(request)
    match = get_visible(visible_to(actor), public_id=public_id)
    side = request.POST.get("side", "")
    request.session.pop(UNDO, None)
    try:
        take_back(actor=actor, match_id=match.pk, side=side)
    except (Conflict, Stale, Refused) as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Taken back. The pair waits for your answer again."))
    tail = f"?side={side}" if side in Side.values else ""
    return redirect(reverse("match", args=[public_id]) + tail)


def _next(request: HttpRequest) -> str:
    """Where the page asked to go, within this site."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/"):
        return target
    return reverse("matches")
