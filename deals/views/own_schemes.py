"""Pages of an organisation's own schemes of distribution: list, writing with a worked example, one
version with its approval."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from deals.actions import own_schemes as actions
from deals.actions.scheme_document import MOST_DEDUCTIONS, MOST_TIERS, document_of
from deals.distribution.example import ROUND_SUM, worked
from deals.distribution.schemes import Scheme, made_of
from deals.forms.own_schemes import DeductionFormSet, SchemeTextForm, TierSharesFormSet
from deals.models import OwnScheme
from deals.queries import own_schemes as queries
from deals.rules import PARTY_ROLES
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from deals.views.tier_rows import another
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused, Stale
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 30
_BLANK: dict[str, Any] = {
    "code": "draft", "valid_from": None, "valid_to": None, "sources": [], "note_en": "",
    "note_zh": "",
}  # fmt: skip


def _organisations(actor: Actor) -> list[Organisation]:
    ids = sorted(actor.ids_with(*PARTY_ROLES))
    return list(Organisation.objects.filter(pk__in=ids).order_by("id"))


@require_safe
def scheme_list(request: HttpRequest) -> HttpResponse:
    """Own schemes of the actor's organisations, newest first, with their versions."""
    actor = signed_in(request)
    houses = _organisations(actor)
    if not houses:
        raise NotFound
    rows = queries.visible_to(actor).select_related("organisation", "made_by").order_by("-id")
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")), "houses": houses,
        "today": timezone.localdate(),
    }  # fmt: skip
    return private(render(request, "deals/income/schemes.html", context))


def own_scheme(request: HttpRequest, public_id: str) -> tuple[Actor, OwnScheme]:
    actor = signed_in(request)
    rows = queries.visible_to(actor).select_related("organisation", "made_by", "approved_by")
    return actor, get_visible(rows, public_id=public_id)


@require_safe
def scheme_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, row = own_scheme(request, public_id)
    scheme = queries.scheme_of(row)
    others = queries.visible_to(actor).filter(family=row.family).exclude(pk=row.pk)
    may_approve = queries.may_approve(row, actor)
    context = {
        "row": row, "scheme": scheme, "examples": examples_of(scheme), "round_sum": ROUND_SUM,
        "deductions": [(one, _named(one)) for one in scheme.deductions],
        "tiers": [
            (tier.above, [(_named(one), tier.weight_of(one.code)) for one in scheme.parties])
            for tier in scheme.tiers
        ],
        "rest": _named(scheme.party(scheme.rounding_to)), "others": others.order_by("-edition"),
        "may_approve": may_approve,
        "own_draft": row.is_draft and not may_approve and queries.is_author(row, actor),
        "today": timezone.localdate(),
    }  # fmt: skip
    return private(render(request, "deals/income/scheme.html", context))


def _named(one: Any) -> Any:
    return one.text(get_language())


def examples_of(scheme: Scheme) -> list[dict[str, Any]]:
    """What a round sum would give to each, for the page."""
    return [
        {
            "before": told.cumulative, "net": told.net,
            "deductions": [(_named(one.rule), one.amount) for one in told.deductions],
            "shares": [(_named(scheme.party(one.party)), one.amount) for one in told.shares],
        }
        for told in worked(scheme)
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
def new_scheme(request: HttpRequest) -> HttpResponse:
    """`?of=`: the next version of a scheme; `?organisation=`: of several."""
    actor = signed_in(request)
    former = None
    if of := request.GET.get("of", ""):
        rows = queries.visible_to(actor).filter(state=OwnScheme.State.APPROVED)
        former = get_visible(rows.select_related("organisation"), public_id=of[:10])
    houses = [former.organisation] if former else _organisations(actor)
    wanted = request.GET.get("organisation", "")
    house = next((one for one in houses if one.public_id == wanted), houses[0] if houses else None)
    if house is None:
        raise NotFound

    def save(facts: dict[str, Any], version: int) -> OwnScheme:
        return actions.write_scheme(
            actor=actor, organisation_id=house.pk, facts=facts, of=former.pk if former else None
        )

    return _form(request, house, former, save, {"former": former, "houses": houses})


@require_http_methods(["GET", "POST"])
def edit_scheme(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a draft anew; an approved one shows its page."""
    actor, row = own_scheme(request, public_id)
    if not row.is_draft:
        return redirect(row.get_absolute_url())

    def save(facts: dict[str, Any], version: int) -> OwnScheme:
        return actions.change_scheme(
            actor=actor, scheme_id=row.pk, facts=facts, expected_version=version
        )

    return _form(request, row.organisation, row, save, {"row": row})


def _form(
    request: HttpRequest, house: Organisation, start: OwnScheme | None, save: Any,
    more: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    """The form with its rows; more rows and a worked example without script."""
    context: dict[str, Any] = {"house": house, "round_sum": ROUND_SUM, **more}

    def shown(form: Any, deductions: Any, tiers: Any, status: int = 200) -> HttpResponse:
        context.update(form=form, deductions=deductions, tiers=tiers)
        return private(render(request, "deals/income/scheme_form.html", context, status=status))

    if request.method != "POST":
        text, deduction_rows, tier_rows = _initial(start, is_new="row" not in more)
        return shown(
            SchemeTextForm(initial=text), DeductionFormSet(initial=deduction_rows, prefix="d"),
            TierSharesFormSet(initial=tier_rows, prefix="t"),
        )  # fmt: skip
    data = request.POST.copy()
    wanted = data.get("add", "")
    if wanted in ("tier", "deduction"):
        prefix, most = ("t", MOST_TIERS) if wanted == "tier" else ("d", MOST_DEDUCTIONS)
        another(data, most, prefix)
        typed = {name: data.get(name, "") for name in SchemeTextForm.base_fields}
        return shown(
            SchemeTextForm(initial=typed), DeductionFormSet(data, prefix="d"),
            TierSharesFormSet(data, prefix="t"),
        )  # fmt: skip
    form = SchemeTextForm(data)
    deductions, tiers = DeductionFormSet(data, prefix="d"), TierSharesFormSet(data, prefix="t")
    if not all([form.is_valid(), deductions.is_valid(), tiers.is_valid()]):
        return shown(form, deductions, tiers, 422)
    rows: dict[str, list[Any]] = {
        "deductions": [one for one in deductions if one.is_filled],
        "tiers": [one for one in tiers if one.is_filled],
    }
    facts = {
        **form.cleaned_data, "deductions": [dict(one.cleaned_data) for one in rows["deductions"]],
        "tiers": [one.row() for one in rows["tiers"]],
    }  # fmt: skip
    try:
        if "try" in data:
            context["examples"] = examples_of(made_of({**_BLANK, **document_of(facts)}))
            context["example_currency"] = facts["currency"]
            return shown(form, deductions, tiers)
        row = save(facts, seen_version(data.get("version", "")))
    except NotFound:
        raise
    except DomainError as error:
        _place(form, rows, error)
        if isinstance(error, Stale) and start is not None:
            start.refresh_from_db()
            data["version"] = str(start.version)  # saved again, it is meant
        return shown(form, deductions, tiers, 422)
    messages.success(request, _("Written. An owner who did not write it approves it."))
    return redirect(row.get_absolute_url())


def _initial(
    row: OwnScheme | None, *, is_new: bool
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    if row is None:
        first = {"above": Decimal(0)}
        return {"valid_from": timezone.localdate()}, [{"kind": "costs"}, {}], [first]
    said = row.document
    text = {name: said.get(name, "") for name in ("name_zh", "name_en", "currency", "rounding_to")}
    text |= {"valid_from": timezone.localdate() if is_new else row.valid_from}
    text |= {"version": "" if is_new else row.version}
    scheme = queries.scheme_of(row)
    deductions: list[dict[str, Any]] = [
        {
            "kind": "costs" if one.kind == "costs" else one.of,
            "percent": one.rate if one.kind == "percent" else None,
            "name": one.name_zh if one.name_zh == one.name_en else "",
        }
        for one in scheme.deductions
    ]
    tiers: list[dict[str, Any]] = [{"above": tier.above, **tier.weights} for tier in scheme.tiers]
    return text, deductions or [{}], tiers


def _place(form: SchemeTextForm, rows: dict[str, list[Any]], error: DomainError) -> None:
    """What is wrong with a row at its field, the rest on the form."""
    if not error.fields:
        form.add_error(None, str(error.message))
    for name, texts in error.fields.items():
        kind, _dot, rest = name.partition(".")
        place, _dot, field = rest.partition(".")
        for text in texts:
            if kind in rows and place.isdecimal():
                target = rows[kind][int(place)]
                target.add_error(field if field in target.fields else None, str(text))
            else:
                form.add_error(name if name in form.fields else None, str(text))


@require_POST
def scheme_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """approve or discard."""
    actor, row = own_scheme(request, public_id)
    version = seen_version(request.POST.get("version", ""))
    try:
        if step == "approve":
            actions.approve_scheme(actor=actor, scheme_id=row.pk, expected_version=version)
            messages.success(request, _("Approved. Accounts can choose it from now on."))
        elif step == "discard":
            actions.discard_scheme(actor=actor, scheme_id=row.pk, expected_version=version)
            messages.success(request, _("Discarded."))
            return redirect("own_schemes")
        else:
            raise NotFound
    except (Conflict, Invalid, Refused, Stale) as error:
        messages.error(request, first_words(error))
    return redirect(row.get_absolute_url())
