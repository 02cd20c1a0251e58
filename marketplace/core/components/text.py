"""Text that carries its language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from marketplace.core import formatting
from marketplace.core.bilingual import Text, pick

_TAGS = ("span", "p", "div", "h1", "h2", "h3", "h4", "strong", "td", "dd", "li")


def text_of(text: Text, tag: str = "span", css: str = "") -> SafeString:
    """``text`` in an element with its ``lang``, so fonts, hyphenation and voices are right."""
    if tag not in _TAGS:
        raise ValueError(f"unknown element: {tag!r}")
    if not text.value:
        return SafeString("")
    name = SafeString(tag)  # from the list above
    class_ = format_html(' class="{}"', css) if css else ""
    return format_html('<{} lang="{}"{}>{}</{}>', name, text.lang, class_, text.value, name)


def bilingual(obj: Any, name: str, tag: str = "span", css: str = "") -> SafeString:
    """``obj.<name>`` in the reader's language, else in the other one, marked as such."""
    return text_of(pick(obj, name, get_language()), tag, css)


def joined(items: Iterable[object]) -> str:
    """Items in one line with the list mark of the language; escaped by the template as usual."""
    return formatting.join_text(items)
