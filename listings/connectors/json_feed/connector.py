"""Reading a feed and the pages that it leads to. Feeds do not say what was deleted."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from listings.connectors.plain import one_line, plain, web_address
from listings.connectors.shapes import Ask, Item, Page, Trouble

VERSIONS = ("https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1")


class JsonFeed:
    key_header = ("Authorization", "Bearer %s")
    is_conditional = True

    def url(self, ask: Ask) -> str:
        return str(ask.cursor.get("url") or ask.address)

    def read(self, body: bytes, ask: Ask) -> Page:
        try:
            feed = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError) as error:
            raise Trouble("not_json", str(error)[:200]) from error
        version = feed.get("version") if isinstance(feed, dict) else None
        if not isinstance(version, str) or version.replace("www.", "").rstrip("/") not in VERSIONS:
            raise Trouble("not_feed")
        entries = feed.get("items")
        if not isinstance(entries, list):
            raise Trouble("not_feed", "no items")
        items, broken = [], []
        for number, entry in enumerate(entries, 1):
            item = _item(entry)
            if item is None:
                broken.append(f"item {number}: no id or text")
            else:
                items.append(item)
        return Page(items, self._next(feed, ask), broken=broken)

    def _next(self, feed: Mapping[str, Any], ask: Ask) -> dict[str, str] | None:
        """The next page, only where the feed itself is: a feed must not lead a key, or us, to
        another host."""
        given = feed.get("next_url")
        if not isinstance(given, str) or not given:
            return None
        here = self.url(ask)
        following = web_address(urljoin(here, given))
        if not following or _place(following) != _place(ask.address):
            raise Trouble("other_host")
        if following == here:
            raise Trouble("repeats")
        return {"url": following}


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _item(entry: Any) -> Item | None:
    if not isinstance(entry, dict):
        return None
    name = entry.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int | float):
        return None
    text = plain(entry.get("content_html"), is_html=True) or plain(
        entry.get("content_text"), is_html=False
    )
    summary = plain(entry.get("summary"), is_html=False)
    # a short post without a title begins with what it says
    title = one_line(entry.get("title")) or (summary or text).partition("\n")[0]
    if not str(name).strip() or not title:
        return None
    tags = entry.get("tags")
    authors = entry.get("authors") or [entry.get("author")]
    first = authors[0] if isinstance(authors, list) and authors else None
    return Item(
        str(name).strip(),
        titles=[title],
        summary=summary,
        texts=[text] if text else [],
        subjects=[word for tag in tags if (word := one_line(tag))]
        if isinstance(tags, list)
        else [],
        url=web_address(entry.get("url")) or web_address(entry.get("external_url")),
        published=str(entry.get("date_published") or "")[:10],
        holder=one_line(first.get("name")) if isinstance(first, dict) else "",
    )
