"""Pages: the list, one introduction with its thread, asking for one."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contracts.queries.visibility import visible_to as contracts_visible_to
from deals import event_kinds
from deals.actions.drafting import suggested_mode
from deals.actions.opening import open_by_hand
from deals.forms.introductions import MessageForm
from deals.models import DealRoom, Introduction, Side, State
from deals.queries import lists
from deals.queries.cases import own_institutions
from deals.queries.enquiries import released_of
from deals.queries.pairs import PARTIES, Pair, Party, pairs_of, with_people
from deals.queries.rooms import visible_to as rooms_visible_to
from deals.queries.threads import lines_of
from deals.queries.visibility import brokering_organisations, visible_to
from deals.views.gates import is_partial, own_pair, signed_in
from events.queries import history_of
from listings.disclosure import disclosed
from listings.models import Listing
from listings.models.listings import Kind
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor
from marketplace.core.codes import TRANSFER_MODES
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.gates import get_visible

PAGE_SIZE = 20


@require_safe
def introduction_list(request: HttpRequest) -> HttpResponse:
    """Mine, by tab and side, what moved last first."""
    actor = signed_in(request)
    tab = request.GET.get("state", "")
    tab = tab if tab in lists.TABS else "live"
    side = request.GET.get("side", "")
    rows = visible_to(actor)
    if side in Side.values:
        rows = lists.as_side(rows, side, actor)
    page = Paginator(with_people(lists.in_tab(rows, tab)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "deals/introductions.html",
        {
            "page": page,
            "pairs": pairs_of(list(page.object_list), actor),
            "tab": tab,
            "side": side,
            "sides": Side.choices,
            "counts": lists.counts(actor),
            "is_broker": brokering_organisations(actor).exists(),
        },
    )


@require_safe
def introduction_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, pair = own_pair(request, public_id)
    return show(request, actor, pair)


@require_safe
def thread(request: HttpRequest, public_id: str) -> HttpResponse:
    """The messages alone, for htmx that looks for new ones; a link without it."""
    actor, pair = own_pair(request, public_id)
    if not is_partial(request):
        return redirect("introduction", public_id)
    response = render(
        request, "deals/parts/thread.html", {"pair": pair, "lines": lines_of(pair, actor)}
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def show(
    request: HttpRequest,
    actor: Actor,
    pair: Pair,
    *,
    form: forms.Form | None = None,
    template: str = "deals/introduction.html",
) -> HttpResponse:
    """The page; `form` is one that came back with errors."""
    one = pair.introduction
    contract = one.contract
    if contract and not contracts_visible_to(actor).filter(pk=contract.pk).exists():
        contract = None
    context: dict[str, Any] = {
        "pair": pair,
        "introduction": one,
        "lines": lines_of(pair, actor),
        "others_turn": [
            (capfirst(Side(step.side).label) if step.side else _("Brokers"), step.text)
            for step in pair.others_turn
        ],
        "contract": contract,
        **_room(one, actor),
        "sides": [_side(pair, side) for side in PARTIES],
        "broker_party": pair.parties.get(Side.BROKER.value),
        "may_ask_broker": may_ask_broker(pair),
        # asked for who carries the pair alone: it costs a statement
        "opens_case": Side.BROKER in pair.sides and own_institutions(actor).exists(),
        "released": released_of(pair),
        "message_form": form if isinstance(form, MessageForm) else MessageForm(),
        "mode": TRANSFER_MODES.label(suggested_mode(pair)),
        "names_missing": any(step.code == "identity" for step in pair.steps),
        # messages stand in the thread
        "history": [
            line
            for line in history_of("introduction", one.public_id, actor=actor, named=_named(pair))
            if line.event.kind != event_kinds.MESSAGE_POSTED
        ],
    }  # fmt: skip
    wrong = form is not None and bool(form.errors)
    return render(request, template, context, status=422 if wrong else 200)


def may_ask_broker(pair: Pair) -> bool:
    """A party may, while nobody is asked and the market shows both listings."""
    one = pair.introduction
    return (
        one.is_live
        and pair.side in PARTIES
        and one.broker_organisation_id is None
        and one.broker_asked_at is None
        and "confidential" not in (one.need.visibility, one.technology.visibility)
    )


@dataclass(frozen=True, slots=True)
class SideView:
    """One party on the page: who it is, its listing, its agreement, what it opened."""

    side: str
    label: str
    party: Party
    listing: Any
    is_confidential: bool
    signed: Any
    signed_by: str
    release: Any
    can_name: bool
    can_release: bool
    can_revoke: bool


def _room(one: Introduction, actor: Actor) -> dict[str, Any]:
    """The deal room as far as the reader is inside, and whether one can be opened: not before
    both sides have talked."""
    if one.state not in (State.IN_TALKS, State.CLOSED):
        return {"room": None, "may_open_room": False}
    room = rooms_visible_to(actor).filter(introduction=one).first()
    is_free = one.state == State.IN_TALKS and room is None
    return {
        "room": room,
        "may_open_room": is_free and not DealRoom.objects.filter(introduction=one).exists(),
    }


def _side(pair: Pair, side: str) -> SideView:
    one = pair.introduction
    party = pair.parties[side]
    signed = pair.nda.get(side)
    release = pair.releases[side]
    mine = side in pair.sides
    listing = one.listing_of(side)
    hides = listing.is_anonymous or listing.visibility == "confidential"
    return SideView(
        side=side,
        label=str(Side(side).label),
        party=party,
        listing=pair.listing(side),
        is_confidential=listing.visibility == "confidential",
        signed=signed,
        signed_by=signed.name if signed and party.is_known else "",
        release=release,
        can_name=mine and one.is_live and hides and not release.shows_owner,
        can_release=mine and one.is_live and pair.nda_in_force and not release.has_details,
        can_revoke=mine and (release.has_details or (hides and release.shows_owner)),
    )


def _named(pair: Pair) -> list[int]:
    """Whose names the reader sees on this page anyway."""
    return [pair.introduction.broker_id] if pair.introduction.broker_id else []


# --- Asking for one --------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose which of one's own listings to introduce to another's."""
    actor = signed_in(request)
    other = get_visible(published_for(actor).select_related("owner"), public_id=public_id)
    if other.owner_id in actor.organisation_ids:
        raise NotFound
    if request.method == "POST":
        try:
            introduction, is_new = _open(actor, other, request.POST.get("listing", ""))
        except NotFound:
            messages.error(request, _("Choose one of your listings."))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            if is_new:
                messages.success(
                    request, _("The other side was told. Write what you want to know.")
                )
            return redirect("introduction", introduction.public_id)
    return render(
        request,
        "deals/ask.html",
        {
            "other": disclosed(other, actor),
            "choices": lists.choices_for(other, actor),
            "wanted_kind": "need" if other.kind == Kind.TECHNOLOGY else "technology",
            "is_verified": actor.is_verified_member,
        },
        status=422 if request.method == "POST" else 200,
    )


def _open(actor: Actor, other: Listing, own_public_id: str) -> Any:
    own = get_visible(published_for(actor), public_id=own_public_id[:10])
    need, technology = (own, other) if other.kind == Kind.TECHNOLOGY else (other, own)
    return open_by_hand(actor=actor, need_id=need.pk, technology_id=technology.pk)
