"""Pages of an institution's service figures: years, one year, its sections, the rows behind."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from deals.actions import service_reports as actions
from deals.forms.service_reports import NAMING, SectionForm, filled
from deals.queries import frames
from deals.queries import service_reports as queries
from deals.queries.service_counts import counted_of, number_of_rows, rows_behind
from deals.service_figures import COUNTED, FIGURES, SECTION_NAMES, SECTIONS, Line
from deals.views.gates import signed_in
from deals.views.income import first_words, private
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError, Invalid, NotFound, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible
from marketplace.core.paging import Counted
from marketplace.core.posted import seen_version

ROWS = 30
STEPS = (*SECTIONS, NAMING)


@require_safe
def figure_list(request: HttpRequest) -> HttpResponse:
    """Years of one's institutions, and the alliances that ask for figures."""
    actor = signed_in(request)
    institutions = list(queries.own_institutions(actor))
    context = {
        "institutions": [(one, queries.years_of(one)) for one in institutions],
        "alliances": list(frames.alliances_of(actor)),
    }
    return private(render(request, "deals/figures/list.html", context))


def own_year(request: HttpRequest, institution_id: str, year: int) -> tuple[Actor, Organisation]:
    """The actor and an institution that it owns; nobody else finds the page."""
    actor = signed_in(request)
    if not queries.is_possible(year):
        raise NotFound
    return actor, get_visible(queries.own_institutions(actor), public_id=institution_id)


@require_safe
def year_page(request: HttpRequest, institution_id: str, year: int) -> HttpResponse:
    _actor, institution = own_year(request, institution_id, year)
    return _show(request, institution, year)


def _show(
    request: HttpRequest, institution: Organisation, year: int,
    missing: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """missing: sections with what a refused submission lacks."""
    draft = queries.draft_of(institution.pk, year)
    submitted = queries.submitted_of(institution.pk, year)
    context = {
        "institution": institution, "year": year, "draft": draft, "submitted": submitted,
        "groups": _groups(queries.lines(institution.pk, year, draft or submitted)),
        "versions": queries.versions_of(institution.pk, year),
        "sections": [
            (key, _section_name(key), (missing or {}).get(key, [])) for key in STEPS
        ],
        "is_over": queries.is_over(year), "is_refused": bool(missing),
    }  # fmt: skip
    status = 422 if missing else 200
    return private(render(request, "deals/figures/year.html", context, status=status))


@require_safe
def version_page(request: HttpRequest, institution_id: str, year: int, number: int) -> HttpResponse:
    """What one version declared."""
    _actor, institution = own_year(request, institution_id, year)
    report = next(
        (one for one in queries.versions_of(institution.pk, year) if one.number == number), None
    )
    if report is None:
        raise NotFound
    context = {
        "institution": institution,
        "year": year,
        "report": report,
        "groups": _groups(queries.lines(institution.pk, year, report)),
    }
    return private(render(request, "deals/figures/version.html", context))


def _groups(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """Under headings; of kinds of IP those of which there are any."""
    found: list[tuple[str, list[Line]]] = [(_("Services"), []), *(
        (_section_name(key), []) for key in ("income", "people", "ip")
    )]  # fmt: skip
    for line in lines:
        code = line.figure.code
        if code == "ip" or code.startswith("ip_"):
            if code == "ip" or line.declared:
                found[3][1].append(line)
        elif code.startswith("staff_"):
            found[2][1].append(line)
        elif code in SECTIONS["income"] or code == "income":
            found[1][1].append(line)
        else:
            found[0][1].append(line)
    return found


def _section_name(key: str) -> str:
    return str(SECTION_NAMES.get(key) or _("Naming and submission"))


@require_http_methods(["GET", "POST"])
def section_page(
    request: HttpRequest, institution_id: str, year: int, section: str
) -> HttpResponse:
    """A few fields at a time; the draft begins with the first that is saved."""
    actor, institution = own_year(request, institution_id, year)
    if section not in STEPS:
        raise NotFound
    draft = queries.draft_of(institution.pk, year)
    submitted = queries.submitted_of(institution.pk, year)
    version = draft.version if draft else 0
    form = SectionForm(
        request.POST or None, section=section, counted=_counted(institution, year, section),
        is_correction=submitted is not None, initial=filled(draft or submitted, section, version),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_report(
                actor=actor, institution_id=institution.pk, year=year, facts=form.facts(),
                expected_version=seen_version(request.POST.get("version", "")),
            )  # fmt: skip
        except Stale as error:
            add_domain_errors(form, error)
            data = form.data.copy()  # type: ignore[attr-defined]
            data["version"] = version  # told: saved again, it is meant
            form.data = data
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect(_after(institution, year, section, goes_on="next" in request.POST))
    place = STEPS.index(section)
    context = {
        "institution": institution, "year": year, "form": form, "section": section,
        "name": _section_name(section), "is_last": section == NAMING,
        "step": place + 1, "steps": len(STEPS), "is_correction": submitted is not None,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return private(render(request, "deals/figures/section.html", context, status=status))


def _counted(institution: Organisation, year: int, section: str) -> dict[str, Any]:
    return counted_of(institution.pk, year) if section == "outside" else {}


def _after(institution: Organisation, year: int, section: str, *, goes_on: bool) -> str:
    place = STEPS.index(section)
    if goes_on and place + 1 < len(STEPS):
        return reverse("service_section", args=[institution.public_id, year, STEPS[place + 1]])
    return reverse("service_year", args=[institution.public_id, year])


@require_POST
def step(request: HttpRequest, institution_id: str, year: int, step: str) -> HttpResponse:
    """submit or discard the draft."""
    actor, institution = own_year(request, institution_id, year)
    if step not in ("submit", "discard"):
        raise NotFound
    here = reverse("service_year", args=[institution.public_id, year])
    draft = queries.draft_of(institution.pk, year)
    if draft is None:
        messages.error(request, _("There is no draft of this year any more."))
        return redirect(here)
    given: dict[str, Any] = {
        "actor": actor, "report_id": draft.pk,
        "expected_version": seen_version(request.POST.get("version", "")),
    }  # fmt: skip
    try:
        if step == "submit":
            actions.submit_report(**given)
            messages.success(request, _("Submitted."))
        else:
            actions.discard_report(**given)
            messages.success(request, _("The draft is gone."))
    except Invalid as error:
        return _show(request, institution, year, _by_section(error))
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, first_words(error))
    return redirect(here)


def _by_section(error: Invalid) -> dict[str, list[str]]:
    """Section -> names of what is missing in it."""
    found: dict[str, list[str]] = {}
    for name in error.fields:
        if name in FIGURES:
            section = next(key for key, codes in SECTIONS.items() if name in codes)
            found.setdefault(section, []).append(FIGURES[name].name)
        else:
            found.setdefault(NAMING, []).append(_("Why the figures are corrected"))
    return found


@require_safe
def rows_page(request: HttpRequest, institution_id: str, year: int, code: str) -> HttpResponse:
    """The rows that a figure counts."""
    actor, institution = own_year(request, institution_id, year)
    if code not in COUNTED:
        raise NotFound
    numbers = counted_of(institution.pk, year)
    total = number_of_rows(institution.pk, year, code)
    page = Counted(range(total), ROWS, total).get_page(request.GET.get("page"))
    rows = rows_behind(
        actor, institution.pk, year, code, limit=ROWS, offset=(page.number - 1) * ROWS
    )
    context = {
        "institution": institution, "year": year, "figure": FIGURES[code],
        "value": numbers[code], "rows": rows, "page": page,
    }  # fmt: skip
    return private(render(request, "deals/figures/rows.html", context))
