"""Stages of the programme by field or country as SVG made here; the table beside it says every
figure."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketplace.core.components.charts import chart_legend

WIDTH, LEFT, RIGHT, BAR, HEAD = 400, 8, 8, 9, 18
MOST = 12  # groups; the table has all


def stages_chart(
    rows: Sequence[tuple[str, Sequence[int]]], stages: Sequence[str], title: str
) -> SafeString:
    """For each row its name over one bar a stage. rows: (name, counts by stage)."""
    rows = rows[:MOST]
    series = min(3, len(stages))
    step = HEAD + series * BAR + 8
    top = max((counts[0] for _name, counts in rows), default=0) or 1
    room = WIDTH - LEFT - RIGHT
    names = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((LEFT, place * step + 13, name) for place, (name, _counts) in enumerate(rows)),
    )
    bars = format_html_join(
        "",
        '<rect class="series-{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (nth + 1, LEFT, place * step + HEAD + nth * BAR, f"{counts[nth] / top * room:.1f}",
             BAR - 1)
            for place, (_name, counts) in enumerate(rows)
            for nth in range(series)
            if counts[nth]
        ),
    )  # fmt: skip
    return format_html(
        '<figure class="figure-chart valuation-chart"><figcaption class="small muted">{}'
        '</figcaption><svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "{}</figure>",
        title, WIDTH, len(rows) * step, title, names, bars, chart_legend(list(stages[:series])),
    )  # fmt: skip
