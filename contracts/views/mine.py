"""The parties' pages: my contracts, one contract, its steps."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_POST

from contracts import completeness, states
from contracts.actions import start_amendment, submit_contract, withdraw_contract
from contracts.actions.copying import copy_contract
from contracts.actions.endings import cancel
from contracts.codes import CONTRACT_TYPES
from contracts.forms.questions import AnswerForm
from contracts.models import Contract
from contracts.queries import desk, mine, questions, reviews, ties
from contracts.queries.visibility import (
    is_of_parties,
    may_edit,
    may_submit,
    of_parties,
    with_parties,
)
from contracts.rule_sets import rule_set
from contracts.views import screening
from contracts.views.gates import contract_of, signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid

ROWS = 20
TAB_NAMES = {
    "": gettext_lazy("All"),
    "drafts": gettext_lazy("Drafts"),
    "returned": gettext_lazy("Returned to you"),
    "running": gettext_lazy("At the registration point"),
    "registered": gettext_lazy("Registered"),
    "closed": gettext_lazy("Closed"),
}


@require_GET
def my_contracts(request: HttpRequest) -> HttpResponse:
    """Contracts of my organisations, by what they wait for."""
    actor = signed_in(request)
    own = of_parties(actor)
    counts = mine.counts(own)
    tab = request.GET.get("tab", "")
    tab = tab if tab in mine.TABS else ""
    kind = request.GET.get("type", "")
    kind = kind if kind in CONTRACT_TYPES else ""
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    found = mine.find(mine.in_tab(own, tab), text)
    if kind:
        found = found.filter(type=kind)
    page = Paginator(with_parties(found.order_by("-id")), ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/mine/list.html",
        {
            "page": page,
            "rows": [
                {"contract": row, "drafts": row.state == states.DRAFT and may_edit(row, actor)}
                for row in page
            ],
            "tabs": [
                (key, name, counts[key or "all"])
                for key, name in TAB_NAMES.items()
                if not key or counts[key] or key == tab
            ],
            "tab": tab,
            "kind": kind,
            "types": CONTRACT_TYPES,
            "text": text,
            "total": counts["all"],
        },
    )


@require_GET
def contract_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One contract: where it stands, its facts, parties, amounts, files and history."""
    actor, contract = contract_of(request, public_id)
    return render(request, "contracts/contract.html", page_context(contract, actor))


def page_context(contract: Contract, actor: Actor) -> dict[str, Any]:
    """What the page of a contract shows to an actor."""
    own_side = is_of_parties(contract, actor)
    editable = may_edit(contract, actor)
    decisions = list(contract.decisions.select_related("decided_by"))
    if own_side:
        decisions = [row for row in decisions if not row.is_internal]
    rules = rule_set(contract.rule_set)
    today = timezone.localdate()
    returned = next((row for row in reversed(decisions) if row.kind == "returned"), None)
    opens_files = own_side or not ties.is_tied(actor.user_id, contract)
    at_desk = not own_side or _has_desk(contract, actor)
    whole = at_desk and not ties.is_tied(actor.user_id, contract)
    seen = questions.readable(contract, actor, whole=whole)
    amendment = contract.amendments.exclude(state__in=[states.WITHDRAWN, states.REFUSED]).first()
    return {
        "contract": contract,
        "rules": rules,
        "caveats": rules.caveats_on(contract.signed_on or today),
        "history": questions.entries(decisions, seen),
        "questions": [
            {"seen": one, "late": one.is_late(today), "form": _answer_form(one)} for one in seen
        ],
        "questions_open": contract.state in questions.ANSWERABLE,
        "stages": stages(contract),
        "remarks": returned if contract.state == states.RETURNED else None,
        "missing": completeness.missing(contract, today) if contract.is_open_to_parties else {},
        "may_edit": editable and contract.is_open_to_parties,
        "may_submit": may_submit(contract, actor) and contract.is_open_to_parties,
        "may_withdraw": contract.state in states.UNCLAIMED
        and (may_submit(contract, actor) if contract.state == states.SUBMITTED else editable),
        "may_amend": editable and contract.state == states.REGISTERED,
        "amendment": amendment if own_side else None,
        "may_cancel": may_submit(contract, actor) and contract.state == states.REGISTERED,
        "own_side": own_side,
        "at_desk": at_desk,
        "opens_files": opens_files,
        "reports": reviews.reports(contract) if opens_files else [],
        "today": today,
        **screening.context_of(contract, actor, opens_files=opens_files),
    }


def _answer_form(seen: questions.SeenQuestion) -> AnswerForm | None:
    if seen.answers_for is None:
        return None
    return AnswerForm(prefix=seen.question.public_id)


def _has_desk(contract: Contract, actor: Actor) -> bool:
    return desk.at_points(actor).filter(pk=contract.pk).exists()


def stages(contract: Contract) -> dict[str, Any]:
    """The way of a contract to the register (`items`) and the step that is due (`current`): what
    was submitted waits for its examination."""
    way = [
        (states.DRAFT, _("Drafted")),
        (states.SUBMITTED, pgettext("contract", "Submitted")),
        (states.UNDER_EXAMINATION, _("Examined")),
        (states.REGISTERED, _("Registered")),
    ]
    large = contract.technology_cny is not None and rule_set(contract.rule_set).is_large(
        contract.technology_cny
    )
    if large or contract.state == states.SECOND_REVIEW:
        way.insert(3, (states.SECOND_REVIEW, _("Second review")))
    current = {
        states.RETURNED: states.DRAFT,
        states.WITHDRAWN: states.DRAFT,
        states.SUBMITTED: states.UNDER_EXAMINATION,
        states.REFUSED: states.UNDER_EXAMINATION,
        states.AMENDED: states.REGISTERED,
        states.CANCELLED: states.REGISTERED,
        states.REVOKED: states.REGISTERED,
    }.get(contract.state, contract.state)
    place = [key for key, _name in way].index(current)
    items = [
        {"key": key, "label": name, "done": index < place} for index, (key, name) in enumerate(way)
    ]
    return {"items": items, "current": current}


@require_POST
def submit_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Submit from the contract's page; what is missing is shown in the form, in place."""
    actor, contract = contract_of(request, public_id)
    try:
        submitted = submit_contract(actor=actor, contract_id=contract.pk)
    except Invalid as error:
        messages.error(request, str(error.message))
        return redirect(f"/contracts/{contract.public_id}/edit/?check=1")
    messages.success(
        request,
        _("Submitted. It is to be decided by %(due)s.") % {"due": submitted.due_on},
    )
    return redirect("contract", contract.public_id)


@require_POST
def withdraw_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, contract = contract_of(request, public_id)
    try:
        withdraw_contract(actor=actor, contract_id=contract.pk, words=request.POST.get("words", ""))
    except Conflict as error:  # a registrar was quicker
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Withdrawn. It stays here for you to read."))
    return redirect("contract", contract.public_id)


@require_POST
def amend_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, contract = contract_of(request, public_id)
    amendment = start_amendment(actor=actor, contract_id=contract.pk)
    messages.success(
        request, _("This is the next edition. Change what was agreed anew, then submit it.")
    )
    return redirect("edit_contract", amendment.public_id)


@require_POST
def copy_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new draft after this contract."""
    actor, contract = contract_of(request, public_id)
    try:
        draft = copy_contract(actor=actor, contract_id=contract.pk)
    except (Invalid, Conflict) as error:
        messages.error(request, str(error.message))
        return redirect("contract", contract.public_id)
    messages.success(
        request,
        _("A new draft with the facts of the earlier contract, without its days, number and files. "
          "Instalments that had a day alone are to be stated anew."),
    )  # fmt: skip
    return redirect("edit_contract", draft.public_id)


@require_POST
def cancel_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, contract = contract_of(request, public_id)
    return _with_words(
        request,
        contract,
        lambda words: cancel(actor=actor, contract_id=contract.pk, words=words),
        _("The registration is cancelled. The number stays in the register as cancelled."),
    )


def _with_words(
    request: HttpRequest, contract: Contract, step: Callable[[str], object], done: str
) -> HttpResponse:
    try:
        step(request.POST.get("words", ""))
    except Invalid as error:
        reasons = [str(text) for texts in error.fields.values() for text in texts]
        messages.error(request, " ".join(reasons) or str(error.message))
    else:
        messages.success(request, done)
    return redirect("contract", contract.public_id)
