"""Ways through the site: main navigation, crumbs, tabs, steps, pages, facets, sorting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from marketplace.core.components.icons import icon

PAGE_PARAM = "page"


def query_of(request: HttpRequest | None) -> QueryDict:
    """The query string of the page as a copy that may be changed."""
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


def with_query(
    request: HttpRequest | None, changes: Mapping[str, Any], drop: Sequence[str] = (PAGE_PARAM,)
) -> str:
    """ "?a=b&.." of the present page with ``changes``; None removes, a list sets several.

    ``drop`` names parameters that a change makes senseless (the page number). "?" when empty.
    """
    query = query_of(request)
    for name in drop:
        if name not in changes:
            query.pop(name, None)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, list | tuple | set):
            query.setlist(name, [str(item) for item in value])
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


def url_or_empty(name: str) -> str:
    """The address of a named page, or "" where the page does not exist (yet)."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def default_nav() -> list[dict[str, str]]:
    """What stands in the header when the context gives no ``nav``."""
    wanted = (
        ("technologies", _("Technologies")),
        ("needs", _("Needs")),
        ("institutions", _("Institutions")),
        ("register", pgettext("navigation", "Register")),
        ("yearbook", _("Yearbook")),
    )
    items = ({"key": key, "label": label, "url": url_or_empty(key)} for key, label in wanted)
    return [item for item in items if item["url"]]


def nav_with_current(
    items: Iterable[Mapping[str, Any]], current: str, path: str
) -> list[dict[str, Any]]:
    """Navigation items with ``current`` set on one: the named key, else the longest path prefix."""
    listed = [dict(item) for item in items]
    if current:
        chosen = current
    else:
        fits = [i for i in listed if i["url"] != "/" and path.startswith(str(i["url"]))]
        chosen = max(fits, key=lambda item: len(str(item["url"])))["key"] if fits else ""
    for item in listed:
        item["current"] = bool(chosen) and item["key"] == chosen
        item["exact"] = item["url"] == path
    return listed


def crumb(url: str, label: object) -> SafeString:
    """One step of a breadcrumb; an empty ``url`` marks the page itself."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, label)
    return format_html('<li><span aria-current="page">{}</span></li>', label)


def breadcrumb(content: SafeString) -> SafeString:
    """The way from home to this page."""
    return format_html(
        '<nav class="breadcrumb" aria-label="{}"><ol>{}</ol></nav>', _("You are here"), content
    )


def tab(url: str, label: object, count: int | None = None, current: bool = False) -> SafeString:
    """One tab: a link to a page of its own."""
    tail = (
        format_html('<span class="tabs__count tabular">{}</span>', f"{count:,}")
        if count is not None
        else ""
    )
    return format_html(
        '<li><a href="{}"{}>{}{}</a></li>',
        url,
        SafeString(' aria-current="page"') if current else "",
        label,
        tail,
    )


def tabs(content: SafeString, label: object) -> SafeString:
    """Pages that are views of one thing."""
    return format_html('<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>', label, content)


def steps_of(items: Iterable[Mapping[str, Any]], current: str) -> list[dict[str, Any]]:
    """Steps of a form with number and state (done, current, open)."""
    listed = [dict(item) for item in items]
    if current not in {item["key"] for item in listed}:
        raise ValueError(f"unknown step: {current!r}")
    for index, item in enumerate(listed, 1):
        item["number"] = index
        item["state"] = (
            "current" if item["key"] == current else "done" if item.get("done") else "open"
        )
    return listed


def facet_items(
    request: HttpRequest | None, items: Iterable[Any], param: str, multiple: bool
) -> list[dict[str, Any]]:
    """Choices of a facet with the address that switches each on or off.

    ``items``: mappings or objects with value, label and count (None: not counted). A choice that
    would leave nothing is shown without a link, so a filter never leads into a dead end.
    """
    query = query_of(request)
    chosen = query.getlist(param)
    listed = []
    for item in items:
        read = item.get if isinstance(item, Mapping) else lambda k, i=item: getattr(i, k, None)
        value, count = str(read("value")), read("count")
        selected = value in chosen
        if multiple:
            after = [v for v in chosen if v != value] if selected else [*chosen, value]
        else:
            after = [] if selected else [value]
        listed.append(
            {
                "label": read("label"),
                "count": count,
                "selected": selected,
                "dead": count == 0 and not selected,
                "url": with_query(request, {param: after or None}),
            }
        )
    return listed


def pager_links(request: HttpRequest | None, page: Page[Any], param: str) -> dict[str, Any]:
    """Addresses of the neighbours and of a short window of pages, gaps as None."""

    def address(number: int) -> str:
        return with_query(request, {param: number if number > 1 else None}, drop=())

    total = page.paginator.num_pages
    window: list[dict[str, Any] | None] = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if isinstance(number, int):
            window.append(
                {"number": number, "url": address(number), "current": number == page.number}
            )
        else:
            window.append(None)
    return {
        "page": page,
        "total": total,
        "window": window,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
        "first_row": page.start_index(),
        "last_row": page.end_index(),
        "rows": page.paginator.count,
    }


def sort_link(
    request: HttpRequest | None, label: object, key: str, param: str = "sort"
) -> SafeString:
    """Head of a sortable column: first press ascending, second descending."""
    now = query_of(request).get(param, "")
    ascending, descending = now == key, now == f"-{key}"
    url = with_query(request, {param: f"-{key}" if ascending else key})
    arrow = (
        icon("arrow-up" if ascending else "arrow-down", size="sm")
        if (ascending or descending)
        else icon("sort", size="sm")
    )
    spoken = _("sorted, ascending") if ascending else _("sorted, descending") if descending else ""
    return format_html(
        '<a class="sort-link{}" href="{}" rel="nofollow">{}{}{}</a>',
        " is-sorted" if ascending or descending else "",
        url,
        label,
        arrow,
        format_html('<span class="visually-hidden">, {}</span>', spoken) if spoken else "",
    )
