"""Pages: writing a disclosure in three steps; each saves."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from deals import disclosure_states as states
from deals.actions import disclosures as actions
from deals.disclosure_content import FIELDS
from deals.forms.disclosures import BackgroundForm, InventorRows, WhatForm
from deals.models import Disclosure
from deals.queries.disclosures import institutions_for, is_author, organisations_of
from deals.views.disclosures import own_disclosure, private
from deals.views.gates import signed_in
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused, Stale
from marketplace.core.forms import add_domain_errors
from marketplace.core.posted import seen_version

WHAT = ("title_en", "title_zh", "description_en", "description_zh", "trl", "prior_art")


@require_http_methods(["GET", "POST"])
def new_disclosure(request: HttpRequest) -> HttpResponse:
    actor = signed_in(request)
    mine = list(organisations_of(actor))
    form = WhatForm(request.POST or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data.get("organisation")
        try:
            made = actions.begin_disclosure(
                actor=actor, facts={name: form.cleaned_data[name] for name in WHAT},
                organisation_id=next((one.pk for one in mine if one.public_id == wanted), None),
            )  # fmt: skip
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _("Saved as a draft."))
            return redirect("disclosure_inventors", made.public_id)
    return _page(request, "what", None, form, has_organisation=bool(mine))


@require_http_methods(["GET", "POST"])
def edit_what(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, disclosure = _editable(request, public_id)
    form = WhatForm(
        request.POST or None,
        initial={name: getattr(disclosure, name) for name in (*WHAT, "version")},
    )
    return _edited(request, actor, disclosure, "what", form, lambda given: {
        name: given[name] for name in WHAT
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def edit_background(request: HttpRequest, public_id: str) -> HttpResponse:
    actor, disclosure = _editable(request, public_id)
    institutions = institutions_for(actor)
    by_id = {one.public_id: one.pk for one in institutions}
    names = [name for name in FIELDS if name not in WHAT]
    form = BackgroundForm(
        request.POST or None, institutions=institutions,
        initial={
            **{name: getattr(disclosure, name) for name in (*names, "version")},
            "institution": disclosure.institution.public_id if disclosure.institution else "",
        },
    )  # fmt: skip
    return _edited(request, actor, disclosure, "background", form, lambda given: {
        **{name: given[name] for name in names}, "institution": by_id.get(given["institution"]),
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def edit_inventors(request: HttpRequest, public_id: str) -> HttpResponse:
    """More rows without script; a row that is left empty is taken off."""
    actor, disclosure = _editable(request, public_id)
    if request.method != "POST":
        known = [
            {"name": one.name, "email": one.email, "affiliation": one.affiliation,
             "share": f"{one.share.normalize():f}"}
            for one in disclosure.inventors.all()
        ]  # fmt: skip
        blank: list[dict[str, Any]] = [{}] * (1 if known else 2)
        return _page(request, "inventors", disclosure, InventorRows(initial=[*known, *blank]))
    data = request.POST.copy()
    if "add" in data:
        count = data.get("form-TOTAL_FORMS", "0")
        number = int(count[:4]) if count.isascii() and count.isdigit() else 0
        data["form-TOTAL_FORMS"] = str(min(number, actions.MAX_INVENTORS - 1) + 1)
        return _page(request, "inventors", disclosure, InventorRows(data))
    rows = InventorRows(data)
    if not rows.is_valid():
        return _page(request, "inventors", disclosure, rows, wrong=True)
    filled = [form for form in rows if form.is_filled]
    try:
        changed, voided = actions.set_inventors(
            actor=actor, disclosure_id=disclosure.pk, rows=[form.row() for form in filled],
            expected_version=seen_version(data.get("version", "")),
        )  # fmt: skip
    except Stale as error:
        disclosure.refresh_from_db()  # saved again, it is meant
        return _page(request, "inventors", disclosure, rows, wrong=True, whole=[str(error)])
    except Invalid as error:
        for name, texts in error.fields.items():
            if name.startswith("rows."):
                _rows, place, field = name.split(".")
                for text in texts:
                    filled[int(place)].add_error(field, str(text))
        whole = [str(text) for text in error.fields.get("rows", [])]
        return _page(request, "inventors", disclosure, rows, wrong=True, whole=whole)
    except Conflict as error:
        return _page(request, "inventors", disclosure, rows, wrong=True, whole=[str(error)])
    _told(request, voided)
    return redirect("disclosure_background", changed.public_id)


# --- Pieces ------------------------------------------------------------------------------------


def _editable(request: HttpRequest, public_id: str) -> tuple[Actor, Disclosure]:
    actor, disclosure = own_disclosure(request, public_id)
    if not is_author(actor, disclosure):
        raise Refused("not_the_author", _("Only the author of a disclosure may do this."))
    if "edit" not in states.TRANSITIONS.allowed(disclosure.state):
        raise Conflict("wrong_state", _("The disclosure is with the institution now."))
    return actor, disclosure


def _edited(
    request: HttpRequest, actor: Actor, disclosure: Disclosure, step: str, form: Any,
    facts: Callable[[dict[str, Any]], dict[str, Any]],
) -> HttpResponse:  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            _changed, voided = actions.change_disclosure(
                actor=actor, disclosure_id=disclosure.pk, facts=facts(form.cleaned_data),
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
        except NotFound:
            raise
        except Stale as error:
            # what was typed stays; saved again, it is meant
            disclosure.refresh_from_db()
            form.data = form.data.copy()
            form.data["version"] = str(disclosure.version)
            add_domain_errors(form, error)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            _told(request, voided)
            following = {"what": "disclosure_inventors", "background": "disclosure"}[step]
            return redirect(following, disclosure.public_id)
    return _page(request, step, disclosure, form)


def _told(request: HttpRequest, voided: int) -> None:
    messages.success(request, _("Saved."))
    if voided:
        messages.warning(
            request,
            ngettext(
                "%(number)s signature is void, since the content has changed. Ask anew when you "
                "are done.",
                "%(number)s signatures are void, since the content has changed. Ask anew when you "
                "are done.",
                voided,
            )
            % {"number": voided},
        )  # fmt: skip


def _page(
    request: HttpRequest, step: str, disclosure: Disclosure | None, form: Any, **more: Any
) -> HttpResponse:
    def url(name: str) -> str:
        return reverse(f"disclosure_{name}", args=[disclosure.public_id]) if disclosure else ""

    labels = {
        "what": _("Invention"), "inventors": _("Inventors"), "background": _("Background"),
    }  # fmt: skip
    context = {
        "step": step, "disclosure": disclosure, "form": form, "has_organisation": True,
        "steps": [
            {"key": key, "label": label, "url": url(key)} for key, label in labels.items()
        ],
        "is_signing": disclosure is not None and disclosure.state == states.SIGNING,
        "version": disclosure.version if disclosure else "", **more,
    }  # fmt: skip
    wrong = more.get("wrong") or (step != "inventors" and bool(form.errors))
    response = render(request, "deals/disclosures/form.html", context, status=422 if wrong else 200)
    return private(response)
