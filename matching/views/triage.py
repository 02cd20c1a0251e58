"""The brokers' desk: open pairs, narrowed, answered one by one or many at a time."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import actor_of, signed_in
from marketplace.core.codes import FIELDS
from marketplace.core.errors import Invalid, Refused
from marketplace.core.forms import add_domain_errors
from marketplace.core.posted import seen_version
from matching.actions.bulk import Marked, Report, answer_many
from matching.desk_rows import rows_of
from matching.forms_desk import BulkForm, wanted_from
from matching.models import Level
from matching.queries import desk as desks
from matching.queries.desk import MOST, OURS, THEIRS
from matching.queries.inbox import with_listings
from matching.readings import read_many

ROWS = 20
WAITS = {OURS: _("my client’s answer"), THEIRS: _("the other side’s answer")}


@require_GET
@signed_in
def triage_page(request: HttpRequest) -> HttpResponse:
    """Open pairs, best first."""
    return render(request, "matching/triage.html", _context(request, BulkForm(), visited=True))


@require_POST
@signed_in
def answer_page(request: HttpRequest) -> HttpResponse:
    """One answer for all that are marked; what could not be answered is listed with its reason."""
    actor = actor_of(request)
    form = BulkForm(request.POST)
    marked = [_marked(text) for text in request.POST.getlist("pairs")]
    if form.is_valid():
        given = form.cleaned_data
        try:
            report = answer_many(
                actor=actor, marked=marked, answer_=given["answer"], reason=given["reason"],
                text=given["text"],
            )  # fmt: skip
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            return _reported(request, report)
    context = _context(request, form, marked={one.public_id for one in marked})
    return render(request, "matching/triage.html", context, status=422)


def _reported(request: HttpRequest, report: Report) -> HttpResponse:
    number = len(report.answered)
    if number:
        messages.success(
            request,
            ngettext("%(number)s pair is answered.", "%(number)s pairs are answered.", number)
            % {"number": number},
        )
    if report.both_interested:
        number = len(report.both_interested)
        messages.success(
            request,
            ngettext(
                "In %(number)s both sides are interested: an introduction is being opened.",
                "In %(number)s both sides are interested: introductions are being opened.",
                number,
            )
            % {"number": number},
        )
    if not report.refused:
        return redirect(_back(request))
    known = [one.match for one in report.refused if one.match is not None]
    readings = {row.public_id: row for row in read_many(known, actor_of(request))}
    return render(
        request,
        "matching/triage_report.html",
        {
            "refused": [(one, readings.get(one.public_id)) for one in report.refused],
            "answered": len(report.answered),
            "back": _back(request),
        },
        status=409,
    )


def _context(
    request: HttpRequest, form: BulkForm, *, visited: bool = False, marked: set[str] | None = None
) -> dict[str, Any]:
    actor = actor_of(request)
    desk = desks.desk_of(actor)
    if not desk.institutions:
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution see this list."),
        )
    new_since = desks.visit(actor) if visited else desks.last_visit(actor)
    desk = replace(desk, new_since=new_since)
    wanted = wanted_from(request.GET, has_clients=bool(desk.clients))
    counts = desks.counts_by_level(desk, wanted)
    paginator = Paginator(desks.ranked(with_listings(desks.found(desk, wanted))), ROWS)
    paginator.count = counts[wanted.level] if wanted.level else min(sum(counts.values()), MOST)
    page = paginator.get_page(request.GET.get("page"))
    query = request.GET.urlencode()
    rows = rows_of(page.object_list, desk)
    return {
        "page": page,
        "rows": rows,
        "may_answer": any(row.may_answer for row in rows),
        "wanted": wanted,
        "levels": counts,
        "fields": FIELDS,
        "waits": WAITS,
        "clients": desks.clients(desk),
        "alliances": desks.alliances_of(desk),
        "total": paginator.count,
        "is_most": paginator.count >= MOST,
        "form": form,
        "marked": marked or set(),
        "query": query,
        "here": reverse("match_triage") + (f"?{query}" if query else ""),
        "shown_levels": Level.choices,
    }


def _marked(text: str) -> Marked:
    """ "ID:side:version", as the page sends it."""
    public_id, _colon, rest = text[:40].partition(":")
    side, _colon, version = rest.partition(":")
    return Marked(public_id.replace("\x00", ""), side, seen_version(version))


def _back(request: HttpRequest) -> str:
    """The desk as it was narrowed, or the pair's page; within this site."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/"):
        return target
    query = request.GET.urlencode()
    return reverse("match_triage") + (f"?{query}" if query else "")
