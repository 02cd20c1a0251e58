"""Pages of one case: opening it, its page, editing, and its steps."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.actions import case_endings, case_parts, case_tasks
from deals.actions.cases import change_case, move_case, open_case, refuse_unless_visible
from deals.forms import cases as case_forms
from deals.models import Case, Introduction
from deals.pipelines import pipeline
from deals.queries.cases import (
    colleagues_of,
    open_case_of,
    own_institutions,
    tasks_visible_to,
)
from deals.queries.centres import FIRST_PIPELINE, first_pipeline, takings_of
from deals.queries.visibility import visible_to as introductions_visible_to
from deals.queries.whom import meant
from deals.views.case_show import NUMBER, back_to, own_case, show, titles_of
from deals.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version
from matching.models import Match
from matching.queries.visibility import visible_to as matches_visible_to


@require_http_methods(["GET", "POST"])
def new_case(request: HttpRequest) -> HttpResponse:
    """`?introduction=` or `?match=` opens one of that pair, prefilled."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    institutions = list(own_institutions(actor))
    introduction, match = _pair(request, actor)
    takings = [takings_of(one.pk) for one in institutions]
    people = list({one.pk: one for each in takings for one in each.fits}.values())
    pair = introduction or match
    there = open_case_of(actor, introduction, match) if pair else None
    if there is not None and request.method == "GET":
        messages.info(request, _("A case of this pair is open already: this one."))
        return redirect("case", there.public_id)
    language = get_language() or "en"
    form = case_forms.CaseForm(
        request.POST or None, people=people, why=[each.explanation for each in takings],
        institutions=[(one.public_id, pick(one, "name", language).value) for one in institutions],
        initial={
            "title": titles_of([pair], actor)[pair.pk] if pair else "", "currency": "CNY",
            "responsible": next((p.public_id for p in people if p.pk == actor.user_id), ""),
            "pipeline": first_pipeline(institutions[0].pk) if institutions else FIRST_PIPELINE,
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = _facts(form, people)
        chosen = form.cleaned_data.get("organisation")
        try:
            case, is_new = open_case(
                actor=actor, introduction=introduction, match=match,
                facts={**given, "pipeline": form.cleaned_data["pipeline"]},
                organisation_id=next(
                    (one.pk for one in institutions if one.public_id == chosen), None
                ),
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            if is_new:
                messages.success(request, _("Case %(docket)s is open.") % {"docket": case.docket})
            else:
                messages.info(request, _("A case of this pair is open already: this one."))
            return redirect("case", case.public_id)
    return render(
        request,
        "deals/cases/form.html",
        {"form": form, "introduction": introduction, "match": match, "case": None},
        status=422 if form.errors else 200,
    )


def _pair(request: HttpRequest, actor: Actor) -> tuple[Introduction | None, Match | None]:
    introduction, match = request.GET.get("introduction", ""), request.GET.get("match", "")
    if introduction:
        rows = introductions_visible_to(actor).select_related("need__owner", "technology__owner")
        return get_visible(rows, public_id=introduction[:10]), None
    if match:
        pairs = matches_visible_to(actor).select_related("need__owner", "technology__owner")
        return None, get_visible(pairs, public_id=match[:10])
    return None, None


def _facts(form: case_forms.CaseForm, people: list[Any]) -> dict[str, Any]:
    given = dict(form.cleaned_data)
    by_id = {one.public_id: one.pk for one in people}
    names = ("title", "value", "currency", "next_action", "next_action_on")
    facts = {name: given[name] for name in names}
    facts["responsible"] = by_id.get(given["responsible"])
    if given["probability"] is not None:
        facts["probability"] = given["probability"]
    return facts


@require_safe
def case_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    return show(request, actor, case)


@require_http_methods(["GET", "POST"])
def edit_case(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    takings = takings_of(case.organisation_id)
    # whoever has it keeps it, whatever the institution decided since
    people = [*takings.fits, *(one for one in takings.others if one.pk == case.responsible_id)]
    form = case_forms.CaseForm(
        request.POST or None, people=people, why=[takings.explanation],
        initial={
            "title": case.title, "value": case.value, "currency": case.currency,
            "probability": case.probability, "next_action": case.next_action,
            "next_action_on": case.next_action_on, "version": case.version,
            "responsible": next((p.public_id for p in people if p.pk == case.responsible_id), ""),
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            change_case(
                actor=actor, case_id=case.pk, facts=_facts(form, people),
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to(actor, case)
    return render(
        request, "deals/cases/form.html", {"form": form, "case": case},
        status=422 if form.errors else 200,
    )  # fmt: skip


# --- Steps -------------------------------------------------------------------------------------


def _step(
    request: HttpRequest, actor: Actor, case: Case, name: str, form: forms.Form,
    act: Callable[[dict[str, Any]], str],
) -> HttpResponse:  # fmt: skip
    """Do what a form of the page asks, or bring the page back with it as it was typed."""
    if form.is_valid():
        try:
            told = act(form.cleaned_data)
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, told)
            return redirect(f"{case.get_absolute_url()}#{name}")
    return show(request, actor, case, name=name, form=form)


@require_POST
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    try:
        moved = move_case(
            actor=actor, case_id=case.pk, stage=request.POST.get("stage", "")[:30],
            expected_version=seen_version(request.POST.get("version", "")),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        text = next((texts[0] for texts in error.fields.values() if texts), error.message)
        messages.error(request, str(text))
    else:
        line = pipeline(moved.pipeline)
        messages.success(
            request,
            _("%(docket)s is in “%(stage)s” now.")
            % {"docket": moved.docket, "stage": line.stage_name(moved.stage) if line else ""},
        )
    return redirect("case", public_id)


@require_POST
def note(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)

    def act(given: dict[str, Any]) -> str:
        case_parts.write_note(actor=actor, case_id=case.pk, body=given["body"])
        return _("The note is kept.")

    return _step(request, actor, case, "note", case_forms.NoteForm(request.POST), act)


@require_POST
def add_task(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    people = colleagues_of(case.organisation_id)
    by_id = {one.public_id: one.pk for one in people}

    def act(given: dict[str, Any]) -> str:
        facts = {**given, "assignee": by_id.get(given["assignee"])}
        case_tasks.add_task(actor=actor, case_id=case.pk, facts=facts)
        return _("The task is added.")

    form = case_forms.TaskForm(request.POST, people=people)
    return _step(request, actor, case, "task", form, act)


@require_POST
def task_done(request: HttpRequest, task_id: str) -> HttpResponse:
    """Done, or with `undo` not done after all."""
    actor = signed_in(request)
    task = get_visible(tasks_visible_to(actor).select_related("case"), public_id=task_id)
    done = not request.POST.get("undo")
    try:
        case_tasks.finish_task(actor=actor, task_id=task.pk, done=done)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Done.") if done else _("It is to be done again."))
    if request.POST.get("next") == "desk":
        return redirect("desk")
    return back_to(actor, task.case, "#task")


@require_POST
def add_part(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """A client, a listing or a contact."""
    actor, case = own_case(request, public_id)
    given_id: dict[str, Any] = {"actor": actor, "case_id": case.pk}

    def client(given: dict[str, Any]) -> str:
        case_parts.add_client(actor=actor, case_id=case.pk, **meant(actor, given["name"]))
        return _("The client is named.")

    def listing(given: dict[str, Any]) -> str:
        found = NUMBER.search(given["listing"])
        number = found[1].upper() if found else given["listing"][:10]
        case_parts.add_listing(**given_id, listing=number)
        return _("The listing is added.")

    def contact(given: dict[str, Any]) -> str:
        case_parts.add_contact(**given_id, **given)
        return _("The contact is added.")

    known: dict[str, tuple[type[forms.Form], Callable[[dict[str, Any]], str]]] = {
        "client": (case_forms.ClientForm, client),
        "listing": (case_forms.ListingForm, listing),
        "contact": (case_forms.ContactForm, contact),
    }
    if kind not in known:
        raise NotFound
    form, act = known[kind]
    return _step(request, actor, case, kind, form(request.POST, auto_id=f"{kind}_%s"), act)


@require_POST
def remove_part(request: HttpRequest, public_id: str, kind: str, part_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)
    try:
        case_parts.remove_part(
            actor=actor, case_id=case.pk, kind=f"{kind}s", public_id=part_id.replace("\x00", "")
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Removed."))
    return redirect(f"{case.get_absolute_url()}#{kind}")


@require_POST
def defer(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)

    def act(given: dict[str, Any]) -> str:
        case_endings.defer_case(
            actor=actor, case_id=case.pk, until=given["until"], reason=given["reason"],
            expected_version=given["version"],
        )  # fmt: skip
        return _("Put aside. It comes back by itself.")

    form = case_forms.DeferForm(request.POST, auto_id="defer_%s")
    return _step(request, actor, case, "defer", form, act)


@require_POST
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, case = own_case(request, public_id)

    def act(given: dict[str, Any]) -> str:
        case_endings.close_case(
            actor=actor, case_id=case.pk, outcome=given["outcome"], reason=given["reason"],
            expected_version=given["version"],
        )  # fmt: skip
        return _("The case is closed. Nothing in it is lost.")

    form = case_forms.CloseCaseForm(request.POST, auto_id="close_%s")
    return _step(request, actor, case, "close", form, act)


@require_POST
def again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take up a deferred case, reopen a closed one."""
    actor, case = own_case(request, public_id)
    act = case_endings.reopen_case if case.state == "closed" else case_endings.wake_case
    try:
        seen = seen_version(request.POST.get("version", ""))
        act(actor=actor, case_id=case.pk, expected_version=seen)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The case is open again."))
    return redirect("case", public_id)
