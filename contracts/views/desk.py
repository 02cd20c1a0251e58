"""The registrar's desk: queue, one file side by side with its checks, settings of the point."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts import checks, states
from contracts.actions import decisions, endings, examination
from contracts.actions.points import change_point
from contracts.actions.questions import ask
from contracts.codes import CONTRACT_TYPES
from contracts.differences import differences
from contracts.forms.examination import PointForm, RefuseForm, ReturnForm, WordsForm
from contracts.forms.questions import AskForm, yes_form
from contracts.models import Contract
from contracts.queries import desk, duplicates, mine, party_history, questions, reviews, ties
from contracts.queries.visibility import with_parties
from contracts.rule_sets import rule_set
from contracts.views import screening
from contracts.views.gates import file_at_point, registrar
from contracts.views.mine import stages
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused
from marketplace.core.forms import add_domain_errors

ROWS = 25
TAB_NAMES = {
    "waiting": gettext_lazy("To be claimed"),
    "mine": gettext_lazy("Examined by me"),
    "second": gettext_lazy("Second review"),
    "others": gettext_lazy("Examined by others"),
    "returned": gettext_lazy("Returned, waiting"),
    "decided": pgettext_lazy("contract", "Decided"),
}


@require_GET
def registrar_desk(request: HttpRequest) -> HttpResponse:
    """What waits at my points, the most urgent first."""
    actor = registrar(request)
    today = timezone.localdate()
    all_rows = desk.at_points(actor)
    counts = desk.counts(all_rows, actor, today)
    tab = request.GET.get("tab", "")
    if tab not in desk.TABS:
        tab = "mine" if counts["mine"] and not counts["waiting"] else "waiting"
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    kind = request.GET.get("type", "")
    found = mine.find(all_rows, text)
    if kind in CONTRACT_TYPES:
        found = found.filter(type=kind)
    asked = request.GET.get("asked", "")
    found = desk.by_questions(desk.with_questions(found), asked)
    rows = with_parties(desk.in_tab(found, tab, actor)).select_related(
        "filed_by", "registration_point", "examiner"
    )
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/desk/queue.html",
        {
            "page": page,
            "tabs": [(key, name, counts[key]) for key, name in TAB_NAMES.items()],
            "tab": tab,
            "late": counts["late"],
            "text": text,
            "kind": kind,
            "asked": asked,
            "types": CONTRACT_TYPES,
            "today": today,
            "points": desk.points_of(actor),
        },
    )


@require_GET
def examine_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One file: what was stated on the left, what speaks for and against it on the right."""
    actor, contract = file_at_point(request, public_id)
    return _examine(request, contract, actor)


def _examine(
    request: HttpRequest, contract: Contract, actor: Actor, status: int = 200, **bound: Any
) -> HttpResponse:
    rules = rule_set(contract.rule_set)
    today = timezone.localdate()
    versions = desk.last_versions(contract)
    earlier = versions[1].facts if len(versions) > 1 else _amended_facts(contract)
    tied = ties.is_tied(actor.user_id, contract)
    suspects = duplicates.suspects(contract, actor)
    seen = questions.readable(contract, actor, whole=not tied)
    examines = contract.examiner_id == actor.user_id and not tied
    context = {
        "contract": contract,
        "rules": rules,
        "caveats": rules.caveats_on(contract.signed_on or today),
        "type_rules": rules.types.get(contract.type),
        "checks": checks.run_checks(contract, today),
        "suspects": suspects,
        "suspect_ids": {one.contract.pk for one in suspects if one.contract},
        "past": party_history.history_of_parties(contract, actor),
        "differences": differences(earlier, versions[0].facts) if versions and earlier else [],
        "history": questions.entries(contract.decisions.select_related("decided_by"), seen),
        "questions": [{"seen": one, "late": one.is_late(today)} for one in seen],
        "open_questions": any(one.is_open for one in seen),
        "may_ask_both": bool(questions.addressees(contract)["other"]),
        "ask_form": AskForm(prefix="ask"),
        "yes_form": yes_form(),
        "stages": stages(contract),
        "tied": tied,
        "opens_files": not tied,
        "reports": [] if tied else reviews.reports(contract),
        "today": today,
        **screening.context_of(contract, actor, opens_files=not tied),
        "may_claim": contract.state == states.SUBMITTED and not tied,
        "may_decide": contract.state == states.UNDER_EXAMINATION and examines,
        "may_release": contract.state == states.UNDER_EXAMINATION
        and not tied
        and (examines or actor.can(contract.registration_point_id, "owner")),
        "may_second": contract.state == states.SECOND_REVIEW
        and not tied
        and contract.examiner_id != actor.user_id,
        "may_end": contract.state == states.REGISTERED and not tied,
        "is_large": contract.technology_cny is not None and rules.is_large(contract.technology_cny),
        "return_form": ReturnForm(prefix="return"),
        "refuse_form": RefuseForm(prefix="refuse", rules=rules, language=actor.language),
        "back_form": WordsForm(prefix="back"),
        "end_form": WordsForm(prefix="end"),
        "open_form": "",
    }
    return render(request, "contracts/desk/examine.html", {**context, **bound}, status=status)


def _amended_facts(contract: Contract) -> dict[str, Any] | None:
    """For an amendment: the facts of the edition that it replaces."""
    if contract.amends is None:
        return None
    last = contract.amends.versions.first()
    return last.facts if last else None


@require_POST
def desk_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """One decision. What is wrong with it is shown in place; what came too late is told kindly."""
    actor, contract = file_at_point(request, public_id)
    handler = _STEPS.get(step)
    if handler is None:
        raise NotFound
    try:
        return handler(request, contract, actor)
    except (Conflict, Refused) as error:
        messages.error(request, str(error.message))
        return redirect("examine_contract", contract.public_id)


def _claim(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    examination.claim(actor=actor, contract_id=contract.pk)
    messages.success(request, _("It is yours to examine."))
    return redirect("examine_contract", contract.public_id)


def _release(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    examination.release(actor=actor, contract_id=contract.pk)
    messages.success(request, _("It is back in the queue."))
    return redirect("registrar_desk")


def _return(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    form = ReturnForm(request.POST, prefix="return")
    if form.is_valid():
        try:
            examination.return_(
                actor=actor, contract_id=contract.pk,
                words=form.cleaned_data["words"], remarks=form.remarks(),
            )  # fmt: skip
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Returned to the parties. The clock stands still."))
            return redirect("registrar_desk")
    return _examine(request, contract, actor, 422, return_form=form, open_form="return")


def _refuse(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    rules = rule_set(contract.rule_set)
    form = RefuseForm(request.POST, prefix="refuse", rules=rules, language=actor.language)
    if form.is_valid():
        try:
            decisions.refuse(
                actor=actor, contract_id=contract.pk,
                reason=form.cleaned_data["reason"], words=form.cleaned_data["words"],
                without_answer=form.cleaned_data["without_answer"],
            )  # fmt: skip
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Refused. The parties are told the ground."))
            return redirect("registrar_desk")
    return _examine(request, contract, actor, 422, refuse_form=form, open_form="refuse")


def _register(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    return _yes(request, contract, actor, decisions.register_contract)


def _approve(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    return _yes(request, contract, actor, decisions.approve_second)


def _yes(request: HttpRequest, contract: Contract, actor: Actor, step: Any) -> HttpResponse:
    form = yes_form(request.POST)
    try:
        done = step(actor=actor, contract_id=contract.pk, without_answer=form.chosen())
    except Invalid as error:
        add_domain_errors(form, error)
        return _examine(request, contract, actor, 422, yes_form=form)
    return _after_yes(request, done)


def _ask(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    form = AskForm(request.POST, prefix="ask")
    if form.is_valid():
        try:
            ask(actor=actor, contract_id=contract.pk, **form.cleaned_data)
        except (Invalid, Conflict) as error:  # what was typed stays to copy
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Asked. The clock runs on."))
            return redirect(f"/registrar/contracts/{contract.public_id}/#questions")
    return _examine(request, contract, actor, 422, ask_form=form, open_form="ask")


def _after_yes(request: HttpRequest, contract: Contract) -> HttpResponse:
    if contract.state == states.REGISTERED:
        messages.success(
            request, _("Registered under number %(number)s.") % {"number": contract.number}
        )
        return redirect("examine_contract", contract.public_id)
    messages.success(request, _("Passed to second review: another person must approve it."))
    return redirect("registrar_desk")


def _send_back(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    return _in_words(
        request, contract, actor, "back", decisions.send_back, _("Sent back to the examiner.")
    )


def _cancel(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    return _in_words(
        request, contract, actor, "end", endings.cancel, _("The registration is cancelled.")
    )


def _revoke(request: HttpRequest, contract: Contract, actor: Actor) -> HttpResponse:
    return _in_words(
        request, contract, actor, "end", endings.revoke, _("The registration is revoked.")
    )


def _in_words(
    request: HttpRequest, contract: Contract, actor: Actor, name: str, step: Any, done: str
) -> HttpResponse:
    form = WordsForm(request.POST, prefix=name)
    if form.is_valid():
        try:
            step(actor=actor, contract_id=contract.pk, words=form.cleaned_data["words"])
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, done)
            return redirect("examine_contract", contract.public_id)
    return _examine(request, contract, actor, 422, **{f"{name}_form": form, "open_form": name})


_STEPS = {
    "claim": _claim,
    "ask": _ask,
    "release": _release,
    "return": _return,
    "refuse": _refuse,
    "register": _register,
    "approve": _approve,
    "send-back": _send_back,
    "cancel": _cancel,
    "revoke": _revoke,
}


@require_http_methods(["GET", "POST"])
def point_settings(request: HttpRequest, public_id: str) -> HttpResponse:
    """How a registration point works: code, days, closed days. Owners change it."""
    actor = registrar(request)
    point = desk.points_of(actor).filter(public_id=public_id).first()
    if point is None:
        raise NotFound
    settings = desk.settings_of(point.pk)
    form = PointForm(
        request.POST if request.method == "POST" else None,
        initial=PointForm.initial_of(settings, point.region),
    )
    if form.is_bound and form.is_valid():
        try:
            change_point(actor=actor, point_id=point.pk, **form.cleaned_data)
        except DomainError as error:
            if error.status == 404:
                raise
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved. Deadlines that already run keep their day."))
            return redirect("point_settings", point.public_id)
    return render(
        request,
        "contracts/desk/point.html",
        {"form": form, "point": point, "may_change": actor.can(point.pk, "owner")},
        status=422 if form.is_bound else 200,
    )
