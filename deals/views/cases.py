"""Pages: the board, the list, why cases come to nothing; steps for many cases at once."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.actions.case_bulk import BulkReport, MarkedCase, change_many
from deals.actions.cases import move_case, refuse_unless_visible
from deals.forms.cases import BulkForm
from deals.models import Case, CaseOrigin, CaseOutcome, CaseReason, CaseState, CaseView
from deals.pipelines import Pipeline, all_pipelines, pipeline
from deals.queries import case_board as boards
from deals.queries.case_filters import (
    WantedCases,
    in_order,
    narrowed,
    wanted_from,
)
from deals.queries.cases import own_institutions, people_of, visible_to, with_people
from deals.queries.foreign_projects import PIPELINE
from deals.rules import CASE_ROLES
from deals.views.gates import is_partial, signed_in
from marketplace.core import regions
from marketplace.core.actor import Actor
from marketplace.core.codes.lists import FIELDS
from marketplace.core.errors import DomainError, Invalid, NotFound
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.posted import seen_version

ROWS = 30
MOST_ROWS = 10_000  # of one file


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    return render(request, "deals/cases/list.html", list_context(request))


def list_context(
    request: HttpRequest, form: BulkForm | None = None, marked: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Everything of the list page."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    wanted = wanted_from(request.GET)
    mine = visible_to(actor)
    rows = narrowed(mine, wanted, actor)
    page = Paginator(in_order(with_people(rows), wanted.sort), ROWS).get_page(
        request.GET.get("page")
    )
    people = _people(actor)
    line = pipeline(wanted.pipeline) if wanted.pipeline else None
    found = boards.cards(page.object_list, get_language() or "en")
    held = {card.case.pipeline for card in found}
    # cases of one pipeline can be moved together, whether or not one has narrowed to it
    moves = line or (pipeline(held.pop()) if len(held) == 1 else None)
    return {
        **_shared(request, actor, wanted, line, people, "list"),
        "page": page,
        "cards": found,
        "moves": moves,
        "total": page.paginator.count,
        "sums": list(boards.sums(rows).items()),
        "form": form or BulkForm(people=people, line=moves),
        "marked": marked,
        "sorts": _sort_names(),
        "abroad": _abroad(wanted),
    }


@require_safe
def case_board(request: HttpRequest) -> HttpResponse:
    """One pipeline by stage: the one in the address, else the one with most cases."""
    return _board(request)


def _board(request: HttpRequest, *, told: str = "", refused: bool = False) -> HttpResponse:
    actor = signed_in(request)
    refuse_unless_visible(actor)
    wanted = wanted_from(request.GET)
    mine = visible_to(actor)
    counts = boards.stages_of(mine.filter(state=CaseState.OPEN))
    line = _chosen(wanted.pipeline, counts)
    rows = narrowed(mine, wanted, actor)
    people = _people(actor)
    columns = boards.board(rows, line, get_language() or "en")
    context = {
        **_shared(request, actor, wanted, line, people, "board"),
        "columns": columns,
        "total": sum(column.count for column in columns),
        "lines": [(one, counts.get(one.code, 0)) for one in all_pipelines().values()],
        "told": told,
        "refused": refused,
        "today": timezone.localdate(),
    }
    name = "deals/cases/parts/board.html" if is_partial(request) else "deals/cases/board.html"
    response = render(request, name, context, status=409 if refused else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _chosen(code: str, counts: dict[str, int]) -> Pipeline:
    known = all_pipelines()
    if code in known:
        return known[code]
    most = max(known, key=lambda one: counts.get(one, 0))
    return known[most]


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move a card: to the board without a reload, or back to it."""
    actor = signed_in(request)
    case = get_visible(visible_to(actor), public_id=request.POST.get("case", "")[:10])
    told, refused = "", False
    try:
        moved = move_case(
            actor=actor, case_id=case.pk, stage=request.POST.get("stage", "")[:30],
            expected_version=seen_version(request.POST.get("version", "")),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        told, refused = _sentence(error), True
    else:
        line = pipeline(moved.pipeline)
        told = _("%(docket)s is in “%(stage)s” now.") % {
            "docket": moved.docket, "stage": line.stage_name(moved.stage) if line else "",
        }  # fmt: skip
    if is_partial(request):
        return _board(request, told=told, refused=refused)
    (messages.error if refused else messages.success)(request, told)
    return redirect(_back(request, "case_board"))


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """One step for the marked cases; what was refused is listed with its reason. Links of a list
    that came back with an error lead here by GET, and on to the list."""
    if request.method == "GET":
        return redirect(reverse("cases") + f"?{request.GET.urlencode()}")
    actor = signed_in(request)
    refuse_unless_visible(actor)
    marked = [_marked(text) for text in request.POST.getlist("cases")]
    wanted = wanted_from(request.GET)
    people = _people(actor)
    line = pipeline(request.POST.get("pipeline", "")[:30] or wanted.pipeline)
    form = BulkForm(request.POST, people=people, line=line)
    if form.is_valid():
        given = form.cleaned_data
        by_id = {one.public_id: one.pk for one in people}
        try:
            report = change_many(
                actor=actor, marked=marked, step=given["step"],
                responsible=by_id.get(given["responsible"]),
                next_action_on=given["next_action_on"], stage=given.get("stage", ""),
                outcome=given["outcome"], reason=given["reason"],
            )  # fmt: skip
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            return _reported(request, report)
    if request.POST.get("on") == "board":
        messages.error(request, _first_error(form))
        return redirect(_back(request, "case_board"))
    context = list_context(request, form, frozenset(one.public_id for one in marked))
    return render(request, "deals/cases/list.html", context, status=422)


def _reported(request: HttpRequest, report: BulkReport) -> HttpResponse:
    number = len(report.done)
    if number:
        messages.success(
            request,
            ngettext("%(number)s case is changed.", "%(number)s cases are changed.", number)
            % {"number": number},
        )
    back = _back(request, "cases")
    if not report.refused:
        return redirect(back)
    return render(
        request, "deals/cases/report.html",
        {"refused": report.refused, "done": number, "back": back}, status=409,
    )  # fmt: skip


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is narrowed, as CSV with a byte order mark, so that spreadsheets read it."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    wanted = wanted_from(request.GET)
    rows = in_order(with_people(narrowed(visible_to(actor), wanted, actor)), wanted.sort)
    response = StreamingHttpResponse(
        _lines(list(rows[:MOST_ROWS]), get_language() or "en"),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="cases.csv"'
    return response


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(rows: list[Case], language: str) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(
        ["docket", "title", "pipeline", "stage", "state", "responsible", "clients", "value",
         "currency", "probability", "next_action", "next_action_on", "overdue_since",
         "days_in_stage", "outcome", "reason", "opened_on"]
    )  # fmt: skip
    for start in range(0, len(rows), 500):
        for card in boards.cards(rows[start : start + 500], language):
            case = card.case
            yield writer.writerow(
                [
                    _cell(value)
                    for value in (
                        case.docket, case.title, case.pipeline, card.stage_name, case.state,
                        case.responsible or "", "; ".join(card.clients),
                        "" if case.value is None else case.value, case.currency,
                        case.probability, case.next_action, case.next_action_on or "",
                        card.late or "", card.days, case.outcome, case.reason,
                        timezone.localdate(case.created_at),
                    )
                ]
            )  # fmt: skip


def _cell(value: Any) -> str:
    """A spreadsheet must not take a typed text for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@require_safe
def barriers(request: HttpRequest) -> HttpResponse:
    """Why cases came to nothing, by year."""
    actor = signed_in(request)
    refuse_unless_visible(actor)
    found = boards.barriers(visible_to(actor))
    return render(request, "deals/cases/barriers.html", {"barriers": found, "where": "barriers"})


# --- Shared ------------------------------------------------------------------------------------


def _shared(
    request: HttpRequest, actor: Actor, wanted: WantedCases, line: Pipeline | None,
    people: list[Any], page: str,
) -> dict[str, Any]:  # fmt: skip
    query = request.GET.copy()
    query.pop("page", None)
    here = request.path if request.method == "GET" else reverse(
        "case_board" if page == "board" else "cases"
    )  # fmt: skip
    return {
        "wanted": wanted,
        "line": line,
        "people": people,
        "pipelines": list(all_pipelines().values()),
        "states": CaseState.choices,
        "outcomes": CaseOutcome.choices,
        "reasons": CaseReason.choices,
        "origins": CaseOrigin.choices,
        "institutions": list(own_institutions(actor)),
        "views": list(CaseView.objects.filter(user_id=actor.user_id or 0).order_by("name")),
        "where": page,
        "query": query.urlencode(),
        "here": here + (f"?{query.urlencode()}" if query else ""),
    }


def _abroad(wanted: WantedCases) -> dict[str, Any] | None:
    """Choices of what is known of projects from abroad, for lists of those alone."""
    if wanted.pipeline != PIPELINE:
        return None
    language = get_language()
    countries = [one for one in regions.countries(language) if one[0] != "CN"]
    return {"fields": FIELDS.choices(), "countries": countries}


def _people(actor: Actor) -> list[Any]:
    """Those who may be responsible for the actor's cases, by name, each once."""
    found = people_of(sorted(actor.ids_with(*CASE_ROLES)))
    return list({one.pk: one for people in found.values() for one in people}.values())


def _marked(text: str) -> MarkedCase:
    """ "ID:version", as the page sends it."""
    public_id, _colon, version = text[:30].partition(":")
    return MarkedCase(public_id.replace("\x00", ""), seen_version(version))


def _back(request: HttpRequest, name: str) -> str:
    """The page as it was narrowed; within this site."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/"):
        return target
    query = request.GET.urlencode()
    return reverse(name) + (f"?{query}" if query else "")


def _sentence(error: DomainError) -> str:
    return str(next((texts[0] for texts in error.fields.values() if texts), error.message))


def _first_error(form: BulkForm) -> str:
    return str(next((errors[0] for errors in form.errors.values() if errors), _("Try again.")))


def _sort_names() -> dict[str, str]:
    return {
        "-docket": _("newest first"), "due": _("next action first"), "-value": _("largest first"),
        "-age": _("longest in its stage first"), "-updated": _("changed last first"),
    }  # fmt: skip
