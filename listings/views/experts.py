"""The expert finder: who knows about something, by what they have posted."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from listings.forms.experts import read_asked
from listings.queries.experts import find_experts, with_listings
from listings.views.gates import actor_of
from marketplace.core import regions
from marketplace.core.codes import FIELDS
from marketplace.core.replicas import may_lag

PER_PAGE = 20


@require_safe
@may_lag
def experts(request: HttpRequest) -> HttpResponse:
    """A question, what narrows it, and the parties, best first."""
    actor = actor_of(request)
    asked, ignored = read_asked(request.GET)
    found = find_experts(asked, actor)
    page = Paginator(found.experts, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = with_listings(list(page.object_list), actor)
    language = get_language() or "en"
    response = render(
        request,
        "listings/experts.html",
        {
            "asked": asked,
            "ignored": ignored,
            "found": found,
            "page": page,
            "fields": [(code.code, code.name()) for code in FIELDS],
            "provinces": [(one.code, one.name(language)) for one in regions.children()],
        },
    )
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response
