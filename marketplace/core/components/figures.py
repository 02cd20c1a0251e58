"""Figures on a page: numbers, money, shares, dates, statistics, progress and bars.

Each carries its exact value in markup (``<data value>``, ``<time datetime>``), so a rounded figure
can be copied, read by machines and hovered for the whole truth.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace.core import formatting

if TYPE_CHECKING:
    from marketplace.core.formatting import Moment, Numeric

_WHEN_STYLES = ("relative", "date", "long", "short", "datetime", "deadline", "time")


def number(value: Numeric | None, decimals: int | None = None) -> SafeString:
    """A number with grouped digits."""
    return format_html('<span class="tabular">{}</span>', formatting.number_text(value, decimals))


def amount(value: Numeric | None, currency: str = "CNY", exact: bool = False) -> SafeString:
    """Money: rounded for reading, exact in the title; ``exact`` writes every digit."""
    if value is None:
        return format_html('<span class="faint">{}</span>', "–")
    return format_html(
        '<data class="amount tabular" value="{}" title="{}">{}</data>',
        formatting.to_decimal(value),
        formatting.amount_text(value, currency, exact=True),
        formatting.amount_text(value, currency, exact=exact),
    )


def percent(ratio: Numeric | None, decimals: int = 0) -> SafeString:
    """A share from 0 to 1 as per cent."""
    return format_html('<span class="tabular">{}</span>', formatting.percent_text(ratio, decimals))


def price(
    low: Numeric | None = None,
    high: Numeric | None = None,
    currency: str | None = "CNY",
    kind: str | None = None,
) -> SafeString:
    """A price or budget, with how firm it is: kind firm, indicative, negotiable or empty."""
    figure, firmness = formatting.price_parts(low, high, currency, kind)
    if not firmness:
        return format_html(
            '<span class="price"><span class="price__figure">{}</span></span>', figure
        )
    return format_html(
        '<span class="price"><span class="price__figure tabular">{}</span>'
        ' <span class="price__kind">{}</span></span>',
        figure,
        firmness,
    )


def file_size(size: int | None) -> SafeString:
    """A size in bytes, readable."""
    return format_html('<span class="tabular nowrap">{}</span>', formatting.size_text(size))


def when(value: Moment | None, style: str = "relative") -> SafeString:
    """A moment in ``<time>``: relative, date, long, short, datetime, deadline or time.

    Raises ValueError for another style. None -> an en dash.
    """
    if style not in _WHEN_STYLES:
        raise ValueError(f"unknown style of date: {style!r}")
    if value is None:
        return format_html('<span class="faint">{}</span>', "–")
    moment = formatting.local(value)
    if style == "relative":
        text = formatting.relative_text(value)
    elif style == "deadline":
        text = formatting.deadline_text(value)
    else:
        text = formatting.date_text(value, style)
    exact = formatting.date_text(value, "datetime" if isinstance(value, dt.datetime) else "date")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, text)


def stat(value: object, label: object, note: object = "", url: str = "") -> SafeString:
    """One figure of a figure row: the value large, what it counts below; a link to its rows."""
    shown = (
        formatting.number_text(value)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        else value
    )
    inner = format_html(
        '<dt class="stat__label">{}{}</dt><dd class="stat__value tabular">{}</dd>',
        format_html('<a class="stat__link" href="{}">{}</a>', url, label) if url else label,
        format_html('<span class="stat__note">{}</span>', note) if note else "",
        shown,
    )
    return format_html('<div class="stat">{}</div>', inner)


def progress(value: Numeric, maximum: Numeric, label: str) -> SafeString:
    """How far something is; ``label`` says what, for all readers."""
    done, whole = formatting.to_decimal(value), formatting.to_decimal(maximum)
    share = formatting.percent_text(done / whole if whole else 0)
    return format_html(
        '<div class="progress"><span class="progress__label">{}</span>'
        '<span class="progress__share tabular" aria-hidden="true">{}</span>'
        '<progress class="progress__bar" value="{}" max="{}" aria-label="{}">{}</progress></div>',
        label, share, done, whole or 1, label, share,
    )  # fmt: skip


def bar(value: Numeric, maximum: Numeric, label: str = "", tone: str = "accent") -> SafeString:
    """A bar in a table row, as SVG (a strict CSP forbids style attributes).

    The number itself stands beside it in the table; ``label`` is for bars that stand alone.
    """
    if tone not in ("accent", "warn", "danger", "neutral"):
        raise ValueError(f"unknown tone: {tone!r}")
    part, whole = formatting.to_decimal(value), formatting.to_decimal(maximum)
    width = max(Decimal(0), min(Decimal(1), part / whole)) * 100 if whole else Decimal(0)
    spoken = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="bar bar--{}" viewBox="0 0 100 8" preserveAspectRatio="none" {}>'
        '<rect class="bar__track" width="100" height="8"/>'
        '<rect class="bar__fill" width="{}" height="8"/></svg>',
        tone,
        spoken if label else SafeString(spoken),
        round(width, 2),
    )
