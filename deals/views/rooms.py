"""Pages of deal rooms: the list, one room, its agreement, messages and people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership, Organisation
from contracts.queries.visibility import visible_to as contracts_visible_to
from deals import event_kinds
from deals.actions import rooms as actions
from deals.actions.room_talks import post_room_message
from deals.first_questions import question_text, questions
from deals.forms.introductions import NdaForm
from deals.forms.rooms import RoomDocumentForm, RoomForm, RoomMessageForm, SeatForm
from deals.queries.room_documents import shown_documents
from deals.queries.room_talks import PAGE, after, last_number, lines_for, newest
from deals.queries.rooms import RoomView, seen_room, view_of, views_of, visible_to, with_sides
from deals.queries.term_sheets import SHOWN, compare, sheets_for
from deals.queries.visibility import brokering_organisations
from deals.views.gates import is_partial, own_introduction, signed_in
from events.queries import history_of
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.posted import whole_number

PAGE_SIZE = 20
_UNDER_THE_AGREEMENT = ("room.offer_", "room.document_")
# what stands elsewhere on the page
_TOLD_ELSEWHERE = {event_kinds.ROOM_MESSAGE, event_kinds.ROOM_DOCUMENT_OPENED}


def own_room(request: HttpRequest, public_id: str) -> tuple[Actor, RoomView]:
    """A room that the actor is inside of."""
    actor = signed_in(request)
    side = request.POST.get("side", "")
    return actor, view_of(seen_room(actor, public_id), actor, side)


@require_safe
def room_list(request: HttpRequest) -> HttpResponse:
    """Mine, what moved last first."""
    actor = signed_in(request)
    rows = with_sides(visible_to(actor)).order_by("-updated_at", "-id")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "views": views_of(list(page), actor),
        "is_broker": brokering_organisations(actor).exists(),
    }
    return render(request, "deals/room/rooms.html", context)


@require_POST
def open_room(request: HttpRequest, public_id: str) -> HttpResponse:
    """From an introduction, or go to the one there is."""
    actor, introduction = own_introduction(request, public_id)
    try:
        room, _is_new = actions.open_room(actor=actor, introduction_id=introduction.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("introduction", public_id)
    return redirect("room", room.public_id)


@require_http_methods(["GET", "POST"])
def new_room(request: HttpRequest) -> HttpResponse:
    """For brokers, between two organisations."""
    actor = signed_in(request)
    if not brokering_organisations(actor).exists():
        raise NotFound
    form = RoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            room = actions.open_room_between(
                actor=actor, title=form.cleaned_data["title"],
                supplier_id=_organisation(form.cleaned_data["supplier"]),
                taker_id=_organisation(form.cleaned_data["taker"]),
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect("room", room.public_id)
    return render(
        request, "deals/room/new.html", {"form": form}, status=422 if form.errors else 200
    )


def _organisation(named: str) -> int:
    """By id or full name; 0 when there is none, which the action refuses."""
    named = " ".join(named.split())
    found = Organisation.objects.filter(
        Q(public_id=named[:10]) | Q(name_en__iexact=named) | Q(name_zh=named),
        verified_at__isnull=False,
    ).order_by("pk")[:2]
    return found[0].pk if len(found) == 1 else 0


@require_safe
def room_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, view = own_room(request, public_id)
    return show(request, actor, view)


def show(
    request: HttpRequest, actor: Actor, view: RoomView, *, form: forms.Form | None = None
) -> HttpResponse:
    """The page; `form` is one that came back with errors."""
    room = view.room
    before = whole_number(request.GET.get("before", "")) or 0
    thread = newest(room, before=before)
    sheets = list(sheets_for(view))
    made = [sheet for sheet in sheets if sheet.number is not None]
    seen_contract = contracts_visible_to(actor).filter(pk=room.contract_id or 0).exists()
    ask = question_text(view.side, request.GET.get("ask", ""), get_language() or "en")
    members = view.members
    context: dict[str, Any] = {
        "view": view,
        "room": room,
        "can": view.can,
        "sides": [_side(view, side, members) for side in room.sides],
        "lines": lines_for(view, thread, actor),
        "last": max((row.number for row in thread), default=0) if not before else 0,
        "earlier": thread[0].number if thread and thread[0].number > 1 else 0,
        "is_past": bool(before),
        "drafts": [sheet for sheet in sheets if sheet.number is None],
        "shown": made[-SHOWN:],
        "made_count": len(made),
        "comparison": compare(made[-SHOWN:]),
        "accepted": next((sheet for sheet in made if sheet.state == "accepted"), None),
        "documents": shown_documents(view),
        "contract": room.contract if seen_contract else None,
        "questions": [
            (one.code, one.text(get_language() or "en")) for one in questions().get(view.side, [])
        ],
        "message_form": form
        if isinstance(form, RoomMessageForm)
        else RoomMessageForm(initial={"body": ask}),
        "document_form": form if isinstance(form, RoomDocumentForm) else RoomDocumentForm(),
        "seat_form": form
        if isinstance(form, SeatForm)
        else SeatForm(people=_people(view, members)),
        "history": [
            line
            for line in history_of(
                "dealroom", room.public_id, actor=actor, named=[one.user.pk for one in members]
            )
            if line.event.kind not in _TOLD_ELSEWHERE
            and (view.is_open or not line.event.kind.startswith(_UNDER_THE_AGREEMENT))
        ],
    }
    wrong = form is not None and bool(form.errors)
    return render(request, "deals/room/room.html", context, status=422 if wrong else 200)


def _side(view: RoomView, side: str, members: list[Any]) -> dict[str, Any]:
    from deals.models import RoomSide  # noqa: PLC0415 (a name that templates show)

    return {
        "side": side,
        "label": str(RoomSide(side).label),
        "organisation": view.room.organisation_of(side),
        "is_own": side in view.rights,
        "signed": view.signed.get(side),
        "members": [member for member in members if member.side == side],
    }


def _people(view: RoomView, members: list[Any]) -> list[tuple[int, str]]:
    """Colleagues who can be let in: those of one's side who are not inside by themselves."""
    if not view.may("change_seats"):
        return []
    fixed = {one.user.pk for one in members if one.seat is None}
    rows = Membership.objects.filter(
        organisation_id=view.room.house_id(view.side), user__is_active=True
    ).select_related("user")
    return [(row.user_id, str(row.user)) for row in rows if row.user_id not in fixed]


# --- Messages ------------------------------------------------------------------------------------


@require_POST
def post_message(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add to the thread; a text that is refused comes back as it was typed."""
    actor, view = own_room(request, public_id)
    form = RoomMessageForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            post_room_message(
                actor=actor, room_id=view.room.pk, body=form.cleaned_data["body"],
                side=view.side, upload=form.cleaned_data["file"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect(f"{view.room.get_absolute_url()}#write")
    return show(request, actor, view, form=form)


@require_safe
def news(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is newer than `after`, for htmx; 204 while there is nothing, which costs one
    statement; 404 for whoever was taken out. A link without htmx goes to the room."""
    actor = signed_in(request)
    number = whole_number(request.GET.get("after", "")) or 0
    last = last_number(actor, public_id)
    if last is None:
        raise NotFound
    if not is_partial(request):
        return redirect("room", public_id)
    if last <= number:
        response = HttpResponse(status=204)
    else:
        view = view_of(seen_room(actor, public_id), actor)
        rows = after(view.room, number, PAGE)
        context = {
            "room": view.room,
            "lines": lines_for(view, rows, actor),
            "last": rows[-1].number if rows else number,
        }
        response = render(request, "deals/room/news.html", context)
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


# --- Agreement, people, the end ------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def agreement(request: HttpRequest, public_id: str) -> HttpResponse:
    """Read the agreement; accept it for one's side."""
    actor, view = own_room(request, public_id)
    form = NdaForm(request.POST or None, initial={"text_hash": view.nda_text.hash})
    if request.method == "POST" and form.is_valid():
        try:
            actions.accept_agreement(
                actor=actor, room_id=view.room.pk, name=form.cleaned_data["name"],
                text_hash=form.cleaned_data["text_hash"], side=request.POST.get("side", ""),
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Accepted. The other sides were told."))
            return redirect("room", public_id)
    chinese = is_chinese(get_language())
    open_sides = [
        side for side, right in view.rights.items() if side not in view.signed and right == "sign"
    ]
    context = {
        "view": view,
        "room": view.room,
        "form": form,
        "side": next(iter(open_sides), "") if view.room.present_state != "closed" else "",
        "text": _text(view, chinese=chinese),
        "other_text": _text(view, chinese=not chinese),
    }
    return render(request, "deals/room/nda.html", context, status=422 if form.errors else 200)


def _text(view: RoomView, *, chinese: bool) -> dict[str, Any]:
    lines = view.nda_text.paragraphs(chinese=chinese)
    return {"lang": "zh-Hans" if chinese else "en", "lines": lines}


@require_POST
def give_seat(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let a colleague in, or change what one may do."""
    actor, view = own_room(request, public_id)
    form = SeatForm(request.POST, people=_people(view, view.members))
    if form.is_valid():
        try:
            actions.give_seat(
                actor=actor, room_id=view.room.pk, user_id=int(form.cleaned_data["user"]),
                right=form.cleaned_data["right"], side=view.side,
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Done. The person was told."))
            return redirect("room", public_id)
    return show(request, actor, view, form=form)


@require_POST
def end_seat(request: HttpRequest, public_id: str, seat_id: str) -> HttpResponse:
    actor, view = own_room(request, public_id)
    try:
        actions.end_seat(actor=actor, room_id=view.room.pk, seat_public_id=seat_id)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken out. The room is closed to this person from now on."))
    if not visible_to(actor).filter(pk=view.room.pk).exists():
        return redirect("rooms")
    return redirect("room", public_id)


@require_POST
def close_room(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, view = own_room(request, public_id)
    try:
        actions.close_room(actor=actor, room_id=view.room.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The deal room is closed. What is in it stays readable."))
    return redirect("room", public_id)
