"""Pages of royalty statements, for the licensee who states and the licensor who answers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts.payment import terms_of
from contracts.schedule import royalty_words
from deals import royalty_states as states
from deals.actions import royalties as actions
from deals.forms.royalties import StatementForm
from deals.models import RoyaltyPeriod, RoyaltyState
from deals.queries import income
from deals.queries import royalties as queries
from deals.royalty_terms import work_out
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, Refused, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 20


def _period_of(request: HttpRequest, public_id: str) -> tuple[Actor, RoyaltyPeriod]:
    actor = signed_in(request)
    rows = queries.with_details(queries.visible_to(actor)).select_related("contract__royalty")
    return actor, get_visible(rows, public_id=public_id)


@require_GET
def period_list(request: HttpRequest) -> HttpResponse:
    """Periods that we state and that are stated to us, newest first."""
    actor = signed_in(request)
    own = queries.visible_to(actor)
    state = request.GET.get("state", "")
    chosen = state if state in RoyaltyState.values else ""
    found = own.filter(state=chosen) if chosen else own
    page = Paginator(queries.with_details(found).order_by("-ends_on", "-id"), ROWS).get_page(
        request.GET.get("page")
    )
    rows = [
        {
            "period": period, "statement": queries.current_of(period),
            "is_late": queries.is_late(period),
            "is_ours": actor.can(period.licensee_id, "editor", "broker"),
        }
        for period in page
    ]  # fmt: skip
    context = {
        "page": page, "rows": rows, "state": chosen, "states": RoyaltyState.choices,
        "total": page.paginator.count if not chosen else own.count(),
    }  # fmt: skip
    return private(render(request, "deals/royalties/list.html", context))


@require_GET
def period_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One period: the terms in force, the newest statement step by step, and those before it."""
    actor, period = _period_of(request, public_id)
    return private(_page(request, actor, period))


def _page(
    request: HttpRequest, actor: Actor, period: RoyaltyPeriod, *, words: str = "",
    wrong: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    statements = list(period.statements.all())
    current = statements[0] if statements else None
    standing = queries.standing_of(period)
    sides = queries.sides_of(period, actor)
    account = None
    if queries.LICENSOR in sides:
        account = income.visible_to(actor).filter(number=period.number).order_by("pk").first()
    context = {
        "period": period, "contract": period.contract, "statements": statements,
        "current": current, "standing": standing, "is_late": queries.is_late(period),
        "is_licensee": queries.LICENSEE in sides, "is_licensor": queries.LICENSOR in sides,
        "licensors": queries.licensors_of(period), "account": account,
        "agrees": current is None or standing is None or queries.agrees(current, standing),
        "may_answer": queries.LICENSOR in sides and period.state == states.SUBMITTED,
        "is_own": current is not None and current.submitted_by_id == actor.user_id,
        "royalty_words": royalty_words(terms_of(period.contract), period.contract.currency),
        "owed": None, "words": words, "wrong": wrong,
    }  # fmt: skip
    if current is not None and standing is not None:
        context["owed"] = work_out(
            standing.royalty, standing.steps, standing.year, period.ends_on, base=current.base,
            before=current.before, earlier=current.earlier, currency=period.contract.currency,
        )  # fmt: skip
    return render(request, "deals/royalties/period.html", context, status=status)


@require_http_methods(["GET", "POST"])
def statement_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """State a period, or correct what was stated: worked out first, then submitted."""
    actor, period = _period_of(request, public_id)
    if queries.LICENSEE not in queries.sides_of(period, actor):
        raise Refused("not_licensee", _("The licensee states what it has sold."))
    current = queries.current_of(period)
    standing = queries.standing_of(period)
    form = StatementForm(request.POST or None, period=period, standing=standing, replaced=current)
    told: dict[str, Any] = {"version": request.POST.get("version", period.version)}
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            if "work_out" in request.POST:
                row, owed = actions.work_out_statement(
                    actor=actor, period_id=period.pk, facts=facts
                )
                told |= {"preview": row, "owed": owed}
            else:
                actions.submit_statement(
                    actor=actor, period_id=period.pk, facts=facts,
                    replaces=request.POST.get("replaces", "")[:10],
                    expected_version=seen_version(request.POST.get("version", "")),
                )  # fmt: skip
                messages.success(request, _("Submitted. The licensor was told."))
                return redirect(period.get_absolute_url())
        except Stale as error:
            # sent again, it is meant: the page now carries the version and statement that are there
            period.refresh_from_db()
            current = period.statements.order_by("-position").first()
            told["version"] = period.version
            form.add_error(None, str(error.message))
        except (Invalid, Conflict) as error:
            add_domain_errors(form, error)
    context = {
        "period": period, "contract": period.contract, "form": form, "standing": standing,
        "current": current, "is_over": period.ends_on < timezone.localdate(), **told,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return private(render(request, "deals/royalties/state.html", context, status=status))


@require_POST
def answer_page(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Accept or query the newest statement."""
    actor, period = _period_of(request, public_id)
    words = request.POST.get("words", "")
    given: dict[str, Any] = {
        "actor": actor, "period_id": period.pk,
        "statement": request.POST.get("statement", "")[:10],
        "expected_version": seen_version(request.POST.get("version", "")),
    }  # fmt: skip
    try:
        if step == "accept":
            actions.accept_statement(**given)
            messages.success(request, _("Accepted. The licensee was told."))
        else:
            actions.query_statement(words=words, **given)
            messages.success(request, _("Asked. The licensee was told."))
    except Invalid as error:
        return private(
            _page(request, actor, period, words=words, wrong=first_words(error), status=422)
        )
    except (Conflict, Stale, Refused) as error:
        messages.error(request, first_words(error))
    return redirect(period.get_absolute_url())
