"""Pages of the alliance board: what is offered, one referral, its steps, the usual terms."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.alliances import leads
from accounts.models import Alliance
from deals import referral_states
from deals.actions import agreements, referral_carrying, referrals
from deals.actions.alliance_terms import set_alliance_terms
from deals.forms import referrals as referral_forms
from deals.models import AllianceTerms, Case, Referral
from deals.pipelines import pipeline
from deals.queries import cases
from deals.queries import referrals as queries
from deals.queries.centres import settings_of
from deals.queries.commissions import visible_to as fees_visible_to
from deals.queries.commissions import with_names
from deals.views.case_show import NUMBER, own_case
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from listings.disclosure import disclosed_many
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version, whole_number

ROWS = 20
PARTS = ("open", "carried", "ours")


@require_safe
def board_page(request: HttpRequest) -> HttpResponse:
    """What members of one's alliances offer, who has what, until when."""
    actor = signed_in(request)
    _refuse_strangers(actor)
    which = request.GET.get("part", "open")
    which = which if which in PARTS else "open"
    rows = queries.with_names(queries.board(actor, which))
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    counts = queries.counted(actor)
    labels = (("open", _("Open")), ("carried", _("Carried on")), ("ours", _("Ours")))
    mine, here = list(queries.alliances_of(actor)), reverse("referrals")
    context = {
        "page": page, "which": which, "today": timezone.localdate(),
        "parts": [
            (
                here if key == "open" else f"{here}?part={key}", label, counts[key],
                key == which,
            )
            for key, label in labels
        ],
        "alliances": mine, "led": [one for one in mine if leads(actor, one)],
    }  # fmt: skip
    return private(render(request, "deals/alliance/board.html", context))


def _refuse_strangers(actor: Actor) -> None:
    if not queries.reads_boards(actor):
        raise Refused(
            "no_alliance",
            _("The board is for brokers of verified institutions that belong to an alliance."),
        )


@require_http_methods(["GET", "POST"])
def new_referral(request: HttpRequest) -> HttpResponse:
    """`?case=`: offer this case to an alliance, filled with the alliance's usual terms."""
    actor, case = own_case(request, request.GET.get("case", "")[:10])
    language = get_language() or "en"
    mine = list(queries.alliances_of(actor).filter(
        members__organisation=case.organisation_id, members__state="member"
    ))  # fmt: skip
    form = referral_forms.ReferralForm(
        request.POST or None, initial=_filled(case, mine),
        alliances=[(one.public_id, pick(one, "name", language).value) for one in mine],
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            made = referrals.publish_referral(
                actor=actor, case_id=case.pk, alliance=facts.pop("alliance"),
                facts={**facts, "listing": _number(facts["listing"])},
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("It stands on the board of the alliance now."))
            return redirect(made.get_absolute_url())
    usual = _usual_terms(case, mine) if mine else None
    context = {
        "form": form, "case": case, "alliances": mine,
        "terms_of": usual.alliance if usual and usual.pk else None,
        "own_split": settings_of(case.organisation_id).referring_percent,
    }  # fmt: skip
    return private(
        render(request, "deals/alliance/new.html", context, status=422 if form.errors else 200)
    )


def _usual_terms(case: Case, mine: list[Alliance]) -> AllianceTerms:
    """Of the first alliance that has some; else with the usual split of the institution."""
    terms = AllianceTerms.objects.filter(alliance__in=mine).order_by("alliance_id").first()
    own = settings_of(case.organisation_id).referring_percent if terms is None else None
    return terms or AllianceTerms(referring_percent=Decimal(40) if own is None else own)


def _filled(case: Case, mine: list[Alliance]) -> dict[str, Any]:
    """By usual terms; the title is written anew, since the case's own may name the client."""
    terms = _usual_terms(case, mine)
    return {
        "mode": "hand_over", "choice": "pick", "seeks": "provider",
        "referring_percent": terms.referring_percent,
        "closing_percent": 100 - terms.referring_percent,
        "claim_by": timezone.localdate() + dt.timedelta(days=terms.claim_days),
        "report_days": terms.report_days,
    }  # fmt: skip


def _number(text: str) -> str:
    found = re.search(NUMBER, text.strip())
    return found[1].upper() if found else text.strip()[:10]


def own_referral(request: HttpRequest, public_id: str) -> tuple[Actor, Referral]:
    actor = signed_in(request)
    rows = queries.with_names(queries.visible_to(actor))
    return actor, get_visible(rows, public_id=public_id)


@require_safe
def referral_page(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, referral = own_referral(request, public_id)
    return show(request, actor, referral)


def show(
    request: HttpRequest, actor: Actor, referral: Referral, *, name: str = "",
    form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    """The page; name and form: of a step that came back with errors."""
    language = get_language() or "en"
    side = queries.side_of(referral, actor)
    moves = referral_states.TRANSITIONS.allowed(referral.state)
    mine = list(queries.claimants_of(actor, referral)) if "apply" in moves else []
    claims = list(queries.claims_shown(referral, actor))
    held = {row.organisation_id for row in claims if row.state == "waiting"}
    mine = [one for one in mine if one.pk not in held]
    shown = disclosed_many([referral.listing], actor, detail=False) if referral.listing else {}
    in_force = queries.agreement_in_force(referral) if side else None
    initial = {"version": referral.version}
    context: dict[str, Any] = {
        "referral": referral, "side": side, "moves": moves, "claims": claims,
        "claimants": mine, "today": timezone.localdate(),
        "listing": shown.get(referral.listing_id) if referral.listing_id else None,
        "overdue": referral_carrying.is_overdue(referral),
        "agreement": in_force, "proposed": queries.proposed(referral) if side else None,
        "old": list(referral.agreements.all()[1:]) if side else [],
        "reports": list(referral.reports.select_related("organisation")) if side else [],
        "fees": list(
            with_names(fees_visible_to(actor).filter(agreement__referral=referral))
        ) if side else [],
        "ours": _own_book(referral, actor), "theirs": _other_book(referral, side),
        "claim_form": referral_forms.ClaimForm(
            initial=initial, auto_id="claim_%s",
            institutions=[(one.public_id, pick(one, "name", language).value) for one in mine],
        ),
        "texts": [
            agreements.text_of(
                referral, one, referral.referring_percent, referral.closing_percent
            )
            for one in mine
        ],
        "report_form": referral_forms.ReportForm(initial=initial, auto_id="report_%s"),
        "end_form": referral_forms.ReportForm(initial=initial, auto_id="end_%s"),
        "split_form": referral_forms.SplitForm(initial=initial, auto_id="split_%s"),
        "opened": name,
    }  # fmt: skip
    if form is not None:
        context[f"{name}_form"] = form
    return private(
        render(request, "deals/alliance/referral.html", context, status=422 if form else 200)
    )


def _own_book(referral: Referral, actor: Actor) -> list[Case]:
    """Cases of this referral in the actor's own institutions."""
    pks = [pk for pk in (referral.case_id, referral.carried_case_id) if pk]
    return list(cases.visible_to(actor).filter(pk__in=pks))


def _other_book(referral: Referral, side: str) -> dict[str, str] | None:
    """Where two institutions work together, how far the other one is: stage and state, no more."""
    if referral.mode != "share" or not side or referral.carried_case is None:
        return None
    case = referral.carried_case if side == queries.PUBLISHER else referral.case
    line = pipeline(case.pipeline)
    return {
        "stage": str(line.stage_name(case.stage)) if line else case.stage,
        "state": str(case.get_state_display()),
    }


# --- Steps ---------------------------------------------------------------------------------------


@require_POST
def step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """claim, confirm, release, withdraw, report, end, take-back, split, accept-split or
    refuse-split."""
    actor, referral = own_referral(request, public_id)
    if step in _FORMS:
        return _by_form(request, actor, referral, step)
    if step not in _BUTTONS:
        raise NotFound
    try:
        told = _BUTTONS[step](request, actor, referral)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
    else:
        messages.success(request, told)
    if not queries.visible_to(actor).filter(pk=referral.pk).exists():
        return redirect("referrals")
    return redirect(referral.get_absolute_url())


def _confirm(request: HttpRequest, actor: Actor, referral: Referral) -> str:
    referrals.confirm_claim(
        actor=actor, referral_id=referral.pk, claim=_posted(request, "claim"),
        expected_version=_version(request),
    )  # fmt: skip
    return _("Given to the claimant. The split is agreed; a case was opened there.")


def _release(request: HttpRequest, actor: Actor, referral: Referral) -> str:
    referrals.release_claim(actor=actor, referral_id=referral.pk, claim=_posted(request, "claim"))
    return _("The claim is off.")


def _withdraw(request: HttpRequest, actor: Actor, referral: Referral) -> str:
    referrals.withdraw_referral(
        actor=actor, referral_id=referral.pk, expected_version=_version(request)
    )
    return _("It is off the board.")


def _take_back(request: HttpRequest, actor: Actor, referral: Referral) -> str:
    referral_carrying.take_back(
        actor=actor, referral_id=referral.pk, expected_version=_version(request)
    )
    return _("Taken back. The case is yours again.")


def _answer(request: HttpRequest, actor: Actor, referral: Referral, *, accept: bool) -> str:
    agreements.answer_split(
        actor=actor, referral_id=referral.pk, accept=accept,
        number=whole_number(_posted(request, "number")) or 0,
    )  # fmt: skip
    return _("Accepted. It holds from now on.") if accept else _("The proposal is off.")


_BUTTONS: dict[str, Callable[[HttpRequest, Actor, Referral], str]] = {
    "confirm": _confirm, "release": _release, "withdraw": _withdraw, "take-back": _take_back,
    "accept-split": lambda r, a, one: _answer(r, a, one, accept=True),
    "refuse-split": lambda r, a, one: _answer(r, a, one, accept=False),
}  # fmt: skip
_FORMS = ("claim", "report", "end", "split")


def _by_form(request: HttpRequest, actor: Actor, referral: Referral, name: str) -> HttpResponse:
    """Do what a form of the page asks, or bring the page back with it as it was typed."""
    form: forms.Form
    mine = list(queries.claimants_of(actor, referral))
    if name == "claim":
        language = get_language() or "en"
        form = referral_forms.ClaimForm(
            request.POST, auto_id="claim_%s",
            institutions=[(one.public_id, pick(one, "name", language).value) for one in mine],
        )  # fmt: skip
    elif name == "split":
        form = referral_forms.SplitForm(request.POST, auto_id="split_%s")
    else:
        form = referral_forms.ReportForm(request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        given = dict(form.cleaned_data)
        one: dict[str, Any] = {
            "actor": actor, "referral_id": referral.pk,
            "expected_version": given.pop("version"),
        }  # fmt: skip
        try:
            if name == "claim":
                chosen = given.pop("organisation", None)
                pk = next((org.pk for org in mine if org.public_id == chosen), None)
                referrals.claim_referral(**one, **given, organisation_id=pk)
                told = _("Claimed. The institution that refers it answers.")
            elif name == "split":
                agreements.propose_split(**one, **given)
                told = _("Proposed. The old split holds until the other side accepts.")
            elif name == "end":
                referral_carrying.end_referral(**one, **given)
                told = _("Ended.")
            else:
                referral_carrying.report(**one, **given)
                told = _("The other institution is told.")
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, told)
            return redirect(referral.get_absolute_url())
    referral = queries.with_names(Referral.objects.filter(pk=referral.pk)).get()
    return show(request, actor, referral, name=name, form=form)


@require_http_methods(["GET", "POST"])
def terms_page(request: HttpRequest, alliance_id: str) -> HttpResponse:
    """The alliance's usual terms, set by owners of its leading institution."""
    actor = signed_in(request)
    alliance = get_visible(queries.alliances_of(actor), public_id=alliance_id)
    if not leads(actor, alliance):
        raise NotFound
    there = AllianceTerms.objects.filter(alliance=alliance).first()
    terms = there or AllianceTerms(referring_percent=Decimal(40), version=0)
    names = ("referring_percent", "claim_days", "report_days", "version")
    form = referral_forms.AllianceTermsForm(
        request.POST or None, initial={name: getattr(terms, name) for name in names}
    )
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            set_alliance_terms(
                actor=actor, alliance_id=alliance.pk, expected_version=given.pop("version"),
                **given,
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved. Referrals that stand keep theirs."))
            return redirect("referrals")
    context = {"form": form, "alliance": alliance}
    return render(request, "deals/alliance/terms.html", context, status=422 if form.errors else 200)


def _posted(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")[:10]


def _version(request: HttpRequest) -> int:
    return seen_version(request.POST.get("version", ""))
