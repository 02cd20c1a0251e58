"""Pages of the fee of a case: terms, what is due, a statement with every step and its file."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts.queries.visibility import visible_to as contracts_visible_to
from deals.actions import brokerage
from deals.actions import commissions as actions
from deals.forms.referrals import BrokerageForm, StatementForm, TierFormSet
from deals.models import BrokerageAgreement, Case, CentreSettings, CommissionStatement, FeeDue
from deals.queries import commissions as queries
from deals.queries.case_board import client_name
from deals.queries.centres import settings_of
from deals.queries.referrals import agreement_in_force, shared_by
from deals.views.case_show import own_case
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from deals.views.tier_rows import PRICES, another, place_errors, tier_rows
from listings.exports.cells import harmless
from listings.exports.sending import download, slow_down
from listings.exports.writing import BOM
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

TERMS = ("client", "signed_on", "currency", "due", "minimum", "cap", "costs_cap", "version")


def _terms_of(case: Case) -> BrokerageAgreement | None:
    return BrokerageAgreement.objects.filter(case=case).first()


@require_http_methods(["GET", "POST"])
def case_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was agreed with the client, what is due now, and the statements; a POST drafts one."""
    actor, case = own_case(request, public_id)
    terms = _terms_of(case)
    contract = queries.registered_contract(case)
    if contract is not None and not contracts_visible_to(actor).filter(pk=contract.pk).exists():
        contract = None
    form = None
    if terms is not None:
        other = contract.currency if contract and contract.currency != terms.currency else ""
        form = StatementForm(
            request.POST or None, initial={"version": terms.version}, other=other,
            follows=terms.due == FeeDue.RECEIPTS and contract is not None,
        )  # fmt: skip
    if request.method == "POST" and form is not None and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            row = actions.draft_statement(
                actor=actor, case_id=case.pk, expected_version=given.pop("version"), facts=given
            )
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Drafted. Another owner approves it."))
            return redirect(row.get_absolute_url())
    referral = shared_by(case)
    statements = queries.visible_to(actor).filter(brokerage__case=case)
    context = {
        "case": case, "terms": terms, "contract": contract, "form": form,
        "tiers": queries.tiers_of(terms.tiers) if terms else [],
        "referral": referral, "agreement": agreement_in_force(referral) if referral else None,
        "statements": list(queries.with_names(statements)),
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return private(render(request, "deals/commission/case.html", context, status=status))


@require_http_methods(["GET", "POST"])
def terms_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The terms with the client; more tiers without script, and nothing typed is lost."""
    actor, case = own_case(request, public_id)
    terms = _terms_of(case)
    if request.method != "POST":
        usual = settings_of(case.organisation_id)
        rows = TierFormSet(initial=tier_rows(terms or usual))
        return _terms(request, case, _initial(case, terms, usual), rows)
    data = request.POST.copy()
    form = BrokerageForm(data)
    if "add" in data:
        another(data)
        return _terms(request, case, BrokerageForm(initial=_typed(data)), TierFormSet(data))
    formset = TierFormSet(data)
    is_whole = form.is_valid()
    if not formset.is_valid() or not is_whole:
        return _terms(request, case, form, formset, wrong=True)
    filled = [one for one in formset if one.is_filled]
    given = dict(form.cleaned_data)
    version = given.pop("version")
    try:
        brokerage.agree_brokerage(
            actor=actor, case_id=case.pk, expected_version=version,
            facts={**given, "tiers": [dict(one.cleaned_data) for one in filled]},
        )  # fmt: skip
    except Stale as error:
        form.add_error(None, str(error.message))
        # saved again, it is meant: the page now carries the version that is there
        fresh = _terms_of(case)
        data["version"] = str(fresh.version if fresh else "")
        return _terms(request, case, form, formset, wrong=True)
    except (Invalid, Conflict) as error:
        place_errors(form, filled, error)
        return _terms(request, case, form, formset, wrong=True)
    messages.success(request, _("Saved. Statements that were made keep their terms."))
    return redirect("case_commission", case.public_id)


def _terms(
    request: HttpRequest, case: Case, form: BrokerageForm, formset: Any, *, wrong: bool = False
) -> HttpResponse:
    is_new = _terms_of(case) is None
    context = {
        "case": case, "form": form, "formset": formset,
        "usual": is_new and settings_of(case.organisation_id).has_prices,
    }  # fmt: skip
    return private(
        render(request, "deals/commission/terms.html", context, status=422 if wrong else 200)
    )


def _initial(case: Case, terms: BrokerageAgreement | None, usual: CentreSettings) -> BrokerageForm:
    """What was agreed; before that what the institution usually asks for."""
    if terms is not None:
        return BrokerageForm(initial={name: getattr(terms, name) for name in TERMS})
    client = case.clients.select_related("organisation").order_by("id").first()
    given: dict[str, Any] = {
        "client": client_name(client, get_language() or "en") if client else "",
        "currency": case.currency, "due": FeeDue.SIGNING.value,
    }  # fmt: skip
    if usual.has_prices:
        given |= {name: getattr(usual, name) for name in PRICES}
        given["costs_cap"] = usual.costs_cap or None
    return BrokerageForm(initial=given)


def _typed(data: Any) -> dict[str, Any]:
    return {name: data.get(name, "") for name in TERMS}


# --- One statement -------------------------------------------------------------------------------


def _own(request: HttpRequest, public_id: str) -> tuple[Actor, CommissionStatement]:
    actor = signed_in(request)
    rows = queries.with_names(queries.visible_to(actor))
    return actor, get_visible(rows, public_id=public_id)


@require_GET
def statement_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every step of a fee, from the amount of the contract to each institution's part."""
    actor, row = _own(request, public_id)
    is_ours = queries.is_of_case(row, actor)
    reversal = getattr(row, "reversal", None) if is_ours or not row.is_draft else None
    if reversal is not None and not is_ours and reversal.is_draft:
        reversal = None  # a draft is the case's institution's alone
    context = {
        "row": row, "is_ours": is_ours, "case": row.brokerage.case if is_ours else None,
        "slices": [tuple(Decimal(cell) for cell in one) for one in row.slices],
        "minimum": _said(row, "minimum"), "cap": _said(row, "cap"),
        "by_tiers": sum((Decimal(one[2]) for one in row.slices), Decimal(0)),
        "may_approve": row.is_draft and queries.may_approve(row, actor),
        "reversal": reversal, "follows": row.terms.get("due") == FeeDue.RECEIPTS,
        "may_reverse": is_ours and not row.is_draft and row.reverses_id is None
        and reversal is None,
    }  # fmt: skip
    return private(render(request, "deals/commission/statement.html", context))


def _said(row: CommissionStatement, name: str) -> Decimal | None:
    value = row.terms.get(name)
    return None if value is None else Decimal(value)


@require_POST
def statement_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """approve, discard or reverse."""
    actor, row = _own(request, public_id)
    try:
        if step == "approve":
            actions.approve_statement(
                actor=actor, statement_id=row.pk,
                expected_version=seen_version(request.POST.get("version", "")),
            )  # fmt: skip
            messages.success(request, _("Approved. Whoever has a part of the fee can read it."))
        elif step == "discard":
            actions.discard_statement(actor=actor, statement_id=row.pk)
            messages.success(request, _("Discarded."))
            return redirect("case_commission", row.brokerage.case.public_id)
        elif step == "reverse":
            made = actions.reverse_statement(
                actor=actor, statement_id=row.pk, words=request.POST.get("words", "")
            )
            messages.success(request, _("The reversal is drafted. Another owner approves it."))
            return redirect(made.get_absolute_url())
        else:
            raise NotFound
    except (Conflict, Invalid, Refused, Stale) as error:
        messages.error(request, first_words(error))
    return redirect(row.get_absolute_url())


@require_GET
def statement_file(request: HttpRequest, public_id: str) -> FileResponse:
    """The steps of a statement as CSV, for accounting."""
    actor, row = _own(request, public_id)
    slow_down(request, actor)
    is_ours = queries.is_of_case(row, actor)
    return download(
        "csv", f"commission-{row.public_id}", lambda path: write_steps(path, row, is_ours)
    )  # fmt: skip


def write_steps(path: Path, row: CommissionStatement, is_ours: bool) -> None:
    """A CSV of step, base, percent, currency and amount; amounts with two places. is_ours: for the
    institution of the case, with its words."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(BOM)
        writer = csv.writer(out)
        writer.writerow(("statement", "state", "approved_on", "step", "base", "percent",
                         "currency", "amount", "words"))  # fmt: skip
        day = timezone.localdate(row.approved_at).isoformat() if row.approved_at else ""
        for step, base, percent, amount, words in _steps(row, is_ours):
            writer.writerow([
                row.public_id, row.state, day, step, base, percent, row.currency,
                f"{amount:.2f}", harmless(words),
            ])  # fmt: skip


def _steps(row: CommissionStatement, is_ours: bool) -> Iterator[tuple[str, str, str, Decimal, str]]:
    if row.reverses_id is None:
        for part, percent, fee in row.slices:
            yield "tier", f"{Decimal(part):.2f}", percent, Decimal(fee), ""
        yield "whole_fee", f"{row.base:.2f}", "", row.whole_fee, row.contract_number
        yield "earned", "", "", row.earned, ""
        yield "stated_before", "", "", row.before, ""
    yield "fee", "", "", row.fee, row.words if is_ours else ""
    yield "costs", "", "", row.costs, row.costs_for
    yield "total", "", "", row.total, ""
    if row.referring_id:
        yield "referring_part", f"{row.fee:.2f}", str(row.referring_percent), row.referring_fee, ""
    yield "closing_part", "", "", row.closing_fee, ""
