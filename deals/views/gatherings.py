"""Pages of gatherings: what comes and was, one of them, its form, the desk, its steps."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries.organisations import own
from deals import gathering_states as states
from deals.actions import gathering_places as places
from deals.actions import gatherings as actions
from deals.forms.gatherings import CallOffForm, GatheringForm, RegisterForm, facts_of
from deals.icalendar import Entry, calendar
from deals.models import Gathering, GatheringKind, PlaceState
from deals.queries import gatherings as queries
from deals.queries.cases import own_institutions
from deals.queries.training import overseen_by
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 20


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@require_safe
def gathering_list(request: HttpRequest) -> HttpResponse:
    """What comes, or `?part=past`; narrowed by `kind` and the province `region`."""
    actor = actor_of(request)
    asked = {name: request.GET.get(name, "") for name in ("part", "kind", "region")}
    part = asked["part"] if asked["part"] in queries.PARTS else "coming"
    kind = asked["kind"] if asked["kind"] in GatheringKind.values else ""
    provinces = [(one.code, one.name(get_language())) for one in regions.children()]
    region = asked["region"] if asked["region"] in dict(provinces) else ""
    rows = queries.listed(actor, part, kind=kind, region=region)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page, "part": part, "kind": kind, "region": region, "provinces": provinces,
        "cards": [_card(row) for row in page], "kinds": GatheringKind.choices,
        "has_desk": actor.is_authenticated and queries.organises(actor),
    }  # fmt: skip
    response = render(request, "deals/gatherings/list.html", context)
    return private(response) if actor.is_authenticated else response


def _card(row: Gathering) -> dict[str, Any]:
    return {
        "row": row, "left": queries.places_left(row, row.taken),  # type: ignore[attr-defined]
        "region": regions.full_name(row.region, get_language()) if row.region else "",
        "phase": row.phase(), "is_open": row.is_open(),
    }  # fmt: skip


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What one's institutions hold; nobody else finds the page."""
    actor = signed_in(request)
    if not queries.organises(actor):
        raise NotFound
    page = Paginator(queries.desk(actor), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page, "cards": [_card(row) for row in page],
        "may_write": own_institutions(actor).exists(), "overseen": list(overseen_by(actor)),
    }  # fmt: skip
    return private(render(request, "deals/gatherings/desk.html", context))


@require_http_methods(["GET", "POST"])
def new_gathering(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    institutions = list(own_institutions(actor))
    if not institutions:
        raise NotFound
    form = GatheringForm(
        request.POST or None, institutions=institutions, alliances=queries.alliances_for(actor)
    )
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        facts.pop("version")
        try:
            made = actions.write_gathering(
                actor=actor, institution=facts.pop("institution", ""), facts=facts
            )
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved as a draft. Look at it, then publish it."))
            return redirect(made)
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
def edit_gathering(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, row = own_gathering(request, public_id)
    form = GatheringForm(
        request.POST or None, initial=facts_of(row), institutions=[], row=row,
        alliances=queries.alliances_for(actor),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            actions.change_gathering(
                actor=actor, gathering_id=row.pk, facts=facts,
                expected_version=seen_version(request.POST.get("version", "")),
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(row)
    return _form_page(request, form, row)


def _form_page(request: HttpRequest, form: forms.Form, row: Gathering | None) -> HttpResponse:
    context = {"form": form, "gathering": row}
    status = 422 if form.errors else 200
    return private(render(request, "deals/gatherings/form.html", context, status=status))


def own_gathering(request: HttpRequest, public_id: str) -> tuple[Actor, Gathering]:
    """One of the actor's institutions; nobody else finds these pages."""
    actor = signed_in(request)
    rows = queries.with_counts(queries.visible_to(actor), actor)
    row = get_visible(rows, public_id=public_id)
    if states.ORGANISER not in queries.roles_of(row, actor, None):
        raise NotFound
    return actor, row


@require_safe
def gathering_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One of them, for a visitor, for who has a place and who organises it."""
    actor = actor_of(request)
    rows = queries.with_counts(queries.visible_to(actor), actor)
    return show(request, actor, get_visible(rows, public_id=public_id))


def show(
    request: HttpRequest, actor: Actor, row: Gathering, *, name: str = "",
    form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    """The page; name and form: of a step that came back with errors."""
    place = queries.place_of(row, actor)
    roles = queries.roles_of(row, actor, place)
    card = _card(row)
    may = {
        action: states.may(action, roles=roles, phase=card["phase"], is_open=card["is_open"])
        for action in states.RULES
    }
    context: dict[str, Any] = {
        **card, "gathering": row, "place": place, "may": may,
        "is_ours": states.ORGANISER in roles, "opened": name,
        "is_ahead": card["phase"] in (states.COMING, states.RUNNING),
        "taken": row.taken,  # type: ignore[attr-defined]
        "is_full": card["left"] == 0, "words": pick(row, "words", get_language()),
        # why a visitor is not offered a place: it would be, once signed in
        "may_sign_in": not actor.is_authenticated
        and states.may(
            "register", roles=[states.PERSON], phase=card["phase"], is_open=card["is_open"]
        ),
    }  # fmt: skip
    if context["is_ours"]:
        context["waiting"] = row.places.filter(state=PlaceState.WAITING).count()
    if may["register"] and place is None:
        organisations = list(own(actor).order_by("id"))
        context["take_form"] = RegisterForm(organisations=organisations, auto_id="take_%s")
    if may["cancel"]:
        context["cancel_form"] = CallOffForm(initial={"version": row.version}, auto_id="off_%s")
    if form is not None:
        context[f"{name}_form"] = form
    response = render(
        request, "deals/gatherings/gathering.html", context, status=422 if form else 200
    )
    return private(response) if actor.is_authenticated else response


@require_safe
def calendar_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """It as an entry of a calendar; how to join only for whoever may read that."""
    actor = actor_of(request)
    rows = queries.visible_to(actor).select_related("institution")
    row = get_visible(rows, public_id=public_id)
    roles = queries.roles_of(row, actor, queries.place_of(row, actor))
    sees = states.may("read_online", roles=roles, phase=row.phase(), is_open=True)
    told = " · ".join(text for text in (row.place, row.online if sees else "") if text)
    entry = Entry(
        uid=f"gathering-{row.public_id}@{request.get_host()}",
        day=timezone.localdate(row.starts_at), summary=pick(row, "title", get_language()).value,
        stamp=row.updated_at, url=request.build_absolute_uri(row.get_absolute_url()),
        sequence=row.version, hours=(row.starts_at, row.ends_at), place=told,
        is_cancelled=row.state == states.CANCELLED,
    )  # fmt: skip
    response = HttpResponse(
        calendar(entry.summary, [entry]), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{row.public_id}.ics"'
    return private(response)


# --- Steps ---------------------------------------------------------------------------------------


@require_POST
def step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """take, give-back; of the institution publish, cancel, hold, discard."""
    actor = signed_in(request)
    rows = queries.with_counts(queries.visible_to(actor), actor)
    row = get_visible(rows, public_id=public_id)
    if step == "take":
        return _take(request, actor, row)
    if step == "give-back":
        return _do(
            request, row, lambda: places.give_back(actor=actor, gathering_id=row.pk),
            _("Your place is given back."),
        )  # fmt: skip
    known: dict[str, tuple[Callable[..., Any], str]] = {
        "publish": (actions.publish_gathering, _("It is published.")),
        "hold": (actions.hold_gathering, _("Closed as held. It counts from now on.")),
        "discard": (actions.discard_gathering, _("The draft is discarded.")),
    }
    given: dict[str, Any] = {
        "actor": actor, "gathering_id": row.pk,
        "expected_version": seen_version(request.POST.get("version", "")),
    }  # fmt: skip
    if step == "cancel":
        return _call_off(request, actor, row, given)
    if step not in known:
        raise NotFound
    act, told = known[step]
    return _do(request, row, lambda: act(**given), told, is_gone=step == "discard")


def _do(
    request: HttpRequest, row: Gathering, act: Callable[[], Any], told: str, *,
    is_gone: bool = False,
) -> HttpResponse:  # fmt: skip
    try:
        act()
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
        return redirect(row)
    messages.success(request, told)
    return redirect("gathering_desk" if is_gone else row)


def _take(request: HttpRequest, actor: Actor, row: Gathering) -> HttpResponse:
    form = RegisterForm(
        request.POST, organisations=list(own(actor).order_by("id")), auto_id="take_%s"
    )
    organisation = form.cleaned_data.get("organisation", "") if form.is_valid() else "?"
    try:
        place = places.take_place(actor=actor, gathering_id=row.pk, organisation=organisation)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
        return redirect(row)
    if place.state == PlaceState.REGISTERED:
        messages.success(request, _("You are registered."))
    else:
        messages.warning(
            request, _("You are on the waiting list. You are told when a place becomes free.")
        )
    return redirect(row)


def _call_off(
    request: HttpRequest, actor: Actor, row: Gathering, given: dict[str, Any]
) -> HttpResponse:
    form = CallOffForm(request.POST, auto_id="off_%s")
    is_stale = False
    if form.is_valid():
        try:
            actions.cancel_gathering(**given, reason=form.cleaned_data["reason"])
        except NotFound:
            raise
        except DomainError as error:
            add_domain_errors(form, error)
            is_stale = isinstance(error, Stale)
        else:
            messages.success(request, _("Called off. Everybody with a place is told."))
            return redirect(row)
    fresh = queries.with_counts(queries.visible_to(actor), actor).get(pk=row.pk)
    roles = queries.roles_of(fresh, actor, None)
    if not states.may("cancel", roles=roles, phase=fresh.phase(), is_open=True):
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(row)
    if is_stale:
        data = form.data.copy()  # type: ignore[attr-defined]
        data["version"] = fresh.version  # told: sent again, it is meant
        form.data = data
    return show(request, actor, fresh, name="cancel", form=form)
