"""Settings of an institution: a page that shows them, and a short form for each section."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from deals.actions import centres as actions
from deals.forms.centres import NdaTextForm, PeopleForm, SplitForm
from deals.forms.referrals import PricesForm, TierFormSet
from deals.models import CentreNda, CentreSettings, Takers
from deals.pipelines import pipeline
from deals.queries import centres as queries
from deals.queries import nda
from deals.queries.commissions import tiers_of
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from deals.views.tier_rows import PRICES, another, place_errors, tier_rows
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.errors import DomainError, NotFound, Refused, Stale
from marketplace.core.formatting import number_text
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

SHOWN = 50  # cases whose person fits no longer
NDA_FIELDS = ("title_zh", "text_zh", "title_en", "text_en", "binding")


@require_safe
def centre_list(request: HttpRequest) -> HttpResponse:
    """The institutions of the actor; of one alone its settings at once."""
    actor = signed_in(request)
    rows = list(queries.visible_to(actor).order_by("id"))
    if not rows:
        raise NotFound
    if len(rows) == 1:
        return redirect("centre", rows[0].public_id)
    return render(request, "deals/centres/list.html", {"rows": rows})


def own_centre(request: HttpRequest, public_id: str) -> tuple[Actor, Organisation, CentreSettings]:
    actor = signed_in(request)
    house = get_visible(queries.visible_to(actor), public_id=public_id)
    return actor, house, queries.settings_of(house.pk)


def _owned(request: HttpRequest, public_id: str) -> tuple[Actor, Organisation, CentreSettings]:
    """The same for an owner; colleagues are told who decides."""
    actor, house, row = own_centre(request, public_id)
    if not queries.is_owner(actor, house.pk):
        raise Refused(
            "owners_only",
            _("Owners of the institution decide on this. Ask one of them to change it."),
        )
    return actor, house, row


@require_safe
def centre_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """What holds, section by section; to owners also the cases whose person fits no longer."""
    actor, house, row = own_centre(request, public_id)
    is_owner = queries.is_owner(actor, house.pk)
    line = pipeline(queries.first_pipeline(house.pk))
    context = {
        "house": house, "row": row, "is_owner": is_owner,
        "tiers": [(one, number_text(one.percent)) for one in tiers_of(row.tiers)],
        "named": row.takers == Takers.NAMED, "takings": queries.takings_of(house.pk),
        "pipeline": line.name if line else "", "versions": house.nda_texts.count(),
        "misfits": list(queries.misfits_of(house.pk)[: SHOWN + 1]) if is_owner else [],
        "most": SHOWN,
    }  # fmt: skip
    return private(render(request, "deals/centres/centre.html", context))


@require_http_methods(["GET", "POST"])
def prices_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Usual prices; more tiers without script, and nothing typed is lost."""
    actor, house, row = _owned(request, public_id)
    if request.method != "POST":
        given = {name: getattr(row, name) for name in PRICES} | {"version": row.version}
        form = PricesForm(initial={**given, "costs_cap": row.costs_cap or None})
        return _prices(request, house, form, TierFormSet(initial=tier_rows(row)))
    data = request.POST.copy()
    if "add" in data:
        another(data)
        typed = {name: data.get(name, "") for name in (*PRICES, "version")}
        return _prices(request, house, PricesForm(initial=typed), TierFormSet(data))
    form, formset = PricesForm(data), TierFormSet(data)
    is_whole = form.is_valid()
    if not formset.is_valid() or not is_whole:
        return _prices(request, house, form, formset, status=422)
    filled = [one for one in formset if one.is_filled]
    rows = [dict(one.cleaned_data) for one in filled]
    first = {"above": Decimal(0), "percent": None}  # alone as the page begins: no usual prices
    rows = [one for one in rows if one != first or len(rows) > 1]
    try:
        actions.set_usual_prices(
            actor=actor, organisation_id=house.pk, facts={**form.cleaned_data, "tiers": rows},
            expected_version=seen_version(data.get("version", "")),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        place_errors(form, filled, error)
        _keep_typed(data, house, error)
        return _prices(request, house, form, formset, status=422)
    messages.success(request, _("Saved. Terms that were agreed stay as they are."))
    return redirect("centre", house.public_id)


def _prices(
    request: HttpRequest, house: Organisation, form: forms.Form, formset: Any, status: int = 200
) -> HttpResponse:
    context = {"house": house, "form": form, "formset": formset}
    return private(render(request, "deals/centres/prices.html", context, status=status))


@require_http_methods(["GET", "POST"])
def split_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, house, row = _owned(request, public_id)
    given = {"referring_percent": row.referring_percent, "version": row.version}
    data = request.POST.copy() if request.method == "POST" else None

    def save(form: forms.Form, version: int) -> str:
        actions.set_usual_split(
            actor=actor, organisation_id=house.pk, expected_version=version,
            referring_percent=form.cleaned_data["referring_percent"],
        )  # fmt: skip
        return _("Saved. Referrals that stand keep theirs.")

    return _section(request, house, SplitForm(data, initial=given), "split", save)


@require_http_methods(["GET", "POST"])
def people_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, house, row = _owned(request, public_id)
    takings = queries.takings_of(house.pk)
    people = sorted([*takings.fits, *takings.others], key=str)
    by_id = {one.public_id: one.pk for one in people}
    named = set(row.people.values_list("public_id", flat=True)) if row.pk else set()
    given = {
        "takers": row.takers, "people": sorted(named & set(by_id)), "pipeline": row.pipeline,
        "reading": row.reading, "version": row.version,
    }  # fmt: skip
    data = request.POST.copy() if request.method == "POST" else None

    def save(form: forms.Form, version: int) -> str:
        facts = form.cleaned_data
        actions.set_people(
            actor=actor, organisation_id=house.pk, takers=facts["takers"],
            people=[by_id[one] for one in facts["people"]], pipeline_code=facts["pipeline"],
            reading=facts["reading"], expected_version=version,
        )  # fmt: skip
        return _("Saved. Cases stay with whom they are.")

    return _section(request, house, PeopleForm(data, initial=given, people=people), "people", save)


@require_http_methods(["GET", "POST"])
def nda_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the next version; it begins with the present one, or the last that was written."""
    actor, house, row = _owned(request, public_id)
    last = row.nda or house.nda_texts.first()
    given: dict[str, Any] = {name: getattr(last, name) for name in NDA_FIELDS} if last else {}
    given = {"binding": "both", **given, "version": row.version}
    data = request.POST.copy() if request.method == "POST" else None

    def save(form: forms.Form, version: int) -> str:
        made = actions.write_nda(
            actor=actor, organisation_id=house.pk, texts=form.cleaned_data, expected_version=version
        )
        return _("Version %(number)s holds for rooms opened from now on.") % {"number": made.number}

    return _section(request, house, NdaTextForm(data, initial=given), "nda", save)


def _section(
    request: HttpRequest, house: Organisation, form: forms.Form, name: str,
    save: Callable[[forms.Form, int], str],
) -> HttpResponse:  # fmt: skip
    """Save what a form of one section asks, or bring it back as it was typed."""
    if form.is_bound and form.is_valid():
        try:
            told = save(form, form.cleaned_data["version"])
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
            _keep_typed(form.data, house, error)
        else:
            messages.success(request, told)
            return redirect("centre", house.public_id)
    context = {"house": house, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return private(render(request, f"deals/centres/{name}.html", context, status=status))


def _keep_typed(data: Any, house: Organisation, error: DomainError) -> None:
    """Saved again, it is meant: the page now carries the version that is there."""
    if isinstance(error, Stale):
        data["version"] = str(queries.settings_of(house.pk).version)


@require_POST
def platform_nda(request: HttpRequest, public_id: str) -> HttpResponse:
    """Back to the platform's text."""
    actor, house, _row = _owned(request, public_id)
    try:
        actions.use_platform_nda(
            actor=actor, organisation_id=house.pk,
            expected_version=seen_version(request.POST.get("version", "")),
        )  # fmt: skip
    except Stale as error:
        messages.error(request, first_words(error))
    else:
        messages.success(request, _("Rooms opened from now on ask for the platform’s text."))
    return redirect("centre", house.public_id)


@require_safe
def nda_version(request: HttpRequest, public_id: str, nda_id: str) -> HttpResponse:
    """One version as parties read it, and the others."""
    _actor, house, row = own_centre(request, public_id)
    found = get_visible(CentreNda.objects.filter(organisation=house), public_id=nda_id)
    text, chinese = nda.told(found), is_chinese(get_language())
    context = {
        "house": house, "nda": text, "version": found, "is_present": row.nda_id == found.pk,
        "others": house.nda_texts.exclude(pk=found.pk),
        "text": {
            "lang": "zh-Hans" if chinese else "en", "lines": text.paragraphs(chinese=chinese),
        },
        "other_text": {
            "lang": "en" if chinese else "zh-Hans", "lines": text.paragraphs(chinese=not chinese),
        },
    }  # fmt: skip
    return private(render(request, "deals/centres/nda_version.html", context))
