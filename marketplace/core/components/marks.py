"""Small marks that carry one judgement each: badge, TRL, level, verdict, state, tier, seal.

Colour never speaks alone: every mark has a word, and those that are met in columns an icon too.
"""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from marketplace.core.components.icons import icon

TONES = ("neutral", "accent", "warn", "danger", "seal", "outline")

# The glyph 驿 as an outline, so the mark is the same on a machine without Chinese fonts.
_GLYPH = (
    "M5.25 20.14 6.5 23.05C6.77 22.98 6.98 22.75 7.09 22.46C9.09 21.05 10.54 19.94 11.43 "
    "19.19L11.38 18.96C8.88 19.48 6.32 19.98 5.25 20.14ZM9.72 9.81 6.84 9.25C6.82 10.7 6.54"
    " 13.83 6.32 15.67C6.02 15.81 5.73 15.99 5.52 16.17L7.63 17.49L8.45 16.51H11.61C11.45 "
    "21.19 11.08 23.44 10.54 23.91C10.36 24.07 10.18 24.12 9.86 24.12C9.45 24.12 8.47 24.05"
    " 7.91 24.03V24.37C8.56 24.5 9.06 24.73 9.31 25.05C9.59 25.37 9.63 25.89 9.63 "
    "26.55C10.61 26.55 11.45 26.3 12.08 25.75C13.13 24.87 13.58 22.62 13.79 16.83C14.26 "
    "16.78 14.54 16.65 14.69 16.44L13.45 15.4C15.76 14.88 17.74 14.1 19.39 13.11C20.92 14.2"
    " 22.73 14.94 24.89 15.51C25.14 14.4 25.8 13.63 26.75 13.4V13.13C24.75 12.88 22.87 "
    "12.47 21.21 11.83C22.6 10.7 23.69 9.36 24.48 7.84C25 7.82 25.23 7.75 25.41 7.52L23.05 "
    "5.45L21.62 6.82H13.85L14.06 7.45H15.42C16.08 9.4 17.01 10.93 18.21 12.11C16.81 13.33 "
    "15.1 14.35 13.13 15.13L12.58 14.67L12.47 14.79C12.7 12.42 12.9 9.56 12.97 7.86C13.45 "
    "7.82 13.79 7.66 13.95 7.47L11.56 5.66L10.61 6.84H5.82L6.02 7.5H10.79C10.68 9.77 10.43 "
    "13.15 10.09 15.85H8.36C8.56 14.22 8.77 11.79 8.88 10.34C9.43 10.34 9.63 10.09 9.72 "
    "9.81ZM22.89 15.42 21.64 17.1H20.53V15.31C21.1 15.24 21.26 15.04 21.3 14.74L18.01 "
    "14.42V17.1H14.26L14.44 17.76H18.01V20.8H13.76L13.95 21.46H18.01V26.52H18.46C19.42 "
    "26.52 20.53 26.07 20.53 25.84V21.46H25.96C26.3 21.46 26.52 21.35 26.59 21.1C25.64 "
    "20.19 24.03 18.89 24.03 18.89L22.6 20.8H20.53V17.76H24.57C24.89 17.76 25.12 17.65 "
    "25.18 17.4C24.34 16.58 22.89 15.42 22.89 15.42ZM19.37 10.97C17.9 10.11 16.69 8.97 15.9"
    " 7.45H21.64C21.12 8.72 20.35 9.9 19.37 10.97Z"
)

# Tone of a state, shared by listings, matches, deals and contracts.
STATE_TONES = {
    "published": "accent",
    "registered": "seal",
    "active": "accent",
    "open": "accent",
    "with_broker": "accent",
    "in_talks": "accent",
    "accepted": "accent",
    "made": "warn",
    "agreed": "accent",
    "signed": "accent",
    "verified": "accent",
    "done": "accent",
    "paid": "accent",
    "met": "accent",
    "transferred": "accent",
    "in_review": "warn",
    "submitted": "warn",
    "under_examination": "warn",
    "second_review": "warn",
    "returned": "warn",
    "paused": "warn",
    "waiting": "warn",
    "pending": "warn",
    "due": "warn",
    "amended": "warn",
    "refused": "danger",
    "revoked": "danger",
    "overdue": "danger",
    "failed": "danger",
}


def _one_of(value: str, known: tuple[str, ...] | dict[str, str], what: str) -> str:
    if value not in known:
        raise ValueError(f"unknown {what}: {value!r}")
    return value


def badge(text: object, tone: str = "neutral", icon_name: str = "", title: str = "") -> SafeString:
    """A word in a small wash of colour. Raises ValueError for an unknown tone."""
    _one_of(tone, TONES, "tone")
    return format_html(
        '<span class="badge badge--{}"{}>{}{}</span>',
        tone,
        format_html(' title="{}"', title) if title else "",
        icon(icon_name, size="sm") if icon_name else "",
        text,
    )


def trl_ladder(level: int | None, target: int | None = None, compact: bool = False) -> SafeString:
    """Technology readiness as nine rungs; ``target`` marks the rung that is wanted."""
    if level is None:
        return badge(_("TRL not stated"))
    if not 1 <= int(level) <= 9:
        raise ValueError(f"TRL out of 1..9: {level!r}")
    level = int(level)
    rungs = "" if compact else _rungs(level, target)
    wanted = (
        format_html(
            '<span class="trl__target">{}</span>',
            _("wanted: TRL %(level)s") % {"level": target},
        )
        if target
        else ""
    )
    return format_html(
        '<span class="badge badge--accent trl" title="{}">'
        '<span class="tabular">TRL {}</span>{}{}</span>',
        _("Technology readiness level %(level)s of 9") % {"level": level},
        level,
        rungs,
        wanted,
    )


@lru_cache(maxsize=128)
def _rungs(level: int, target: int | None) -> SafeString:
    return format_html(
        '<svg class="trl__rungs" width="89" height="9" viewBox="0 0 89 9" aria-hidden="true">'
        "{}</svg>",
        format_html_join(
            "",
            '<rect class="trl__rung{}{}" x="{}" width="8" height="9" rx="1"/>',
            (
                (
                    " is-reached" if rung <= level else "",
                    " is-target" if rung == target else "",
                    (rung - 1) * 10 + (0.5 if rung == target else 0),
                )
                for rung in range(1, 10)
            ),
        ),
    )


def level_names() -> dict[str, str]:
    """Words of the three levels of a match, in the active language."""
    return {
        "strong": pgettext("match level", "strong"),
        "fairly_strong": pgettext("match level", "fairly strong"),
        "weak": pgettext("match level", "weak"),
    }


_LEVEL_TONES = {"strong": "accent", "fairly_strong": "warn", "weak": "neutral"}


def level_badge(level: str, score: int | None = None) -> SafeString:
    """Level of a match, with its score from 0 to 100 when given."""
    _one_of(level, _LEVEL_TONES, "level")
    word = level_names()[level]
    text = (
        word
        if score is None
        else format_html('<strong class="tabular">{}</strong> {}', round(float(score)), word)
    )
    return badge(text, tone=_LEVEL_TONES[level])


_VERDICT_ICONS = {"met": "check", "nearly": "tilde", "unmet": "close", "unknown": "question"}


def verdict(value: str, note: str = "") -> SafeString:
    """Whether a claim meets a requirement: met, nearly, unmet or unknown."""
    _one_of(value, _VERDICT_ICONS, "verdict")
    words = {
        "met": pgettext("verdict", "met"),
        "nearly": pgettext("verdict", "nearly"),
        "unmet": pgettext("verdict", "unmet"),
        "unknown": pgettext("verdict", "unknown"),
    }
    tail = format_html(' <span class="verdict__note">{}</span>', note) if note else ""
    return format_html(
        '<span class="verdict verdict--{}">{}<span>{}{}</span></span>',
        value,
        icon(_VERDICT_ICONS[value], size="sm"),
        words[value],
        tail,
    )


def state_badge(state: str, label: object) -> SafeString:
    """State of an object; the tone follows the state code, the words come from the caller."""
    return badge(label, tone=STATE_TONES.get(state, "neutral"))


def tier(value: str) -> SafeString:
    """Who may read something: public, members or confidential."""
    looks = {
        "public": ("globe", "outline", pgettext("tier", "Public")),
        "members": ("users", "neutral", pgettext("tier", "Verified members")),
        "confidential": ("lock", "danger", pgettext("tier", "Confidential")),
    }
    if value not in looks:
        raise ValueError(f"unknown tier: {value!r}")
    icon_name, tone, word = looks[value]
    return badge(word, tone=tone, icon_name=icon_name)


def mark(size: int = 32) -> SafeString:
    """The brand: 驿 cut white into a vermilion seal. Hidden from screen readers."""
    return format_html(
        '<svg class="mark" width="{}" height="{}" viewBox="0 0 32 32" aria-hidden="true"'
        ' focusable="false"><rect class="mark__field" width="32" height="32" rx="3.5"/>'
        '<path class="mark__glyph" d="{}"/></svg>',
        size,
        size,
        mark_safe(_GLYPH),  # noqa: S308 - a constant of this module
    )


def seal(label: str = "", size: str = "md") -> SafeString:
    """The registration seal: what carries it stands in the public register.

    ``size``: sm, md or lg.
    """
    _one_of(size, ("sm", "md", "lg"), "seal size")
    return format_html(
        '<span class="seal seal--{}">{}<span class="seal__text">{}</span></span>',
        size,
        mark({"sm": 16, "md": 22, "lg": 44}[size]),
        label or pgettext("contract", "Registered"),
    )


def kbd(key: str) -> SafeString:
    """A key of the keyboard."""
    return format_html('<kbd class="key">{}</kbd>', key)


def monogram(name: str) -> SafeString:
    """Initials in place of a portrait or logo: one Han character, or two Latin letters."""
    words = [word for word in str(name).split() if word]
    if not words:
        letters = "?"
    elif words[0][0] >= "\u2e80":
        letters = words[0][0]
    else:
        letters = "".join(word[0] for word in words[:2]).upper()
    return format_html('<span class="monogram" aria-hidden="true">{}</span>', letters)
