"""Lists of technologies and of needs: one question, filters with counts, pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.queries.organisations import visible_to as organisations_visible_to
from listings.choices import Choices, chips
from listings.models.listings import Kind
from listings.passages import best_passage, marked, present
from listings.queries.browse import Found, browse
from listings.queries.search import BOUND
from listings.queries.similar import fold_twins
from listings.views.gates import actor_of, is_partial
from listings.wanted import Wanted, read_wanted
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.codes import CURRENCIES

SORT_NAMES = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "deadline": _("Deadline"),
    "trl": _("Readiness"),
    "price": _("Price"),
}


@require_GET
def technologies(request: HttpRequest) -> HttpResponse:
    """Technologies on offer."""
    return _list(request, Kind.TECHNOLOGY)


@require_GET
def needs(request: HttpRequest) -> HttpResponse:
    """Needs that wait for an answer."""
    return _list(request, Kind.NEED)


def _list(request: HttpRequest, kind: Kind) -> HttpResponse:
    actor = actor_of(request)
    wanted = read_wanted(kind.value, request.GET)
    found = browse(wanted, actor, request.GET.get("page"))
    context = {
        "found": found,
        "wanted": wanted,
        "kind": kind.value,
        "page": found.page,
        "rows": rows(found, actor.language),
        "bound": BOUND,
        "is_cut": "total" in found.counts.open_ended,
        "groups": Choices(request, wanted, found.counts).groups(),
        "chips": chips(request, wanted, found.counts, _organisation_name(wanted, actor)),
        "kept": _kept(wanted),
        "sorts": _sorts(wanted),
        "levels": range(1, 10),
        "currencies": [(code.code, code.name()) for code in CURRENCIES],
    }
    partial = is_partial(request) and request.headers.get("HX-Target") == "browse"
    name = "listings/browse/_results.html" if partial else "listings/browse/page.html"
    response = render(request, name, context)
    if partial:
        # without the empty fields that the form sends along
        response["HX-Push-Url"] = f"{request.path}{_address(request)}"
    patch_vary_headers(response, ["HX-Request", "HX-Target", "Accept-Language", "Cookie"])
    return response


def rows(found: Found, language: str) -> list[dict[str, Any]]:
    """Groups of a page's listings for the template: the first of each, its twins folded under it,
    the best passage, the wanted words that it does not hold."""
    words = found.query.words if found.query is not None else ()
    weights = {token: weight for word, weight in words for token in word.tokens}
    groups = fold_twins(list(found.page.object_list), found.fingerprints)
    made = []
    for first, *twins in groups:
        row: dict[str, Any] = {"d": first, "twins": twins}
        if weights:
            title = pick(first, "title", language)
            row["title"] = marked(title.value, weights)
            row["title_lang"] = title.lang
            row["passage"] = best_passage(first, weights, language)
            if found.is_partial:
                held = present(first, weights)
                row["missing"] = [word.surface for word, _ in words if not word.tokens & held]
        made.append(row)
    return made


def _organisation_name(wanted: Wanted, actor: Actor) -> str:
    if not wanted.organisation:
        return ""
    found = organisations_visible_to(actor).filter(public_id=wanted.organisation).first()
    return pick(found, "name", actor.language).value if found else ""


def _kept(wanted: Wanted) -> list[tuple[str, str]]:
    """Filters that the search form sends along, as (parameter, value)."""
    kept = [
        (name, value)
        for name in ("field", "sub_field", "mode", "ip", "organisation_kind")
        for value in getattr(wanted, name)
    ]
    kept += [
        (name, getattr(wanted, name))
        for name in ("region", "country", "language", "organisation")
        if getattr(wanted, name)
    ]
    if wanted.verified:
        kept.append(("verified", "1"))
    return kept


def _sorts(wanted: Wanted) -> list[tuple[str, Any]]:
    names = ["newest", "trl", "price"] if wanted.kind == Kind.TECHNOLOGY else [
        "newest", "deadline", "price"
    ]  # fmt: skip
    if wanted.question:
        names.insert(0, "relevance")
    return [(name, SORT_NAMES[name]) for name in names]


def _address(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in list(query):
        values = [value for value in query.getlist(name) if value]
        if values and (name, values) not in (("currency", ["CNY"]), ("page", ["1"])):
            query.setlist(name, values)
        else:
            query.pop(name)
    return f"?{query.urlencode()}" if query else ""
