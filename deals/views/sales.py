"""Pages of tenders and auctions: the lists, one sale, its rules, its result."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deals.actions import sales as actions
from deals.actions.sale_results import document_of
from deals.forms.sales import (
    STEPS,
    BiddersForm,
    BidForm,
    NewSaleForm,
    ObjectForm,
    PriceForm,
    facts_of,
)
from deals.models import Sale, SaleResult
from deals.queries import sales as queries
from deals.queries.sale_views import SaleView, cards_of, view_of
from deals.views.gates import is_partial, signed_in
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound, Refused
from marketplace.core.forms import add_domain_errors

ROWS = 20
_FORMS: dict[str, type[forms.Form]] = {
    "object": ObjectForm, "price": PriceForm, "bidders": BiddersForm,
}  # fmt: skip


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def own_view(request: HttpRequest, public_id: str) -> tuple[Actor, SaleView]:
    """A sale that somebody signed in may know of."""
    actor = signed_in(request)
    return actor, view_of(queries.seen_sale(actor, public_id), actor)


def private(response: HttpResponse) -> HttpResponse:
    """It may hold amounts, names or a key."""
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def sale_list(request: HttpRequest) -> HttpResponse:
    """Announced sales that the reader may know of, newest first."""
    actor = actor_of(request)
    kind = request.GET.get("kind", "")
    rows = queries.visible_to(actor).exclude(state="draft")
    if kind in ("tender", "auction"):
        rows = rows.filter(kind=kind)
    if request.GET.get("state") == "running":
        rows = rows.filter(state__in=["announced", "open"], ends_at__gt=queries.clock())
    page = Paginator(queries.with_parts(rows).order_by("-announced_at", "-id"), ROWS).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page, "cards": cards_of(list(page), actor), "kind": kind,
        "is_running": request.GET.get("state") == "running",
        "may_sell": bool(queries.posting_ids(actor)) if actor.is_authenticated else False,
    }  # fmt: skip
    response = render(request, "deals/sales/list.html", context)
    return private(response) if actor.is_authenticated else response


@require_safe
def own_list(request: HttpRequest) -> HttpResponse:
    """What the reader sells, opens or bids in, drafts too."""
    actor = signed_in(request)
    rows = queries.with_parts(queries.own_sales(actor)).order_by("-id")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "cards": cards_of(list(page), actor), "is_own": True,
               "may_sell": bool(queries.posting_ids(actor))}  # fmt: skip
    return private(render(request, "deals/sales/list.html", context))


@require_http_methods(["GET", "POST"])
def new_sale(request: HttpRequest) -> HttpResponse:
    """Which technology, and by tender or auction."""
    actor = signed_in(request)
    if not queries.posting_ids(actor):
        raise Refused(
            "no_seller", _("Technologies are sold by owners, editors and brokers of their owner.")
        )
    rows = list(queries.sellable(actor).order_by("-published_at", "-id")[:200])
    named = [(row.public_id, pick(row, "title", get_language() or "en").value) for row in rows]
    form = NewSaleForm(
        request.POST or None, listings=named, initial={"listing": request.GET.get("listing", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            sale = actions.begin_sale(
                actor=actor, listing=form.cleaned_data["listing"], kind=form.cleaned_data["kind"],
                facts={},
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect("sale_edit", sale.public_id, "object")
    status = 422 if form.errors else 200
    return render(
        request, "deals/sales/new.html", {"form": form, "has_any": bool(rows)}, status=status
    )


@require_http_methods(["GET", "POST"])
def edit_sale(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """One step of the rules of a draft."""
    actor, view = own_view(request, public_id)
    if step not in STEPS or not view.is_poster:
        raise NotFound
    sale = view.sale
    more: dict[str, Any] = {} if step == "object" else {"sale": sale}
    initial = {**facts_of(sale), "version": sale.version}
    form = _FORMS[step](request.POST or None, initial=initial, **more)
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            actions.write_sale(
                actor=actor, sale_id=sale.pk, facts=facts,
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            at = STEPS.index(step) + 1
            if "later" not in request.POST and at < len(STEPS):
                return redirect("sale_edit", public_id, STEPS[at])
            return redirect(sale)
    context = {
        "view": view, "sale": sale, "form": form, "step": step, "place": STEPS.index(step) + 1,
        "is_last": step == STEPS[-1],
    }  # fmt: skip
    return private(
        render(request, "deals/sales/edit.html", context, status=422 if form.errors else 200)
    )


@require_safe
def sale_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One sale, for a visitor, a bidder, who opens and who sells."""
    actor = actor_of(request)
    view = view_of(queries.seen_sale(actor, public_id), actor)
    return show(request, view)


def show(
    request: HttpRequest, view: SaleView, *, bid_form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page; bid_form: one that came back with errors."""
    context = {
        "view": view, "sale": view.sale,
        "bid_form": bid_form or BidForm(initial={"seen": view.seen}),
    }  # fmt: skip
    response = render(request, "deals/sales/sale.html", context, status=status)
    return private(response) if actor_of(request).is_authenticated else response


@require_safe
def news(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where an auction stands now, for htmx; 204 while nothing has changed since `after`. A link
    without htmx goes to the page."""
    actor = actor_of(request)
    sale = queries.seen_sale(actor, public_id)
    if not is_partial(request):
        return redirect("sale", public_id)
    view = view_of(sale, actor)
    known = request.GET.get("after", "")[:40]
    if known == view.mark:
        response = HttpResponse(status=204)
    else:
        context = {"view": view, "sale": sale}
        response = render(request, "deals/sales/parts/standing.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return private(response)


@require_safe
def result_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The signed result, for who takes part."""
    _actor, view = own_view(request, public_id)
    made = getattr(view.sale, "result", None)
    if made is None or not view.sees_bids:
        raise NotFound
    response = HttpResponse(document_of(made), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{public_id}-result.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)


@require_safe
def keys_file(request: HttpRequest) -> JsonResponse:
    """Public keys by which results were signed."""
    rows = (
        SaleResult.objects.exclude(key_id="")
        .order_by("key_id", "signed_at")
        .distinct("key_id")
        .values("key_id", "public_pem", "signed_at")
    )
    keys = [
        {"id": row["key_id"], "algorithm": "Ed25519", "public_key": row["public_pem"],
         "since": row["signed_at"]}
        for row in rows
    ]  # fmt: skip
    return JsonResponse({"keys": keys})


def after_step(request: HttpRequest, sale: Sale, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(sale)
