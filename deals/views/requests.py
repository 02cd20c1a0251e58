"""Pages of requests for help: asking, mine, the inbox of institutions, one request, its steps."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals import request_states as states
from deals.actions import request_work
from deals.actions import requests as actions
from deals.forms import requests as own_forms
from deals.models import LocatorRequest
from deals.models.cases import MAX_NOTE
from deals.queries import requests as queries
from deals.queries.cases import visible_to as cases_visible_to
from deals.queries.centres import person_named, to_choose
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from listings.queries.visibility import editable_by
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS
from marketplace.core.errors import DomainError, NotFound, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.paging import Counted
from marketplace.core.posted import seen_version

ROWS = 30
CARRIED = "request_words"
PARTS = ("open", "ours", "done")


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """What one's organisations asked."""
    actor = signed_in(request)
    rows = queries.mine(actor).select_related("institution", "alliance")
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "has_inbox": queries.has_inbox(actor), "may_ask": queries.askers(actor).exists(),
        "today": timezone.localdate(),
    }  # fmt: skip
    return private(render(request, "deals/requests/list.html", context))


@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """What one's institutions are asked; nobody else finds the page."""
    actor = signed_in(request)
    if not queries.has_inbox(actor):
        raise NotFound
    which = request.GET.get("part", "open")
    which = which if which in PARTS else "open"
    counts = queries.counted(actor)
    rows = queries.inbox(actor, which).select_related("asker", "alliance", "institution")
    here = reverse("request_inbox")
    labels = (("open", _("To be taken")), ("ours", _("With us")), ("done", _("Done")))
    names = {code.code: code.name() for code in FIELDS}
    context = {
        "page": Counted(rows, ROWS, counts[which]).get_page(request.GET.get("page")),
        "which": which, "today": timezone.localdate(),
        "parts": [
            (here if key == "open" else f"{here}?part={key}", label, counts[key], key == which)
            for key, label in labels
        ],
        "fields": [(names.get(one.field, ""), one) for one in queries.by_field(actor)],
    }  # fmt: skip
    return private(render(request, "deals/requests/inbox.html", context))


@require_POST
def carry(request: HttpRequest) -> HttpResponse:
    """Carry words from the search or the ask page into the form: in the session, so that a visitor
    finds them again after signing in, and not in the address."""
    request.session[CARRIED] = request.POST.get("text", "").replace("\x00", "")[:MAX_NOTE]
    return redirect("new_request")


@require_http_methods(["GET", "POST"])
def new_request(request: HttpRequest) -> HttpResponse:
    """`?again=`: with the words of an own request; `?to=`: whom to ask."""
    actor = signed_in(request)
    organisations = list(queries.askers(actor))
    form = own_forms.AskForm(
        request.POST or None, initial=_filled(request, actor), organisations=organisations,
        institutions=queries.institutions_for(actor), alliances=queries.alliances_for(actor),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            made = actions.ask_for_help(
                actor=actor, organisation=facts.pop("organisation", ""), facts=facts
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            request.session.pop(CARRIED, None)
            messages.success(request, _("Asked. You are told when somebody takes it up."))
            return redirect(made.get_absolute_url())
    context = {"form": form, "may_ask": bool(organisations)}
    status = 422 if form.errors else 200
    return private(render(request, "deals/requests/form.html", context, status=status))


def _filled(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "words": request.session.get(CARRIED, ""), "to": request.GET.get("to", "")[:10],
    }  # fmt: skip
    again = request.GET.get("again", "")[:10].replace("\x00", "")
    old = queries.mine(actor).filter(public_id=again).first() if again else None
    if old is not None:
        initial |= {
            name: getattr(old, name) for name in ("title", "words", "field", "region", "contact")
        }
    return initial


def own_request(request: HttpRequest, public_id: str) -> tuple[Actor, LocatorRequest]:
    actor = signed_in(request)
    rows = queries.with_names(queries.visible_to(actor))
    return actor, get_visible(rows, public_id=public_id)


@require_safe
def request_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, row = own_request(request, public_id)
    return show(request, actor, row)


def show(
    request: HttpRequest, actor: Actor, row: LocatorRequest, *, name: str = "",
    form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    """The page; name and form: of a step that came back with errors."""
    sides = queries.sides_of(row, actor)
    allowed = states.TRANSITIONS.allowed(row.state)
    is_asker, is_ours = queries.ASKER in sides, queries.INSTITUTION in sides
    answers = queries.answers_shown(row, actor)
    told = queries.suggested(answers, actor)
    context: dict[str, Any] = {
        "asked": row, "is_asker": is_asker, "is_ours": is_ours, "moves": allowed,
        "today": timezone.localdate(), "opened": name,
        "region_name": regions.full_name(row.region, request.LANGUAGE_CODE) if row.region else "",
        "answers": [(one, told[one.pk]) for one in answers],
        "passes": queries.passes_of(row), "sees_words": is_ours,
        "need": _own_need(row, actor) if is_asker else None,
        "case": _own_case(row, actor) if is_ours else None,
    }  # fmt: skip
    version = {"version": row.version}
    if "take" in allowed and sides - {queries.ASKER}:
        takers = list(queries.takers(actor, row))
        context["take_form"] = own_forms.TakeForm(
            institutions=takers, initial=version, auto_id="take_%s"
        ) if takers else None  # fmt: skip
    if is_ours and "open_case" in allowed and not row.case_id:
        context["people"] = to_choose(actor, row.institution_id or 0)
    if is_ours and "answer" in allowed:
        context["answer_form"] = own_forms.AnswerForm(initial=version, auto_id="answer_%s")
    if is_ours and "pass_on" in allowed:
        receivers = list(queries.receivers(row))
        context["pass_form"] = own_forms.PassForm(
            institutions=receivers, initial=version, auto_id="pass_%s"
        ) if receivers else None  # fmt: skip
    if is_asker and "close" in allowed:
        context["close_form"] = own_forms.CloseForm(
            state=row.state, initial=version, auto_id="close_%s"
        )
    if form is not None:
        context[f"{name}_form"] = form
    status = 422 if form is not None else 200
    return private(render(request, "deals/requests/request.html", context, status=status))


def _own_need(row: LocatorRequest, actor: Actor) -> Any:
    """The draft, for who may change it."""
    return editable_by(actor).filter(pk=row.need_id).first() if row.need_id else None


def _own_case(row: LocatorRequest, actor: Actor) -> Any:
    return cases_visible_to(actor).filter(pk=row.case_id).first() if row.case_id else None


# --- Steps ---------------------------------------------------------------------------------------


@require_POST
def step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """take, answer, pass, close, need or case."""
    actor, row = own_request(request, public_id)
    if step in ("take", "answer", "pass", "close"):
        return _by_form(request, actor, row, step)
    if step not in ("need", "case"):
        raise NotFound
    act: Callable[..., Any] = (
        request_work.draft_need if step == "need" else request_work.open_request_case
    )
    chosen = request.POST.get("responsible", "")[:10]
    given = {"responsible": person_named(row.institution_id or 0, chosen)} if step == "case" else {}
    try:
        made = act(
            actor=actor, request_id=row.pk,
            expected_version=seen_version(request.POST.get("version", "")), **given,
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
        return redirect(row.get_absolute_url())
    if step == "case":
        messages.success(request, _("Case %(docket)s is open.") % {"docket": made.docket})
        return redirect(made.get_absolute_url())
    messages.success(request, _("The asker has a draft of a need and is told."))
    return redirect(row.get_absolute_url())


def _by_form(request: HttpRequest, actor: Actor, row: LocatorRequest, name: str) -> HttpResponse:
    """Do what a form of the page asks, or bring the page back with it as it was typed."""
    form, act, told = _known(request, actor, row, name)
    is_stale = False
    if form.is_valid():
        given = dict(form.cleaned_data)
        given["expected_version"] = seen_version(request.POST.get("version", ""))
        given.pop("version")
        try:
            act(actor=actor, request_id=row.pk, **given)
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
            is_stale = isinstance(error, Stale)
        else:
            messages.success(request, told)
            if queries.visible_to(actor).filter(pk=row.pk).exists():
                return redirect(row.get_absolute_url())
            return redirect("request_inbox")
    fresh = queries.with_names(LocatorRequest.objects.filter(pk=row.pk)).get()
    if name not in _possible(fresh):  # its form is not on the page any more
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(row.get_absolute_url())
    if is_stale:
        data = form.data.copy()  # type: ignore[attr-defined]
        data["version"] = fresh.version  # told: sent again, it is meant
        form.data = data
    return show(request, actor, fresh, name=name, form=form)


def _possible(row: LocatorRequest) -> list[str]:
    return ["pass" if move == "pass_on" else move for move in states.TRANSITIONS.allowed(row.state)]


def _known(
    request: HttpRequest, actor: Actor, row: LocatorRequest, name: str
) -> tuple[forms.Form, Callable[..., Any], str]:
    one: dict[str, Any] = {"auto_id": f"{name}_%s"}
    if name == "take":
        takers = list(queries.takers(actor, row))
        form: forms.Form = own_forms.TakeForm(request.POST, institutions=takers, **one)
        return form, request_work.take_request, _("It is yours. The asker is told.")
    if name == "answer":
        form = own_forms.AnswerForm(request.POST, **one)
        return form, request_work.answer_request, _("Answered. The asker is told.")
    if name == "pass":
        form = own_forms.PassForm(request.POST, institutions=list(queries.receivers(row)), **one)
        return form, request_work.pass_on, _("Passed on. The asker is told.")
    form = own_forms.CloseForm(request.POST, state=row.state, **one)
    return form, actions.close_request, _("Closed. Thank you for saying how it went.")
