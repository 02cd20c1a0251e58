"""The public directory of technology transfer institutions."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.forms.directory import DirectoryFilters
from accounts.pages import actor_of
from accounts.queries import directory
from marketplace.core.replicas import may_lag

PER_PAGE = 20


@require_GET
@may_lag
def institutions(request: HttpRequest) -> HttpResponse:
    """Filter by type, region, field; search by name. Everything stands in the address."""
    actor = actor_of(request)
    form = DirectoryFilters(request.GET)
    read = form.readable()
    wanted = directory.Wanted(
        text=read["text"],
        types=tuple(read["types"]),
        region=read["region"],
        fields=tuple(read["fields"]),
    )
    page = Paginator(directory.found(actor, wanted), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/institutions.html",
        {
            "page": page,
            "wanted": wanted,
            "facets": directory.facets(actor, wanted),
            "unreadable": sorted(form.errors),
        },
    )
