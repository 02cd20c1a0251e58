"""Offers of a deal room: all of them, writing one, answering one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.actions import term_sheets as actions
from deals.actions.offer_contracts import draft_from_offer
from deals.actions.sale_results import first_offer
from deals.forms.rooms import OfferForms
from deals.models import TermSheet
from deals.queries.rooms import RoomView, view_of
from deals.queries.term_sheets import compare, sheets_for
from deals.views.rooms import own_room
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, NotFound
from marketplace.core.gates import get_visible


@require_safe
def offers(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every offer beside the one before it."""
    _actor, view = own_room(request, public_id)
    made = [sheet for sheet in sheets_for(view) if sheet.number is not None]
    steps = [(made[at - 1] if at else None, sheet) for at, sheet in enumerate(made)][::-1]
    context = {
        "view": view,
        "room": view.room,
        "steps": [
            {
                "sheet": sheet,
                "before": before,
                "lines": compare([before, sheet] if before else [sheet]),
            }
            for before, sheet in steps
        ],
    }  # fmt: skip
    return render(request, "deals/room/offers.html", context)


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, public_id: str, offer_id: str = "") -> HttpResponse:
    """A new offer, beginning with what is on the table, or a draft of one's own side. Whatever has
    happened meanwhile, what was typed comes back."""
    actor, view = own_room(request, public_id)
    sheet = _own(view, offer_id) if offer_id else None
    is_sent = request.method == "POST"
    is_gone = sheet is not None and sheet.state != "draft"
    if not is_sent and (is_gone or not view.may("write_offer")):
        messages.error(
            request, _made_already(sheet) if sheet is not None and is_gone
            else _("You cannot write an offer in this room now."),
        )  # fmt: skip
        return redirect("room", public_id)
    first = sheet or view.standing or sheets_for(view).filter(number__isnull=False).last()
    facts: dict[str, Any] = (
        actions.facts_of(first) if first else {"type": "licence", "currency": "CNY"}
    )
    if first is None and hasattr(view.room, "sale"):
        facts = first_offer(view.room.sale)
    if first is not None and first.is_over:
        facts["valid_until"] = None
    forms = OfferForms(facts, request.POST if is_sent else None)
    if sheet is not None and is_gone:
        forms.form.add_error(None, _made_already(sheet))
        return _page(request, view, forms, None)
    if not (is_sent and forms.is_valid()):
        return _page(request, view, forms, sheet)
    try:
        kept = actions.write_offer(
            actor=actor, room_id=view.room.pk, facts=forms.facts(), side=view.side,
            sheet_public_id=offer_id, expected_version=forms.form.cleaned_data["version"],
            answers=request.POST.get("answers"),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        forms.place(error)
        return _page(request, view, forms, sheet, refusal=error.code)
    if "make" not in request.POST:
        messages.success(request, _("Saved as a draft. Only your side sees it."))
        return redirect("room", public_id)
    try:
        actions.make_offer(
            actor=actor, room_id=view.room.pk, sheet_public_id=kept.public_id, side=view.side
        )
    except NotFound:
        raise
    except DomainError as error:
        forms.place(error)
        return _page(request, view, forms, kept, refusal=error.code, is_kept=True)
    messages.success(request, _("Your offer is on the table. The other side was told."))
    return redirect("room", public_id)


def _page(
    request: HttpRequest, view: RoomView, forms: OfferForms, sheet: TermSheet | None, *,
    refusal: str = "", is_kept: bool = False,
) -> HttpResponse:  # fmt: skip
    """The form. What it answers and the version it was written at go along as the writer saw
    them, until a refusal has told that they are others now."""
    fresh = view_of(view.room, request.actor, view.side)  # type: ignore[attr-defined]
    standing = fresh.standing
    answered = standing if standing is not None and standing.side != view.side else None
    is_sent = request.method == "POST"
    now = answered.public_id if answered else ""
    seen = is_sent and refusal != "another_offer"
    version: Any = sheet.version if sheet else ""
    if is_sent and not is_kept:
        version = request.POST.get("version", version) if sheet else ""
    context = {
        "view": view,
        "room": view.room,
        "sheet": sheet,
        "answered": answered,
        "answers": request.POST.get("answers", now) if seen else now,
        "version": version,
        "forms": forms,
        "form": forms.form,
        "is_kept": is_kept,
        "lines": compare([answered]) if answered else [],
    }
    return render(request, "deals/room/offer.html", context, status=422 if is_sent else 200)


def _own(view: RoomView, public_id: str) -> TermSheet:
    """A draft of one's own side, or the offer that it has become."""
    found = get_visible(sheets_for(view), public_id=public_id)
    if found.side not in view.rights:
        raise NotFound
    return found


def _made_already(sheet: TermSheet) -> str:
    return _(
        "This draft was made already: it is offer %(number)s. What you wrote here is not saved; "
        "saving begins a new draft."
    ) % {"number": sheet.number}


# --- Steps of one button -------------------------------------------------------------------------


def _make(actor: Actor, room: int, sheet: str) -> str:
    actions.make_offer(actor=actor, room_id=room, sheet_public_id=sheet)
    return _("Your offer is on the table. The other side was told.")


def _accept(actor: Actor, room: int, sheet: str) -> str:
    actions.accept_offer(actor=actor, room_id=room, sheet_public_id=sheet)
    return _("Accepted. The contract draft holds what was agreed.")


def _decline(actor: Actor, room: int, sheet: str) -> str:
    actions.decline_offer(actor=actor, room_id=room, sheet_public_id=sheet)
    return _("Declined. The other side was told.")


def _withdraw(actor: Actor, room: int, sheet: str) -> str:
    actions.withdraw_offer(actor=actor, room_id=room, sheet_public_id=sheet)
    return _("Your offer is off the table.")


def _discard(actor: Actor, room: int, sheet: str) -> str:
    actions.discard_offer(actor=actor, room_id=room, sheet_public_id=sheet)
    return _("The draft is gone.")


STEPS: dict[str, Callable[[Actor, int, str], str]] = {
    "make": _make, "accept": _accept, "decline": _decline, "withdraw": _withdraw,
    "discard": _discard,
}  # fmt: skip


@require_POST
def step(request: HttpRequest, public_id: str, offer_id: str, name: str) -> HttpResponse:
    """One of STEPS; a refusal is told on the room's page, or at the draft that misses something."""
    if name not in STEPS:
        raise NotFound
    actor, view = own_room(request, public_id)
    try:
        done = STEPS[name](actor, view.room.pk, offer_id)
    except NotFound:
        raise
    except DomainError as error:
        told: list[Any] = [text for texts in error.fields.values() for text in texts]
        messages.error(request, " ".join(str(text) for text in told or [error]))
        if name == "make" and not isinstance(error, Conflict):
            return redirect("room_offer", public_id, offer_id)
    else:
        messages.success(request, done)
    return redirect("room", public_id)


@require_POST
def contract(request: HttpRequest, public_id: str) -> HttpResponse:
    """Draft the contract from the accepted offer (or go to the one there is)."""
    actor, view = own_room(request, public_id)
    try:
        made = draft_from_offer(actor=actor, room_id=view.room.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("room", public_id)
    return redirect("contract", made.public_id)
