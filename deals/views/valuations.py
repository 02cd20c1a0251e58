"""Pages of valuations: list, begin, one, its approaches, simulation, final, copy."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts.codes import CONTRACT_TYPES
from deals.actions import valuations as actions
from deals.forms.valuations import (
    MORE_ROWS,
    ApproachForm,
    BeginForm,
    ComparablesForm,
    FinaliseForm,
    SimulateForm,
)
from deals.models import Valuation, ValuationState
from deals.queries import valuations as queries
from deals.valuation.market import ENOUGH
from deals.valuing.approaches import APPROACHES, FAMILIES, Approach
from deals.valuing.differences import differences
from deals.valuing.reading import number_of
from deals.valuing.showing import ranges_drawing, view_of
from deals.views.gates import is_partial, signed_in
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.codes import FIELDS
from marketplace.core.errors import DomainError, NotFound, field_error
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import whole_number

PAGE_SIZE, HISTORY_SIZE = 20, 30


def own_valuation(request: HttpRequest, public_id: str) -> tuple[Actor, Valuation]:
    """A valuation of the actor's organisations, or 404."""
    actor = signed_in(request)
    rows = queries.visible_to(actor).select_related("organisation", "copied_from", "made_by")
    return actor, get_visible(rows, public_id=public_id)


@require_safe
def valuation_list(request: HttpRequest) -> HttpResponse:
    """Mine, what moved last first; by state."""
    actor = signed_in(request)
    rows = queries.visible_to(actor).select_related("organisation").order_by("-updated_at", "-id")
    technology = request.GET.get("technology", "")[:10]
    if technology:
        rows = rows.filter(listing__public_id=technology)
    counts = {state: rows.filter(state=state).count() for state in ValuationState.values}
    state = request.GET.get("state", "")
    if state in ValuationState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page, "state": state, "counts": counts, "total": sum(counts.values()),
        "may_begin": queries.makers(actor).exists(), "technology": technology,
    }  # fmt: skip
    return render(request, "deals/valuation/list.html", context)


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    makers = [
        (one.public_id, pick(one, "name", get_language()).value) for one in queries.makers(actor)
    ]
    first = {"valued_on": timezone.localdate(), "currency": "CNY"}
    first |= {
        name: request.GET.get(name, "")[:160] for name in ("listing", "introduction", "title")
    }
    form = BeginForm(request.POST or None, makers=makers, initial=first)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        organisation = get_visible(queries.makers(actor), public_id=given.pop("organisation"))
        try:
            made = actions.begin_valuation(actor=actor, organisation_id=organisation.pk, **given)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect("valuation", made.public_id)
    return render(
        request, "deals/valuation/begin.html", {"form": form, "makers": makers},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
def valuation_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, valuation = own_valuation(request, public_id)
    return show(request, actor, valuation)


def show(
    request: HttpRequest, actor: Actor, valuation: Valuation, form: Any = None
) -> HttpResponse:  # fmt: skip
    """The page; `form`: the final one that came back with errors."""
    reading = queries.read_all(valuation)
    views = [view_of(one.row, one.simulation, valuation.currency) for one in reading.current]
    context = {
        "valuation": valuation, "views": views, "ranges": ranges_drawing(views),
        "is_computing": reading.is_computing,
        "listing": queries.known_listing(valuation, actor),
        "introduction": queries.known_introduction(valuation, actor),
        "families": _families({one.code for one in views}),
        "history": [(one, differences(one)) for one in reading.history[:HISTORY_SIZE]],
        "simulate_form": SimulateForm(),
        "finalise_form": form or FinaliseForm(initial={"version": valuation.version}),
    }  # fmt: skip
    return render(
        request, "deals/valuation/page.html", context, status=422 if form is not None else 200
    )


def _families(used: set[str]) -> list[tuple[Any, list[tuple[Approach, bool]]]]:
    return [
        (label, [(one, one.code in used) for one in APPROACHES.values() if one.family == code])
        for code, label in FAMILIES
    ]


@require_http_methods(["GET", "POST"])
def edit_approach(request: HttpRequest, public_id: str, approach: str) -> HttpResponse:
    """The inputs of one approach; adding rows and drawing comparables keep what was typed."""
    actor, valuation = own_valuation(request, public_id)
    if approach not in APPROACHES:
        raise NotFound
    if valuation.is_final:
        messages.info(
            request, _("This valuation is final. Make a new version, and change that one.")
        )
        return redirect("valuation", public_id)
    found = APPROACHES[approach]
    wanted = request.POST.get("do", "save") if request.method == "POST" else ""
    stored = queries.newest_inputs(valuation, approach)
    form = ApproachForm(found, request.POST or None, stored.inputs if stored else None)
    asked = request.POST if wanted == "draw" else None
    comparables = ComparablesForm(asked, this_year=timezone.localdate().year)
    status = 422 if form.about_rows else 200
    if wanted == "rows":
        form.with_rows([row.raw() for row in form.rows], more=MORE_ROWS)
    elif wanted == "draw" and approach == "market":
        status = _draw(form, comparables, valuation)
    elif wanted and status == 200:
        try:
            actions.save_inputs(
                actor=actor, valuation_id=valuation.pk, approach=approach, inputs=form.raw(),
                note=request.POST.get("note", ""), expected_number=_began_from(request),
            )  # fmt: skip
        except DomainError as error:
            form.place(error)
            status = 422
        else:
            return redirect(f"{valuation.get_absolute_url()}#{approach}")
    context = {
        "valuation": valuation, "approach": found, "form": form, "stored": stored,
        "comparables": comparables, "enough": ENOUGH,
    }  # fmt: skip
    return render(request, "deals/valuation/edit.html", context, status=status)


def _began_from(request: HttpRequest) -> int | None:
    """The number of the version that the form was opened with; after a refusal that tells of a
    newer one it is the newer, so that saving again is meant."""
    return whole_number(request.POST.get("number", ""))


def _draw(form: ApproachForm, asked: ComparablesForm, valuation: Valuation) -> int:
    """Put comparables of the register below the rows; returns the status of the answer."""
    if valuation.currency != "CNY":
        form.about_rows.append(
            _("The register counts in CNY and this valuation in %(currency)s, without a rate. Type "
              "the prices in, converted.") % {"currency": valuation.currency}
        )  # fmt: skip
        return 422
    if not asked.is_valid():
        return 422
    chosen = asked.cleaned_data
    this_year = timezone.localdate().year
    since = chosen["since"]
    rows, number = queries.comparables(
        types=[chosen["type"]] if chosen["type"] else [],
        fields=[chosen["field"]] if chosen["field"] else [],
        years=range(since, this_year + 1) if since else [],
    )
    if not rows:
        form.about_rows.append(
            _("The register has %(number)s contracts of this kind whose amount it may show; at "
              "least %(enough)s are needed, since of fewer one could tell which they are. Ask more "
              "widely, or type prices in with their source.")
            % {"number": number, "enough": ENOUGH}
        )  # fmt: skip
        return 422
    drawn = [
        {
            "label": _("Register: %(type)s, %(field)s, %(year)s") % {
                "type": CONTRACT_TYPES.label(one.type), "field": FIELDS.label(one.field),
                "year": one.year,
            } + (" " + _("(middle of the band)") if one.is_band else ""),
            "price": {"low": one.low, "base": one.base, "high": one.high},
        }
        for one in rows
    ]  # fmt: skip
    form.with_rows([*form.told_rows(), *drawn])
    return 200


@require_POST
def remove_approach(request: HttpRequest, public_id: str, approach: str) -> HttpResponse:
    actor, valuation = own_valuation(request, public_id)
    try:
        actions.remove_approach(actor=actor, valuation_id=valuation.pk, approach=approach)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("valuation", public_id)


@require_POST
def simulate(request: HttpRequest, public_id: str, approach: str) -> HttpResponse:
    """Ask for a Monte Carlo run; a worker does it."""
    actor, valuation = own_valuation(request, public_id)
    form = SimulateForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_for_simulation(
                actor=actor, valuation_id=valuation.pk, approach=approach, **form.cleaned_data
            )
        except DomainError as error:
            messages.error(request, str(_first(error)))
    else:
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect(f"{valuation.get_absolute_url()}#{approach}-simulation")


def _first(error: DomainError) -> Any:
    return next((one for listed in error.fields.values() for one in listed), error.message)


@require_safe
def simulation(request: HttpRequest, public_id: str, approach: str) -> HttpResponse:
    """The result alone, for htmx that waits for it; the page without it."""
    _actor, valuation = own_valuation(request, public_id)
    if not is_partial(request):
        return redirect("valuation", public_id)
    for one in queries.read_all(valuation).current:
        if one.row.approach == approach:
            view = view_of(one.row, one.simulation, valuation.currency)
            context = {"valuation": valuation, "one": view, "simulate_form": SimulateForm()}
            return render(request, "deals/valuation/_simulation.html", context)
    raise NotFound


@require_POST
def finalise(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, valuation = own_valuation(request, public_id)
    form = FinaliseForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.finalise(
                actor=actor, valuation_id=valuation.pk, conclusion=given["conclusion"],
                expected_version=given["version"],
                **{name: _amount(name, given[name]) for name in ("low", "base", "high")},
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("The valuation is final. Nothing of it changes any more."))
            return redirect("valuation", public_id)
    return show(request, actor, valuation, form)


def _amount(name: str, text: str) -> Any:
    try:
        return number_of(text) if text.strip() else None
    except ArithmeticError:
        raise field_error(
            name, _("This is no number. Write digits, such as 1200 or 12.5.")
        ) from None


@require_POST
def copy(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new version of it."""
    actor, valuation = own_valuation(request, public_id)
    made = actions.copy_valuation(actor=actor, valuation_id=valuation.pk)
    return redirect("valuation", made.public_id)
