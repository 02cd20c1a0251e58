"""Steps in a sale by forms: keys, announcing, bidders, bids, opening, first refusal, the room."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organisation
from deals.actions import sale_bidders, sale_bids, sale_opening, sale_results, sales
from deals.forms.sales import (
    ApplyForm,
    BidForm,
    DepositForm,
    InviteForm,
    KeyForm,
    ProxyForm,
    RevealForm,
)
from deals.models import BidderState
from deals.queries.sale_views import SaleView
from deals.queries.sales import tied_ids
from deals.rules import PARTY_ROLES
from deals.views.sales import after_step, own_view, private, show
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version


def _done(form: Any, act: Callable[[], Any]) -> bool:
    """Whether the action was done; a refusal comes back on the form."""
    try:
        act()
    except NotFound:
        raise
    except DomainError as error:
        add_domain_errors(form, error)
        return False
    return True


def _page(
    request: HttpRequest, view: SaleView, template: str, form: Any, **more: Any
) -> HttpResponse:
    context = {"view": view, "sale": view.sale, "form": form, **more}
    status = 422 if form is not None and form.errors else 200
    return private(render(request, f"deals/sales/{template}.html", context, status=status))


# --- Keys and the announcement -------------------------------------------------------------------


@require_POST
def take_key(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new opening key, on the one page that ever shows it: no redirect, nothing is stored."""
    actor, view = own_view(request, public_id)
    try:
        _sale, key = sales.take_key(actor=actor, sale_id=view.sale.pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(view.sale)
    return _page(request, view, "key", None, key=key)


@require_http_methods(["GET", "POST"])
def announce(request: HttpRequest, public_id: str) -> HttpResponse:
    """The rules once more, then announced."""
    actor, view = own_view(request, public_id)
    if not view.is_poster:
        raise NotFound
    form = KeyForm(request.POST or None) if view.sale.is_tender else None
    if request.method == "POST":
        key = form.cleaned_data["opening_key"] if form is not None and form.is_valid() else ""
        wrong: dict[str, list[str]] = {}
        if form is None or form.is_valid():
            try:
                sales.announce_sale(
                    actor=actor, sale_id=view.sale.pk, opening_key=key,
                    expected_version=seen_version(request.POST.get("version", "")),
                )  # fmt: skip
            except NotFound:
                raise
            except DomainError as error:
                placed = form is not None and "opening_key" in error.fields
                if placed:
                    add_domain_errors(form, error)  # type: ignore[arg-type]
                else:
                    wrong = {key: [str(one) for one in told] for key, told in error.fields.items()}
                    wrong = wrong or {"": [str(error)]}
            else:
                return after_step(request, view.sale, _("Announced. The rules are frozen now."))
        context = {"view": view, "sale": view.sale, "form": form, "wrong": wrong}
        return private(render(request, "deals/sales/announce.html", context, status=422))
    return _page(request, view, "announce", form)


# --- Bidders -------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, view = own_view(request, public_id)
    organisations = _applicants(actor, view)
    # who bids for one organisation may apply for another
    if not (view.can["apply"] or (view.is_bidder and view.state in ("announced", "open"))) or (
        not organisations
    ):
        if view.bidder is None:
            messages.error(request, _("Your organisation cannot apply for this sale."))
        return redirect(view.sale)
    form = ApplyForm(request.POST or None, organisations=organisations)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if _done(form, lambda: sale_bidders.apply_to_bid(
            actor=actor, sale_id=view.sale.pk, organisation_id=given["organisation"],
            is_sme=given["is_sme"],
        )):  # fmt: skip
            return after_step(request, view.sale, _("Applied. The seller was told."))
    return _page(request, view, "apply", form)


def _applicants(actor: Actor, view: SaleView) -> list[tuple[int, str]]:
    """The reader's organisations that can apply yet."""
    ids = actor.ids_with(*PARTY_ROLES) & actor.verified_ids - tied_ids(view.sale)
    there = view.sale.bidders.exclude(state=BidderState.INVITED).values("organisation_id")
    rows = Organisation.objects.filter(pk__in=sorted(ids)).exclude(pk__in=there)
    return [(row.pk, pick(row, "name", get_language() or "en").value) for row in rows]


@require_http_methods(["GET", "POST"])
def bidders(request: HttpRequest, public_id: str) -> HttpResponse:
    """The seller's table; inviting an organisation."""
    actor, view = own_view(request, public_id)
    if not view.is_poster:
        raise NotFound
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        named = form.cleaned_data["organisation"]
        if _done(form, lambda: sale_bidders.invite_bidder(
            actor=actor, sale_id=view.sale.pk, organisation=named
        )):  # fmt: skip
            messages.success(request, _("Invited. Its people were told."))
            return redirect("sale_bidders", public_id)
    return _page(request, view, "bidders", form)


@require_http_methods(["GET", "POST"])
def bidder(request: HttpRequest, public_id: str, bidder_id: str) -> HttpResponse:
    """One bidder: deposits, admission."""
    actor, view = own_view(request, public_id)
    if not view.is_poster:
        raise NotFound
    row = get_visible(
        view.sale.bidders.select_related("organisation", "applied_by", "decided_by"),
        public_id=bidder_id,
    )
    one: dict[str, Any] = {"actor": actor, "sale_id": view.sale.pk, "bidder": bidder_id}
    decision = request.POST.get("decide", "")
    form = DepositForm(
        request.POST if request.method == "POST" and not decision else None,
        initial={"amount": view.sale.deposit or None},
    )
    if decision:
        try:
            sale_bidders.decide_bidder(
                **one, admit=decision == "admit", reason=request.POST.get("reason", "")[:1000]
            )
        except NotFound:
            raise
        except DomainError as error:
            texts = next(iter(error.fields.values()), [error.message])
            messages.error(request, str(texts[0]))
        else:
            messages.success(request, _("Done. The organisation was told."))
        return redirect("sale_bidder", public_id, bidder_id)
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(form, lambda: sale_bidders.record_deposit(**one, **form.cleaned_data))
    ):
        messages.success(request, _("Entered."))
        return redirect("sale_bidder", public_id, bidder_id)
    deposits = list(row.deposits.select_related("entered_by"))
    return _page(
        request, view, "bidder", form, row=row, deposits=deposits, held=sale_bidders.held_of(row)
    )


@require_http_methods(["GET", "POST"])
def proxies(request: HttpRequest, public_id: str) -> HttpResponse:
    """Persons of other organisations who bid for one's own."""
    actor, view = own_view(request, public_id)
    if view.bidder is None or view.standing.as_proxy:
        raise NotFound
    form = ProxyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if _done(form, lambda: sale_bidders.name_proxy(
            actor=actor, sale_id=view.sale.pk, **given
        )):  # fmt: skip
            messages.success(request, _("Named. The person can bid for you in this time."))
            return redirect("sale_proxies", public_id)
    return _page(request, view, "proxies", form)


@require_POST
def end_proxy(request: HttpRequest, public_id: str, proxy_id: str) -> HttpResponse:
    actor, view = own_view(request, public_id)
    if view.bidder is None:
        raise NotFound
    try:
        sale_bidders.end_proxy(actor=actor, sale_id=view.sale.pk, proxy=proxy_id)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Ended. From now on the person cannot bid for you."))
    return redirect("sale_proxies", public_id)


# --- Bids ----------------------------------------------------------------------------------------


@require_POST
def bid(request: HttpRequest, public_id: str) -> HttpResponse:
    """First the amount once more, then the bid."""
    actor, view = own_view(request, public_id)
    form = BidForm(request.POST)
    if not form.is_valid():
        return show(request, view, bid_form=form, status=422)
    given = form.cleaned_data
    if not given["sure"]:
        return _page(request, view, "confirm", None, amount=given["amount"], seen=given["seen"],
                     step="sale_bid")  # fmt: skip
    if _done(form, lambda: sale_bids.place_bid(
        actor=actor, sale_id=view.sale.pk, amount=given["amount"], seen=given["seen"]
    )):  # fmt: skip
        return after_step(request, view.sale, _("Your bid stands. You lead."))
    _actor, fresh = own_view(request, public_id)
    return show(request, fresh, bid_form=form, status=409)


@require_POST
def seal(request: HttpRequest, public_id: str) -> HttpResponse:
    """First the amount once more, then the receipt on the one page that ever shows it."""
    actor, view = own_view(request, public_id)
    form = BidForm(request.POST)
    if not form.is_valid():
        return show(request, view, bid_form=form, status=422)
    amount, seen = form.cleaned_data["amount"], form.cleaned_data["seen"]
    if not form.cleaned_data["sure"]:
        seen = view.seen if seen is None else seen
        return _page(request, view, "confirm", None, amount=amount, seen=seen, step="sale_seal")
    try:
        made, receipt = sale_bids.seal_bid(
            actor=actor, sale_id=view.sale.pk, amount=amount, seen=seen
        )
    except NotFound:
        raise
    except DomainError as error:
        add_domain_errors(form, error)
        _actor, fresh = own_view(request, public_id)
        # what was read now is seen: the next click is a decision
        form.data = {**request.POST.dict(), "seen": str(fresh.seen)}
        return show(request, fresh, bid_form=form, status=409)
    return _page(request, view, "receipt", None, bid=made, receipt=receipt)


@require_http_methods(["GET", "POST"])
def open_bids(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter one's opening key."""
    actor, view = own_view(request, public_id)
    if not view.can["open_bids"]:
        if view.role not in ("poster", "opener"):
            raise NotFound
        return redirect(view.sale)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["opening_key"]
        if _done(form, lambda: sale_opening.open_bids(
            actor=actor, sale_id=view.sale.pk, opening_key=key
        )):  # fmt: skip
            return after_step(request, view.sale, _("Your key has opened the bids."))
    return _page(request, view, "open", form)


@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one's receipt when a key is lost."""
    actor, view = own_view(request, public_id)
    if not view.can["reveal"]:
        return redirect(view.sale)
    form = RevealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if _done(form, lambda: sale_opening.reveal_bid(
            actor=actor, sale_id=view.sale.pk, **given
        )):  # fmt: skip
            return after_step(request, view.sale, _("Your bid counts."))
    return _page(request, view, "reveal", form)


# --- Steps without a form of their own -----------------------------------------------------------


def _discard(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    sales.discard_sale(actor=actor, sale_id=view.sale.pk)
    return _("The draft is thrown away.")


def _cancel(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    reason = request.POST.get("reason", "")[:1000]
    sales.cancel_sale(actor=actor, sale_id=view.sale.pk, reason=reason)
    return _("Cancelled. Everybody who takes part was told.")


def _withdraw(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    sale_bids.withdraw_bid(actor=actor, sale_id=view.sale.pk)
    return _("Your bid is taken back. Until the end you can make another.")


def _ask(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    sale_opening.ask_to_reveal(actor=actor, sale_id=view.sale.pk)
    return _("The bidders were asked to show their receipts.")


def _match(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    sale_opening.answer_match(actor=actor, sale_id=view.sale.pk, accept=True)
    return _("You have matched the price: the technology is yours.")


def _leave(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    sale_opening.answer_match(actor=actor, sale_id=view.sale.pk, accept=False)
    return _("You have left it to the highest bidder.")


def _room(actor: Actor, view: SaleView, request: HttpRequest) -> str:
    sale_results.open_sale_room(actor=actor, sale_id=view.sale.pk)
    return _("The deal room is open. It begins with the agreement.")


_STEPS: dict[str, Callable[[Actor, SaleView, HttpRequest], str]] = {
    "discard": _discard, "cancel": _cancel, "withdraw": _withdraw, "ask": _ask, "match": _match,
    "leave": _leave, "room": _room,
}  # fmt: skip


@require_POST
def step(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    actor, view = own_view(request, public_id)
    if name not in _STEPS:
        raise NotFound
    try:
        text = _STEPS[name](actor, view, request)
    except NotFound:
        raise
    except DomainError as error:
        texts = next(iter(error.fields.values()), [error.message])
        messages.error(request, str(texts[0]))
        return redirect(view.sale)
    messages.success(request, text)
    return redirect("own_sales") if name == "discard" else redirect(view.sale)
