"""Charts as SVG made here: bars and lines, without JavaScript or styles of their own.

A chart never stands alone: the table beside it says every figure. For readers who do not see it,
the drawing is one image with a sentence; the figures are in the table. Series differ in lightness
and dash as well as in hue, so they survive grey print. Text keeps its size on a phone, since the
drawing is as wide as a phone and grows little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketplace.core import formatting

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 74, 8, 14, 24
Series = tuple[str, Sequence["formatting.Numeric | None"]]


def chart_bars(labels: Sequence[str], values: Sequence[formatting.Numeric], title: str,
               unit: str = "") -> SafeString:  # fmt: skip
    """Upright bars, one a label. title: what they show, for all readers; unit: a currency code."""
    return _drawn(labels, [(title, values)], title, unit, lines=False)


def chart_lines(labels: Sequence[str], series: Sequence[Series], title: str,
                unit: str = "") -> SafeString:  # fmt: skip
    """Up to three lines over the same labels, with a legend. None leaves a gap."""
    return _drawn(labels, series[:3], title, unit, lines=True)


def _drawn(
    labels: Sequence[str], series: Sequence[Series], title: str, unit: str, *, lines: bool
) -> SafeString:
    numbers = [
        [None if value is None else float(formatting.to_decimal(value)) for value in values]
        for _name, values in series
    ]
    top = _ceiling(max((v for row in numbers for v in row if v is not None), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    draw = _line if lines else _bars
    body = format_html_join(
        "", "{}", ((draw(row, step, top, place),) for place, row in enumerate(numbers, 1))
    )
    skip = max(1, math.ceil(len(labels) / 8))
    marks = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (_at(LEFT + (place + 0.5) * step), HEIGHT - 8, label)
            for place, label in enumerate(labels)
            if (len(labels) - 1 - place) % skip == 0
        ),
    )
    drawing = format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        WIDTH, HEIGHT, title, _grid(top, unit), body, marks,
    )  # fmt: skip
    legend = chart_legend([name for name, _ in series]) if len(series) > 1 else SafeString("")
    return format_html(
        '<figure class="figure-chart"><figcaption class="small muted">{}</figcaption>{}{}</figure>',
        title, drawing, legend,
    )  # fmt: skip


def _grid(top: float, unit: str) -> SafeString:
    rows = []
    for share in (0, 0.5, 1):
        value = Decimal(str(top)) * Decimal(str(share))
        text = formatting.amount_text(value, unit) if unit else formatting.number_text(value)
        line = "axis" if share == 0 else "grid"
        rows.append((line, LEFT, _y(top * share, top), WIDTH - RIGHT, _y(top * share, top),
                     LEFT - 5, _at(float(_y(top * share, top)) + 4), text))  # fmt: skip
    return format_html_join(
        "",
        '<line class="chart__{}" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        rows,
    )


def _bars(row: list[float | None], step: float, top: float, series: int) -> SafeString:
    width = min(step * 0.62, 44)
    return format_html_join(
        "",
        '<rect class="series-{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (
                series, _at(LEFT + (place + 0.5) * step - width / 2), _y(value, top), _at(width),
                _at(float(_y(0, top)) - float(_y(value, top))),
            )
            for place, value in enumerate(row)
            if value
        ),
    )  # fmt: skip


def _line(row: list[float | None], step: float, top: float, series: int) -> SafeString:
    points = [
        (_at(LEFT + (place + 0.5) * step), _y(value, top)) if value is not None else None
        for place, value in enumerate(row)
    ]
    path = ""
    for place, point in enumerate(points):
        if point is not None:
            joined = place > 0 and points[place - 1] is not None
            path += f"{'L' if joined else 'M'}{point[0]} {point[1]}"
    dots = format_html_join(
        "",
        '<circle class="series-{}" cx="{}" cy="{}" r="2.6"/>',
        ((series, *point) for point in points if point is not None),
    )
    return format_html('<path class="line line--{}" d="{}"/>{}', series, path, dots)


def chart_legend(names: Sequence[str]) -> SafeString:
    """Names of the series beside their colours, in their order."""
    items = format_html_join(
        "",
        '<li><svg class="chart" viewBox="0 0 10 10" aria-hidden="true">'
        '<rect class="series-{}" width="10" height="10"/></svg>{}</li>',
        enumerate(names, 1),
    )
    return format_html('<ul class="legend">{}</ul>', items)


def _ceiling(value: float) -> float:
    """The next of 1, 2, 4, 5, 8, 10 times a power of ten, so that the half is a round figure."""
    if value <= 0:
        return 2
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * factor for factor in (1, 2, 4, 5, 6, 8, 10) if power * factor >= value)


def _y(value: float, top: float) -> str:
    return _at(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value / top, 0), 1))


def _at(value: float) -> str:
    return f"{value:.1f}"
