"""Pages of income: accounts, what is due, receipts, costs, inventors."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts.queries.visibility import with_parties
from deals.actions import income as actions
from deals.actions import receipts
from deals.forms.income import CostForm, InventorFormSet, ReceiptForm, RunForm, SchemeForm
from deals.models import IncomeAccount, Purpose
from deals.queries import income as queries
from deals.queries import royalties
from deals.queries.distribution import own_statements, runs_visible_to, with_people
from deals.queries.dues import dues_of
from deals.queries.own_schemes import by_code
from deals.rules import PARTY_ROLES
from deals.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Invalid, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 20
MOST_PERIODS = 12  # of royalty, on the page of an account


def private(response: HttpResponse) -> HttpResponse:
    """Nothing of it stays in a cache: these are amounts of a firm or a person."""
    response["Cache-Control"] = "private, no-store"
    return response


def account_of(request: HttpRequest, public_id: str) -> tuple[Actor, IncomeAccount]:
    """The actor and an account that it sees."""
    actor = signed_in(request)
    rows = queries.visible_to(actor).select_related("organisation", "contract")
    return actor, get_visible(rows, public_id=public_id)


@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """Contracts whose income we keep, those that could be kept, and the reader's own statements."""
    actor = signed_in(request)
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    own = queries.visible_to(actor)
    found = queries.with_sums(queries.find(own, text)).order_by("-id")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page, "text": text, "total": page.paginator.count if not text else own.count(),
        "openable": list(with_parties(queries.openable(actor)).order_by("-id")[:ROWS]),
        "statements": own_statements(actor).count(),
        "writes_schemes": bool(actor.ids_with(*PARTY_ROLES)),
    }  # fmt: skip
    return private(render(request, "deals/income/list.html", context))


@require_POST
def open_page(request: HttpRequest) -> HttpResponse:
    """Keep the income of a contract from now on."""
    actor = signed_in(request)
    contract = get_visible(queries.openable(actor), public_id=request.POST.get("contract", ""))
    account, _new = actions.open_account(actor=actor, contract_id=contract.pk)
    messages.success(request, _("Its income is kept here from now on."))
    return redirect(account.get_absolute_url())


@require_GET
def account_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One contract: what is due, what came in, what was spent, what was distributed."""
    _actor, account = account_of(request, public_id)
    return private(render(request, "deals/income/account.html", page_context(request, account)))


def page_context(request: HttpRequest, account: IncomeAccount, **forms: Any) -> dict[str, Any]:
    """What the page of an account shows; forms: those that were posted and refused."""
    today = timezone.localdate()
    found = queries.paid(account)
    edition = queries.edition_of(account)
    told = queries.totals(account)
    runs = list(with_people(runs_visible_to(request.actor).filter(account=account)))  # type: ignore[attr-defined]
    income = sum(
        (value for key, value in found.by_purpose.items() if key != Purpose.PATENT_COST),
        queries.NOTHING,
    )
    # the draft of a reversal holds nothing: its receipts are still those of the run it reverses
    held = next(
        (run.gross for run in runs if run.is_draft and run.reverses_id is None), queries.NOTHING
    )
    scheme = by_code(account.scheme, today)
    return {
        "account": account, "edition": edition,
        "dues": dues_of(
            edition, found, today, account.currency, royalties.stated_sums(account)
        ),
        "periods": [
            {
                "period": period, "statement": royalties.current_of(period),
                "is_late": royalties.is_late(period, today),
            }
            for period in royalties.of_account(account)[:MOST_PERIODS]
        ],
        "received": income, "distributed": told.gross, "waiting": income - told.gross - held,
        "unreimbursed": queries.unreimbursed(account, today),
        "receipts": Paginator(queries.of_account(account), ROWS).get_page(request.GET.get("page")),
        "costs": list(account.costs.select_related("reverses", "reversal")[:100]),
        "inventors": list(account.beneficiaries.all()),
        "scheme": scheme, "scheme_note": scheme.note(get_language()) if scheme else None,
        "scheme_name": scheme.text(get_language()) if scheme else None,
        "scheme_form": SchemeForm(account=account), "run_form": RunForm(),
        "runs": runs, "draft": next((run for run in runs if run.is_draft), None),
        **forms,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def receipt_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, account = account_of(request, public_id)
    initial = {
        name: request.GET[name]
        for name in ("purpose", "instalment", "amount", "currency", "reference")
        if name in request.GET
    }
    form = ReceiptForm(request.POST or None, account=account, initial=initial)
    return _entered(
        request, account, form, "deals/income/receipt.html", _("Entered."),
        lambda facts: receipts.enter_receipt(actor=actor, account_id=account.pk, facts=facts),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def cost_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, account = account_of(request, public_id)
    form = CostForm(request.POST or None)
    return _entered(
        request, account, form, "deals/income/cost.html", _("Entered."),
        lambda facts: receipts.enter_cost(actor=actor, account_id=account.pk, facts=facts),
    )  # fmt: skip


def _entered(
    request: HttpRequest, account: IncomeAccount, form: Any, template: str, done: str,
    enter: Callable[[dict[str, Any]], object],
) -> HttpResponse:  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            enter(form.cleaned_data)
        except (Invalid, Conflict) as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, done)
            return redirect(account.get_absolute_url())
    context = {"account": account, "form": form}
    return private(render(request, template, context, status=422 if form.errors else 200))


@require_POST
def reverse_receipt_page(request: HttpRequest, public_id: str, receipt_id: str) -> HttpResponse:
    actor, account = account_of(request, public_id)
    return _reversed(
        request, account,
        lambda words: receipts.reverse_receipt(
            actor=actor, account_id=account.pk, receipt=receipt_id, words=words
        ),
    )  # fmt: skip


@require_POST
def reverse_cost_page(request: HttpRequest, public_id: str, cost_id: str) -> HttpResponse:
    actor, account = account_of(request, public_id)
    return _reversed(
        request, account,
        lambda words: receipts.reverse_cost(
            actor=actor, account_id=account.pk, cost=cost_id, words=words
        ),
    )  # fmt: skip


def _reversed(
    request: HttpRequest, account: IncomeAccount, act: Callable[[str], object]
) -> HttpResponse:
    try:
        act(request.POST.get("words", ""))
    except (Invalid, Conflict) as error:
        messages.error(request, first_words(error))
    else:
        messages.success(request, _("Reversed by a row of its own."))
    return redirect(account.get_absolute_url())


def first_words(error: DomainError) -> str:
    """What a message says of a refusal that has no form to stand at."""
    texts = [str(text) for texts in error.fields.values() for text in texts]
    return " ".join(texts) or str(error.message)


@require_http_methods(["GET", "POST"])
def inventors_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who shares the inventors' part; more rows without script, and nothing typed is lost."""
    actor, account = account_of(request, public_id)
    known = [
        {"name": row.name, "percent": f"{row.percent.normalize():f}", "email": row.email}
        for row in account.beneficiaries.all()
    ]
    if request.method != "POST":
        blank: list[dict[str, Any]] = [{}] * (1 if known else 2)
        return _inventors(request, account, InventorFormSet(initial=[*known, *blank]))
    data = request.POST.copy()
    if "add" in data:
        count = data.get("form-TOTAL_FORMS", "0")
        data["form-TOTAL_FORMS"] = str(min(int(count[:4]), 40) + 1) if count.isdecimal() else "1"
        return _inventors(request, account, InventorFormSet(data))
    formset = InventorFormSet(data)
    if not formset.is_valid():
        return _inventors(request, account, formset, wrong=True)
    filled = [form for form in formset if form.is_filled]
    try:
        actions.set_inventors(
            actor=actor, account_id=account.pk, rows=[form.row() for form in filled],
            expected_version=seen_version(data.get("version", "")),
        )  # fmt: skip
    except Stale:
        # saved again, it is meant: the page now carries the version that is there
        account.refresh_from_db()
        return _inventors(request, account, formset, wrong=True, is_stale=True)
    except Invalid as error:
        for name, texts in error.fields.items():
            if name.startswith("rows."):
                _rows, place, field = name.split(".")
                for text in texts:
                    filled[int(place)].add_error(field, str(text))
        whole = [str(text) for text in error.fields.get("rows", [])]
        return _inventors(request, account, formset, wrong=True, whole=whole)
    messages.success(request, _("Saved. Runs that are approved keep theirs."))
    return redirect(account.get_absolute_url())


def _inventors(
    request: HttpRequest, account: IncomeAccount, formset: Any, *, wrong: bool = False,
    whole: list[str] | None = None, is_stale: bool = False,
) -> HttpResponse:  # fmt: skip
    context = {
        "account": account, "formset": formset, "whole": whole or [], "wrong": wrong,
        "is_stale": is_stale, "known": account.beneficiaries.all() if is_stale else [],
        "version": account.version if is_stale else request.POST.get("version", account.version),
    }  # fmt: skip
    return private(
        render(request, "deals/income/inventors.html", context, status=422 if wrong else 200)
    )


@require_POST
def scheme_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, account = account_of(request, public_id)
    try:
        actions.choose_scheme(
            actor=actor, account_id=account.pk, scheme=request.POST.get("scheme", "")[:40],
            expected_version=seen_version(request.POST.get("version", "")),
        )  # fmt: skip
    except (Invalid, Stale) as error:
        messages.error(request, first_words(error))
    else:
        messages.success(request, _("The next runs distribute by this scheme."))
    return redirect(f"{account.get_absolute_url()}#distribution")
