"""Means and spreads of a scorecard as SVG made here; the table beside it says every figure."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from deals.assessing import Row

WIDTH, ROW, LEFT, RIGHT = 400, 34, 14, 386


def spread(rows: Sequence[Row], title: str) -> SafeString:
    """One line for each criterion on a scale of 1 to 5: from the lowest to the highest score, a dot
    at the mean; nothing where nobody knows. One image with a sentence for who does not see it."""
    marks = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text><line class="chart__axis" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        (
            (8, place * ROW + 13, row.criterion.name, LEFT, place * ROW + 24, RIGHT,
             place * ROW + 24)
            for place, row in enumerate(rows)
        ),
    )  # fmt: skip
    dots = format_html_join(
        "",
        '<line class="span" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<circle class="series-1" cx="{}" cy="{}" r="5"/>',
        (
            (_at(row.low), place * ROW + 24, _at(row.high), place * ROW + 24, _at(row.mean),
             place * ROW + 24)
            for place, row in enumerate(rows) if row.mean is not None
        ),
    )  # fmt: skip
    return format_html(
        '<figure class="figure-chart valuation-chart"><figcaption class="small muted">{}'
        '</figcaption><svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "</figure>",
        title, WIDTH, len(rows) * ROW + 4, title, marks, dots,
    )  # fmt: skip


def _at(score: object) -> str:
    return f"{LEFT + (float(str(score)) - 1) / 4 * (RIGHT - LEFT):.1f}"
