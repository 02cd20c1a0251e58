"""Pages of an alliance's figures: what the lead reads, what a member shares, the frame."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Alliance
from deals.actions import frames as actions
from deals.forms.service_reports import FrameForm
from deals.queries import frames as queries
from deals.queries.service_reports import SHOWN_YEARS, is_possible
from deals.service_figures import FIGURES
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, NotFound, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version, whole_number


def own_alliance(request: HttpRequest, alliance_id: str) -> tuple[Actor, Alliance]:
    actor = signed_in(request)
    return actor, get_visible(queries.alliances_of(actor), public_id=alliance_id)


@require_safe
def alliance_page(request: HttpRequest, alliance_id: str) -> HttpResponse:
    """`?year=`. To the lead, a row for each member; to a member, its own row as the lead reads
    it."""
    actor, alliance = own_alliance(request, alliance_id)
    today = timezone.localdate().year
    asked = whole_number(request.GET.get("year", "")) or today - 1
    year = asked if is_possible(asked) else today - 1
    frame = queries.current_frame(alliance)
    is_lead = queries.leads(actor, alliance)
    mine = queries.own_members(actor, alliance)
    accepted = queries.acceptances(alliance, [one.pk for one in mine]) if mine else {}
    context: dict[str, Any] = {
        "alliance": alliance, "frame": frame, "is_lead": is_lead, "year": year,
        "years": range(today, today - SHOWN_YEARS, -1),
        "asked": [FIGURES[code] for code in frame.codes if code in FIGURES] if frame else [],
        "mine": [(one, accepted.get(one.pk)) for one in mine],
    }  # fmt: skip
    if frame is not None:
        # an owner of the lead and of a member reads what the lead reads
        found = queries.shared(alliance, frame, year, None if is_lead else [one.pk for one in mine])
        context |= {
            "figures": [FIGURES[code] for code in found.codes],
            "rows": [(row, _cells(row, found.codes)) for row in found.rows],
            "totals": [(FIGURES[code], *found.totals[code]) for code in found.codes],
        }
    return private(render(request, "deals/figures/alliance.html", context))


def _cells(row: queries.MemberRow, codes: tuple[str, ...]) -> list[Any]:
    lines = {line.figure.code: line for line in row.lines}
    return [(FIGURES[code], lines.get(code)) for code in codes]


@require_http_methods(["GET", "POST"])
def frame_page(request: HttpRequest, alliance_id: str) -> HttpResponse:
    """The lead chooses which figures it asks for; for others there is no such page."""
    actor, alliance = own_alliance(request, alliance_id)
    if not queries.leads(actor, alliance):
        raise NotFound
    frame = queries.current_frame(alliance)
    number = frame.number if frame else 0
    initial = {"codes": frame.codes if frame else [], "number": number}
    form = FrameForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.set_frame(
                actor=actor, alliance_id=alliance.pk, codes=form.cleaned_data["codes"],
                expected_number=seen_version(request.POST.get("number", "")),
            )  # fmt: skip
        except Stale as error:
            add_domain_errors(form, error)
            data = form.data.copy()  # type: ignore[attr-defined]
            data["number"] = number  # told: sent again, it is meant
            form.data = data
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            if made.number != number:
                messages.success(request, _("Asked. Each member decides for itself."))
            return redirect("alliance_figures", alliance.public_id)
    context = {"alliance": alliance, "form": form, "frame": frame}
    status = 422 if form.errors else 200
    return private(render(request, "deals/figures/frame.html", context, status=status))


@require_POST
def frame_step(request: HttpRequest, alliance_id: str, step: str) -> HttpResponse:
    """accept or end, for a member."""
    actor, alliance = own_alliance(request, alliance_id)
    organisation = request.POST.get("organisation", "").replace("\x00", "")[:10]
    if step not in ("accept", "end"):
        raise NotFound
    try:
        if step == "accept":
            actions.accept_frame(
                actor=actor, alliance_id=alliance.pk, organisation=organisation,
                number=seen_version(request.POST.get("number", "")),
            )  # fmt: skip
            messages.success(request, _("Accepted. The lead reads these figures from now on."))
        else:
            actions.end_frame(actor=actor, alliance_id=alliance.pk, organisation=organisation)
            messages.success(request, _("The lead no longer reads your figures."))
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
    return redirect("alliance_figures", alliance.public_id)
