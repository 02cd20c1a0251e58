"""What programs that read the whole site ask for: robots.txt, the sitemap, favicon.ico.

The sitemap holds what a visitor may see, and nothing else: it is read through the same door.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.queries.organisations import visible_to as organisations_visible_to
from deals.queries.gatherings import visible_to as gatherings_visible_to
from listings.models.listings import Kind, Tier
from listings.queries.visibility import published_for
from listings.structured import alternates
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.replicas import may_lag

PART = 10_000
SECONDS = 3600
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
# Personal pages and lists under a question: endless, and of no use to others.
_CLOSED = (
    "/account/", "/api/", "/compare/", "/contracts/", "/dashboard/", "/deals/", "/introductions/",
    "/kept/", "/listings/", "/matches/", "/my/", "/notifications/", "/post/", "/review/",
    "/searches/", "/seen/", "/technologies/?", "/needs/?", "/institutions/?", "/register/?",
    "/cases/", "/disclosures/", "/rooms/", "/income/", "/valuations/", "/referrals/",
    "/commissions/", "/royalties/", "/requests/", "/visits/", "/gatherings/?",
    "/gatherings/desk/", "/gatherings/qualification/", "/service-figures/",
)  # fmt: skip
_PAGES = (
    "home",
    "technologies",
    "needs",
    "institutions",
    "gatherings",
    "register",
    "figures",
    "help",
)
Boundary = tuple[int, dt.datetime | None]


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: pages yes, personal pages and faceted addresses no, feeds yes."""
    lines = ["User-agent: *"]
    lines += [f"Allow: /{kind}/feed.{form}" for kind in ("technologies", "needs")
              for form in ("atom", "json")]  # fmt: skip
    lines += [f"Disallow: {path}" for path in _CLOSED]
    lines += ["", f"Sitemap: {settings.PUBLIC_URL}{reverse('sitemap')}", ""]
    return _cached(HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"))


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it without being told to; the mark is one drawing for every size."""
    return _cached(HttpResponseRedirect(static("mark.svg")))


@require_safe
@may_lag
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the parts, each of at most 10,000 addresses."""
    entries = [_place(reverse("sitemap_pages"), None, "sitemap")]
    for room in _ROOMS:
        for number, (_after, changed) in enumerate(_boundaries(room), 1):
            entries.append(_place(reverse("sitemap_part", args=[room, number]), changed, "sitemap"))
    body = f"{_HEAD}<sitemapindex {_SPACE}>\n{''.join(entries)}</sitemapindex>\n"
    return _cached(HttpResponse(body, content_type="application/xml; charset=utf-8"))


@require_safe
@may_lag
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    """Pages that are not about one object."""
    return _urls(_place(reverse(name), None, "url") for name in _PAGES)


@require_safe
@may_lag
def sitemap_part(request: HttpRequest, room: str, number: int) -> HttpResponse:
    """One part: addresses with their last change and their languages."""
    boundaries = _boundaries(room) if room in _ROOMS else []
    if not 1 <= number <= len(boundaries):
        raise NotFound
    after = boundaries[number - 1][0]
    rows = _rows(room).filter(pk__gt=after).order_by("pk").values_list("public_id", "updated_at")
    prefix = "/" + room + "/"
    return _urls(_place(f"{prefix}{pk}/", changed, "url") for pk, changed in rows[:PART])


def _rows(room: str) -> "QuerySet[Any]":
    """What a visitor may see of a room."""
    visitor = Actor.visitor()
    if room == "organisations":
        return organisations_visible_to(visitor)
    if room == "gatherings":
        return gatherings_visible_to(visitor).exclude(state="cancelled")
    kind = Kind.NEED if room == "needs" else Kind.TECHNOLOGY
    return published_for(visitor).filter(kind=kind, visibility=Tier.PUBLIC)


_ROOMS = ("technologies", "needs", "organisations", "gatherings")


def _boundaries(room: str) -> list[Boundary]:
    """Of each part the id before its first row, and the last change in it; an hour old at most."""
    key = f"sitemap.{room}"
    known: list[Boundary] | None = cache.get(key)
    if known is not None:
        return known
    found: list[Boundary] = []
    after = 0
    while True:
        part = _rows(room).filter(pk__gt=after).order_by("pk")[:PART]
        end = part.aggregate(last=Max("pk"), changed=Max("updated_at"))
        if end["last"] is None:
            break
        found.append((after, end["changed"]))
        after = end["last"]
    cache.set(key, found, SECONDS)
    return found


def _place(path: str, changed: dt.datetime | None, element: str) -> str:
    url = settings.PUBLIC_URL + path
    inside = f"<loc>{escape(url)}</loc>"
    if changed is not None:
        inside += f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>"
    if element == "url":
        inside += "".join(
            f'<xhtml:link rel="alternate" hreflang={quoteattr(lang)} href={quoteattr(href)}/>'
            for lang, href in alternates(url)
        )
    return f"<{element}>{inside}</{element}>\n"


def _urls(places: Iterator[str]) -> HttpResponse:
    space = f'{_SPACE} xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    body = f"{_HEAD}<urlset {space}>\n{''.join(places)}</urlset>\n"
    return _cached(HttpResponse(body, content_type="application/xml; charset=utf-8"))


def _cached(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response
