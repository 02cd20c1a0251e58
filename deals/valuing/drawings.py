"""Drawings of a valuation as SVG made here; a table beside each says every figure.

For readers who do not see it a drawing is one image with a sentence.
"""

import unicodedata
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketplace.core.components.charts import chart_legend

WIDTH, TREE_WIDTH, LEAF_ROOM, ROW, LEFT, RIGHT = 400, 660, 190, 34, 8, 8
_NOTHING = SafeString("")
Span = tuple[str, float, float, float]  # name, low, base, high


def ranges(spans: Sequence[Span], title: str) -> SafeString:
    """One line for each approach, a dot at its base."""
    at = _scale([one for _name, *ends in spans for one in ends])
    marks = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>'
        '<line class="span" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<circle class="series-1" cx="{}" cy="{}" r="5"/>',
        (
            (LEFT, row * ROW + 13, _short(name, 48), at(low), row * ROW + 24, at(high),
             row * ROW + 24, at(base), row * ROW + 24)
            for row, (name, low, base, high) in enumerate(spans)
        ),
    )  # fmt: skip
    return _svg(len(spans) * ROW + 4, title, marks)


def tornado(bars: Sequence[Span], title: str, ends: tuple[str, str]) -> SafeString:
    """Bars from the value at the low end to the value at the high end, about the base.

    bars: (input, value at low, base value, value at high). ends: what the legend calls the bars at
    the high and at the low end."""
    at = _scale([one for _name, *ends in bars for one in ends])
    base = at(bars[0][2])
    marks = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>'
        '<rect class="series-2" x="{}" y="{}" width="{}" height="11"/>'
        '<rect class="series-1" x="{}" y="{}" width="{}" height="11"/>',
        (
            (LEFT, row * ROW + 13, _short(name, 48), *_bar(at(low), base, row),
             *_bar(at(high), base, row))
            for row, (name, low, _base, high) in enumerate(bars)
        ),
    )  # fmt: skip
    height = len(bars) * ROW + 4
    axis = format_html(
        '<line class="chart__axis" x1="{0}" y1="0" x2="{0}" y2="{1}"/>', base, height
    )
    return _svg(height, title, format_html("{}{}", axis, marks), below=chart_legend(ends))


def tree(nodes: Sequence[tuple[str, str, int | None]], title: str) -> SafeString:
    """nodes: (name, figure, place of the parent). Leaves are lines, depth goes to the right."""
    depth, row_of, leaves = tree_layout([parent for _name, _figure, parent in nodes])
    order = range(len(nodes))
    inner = {parent for _name, _figure, parent in nodes}
    step = (TREE_WIDTH - LEFT - LEAF_ROOM) / max(1, *depth)
    across = {place: LEFT + 6 + depth[place] * step for place in order}
    down = {place: row_of[place] * ROW + 20 for place in order}
    lines = format_html_join(
        "",
        '<path class="branch" d="M{} {}H{}V{}H{}"/>',
        (
            (_at(across[up]), _at(down[up]), _at(across[place] - 12), _at(down[place]),
             _at(across[place]))
            for place in order if (up := nodes[place][2]) is not None
        ),
    )  # fmt: skip
    letters = max(10, int((step - 20) / 7))
    marks = format_html_join(
        "",
        '<circle class="series-1" cx="{}" cy="{}" r="4"/><text x="{}" y="{}">{}</text>'
        '<text class="chart__value" x="{}" y="{}">{}</text>',
        (
            (_at(across[place]), _at(down[place]), _at(across[place] + 8), _at(down[place] - 3),
             _short(nodes[place][0], letters if place in inner else LEAF_ROOM // 7),
             _at(across[place] + 8), _at(down[place] + 12), nodes[place][1])
            for place in order
        ),
    )  # fmt: skip
    drawn = format_html("{}{}", lines, marks)
    return _svg(leaves * ROW + 10, title, drawn, TREE_WIDTH, kind=" valuation-chart--tree")


def tree_layout(parents: Sequence[int | None]) -> tuple[list[int], list[float], int]:
    """(depth of each node, its line, number of lines). Leaves take a line each, in the order of a
    walk from the root; a node stands in the middle of its children."""
    children: dict[int, list[int]] = {}
    for place, parent in enumerate(parents):
        if parent is not None:
            children.setdefault(parent, []).append(place)
    depth, row_of = [0] * len(parents), [0.0] * len(parents)
    order: list[int] = []
    waiting = [place for place, parent in enumerate(parents) if parent is None]
    while waiting:
        place = waiting.pop()
        order.append(place)
        for child in reversed(children.get(place, [])):
            depth[child] = depth[place] + 1
            waiting.append(child)
    leaves = [place for place in order if place not in children]
    for line, place in enumerate(leaves):
        row_of[place] = float(line)
    for place in reversed(order):
        if below := children.get(place):
            row_of[place] = sum(row_of[child] for child in below) / len(below)
    return depth, row_of, len(leaves)


def _svg(
    height: int, title: str, body: SafeString, width: int = WIDTH, *, kind: str = "",
    below: SafeString = _NOTHING,
) -> SafeString:  # fmt: skip
    return format_html(
        '<figure class="figure-chart valuation-chart{}"><figcaption class="small muted">{}'
        '</figcaption><svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
        "{}</figure>",
        kind, title, width, height, title, body, below,
    )  # fmt: skip


def _scale(values: Sequence[float]):  # type: ignore[no-untyped-def]
    low, high = min([0.0, *values]), max([0.0, *values])
    width = (high - low) or 1.0
    room = WIDTH - LEFT - RIGHT - 12
    return lambda value: _at(LEFT + 6 + (value - low) / width * room)


def _bar(end: str, base: str, row: int) -> tuple[str, int, str]:
    left, right = sorted((float(end), float(base)))
    return _at(left), row * ROW + 18, _at(right - left)


def _short(text: str, letters: int) -> str:
    """At most so many Latin letters wide; a Chinese character takes the room of two."""
    room, kept = letters, 0
    for kept, letter in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return text[: max(1, kept - 1)] + "…"
    return text


def _at(value: float) -> str:
    return f"{value:.1f}"
