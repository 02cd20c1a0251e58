"""Icons: named symbols of static/icons.svg (24 grid, 1.5 stroke, drawn for Yizhan)."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

SPRITE = "icons.svg"
SIZES = {"sm": 16, "md": 20, "lg": 28, "xl": 40}


@lru_cache(maxsize=1)
def icon_names() -> frozenset[str]:
    """The names the sprite knows; read once from the file, so nobody keeps a second list."""
    path = finders.find(SPRITE)
    if not isinstance(path, str):
        return frozenset()
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', Path(path).read_text(encoding="utf-8")))


def icon(name: str, label: str = "", size: str = "md") -> SafeString:
    """One icon. Without ``label`` it is hidden from screen readers (the text beside it speaks).

    ``size``: sm 16, md 20, lg 28, xl 40 px. Raises ValueError for an unknown name or size.
    """
    if not label:
        return _silent(name, size)
    _check(name, size)
    side = SIZES[size]
    return format_html(
        '<svg class="icon icon--{}" width="{}" height="{}" role="img" aria-label="{}">'
        '<use href="{}#{}"></use></svg>',
        size, side, side, label, static(SPRITE), name,
    )  # fmt: skip


@lru_cache(maxsize=1024)  # a list has a hundred of them
def _silent(name: str, size: str) -> SafeString:
    _check(name, size)
    side = SIZES[size]
    return format_html(
        '<svg class="icon icon--{}" width="{}" height="{}" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        size, side, side, static(SPRITE), name,
    )  # fmt: skip


def _check(name: str, size: str) -> None:
    if size not in SIZES:
        raise ValueError(f"unknown icon size: {size!r}")
    known = icon_names()
    if known and name not in known:
        raise ValueError(f"unknown icon: {name!r}")
