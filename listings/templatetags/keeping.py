"""{% load keeping %}: buttons by which a reader keeps and compares, what it saw last, feeds."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Organisation
from listings.disclosure import Disclosed
from listings.models.listings import Kind
from listings.queries.saved import kept_ids, named
from listings.remembered import compared_ids, seen_ids, tray_of
from listings.searches import address_of, canonical
from listings.structured import Head, organisation_head
from marketplace.core.actor import Actor
from marketplace.core.errors import DomainError

register = template.Library()
Context = dict[str, Any]


def _reader(context: Any) -> tuple[HttpRequest | None, Actor]:
    request: HttpRequest | None = context.get("request")
    return request, context.get("actor") or getattr(request, "actor", None) or Actor.visitor()


@register.inclusion_tag("listings/saved/_buttons.html", takes_context=True)
def keep_buttons(context: Any, d: Disclosed, small: bool = True) -> Context:
    """Keep and compare, beside one listing; the kept ones are read once a page."""
    request, actor = _reader(context)
    kept: frozenset[int] = getattr(request, "kept_ids", None) or frozenset()
    if request is not None and not hasattr(request, "kept_ids"):
        kept = kept_ids(actor)
        request.kept_ids = kept  # type: ignore[attr-defined]
    return {
        "public_id": d.public_id,
        "is_kept": d.pk in kept,
        "can_compare": d.state == "published" and not d.is_revision,
        "is_compared": d.public_id in compared_ids(request, d.kind),
        "actor": actor,
        "small": small,
        "here": request.get_full_path() if request is not None else "",
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("listings/saved/_tray.html", takes_context=True)
def compare_tray(context: Any, kind: str) -> Context:
    """What is chosen for comparing, at the foot of the page; nothing while nothing is chosen."""
    request, _actor = _reader(context)
    return {
        **tray_of(kind, compared_ids(request, kind)),
        "here": request.get_full_path() if request is not None else "",
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("listings/saved/_seen.html", takes_context=True)
def recently_seen(context: Any, number: int = 6, but: str = "") -> Context:
    """The listings looked at last, as far as they are open to the reader now; `but`: not this."""
    request, actor = _reader(context)
    ids = [one for one in seen_ids(request) if one != but]
    return {
        "rows": named(ids, actor)[:number],
        "here": request.get_full_path() if request is not None else "",
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag(takes_context=True)
def search_addresses(context: Any, kind: str) -> dict[str, str]:
    """Of the search on this page: where it is saved, and its feeds; {} when it is too long."""
    request, actor = _reader(context)
    if request is None:
        return {}
    try:
        query = canonical(kind, request.GET)
    except DomainError:
        return {}
    feed = "needs_feed" if kind == Kind.NEED else "technologies_feed"
    language = f"lang={actor.language}"
    asked = f"{query}&{language}" if query else language
    return {
        "save": f"{reverse('save_search')}?kind={kind}" + (f"&{query}" if query else ""),
        "atom": f"{reverse(feed, args=['atom'])}?{asked}",
        "json": f"{reverse(feed, args=['json'])}?{asked}",
        "page": address_of(kind, query),
    }


@register.simple_tag(takes_context=True, name="organisation_head")
def _organisation_head(context: Any, organisation: Organisation) -> Head | None:
    """What search engines are told of an organisation's page."""
    _request, actor = _reader(context)
    return organisation_head(organisation, actor.language)
