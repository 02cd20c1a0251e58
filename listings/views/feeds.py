"""Feeds of any search, Atom and JSON Feed: always what a visitor sees, whoever asks."""

import datetime as dt
import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from listings.disclosure import Disclosed, disclosed_many
from listings.models import Listing
from listings.models.listings import Kind, Tier
from listings.queries import search
from listings.queries.browse import candidates
from listings.queries.narrowing import conditions
from listings.searches import address_of, canonical, describe, wanted_of
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese, pick
from marketplace.core.cleaning import without_xml_faults
from marketplace.core.errors import DomainError
from marketplace.core.replicas import may_lag

ENTRIES = 50
SECONDS = 300
_BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@require_safe
@may_lag
def technologies(request: HttpRequest, form: str) -> HttpResponseBase:
    """/technologies/feed.atom and feed.json."""
    return _feed(request, Kind.TECHNOLOGY.value, form)


@require_safe
@may_lag
def needs(request: HttpRequest, form: str) -> HttpResponseBase:
    """/needs/feed.atom and feed.json."""
    return _feed(request, Kind.NEED.value, form)


def newest(kind: str, query: str, language: str) -> list[Disclosed]:
    """The newest listings of a search as a visitor sees them: nothing above the public tier."""
    visitor = Actor.visitor(language)
    wanted = wanted_of(kind, query)
    words = search.require_all(wanted.question, visitor) if wanted.question else None
    pks = list(
        candidates(wanted, words, visitor, under=conditions(wanted))
        .filter(visibility=Tier.PUBLIC)
        .order_by("-published_at", "-pk")
        .values_list("pk", flat=True)[:ENTRIES]
    )
    seen = disclosed_many(list(Listing.objects.filter(pk__in=pks)), visitor, detail=False)
    return [seen[pk] for pk in pks if pk in seen]


def _feed(request: HttpRequest, kind: str, form: str) -> HttpResponseBase:
    chosen = request.GET.get("lang", "")
    language = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language() or "en"
    try:
        query = canonical(kind, request.GET)
    except DomainError:  # too long to be a search: the feed of everything
        query = ""
    with translation.override(language):
        entries = newest(kind, query, language)
        write = _atom if form == "atom" else _json
        body = write(request, kind, query, language, entries)
    media = "application/atom+xml" if form == "atom" else "application/feed+json"
    response = HttpResponse(body, content_type=f"{media}; charset=utf-8")
    changed = max((entry.updated_at for entry in entries), default=_BEGINNING)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed.timestamp())
    response["Content-Language"] = language
    patch_cache_control(response, public=True, max_age=SECONDS)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return (
        get_conditional_response(
            request, etag=etag, last_modified=int(changed.timestamp()), response=response
        )
        or response
    )


def _title(kind: str, query: str) -> str:
    room = _("Technology needs") if kind == Kind.NEED else _("Technologies")
    parts = [describe(wanted_of(kind, query))] if query else []
    return " · ".join([*parts, room, _("Yizhan")])


def _id(entry: Disclosed) -> str:
    """Stable whatever the page is called one day (RFC 4151)."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"tag:{host},2026:listing/{entry.public_id}"


def _addresses(kind: str, query: str, form: str, language: str) -> tuple[str, str]:
    """Of the page and of the feed itself."""
    name = "needs_feed" if kind == Kind.NEED else "technologies_feed"
    own = f"{settings.PUBLIC_URL}{reverse(name, args=[form])}?"
    own += f"{query}&lang={language}" if query else f"lang={language}"
    return settings.PUBLIC_URL + address_of(kind, query), own


def _atom(
    request: HttpRequest, kind: str, query: str, language: str, entries: list[Disclosed]
) -> bytes:
    page, own = _addresses(kind, query, "atom", language)
    feed = Atom1Feed(
        title=_title(kind, query), link=page, feed_url=own, language=_tag(language),
        description=None, author_name=_("Yizhan"),
    )  # fmt: skip
    for entry in entries:
        summary = pick(entry, "summary", language).value
        feed.add_item(
            title=pick(entry, "title", language).value,
            link=settings.PUBLIC_URL + entry.get_absolute_url(),
            description=summary,
            unique_id=_id(entry),
            pubdate=entry.published_at,
            updateddate=entry.updated_at,
            categories=[entry.field_name] if entry.field else (),
            author_name=pick(entry.owner, "name", language).value if entry.owner else None,
        )
    return without_xml_faults(feed.writeString("utf-8")).encode()


def _json(
    request: HttpRequest, kind: str, query: str, language: str, entries: list[Disclosed]
) -> bytes:
    page, own = _addresses(kind, query, "json", language)
    items: list[dict[str, Any]] = []
    for entry in entries:
        title = pick(entry, "title", language)
        item: dict[str, Any] = {
            "id": _id(entry),
            "url": settings.PUBLIC_URL + entry.get_absolute_url(),
            "title": title.value,
            "content_text": pick(entry, "summary", language).value or title.value,
            "language": title.lang,
            "date_modified": entry.updated_at.isoformat(timespec="seconds"),
        }
        if entry.published_at:
            item["date_published"] = entry.published_at.isoformat(timespec="seconds")
        if entry.field:
            item["tags"] = [entry.field_name]
        if entry.owner:
            item["authors"] = [{"name": pick(entry.owner, "name", language).value}]
        items.append(item)
    body = {
        "version": "https://jsonfeed.org/version/1.1", "title": _title(kind, query),
        "home_page_url": page, "feed_url": own, "language": _tag(language), "items": items,
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _tag(language: str) -> str:
    return "zh-Hans" if is_chinese(language) else "en"
