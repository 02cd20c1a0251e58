"""Operators' pages of the sources that listings are brought in from."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import operators_only
from listings.actions import sources as actions
from listings.connectors.words import words_for
from listings.forms.sources import SourceForm
from listings.models import HarvestSource
from listings.queries.sources import visible_to
from listings.views.gates import actor_of
from marketplace.core.errors import DomainError
from marketplace.core.forms import add_domain_errors
from marketplace.core.gates import get_visible

COUNTS = (
    ("created", pgettext_lazy("rows", "new")),
    ("changed", gettext_lazy("changed")),
    ("same", gettext_lazy("as before")),
    ("copies", gettext_lazy("copies, left out")),
    ("refused", pgettext_lazy("rows", "refused")),
    ("withdrawn", gettext_lazy("withdrawn")),
    ("gone", gettext_lazy("deleted there, kept here")),
)
WHY = {
    "copy": gettext_lazy("says the same as a listing that is here"),
    "refused": pgettext_lazy("rows", "refused"),
    "broken": gettext_lazy("cannot be read"),
}
_DONE = {
    "on": gettext_lazy("The source is on. It is read in a moment."),
    "pause": gettext_lazy("The source is paused. Nothing is called any more."),
    "run": gettext_lazy("The source is read in a moment."),
}
_STEPS = {"on": actions.switch_on, "pause": actions.pause, "run": actions.run_now}


@require_safe
@operators_only
def source_list(request: HttpRequest) -> HttpResponse:
    """All sources with state, last run and what went wrong."""
    rows = list(visible_to(actor_of(request)).order_by("name"))
    return render(request, "listings/sources/list.html", {"rows": [_shown(row) for row in rows]})


@require_safe
@operators_only
def source_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One source: where it stands, what it brought, what was left out and why."""
    source = get_visible(visible_to(actor_of(request)), public_id=public_id)
    return render(
        request, "listings/sources/page.html", {**_shown(source), "notes": _notes(source)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def source_edit(request: HttpRequest, public_id: str = "") -> HttpResponse:
    """Add a source, or change one."""
    actor = actor_of(request)
    source = get_visible(visible_to(actor), public_id=public_id) if public_id else None
    initial = SourceForm.initial_of(source) if source else {"default_field": "new_materials"}
    form = SourceForm(request.POST or None, initial=initial, source=source)
    if request.method == "POST" and form.is_valid():
        try:
            if source is None:
                source = actions.add_source(actor=actor, facts=form.facts)
                messages.success(request, _("The source is added. Switch it on to read it."))
            else:
                actions.change_source(actor=actor, source_id=source.pk, facts=form.facts)
                messages.success(request, _("The source is changed."))
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            return redirect("source", source.public_id)
    return render(
        request, "listings/sources/form.html", {"form": form, "source": source},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_POST
@operators_only
def source_step(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """Switch on, pause, run now; or remove."""
    actor = actor_of(request)
    source = get_visible(visible_to(actor), public_id=public_id)
    try:
        if name == "remove":
            actions.remove_source(actor=actor, source_id=source.pk)
            messages.success(request, _("The source is removed. Its listings stay."))
            return redirect("sources")
        if name in _STEPS:
            _STEPS[name](actor=actor, source_id=source.pk)
            messages.success(request, str(_DONE[name]))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(reverse("source", args=[source.public_id]))


def _shown(source: HarvestSource) -> dict[str, Any]:
    return {
        "source": source,
        "trouble": words_for(source.trouble),
        "counts": [(label, source.counts[name]) for name, label in COUNTS
                   if source.counts.get(name) or (name == "created" and source.counts)],
        "pages": source.run.get("pages") or source.counts.get("pages", 0),
        "unchanged": bool(source.counts.get("unchanged")),
    }  # fmt: skip


def _notes(source: HarvestSource) -> list[dict[str, Any]]:
    return [{**note, "label": WHY.get(note.get("why", ""), "")} for note in source.report]
