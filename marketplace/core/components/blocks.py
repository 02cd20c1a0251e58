"""Blocks around content of the page: notice, empty state, menu, confirmation, action button."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marketplace.core.components.icons import icon

_NOTICE_ICONS = {"neutral": "info", "accent": "check", "warn": "warning", "danger": "danger"}
BUTTON_TONES = ("", "primary", "quiet", "danger")


def notice(content: SafeString, tone: str = "neutral", title: object = "") -> SafeString:
    """Something the reader should know here and now; danger is announced at once."""
    if tone not in _NOTICE_ICONS:
        raise ValueError(f"unknown tone of notice: {tone!r}")
    return format_html(
        '<div class="notice notice--{}" role="{}">{}<div class="notice__body">{}{}</div></div>',
        tone,
        "alert" if tone == "danger" else "note",
        icon(_NOTICE_ICONS[tone]),
        format_html('<p class="notice__title">{}</p>', title) if title else "",
        content,
    )


def empty_state(content: SafeString, title: object, icon_name: str = "list") -> SafeString:
    """In place of an empty list: what would stand here and the first step towards it."""
    return format_html(
        '<div class="empty">{}<p class="empty__title">{}</p>'
        '<div class="empty__body">{}</div></div>',
        icon(icon_name, size="xl"),
        title,
        content,
    )


def menu(content: SafeString, label: object, icon_name: str = "", css: str = "") -> SafeString:
    """A drop-down that works without JavaScript."""
    return format_html(
        '<details class="menu {}" data-menu><summary class="menu__button">{}<span>{}</span>{}'
        '</summary><div class="menu__panel">{}</div></details>',
        css,
        icon(icon_name) if icon_name else "",
        label,
        icon("chevron-down", size="sm"),
        content,
    )


def _button_tone(tone: str) -> str:
    if tone not in BUTTON_TONES:
        raise ValueError(f"unknown tone of button: {tone!r}")
    return f" button--{tone}" if tone else ""


def action_button(
    context: dict[str, Any],
    url: str,
    label: object,
    *,
    tone: str = "",
    icon_name: str = "",
    name: str = "",
    value: str = "",
    key: str = "",
    small: bool = False,
) -> SafeString:
    """A button that changes something: a form of its own, by POST.

    ``name`` and ``value`` go with it; ``key`` is the one-key shortcut shown and listened to.
    """
    return SafeString(
        render_to_string(
            "components/action_button.html",
            {
                "url": url,
                "label": label,
                "tone": _button_tone(tone),
                "icon_name": icon_name,
                "name": name,
                "value": value,
                "key": key,
                "small": small,
                "csrf_token": context.get("csrf_token", ""),
            },
        )
    )


def confirm(
    context: dict[str, Any],
    content: SafeString,
    label: object,
    url: str,
    *,
    tone: str = "danger",
    submit: object = "",
    icon_name: str = "",
    small: bool = False,
) -> SafeString:
    """Asks once before something that is hard to undo; opens in place, no JavaScript."""
    return SafeString(
        render_to_string(
            "components/confirm.html",
            {
                "content": content,
                "label": label,
                "url": url,
                "tone": _button_tone(tone),
                "submit": submit or label,
                "icon_name": icon_name,
                "small": small,
                "csrf_token": context.get("csrf_token", ""),
            },
        )
    )


def filter_chip(label: object, remove_url: str) -> SafeString:
    """A filter in force, with its way out."""
    return format_html(
        '<a class="chip chip--filter" href="{}" rel="nofollow"><span>{}</span>{}'
        '<span class="visually-hidden">{}</span></a>',
        remove_url,
        label,
        icon("close", size="sm"),
        _("Remove this filter"),
    )


def chip(
    label: object, url: str = "", count: int | None = None, current: bool = False
) -> SafeString:
    """A short choice or keyword; with ``url`` a link, with ``current`` the chosen one."""
    tail = (
        format_html(' <span class="chip__count tabular">{}</span>', f"{count:,}")
        if count is not None
        else ""
    )
    if not url:
        return format_html('<span class="chip">{}{}</span>', label, tail)
    return format_html(
        '<a class="chip"{} href="{}">{}{}</a>',
        SafeString(' aria-current="true"') if current else "",
        url,
        label,
        tail,
    )
