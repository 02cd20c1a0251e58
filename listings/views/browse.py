"""Lists of technologies and of needs: one question, filters with counts, pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.queries.organisations import visible_to as organisations_visible_to
from listings.choices import Choices, chips, figure_chips
from listings.disclosure import Disclosed
from listings.models.listings import Kind
from listings.notes import notes_on
from listings.passages import best_passage, marked, present
from listings.queries.alike import fold_page
from listings.queries.browse import Found, Twins, browse
from listings.queries.search import BOUND
from listings.queries.suggestions import suggest
from listings.question import read_question
from listings.views.gates import actor_of, is_partial
from listings.wanted import MAX_QUESTION, MAX_VALUES, PARAMETERS, Wanted, read_wanted
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.codes import CURRENCIES
from marketplace.core.replicas import may_lag

_DEFAULTS = (("currency", ["CNY"]), ("page", ["1"]))
_KNOWN = {"q", "words", "exact", "unfold", "sort", "page", "lang"}.union(*PARAMETERS.values())
_LONGEST = 4 * MAX_QUESTION  # characters of one parameter
SORT_NAMES = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "deadline": _("Deadline"),
    "trl": _("Readiness"),
    "price": _("Price"),
}


@require_GET
@may_lag
def technologies(request: HttpRequest) -> HttpResponse:
    """Technologies on offer."""
    return _list(request, Kind.TECHNOLOGY)


@require_GET
@may_lag
def needs(request: HttpRequest) -> HttpResponse:
    """Needs that wait for an answer."""
    return _list(request, Kind.NEED)


def _list(request: HttpRequest, kind: Kind) -> HttpResponse:
    actor = actor_of(request)
    request.GET = _without_blanks(request.GET)  # type: ignore[assignment]
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
        "figure_chips": figure_chips(request, read_question(found.meant or wanted.question)),
        "kept": _kept(wanted),
        "notes": notes_on(read_question(wanted.question)),
        "sorts": _sorts(wanted),
        "levels": range(1, 10),
        **_without_signs(found),
        "currencies": [(code.code, code.name()) for code in CURRENCIES],
    }
    partial = is_partial(request) and request.headers.get("HX-Target") == "browse"
    name = "listings/browse/_results.html" if partial else "listings/browse/page.html"
    response = render(request, name, context)
    if partial:
        query = request.GET.urlencode()
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    patch_vary_headers(response, ["HX-Request", "HX-Target", "Accept-Language", "Cookie"])
    return response


@require_GET
@may_lag
def suggestions(request: HttpRequest) -> HttpResponse:
    """Options for a search box while one types."""
    kind = Kind.NEED if request.GET.get("kind") == Kind.NEED else Kind.TECHNOLOGY
    found = suggest(request.GET.get("q", ""), kind.value)
    response = render(request, "listings/browse/_suggestions.html", {"suggestions": found})
    response["Cache-Control"] = "public, max-age=60"  # the same for every reader
    return response


def rows(found: Found, language: str) -> list[dict[str, Any]]:
    """Groups of a page's listings for the template: the first of each, its twins folded under it,
    the best passage, the wanted words that it does not hold."""
    words = found.query.words if found.query is not None else ()
    weights = {token: weight for word, weight in words for token in word.tokens}
    made = []
    for first, twins in _folded(found):
        row: dict[str, Any] = {"d": first, "twins": twins}
        if weights:
            title = pick(first, "title", language)
            row["title"] = marked(title.value, weights)
            row["title_lang"] = title.lang
            row["passage"] = best_passage(first, weights, language)
            if found.is_partial:
                held = present(first, weights)
                row["missing"] = [word.surface for word, _ in words if not word.tokens & held]
            hit = found.hits.get(first.pk)
            if hit is not None and not hit.words:
                row["near"], row["missing"] = True, []
        made.append(row)
    return made


def _folded(found: Found) -> list[tuple[Disclosed, Twins | None]]:
    """A page's listings with what says the same: of the whole list, where that is ranked; else of
    the page."""
    page = list(found.page.object_list)
    if found.hits:
        return [(one, found.twins.get(one.pk)) for one in page]
    seen = {one.pk: one for one in page}
    return [
        (seen[pk], Twins([seen[one] for one in others], len(others)) if others else None)
        for pk, others in fold_page(page, found.fingerprints).items()
    ]


def _without_signs(found: Found) -> dict[str, Any]:
    """The words of the question alone, figures by the names of their metrics, for who found
    nothing; and how its figures were read."""
    if found.query is None:
        return {"plain": "", "figures": ()}
    question = found.query.question
    words = [word.surface for word in question.words]
    named = [one.name for one in question.specifications]
    return {"plain": " ".join([*words, *named]), "figures": question.specifications}


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
    kept += [("spec", asked.text) for asked in wanted.specifications]
    if wanted.verified:
        kept.append(("verified", "1"))
    return kept


def _sorts(wanted: Wanted) -> list[tuple[str, Any, bool]]:
    """(value, name, whether it is in force); the first goes without saying, so that a question
    put later is answered by relevance."""
    names = ["newest", "trl", "price"] if wanted.kind == Kind.TECHNOLOGY else [
        "newest", "deadline", "price"
    ]  # fmt: skip
    if wanted.question:
        names.insert(0, "relevance")
    return [
        (name if place else "", SORT_NAMES[name], name == wanted.order)
        for place, name in enumerate(names)
    ]


def _without_blanks(query: QueryDict) -> QueryDict:
    """A form sends its empty fields along; addresses and links on the page do without them."""
    clean = query.copy()
    for name in list(clean):
        # what is not known is not repeated in every link of the page
        values = [value for value in clean.getlist(name) if value][: MAX_VALUES + 1]
        values = values if name in _KNOWN and sum(map(len, values)) <= _LONGEST else []
        if not values or (name, values) in _DEFAULTS:
            clean.pop(name)
        else:
            clean.setlist(name, values)
    return clean
