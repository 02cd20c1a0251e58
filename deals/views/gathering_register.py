"""Pages of the register of a gathering, for its institution alone: who comes, who attended."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from deals import gathering_states as states
from deals.actions.gathering_places import mark_attendance
from deals.models import Gathering, GatheringPlace, PlaceState
from deals.queries import gatherings as queries
from deals.views.gatherings import own_gathering
from deals.views.income import first_words, private
from listings.exports.cells import harmless
from listings.exports.writing import BOM
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import DomainError, NotFound

ROWS = 100
MARKS = {"yes": True, "no": False, "": None}
COLUMNS = ("name", "organisation", "state", "attended", "asked_on")


def _own(request: HttpRequest, public_id: str) -> tuple[Actor, Gathering]:
    actor, row = own_gathering(request, public_id)
    if row.state == states.DRAFT:  # nobody can have a place
        raise NotFound
    return actor, row


@require_http_methods(["GET", "POST"])
def register_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who has a place and who waits; a POST marks who attended. Each row comes with what it showed,
    so that a mark that somebody else made meanwhile stays unless one changes it oneself."""
    actor, row = _own(request, public_id)
    number = request.POST.get("page", "") if request.method == "POST" else request.GET.get("page")
    if request.method == "POST":
        try:
            marks, unmarked = _marks(request)
            changed = mark_attendance(
                actor=actor, gathering_id=row.pk, marks=marks, unmarked=unmarked
            )
        except NotFound:
            raise
        except DomainError as error:
            messages.error(request, first_words(error))
        else:
            told = ngettext("%(number)s mark saved.", "%(number)s marks saved.", changed)
            messages.success(request, told % {"number": changed})
        here = reverse("gathering_register", args=[row.public_id])
        return redirect(f"{here}?page={number}" if (number or "").isdigit() else here)
    page = Paginator(queries.register_of(row), ROWS).get_page(number)
    phase = row.phase()
    context = {
        "gathering": row, "page": page, "waiting": PlaceState.WAITING,
        "may_mark": states.may("mark", roles=[states.ORGANISER], phase=phase, is_open=True),
        "may_hold": states.may("hold", roles=[states.ORGANISER], phase=phase, is_open=True),
        "attended": row.places.filter(attended=True).count(),
    }  # fmt: skip
    return private(render(request, "deals/gatherings/register.html", context))


def _marks(request: HttpRequest) -> tuple[dict[str, bool | None], set[str]]:
    """Of the rows that were posted those that differ from what the page showed; the button "all"
    says yes to those that nobody has marked, which are told apart."""
    found: dict[str, bool | None] = {}
    unmarked: set[str] = set()
    for name, value in request.POST.items():
        kind, _dash, key = name.partition("-")
        if kind != "mark" or not key:
            continue
        was = request.POST.get(f"was-{key}", "")
        if "all" in request.POST and value == was == "":
            value = "yes"
            unmarked.add(key)
        if value != was:
            found[key] = MARKS.get(str(value))
    return found, unmarked


@require_safe
def register_file(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """The register as a CSV."""
    _actor, row = _own(request, public_id)
    lines = _lines(queries.register_of(row), get_language() or "en")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.public_id}-register.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(rows: Any, language: str) -> Iterator[str]:
    yield BOM
    yield _line(COLUMNS)
    place: GatheringPlace
    for place in rows.iterator(chunk_size=500):
        name = pick(place.organisation, "name", language).value if place.organisation else ""
        attended = {True: "yes", False: "no", None: ""}[place.attended]
        yield _line(
            (
                harmless(str(place.person)) if place.person else "", harmless(name),
                place.state, attended, timezone.localdate(place.asked_at).isoformat(),
            )
        )  # fmt: skip


def _line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
