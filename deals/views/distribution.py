"""Pages of distribution: runs, their file for accounting, statements of beneficiaries."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from deals.actions import distribution as actions
from deals.forms.income import RunForm
from deals.models import DistributionLine, DistributionRun
from deals.queries import distribution as queries
from deals.queries.income import may_approve
from deals.statements.accounting import write_lines
from deals.statements.paper import pdf_of_statement
from deals.statements.words import how, remainder_words, scheme_name, steps_of
from deals.views.gates import signed_in
from deals.views.income import ROWS, account_of, first_words, page_context, private
from listings.exports.sending import download, slow_down
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version


@require_POST
def draft_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Draft a run; what is refused stands at the day, or above the form."""
    actor, account = account_of(request, public_id)
    form = RunForm(request.POST)
    if form.is_valid():
        try:
            run = actions.draft_run(
                actor=actor, account_id=account.pk, up_to=form.cleaned_data["up_to"]
            )
        except (Invalid, Conflict) as error:
            name = "up_to" if "up_to" in error.fields else None
            form.add_error(name, first_words(error))
        else:
            messages.success(request, _("Drafted. Another owner approves it."))
            return redirect(run.get_absolute_url())
    context = page_context(request, account, run_form=form)
    return private(render(request, "deals/income/account.html", context, status=422))


def run_of(request: HttpRequest, public_id: str) -> tuple[Actor, DistributionRun]:
    actor = signed_in(request)
    rows = queries.with_people(queries.runs_visible_to(actor))
    return actor, get_visible(rows, public_id=public_id)


@require_GET
def run_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every step of a run, who made and approved it, and the receipts in it."""
    actor, run = run_of(request, public_id)
    items = run.items.select_related("receipt").order_by("-receipt__received_on", "-receipt_id")
    is_reversed = getattr(run, "reversal", None)
    context = {
        "run": run, "account": run.account, "steps": steps_of(run, list(run.lines.all())),
        "scheme_name": scheme_name(run.scheme), "remainder": remainder_words(run.scheme),
        "items": Paginator(items, ROWS).get_page(request.GET.get("page")),
        "may_approve": run.is_draft and may_approve(run, actor),
        "own_draft": run.is_draft and run.made_by_id == actor.user_id,
        "reversal": is_reversed,
        "may_reverse": not run.is_draft and run.reverses_id is None and is_reversed is None,
    }  # fmt: skip
    return private(render(request, "deals/income/run.html", context))


@require_POST
def run_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """approve, discard or reverse."""
    actor, run = run_of(request, public_id)
    try:
        if step == "approve":
            actions.approve_run(
                actor=actor, run_id=run.pk,
                expected_version=seen_version(request.POST.get("version", "")),
            )  # fmt: skip
            messages.success(request, _("Approved. Beneficiaries can read their statements."))
        elif step == "discard":
            actions.discard_run(actor=actor, run_id=run.pk)
            messages.success(request, _("Discarded. Its receipts can be distributed anew."))
            return redirect(run.account.get_absolute_url())
        elif step == "reverse":
            words = request.POST.get("words", "")
            made = actions.reverse_run(actor=actor, run_id=run.pk, words=words)
            messages.success(request, _("The reversal is drafted. Another owner approves it."))
            return redirect(made.get_absolute_url())
        else:
            raise NotFound
    except (Conflict, Invalid, Refused, Stale) as error:
        messages.error(request, first_words(error))
    return redirect(run.get_absolute_url())


@require_GET
def run_file(request: HttpRequest, public_id: str) -> FileResponse:
    """The lines of a run as CSV, for accounting."""
    actor, run = run_of(request, public_id)
    slow_down(request, actor)
    return download(
        "csv", f"distribution-{run.account.number}-{run.number or 'draft'}",
        lambda path: write_lines(path, run),
    )  # fmt: skip


# --- Statements -----------------------------------------------------------------------------------


@require_GET
def statement_list(request: HttpRequest) -> HttpResponse:
    """The reader's own statements, newest first."""
    actor = signed_in(request)
    rows = queries.own_statements(actor).select_related(
        "run__account__contract", "run__account__organisation"
    )
    page = Paginator(rows.order_by("-id"), ROWS).get_page(request.GET.get("page"))
    return private(render(request, "deals/income/statements.html", {"page": page}))


def statement_of(request: HttpRequest, public_id: str) -> DistributionLine:
    actor = signed_in(request)
    return get_visible(queries.statements_visible_to(actor), public_id=public_id)


@require_GET
def statement_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One beneficiary's statement: the steps down to the inventors' part, and the own part."""
    line = statement_of(request, public_id)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {
        "line": line, "run": line.run, "account": line.run.account,
        "steps": steps_of(line.run, queries.steps_of(line)), "how": how(line, line.run.currency),
        "scheme_name": scheme_name(line.run.scheme),
        "remainder": remainder_words(line.run.scheme),
        "of_organisation": queries.runs_visible_to(actor).filter(pk=line.run_id).exists(),
    }  # fmt: skip
    return private(render(request, "deals/income/statement.html", context))


@require_GET
def statement_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same as a PDF."""
    line = statement_of(request, public_id)
    response = HttpResponse(pdf_of_statement(line), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="statement-{line.public_id}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)
