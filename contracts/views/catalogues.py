"""Catalogues of controlled technologies: to read for members, to load for operators."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contracts.actions.catalogues import Loaded, load_catalogue
from contracts.forms.screening import CatalogueForm
from contracts.models import CatalogueEntry
from contracts.queries import catalogues as queries
from contracts.screening.reading import MAX_BYTES, Faults
from contracts.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import Refused
from marketplace.core.gates import get_visible

ROWS = 50


@require_http_methods(["GET", "POST"])
def catalogues_page(request: HttpRequest) -> HttpResponse:
    """All editions, those in force first to see; operators load another."""
    actor = signed_in(request)
    form = CatalogueForm()
    faults: list[str] = []
    checked = None
    if request.method == "POST":
        if not actor.is_operator:
            raise Refused("operators_only", _("Only operators of the platform may do this."))
        form = CatalogueForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                checked = _load(actor, form.cleaned_data)
            except Faults as error:
                faults = error.found
            else:
                if not form.cleaned_data["only_check"]:
                    messages.success(request, _told(checked))
                    return redirect("catalogues")
    today = timezone.localdate()
    rows = list(queries.with_counts(queries.visible_to(actor)))
    return render(
        request,
        "contracts/screening/catalogues.html",
        {
            "rows": [{"catalogue": one, "holds": _holds(one, today)} for one in rows],
            "form": form, "faults": faults, "checked": checked,
            "may_load": actor.is_operator,
        },
        status=422 if faults or form.errors else 200,
    )  # fmt: skip


@require_GET
def catalogue_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One edition: its entries, with a search."""
    actor = signed_in(request)
    catalogue = get_visible(queries.visible_to(actor), public_id=public_id)
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    kind = request.GET.get("kind", "")
    rows = queries.find_entries(catalogue, text, kind)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/screening/catalogue.html",
        {
            "catalogue": catalogue, "page": page, "text": text, "kind": kind,
            "kinds": CatalogueEntry.Kind.choices, "holds": _holds(catalogue, timezone.localdate()),
        },
    )  # fmt: skip


def _load(actor: Actor, given: dict[str, Any]) -> Loaded:
    upload = given["file"]
    return load_catalogue(
        actor=actor,
        content=upload.read(MAX_BYTES + 1),
        is_csv=(upload.name or "").lower().endswith(".csv"),
        only_check=given["only_check"],
    )


def _told(loaded: Loaded) -> str:
    number = len(loaded.document.entries)
    if not loaded.is_new:
        return _("This edition is there already. Nothing was changed.")
    return ngettext(
        "Loaded with %(number)s entry. Contracts that are not decided yet are screened anew.",
        "Loaded with %(number)s entries. Contracts that are not decided yet are screened anew.",
        number,
    ) % {"number": number}


def _holds(catalogue: Any, today: Any) -> bool:
    return (
        catalogue.replaced_at is None
        and catalogue.valid_from <= today
        and (catalogue.valid_to is None or today <= catalogue.valid_to)
    )
