"""Plain text out of what sources send: markup gone, paragraphs kept, nothing invisible left."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

MAX_TEXT = 200_000  # of one text, before it is cut to what a field holds
_BLOCKS = frozenset({
    "p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6",
    "section", "article", "blockquote", "pre", "hr", "dt", "dd",
})  # fmt: skip
_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "title"})
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u3000]+")
_LINES = re.compile(r" ?\n[ \n]*")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w+);")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(self.silent - 1, 0)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def plain(value: Any, *, is_html: bool | None = None) -> str:
    """The text without tags, entities and characters that cannot be seen; "" for what is no text.

    is_html: None where the format does not say: then it is HTML if it looks so, and "a < b" stays.
    """
    if not isinstance(value, str):
        return ""
    text = value[:MAX_TEXT]
    if is_html or (is_html is None and _MARKUP.search(text)):
        reader = _Text()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    text = _INVISIBLE.sub("", text.replace("\u2028", "\n").replace("\u2029", "\n"))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def one_line(value: Any) -> str:
    """The same on one line, for titles and names."""
    return plain(value).replace("\n", " ")


def web_address(value: Any) -> str:
    """The value when it is an http(s) address that a reader may be sent to, else ""."""
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > 500 or not text.isprintable() or " " in text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""
