"""Figures of a text that could be specifications: which metric, which bound, under what condition.

Pure, and sure rather than complete: a figure is read only where the words around it say which
metric it belongs to and its unit fits that metric. Work grows with the length of the text alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from listings.figures import cues
from listings.figures.naming import (
    better,
    is_plain,
    names_in,
    only_metric_of,
    sorts_of,
    takes_any,
)
from listings.figures.numerals import narrowed
from listings.figures.opennames import open_name
from listings.figures.quantities import Quantity, plain_number_at, quantities_in
from listings.metrics import Metric, find
from marketplace.core.words import has_chinese

MAX_READ = 40
# A text with more figures than these is a table; it is read as far as they go.
_MAX_NUMBERS, _MAX_QUANTITIES = 500, 120
_MAX_PIECE = 500
_WINDOW = 160
_SENTENCE = re.compile(r"[。！？!?；;\n]+|\.(?=\s+[A-Z\u3400-\u9fff])|\.(?=\s*$)")
_FIGURE = re.compile(r"[\d一二两三四五六七八九十]")
_DIGITS = re.compile(r"\d+")
_RESPECTIVELY = re.compile(r"分别|\brespectively\b", re.IGNORECASE)
_JOINED = re.compile(r"\s?(?:和|与|及|以及|、|/|&|\band\b)\s?")
_SHARE_KEPT = re.compile(
    r"(?:\b(?:retain|keep|kept|hold|held|maintain|preserv)\w*\b[^,;.，。；]{0,40}$)", re.IGNORECASE
)
_OF_CAPACITY = re.compile(
    r"\s(?:or more )?of (?:its|their|the|the cell's|rated|initial|nominal|room-temperature)?\s?"
    r"(?:(?:rated|initial|original|nominal|room-temperature|discharge)\s)?capacity\b|"
    r"\s?(?:以上)?的?(?:初始|额定|室温|常温)?容量(?!保持)",
    re.IGNORECASE,
)  # fmt: skip
_KEPT_ZH = re.compile(r"(?:保持|保有|保留|剩余)[^，。；,;]{0,8}$")
_OF_SOMETHING = re.compile(r"\s(?:of|in|for|from|to)(?:\s[A-Za-z-]{1,20}){1,4}\s?")
_BRACKETS = re.compile(r"\s?[（(]([^()（）]{1,80})[)）]")
_EDGES = " ,，、;；:：()（）[]"
TIGHT, AFTER, LOOSE = 4, 3, 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it was read. start, end: its sentence in the text; metric names as in
    metrics.yaml, or one of the two as the text has it; comparator: ge, le, eq or between;
    condition: as the text has it, "" without one."""

    start: int
    end: int
    metric_en: str
    metric_zh: str
    comparator: str
    value: Decimal
    upper: Decimal | None
    unit: str
    condition: str


@dataclass(slots=True)
class _Held:
    start: int
    end: int


@dataclass(slots=True)
class _Link:
    """A figure and the metric (or the name as written) to which it belongs."""

    quantity: Quantity
    strength: int
    start: int
    end: int
    metric: Metric | None = None
    name: str = ""


def read_figures(text: str, *, is_need: bool) -> list[Figure]:
    """The figures of a text in order, at most MAX_READ. is_need: the text says what is wanted,
    so a bare figure is a bound on its better side and what is there today is left out."""
    narrow, found = narrowed(text), []
    numbers = quantities = 0
    for start, end in _pieces(narrow):
        if not _FIGURE.search(narrow, start, end):
            continue
        numbers += len(_DIGITS.findall(narrow, start, end))
        sentence = _Sentence(narrow[start:end], is_need)
        quantities += len(sentence.quantities)
        found += [replace(one, start=start, end=end) for one in sentence.figures()]
        if len(found) >= MAX_READ or numbers > _MAX_NUMBERS or quantities > _MAX_QUANTITIES:
            break
    return found[:MAX_READ]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, without the blanks around them; one without an end is cut into pieces."""
    place = 0
    for stop in [*(match.end() for match in _SENTENCE.finditer(text)), len(text)]:
        while place < stop:
            end = min(stop, place + _MAX_PIECE)
            piece = text[place:end]
            left = len(piece) - len(piece.lstrip())
            if piece.strip():
                yield place + left, place + len(piece.rstrip())
            place = end


class _Sentence:
    """One sentence while it is being read."""

    def __init__(self, text: str, is_need: bool) -> None:
        self.text, self.is_need = text, is_need
        self.quantities = quantities_in(text)
        self.names = names_in(text)
        self.held: dict[Quantity, tuple[int, int]] = {}
        self.links: list[_Link] = []

    def figures(self) -> list[Figure]:
        if not self.quantities and not self.names:
            return []
        for quantity in self.quantities:
            span = self._held_under(quantity)
            if span and (cues.is_surely_held(self.text[span[0] : span[1]])):
                self.held[quantity] = span
        if _RESPECTIVELY.search(self.text):
            self.links = self._in_turn()
        else:
            for quantity in self.quantities:
                if quantity not in self.held and (link := self._link(quantity)):
                    self.links.append(link)
            self._share_joined()
            self._add_plain()
        self._hold_the_rest()
        self.links.sort(key=lambda link: (link.quantity.start, link.start))
        made = [self._figure(link) for link in self.links]
        return [one for one in made if one is not None]

    # --- which metric -----------------------------------------------------------------------------

    def _link(self, quantity: Quantity) -> _Link | None:
        before = self.text[max(0, quantity.start - _WINDOW) : quantity.start]
        after = self.text[quantity.end : quantity.end + 40]
        whole = _OF_CAPACITY.match(after) if quantity.sort == "share" else None
        if whole and (_SHARE_KEPT.search(before) or _KEPT_ZH.search(before)):
            end = quantity.end + whole.end()
            return _Link(quantity, TIGHT, quantity.start, end, find("Capacity retention"))
        best = self._before(quantity)
        if best is None or best.strength < TIGHT:
            best = self._after(quantity) or best
        if best is None:
            best = self._written(quantity, before)
        if best is None and (metric := only_metric_of(quantity.unit)):
            best = _Link(quantity, LOOSE, quantity.start, quantity.end, metric)
        return best

    def _before(self, quantity: Quantity) -> _Link | None:
        """The nearest name before the figure, if nothing but links and conditions is between."""
        for start, end, metrics in reversed(self.names):
            if end > quantity.start:
                continue
            if quantity.start - end > _WINDOW:
                return None
            metric = next((m for m in metrics if _fits(quantity, m)), None)
            gap = self._gap(end, quantity.start)
            if quantity.upper is not None and cues.is_move(self.text[end : quantity.start]):
                gap = cues.without_moves(gap)
            rest = cues.left_between(gap)
            if self._is_taken_up(end, quantity.start):
                rest = cues.taken_up(rest)
            if metric is None:
                if rest:
                    continue  # "COD removal of the plant": the next name may be the one
                return None
            if not rest.strip():
                return _Link(quantity, TIGHT, start, end, metric)
            if cues.is_loose(rest, gap) and not self._crosses(end, quantity.start):
                return _Link(quantity, LOOSE, start, end, metric)
            return None
        return None

    def _after(self, quantity: Quantity) -> _Link | None:
        for start, end, metrics in self.names:
            if start < quantity.end:
                continue
            if not cues.is_near_after(self.text[quantity.end : start]):
                return None
            metric = next((m for m in metrics if _fits(quantity, m)), None)
            return _Link(quantity, AFTER, start, end, metric) if metric else None
        return None

    def _written(self, quantity: Quantity, before: str) -> _Link | None:
        """A metric that is not known, by the words that stand before a plain bound."""
        if quantity.is_degree or quantity.sort in ("", "dimensionless"):
            return None
        found = open_name(before)
        if found is None:
            return None
        start = quantity.start - len(before) + found[0]
        return _Link(quantity, LOOSE, start, start + len(found[1]), name=found[1])

    def _gap(self, start: int, end: int) -> str:
        """The text between two places, without conditions and where it came from."""
        gap = list(self.text[start:end])
        for one in self.quantities:
            if one.start >= start and one.end <= end:
                span = self.held.get(one) or (one.start, one.end) if self._is_aside(one) else None
                if span:
                    low, high = max(span[0], start) - start, min(span[1], end) - start
                    gap[low:high] = " " * (high - low)
        return "".join(gap)

    def _is_aside(self, quantity: Quantity) -> bool:
        return (
            quantity in self.held or self._is_left_behind(quantity) or self._is_of_today(quantity)
        )

    def _is_of_today(self, quantity: Quantity) -> bool:
        before = self.text[max(0, quantity.start - _WINDOW) : quantity.start]
        return cues.is_of_others(before, self.is_need) or cues.falls_short(before)

    def _is_taken_up(self, start: int, end: int) -> bool:
        """Whether the metric's figure of today is told first: 目前只有60%，要求不低于80%."""
        return any(
            start <= one.start
            and one.end <= end
            and (self._is_of_today(one) or self._is_left_behind(one))
            for one in self.quantities
        )

    def _is_left_behind(self, quantity: Quantity) -> bool:
        before = self.text[max(0, quantity.start - 40) : quantity.start]
        return cues.is_left_behind(before, self.text[quantity.end : quantity.end + 24])

    def _crosses(self, start: int, end: int) -> bool:
        return any(
            start <= one.start and one.end <= end and not self._is_aside(one)
            for one in self.quantities
        )

    def _in_turn(self) -> list[_Link]:
        """A, B and C are 1, 2 and 3 respectively: as many names as figures, or nothing is read."""
        values = [one for one in self.quantities if one not in self.held]
        if len(values) != len(self.names):
            return []
        links = []
        for (start, end, metrics), quantity in zip(self.names, values, strict=True):
            metric = next((m for m in metrics if _fits(quantity, m)), None)
            if metric is None or end > quantity.start:
                return []
            links.append(_Link(quantity, TIGHT, start, end, metric))
        return links

    def _share_joined(self) -> None:
        """Precision and recall are both above 90%: the figure is the first one's, too."""
        for link in list(self.links):
            if link.strength != TIGHT or link.end > link.quantity.start:
                continue
            here = link.start
            for start, end, metrics in reversed(self.names):
                if end > here or not _JOINED.fullmatch(self.text[end:here]):
                    continue
                metric = next((m for m in metrics if _fits(link.quantity, m)), None)
                if metric is None or any(one.start == start for one in self.links):
                    break
                self.links.append(_Link(link.quantity, TIGHT, start, end, metric))
                here = start

    def _add_plain(self) -> None:
        """Numbers without a unit of metrics that have none: a friction coefficient of 0.05."""
        for _start, end, metrics in self.names:
            metric = next((m for m in metrics if is_plain(m)), None)
            if metric is None:
                continue
            digit = re.compile(r"[-−]?\d").search(self.text, end, end + 24)
            if digit is None or cues.left_between(self.text[end : digit.start()]).strip():
                continue
            quantity = plain_number_at(self.text, digit.start())
            if quantity and not any(q.start <= quantity.start < q.end for q in self.quantities):
                self.links.append(_Link(quantity, TIGHT, _start, end, metric))

    # --- conditions -------------------------------------------------------------------------------

    def _hold_the_rest(self) -> None:
        """Figures of no metric that a word makes a condition, or that stand before a metric."""
        linked = {id(link.quantity) for link in self.links}
        for quantity in self.quantities:
            if id(quantity) in linked or quantity in self.held or self._is_left_behind(quantity):
                continue
            if span := self._in_brackets(quantity) or self._held_under(quantity):
                self.held[quantity] = span
            elif quantity.sort != "share" and any(
                0 <= link.start - quantity.end <= 3
                and not self.text[quantity.end : link.start].strip(" 的低温高循环")
                for link in self.links
            ):
                self.held[quantity] = (quantity.start, quantity.end)

    def _held_under(self, quantity: Quantity) -> tuple[int, int] | None:
        """The words of a condition, from the name of what is held: 厚度50 μm时."""
        span = cues.held_under(self.text, quantity)
        if span is None:
            return None
        bare = span[0] == quantity.start
        named = next((start for start, end, _m in self.names if bare and end == span[0]), span[0])
        return named, span[1]

    def _in_brackets(self, quantity: Quantity) -> tuple[int, int] | None:
        """What stands in brackets right after a figure says when it holds: 92% (500 cycles)."""
        for link in self.links:
            match = _BRACKETS.match(self.text, max(link.end, link.quantity.end))
            if match and match.start(1) <= quantity.start and quantity.end <= match.end(1):
                return None if self._names_inside(*match.span(1)) else match.span(1)
        return None

    def _names_inside(self, start: int, end: int) -> bool:
        return any(start <= one and stop <= end for one, stop, _metrics in self.names)

    def _condition(self, link: _Link) -> str:
        """The conditions next to the figure or its metric, as they are written."""
        low = min(link.start, link.quantity.start)
        high = max(link.end, link.quantity.end)
        spans = sorted(set(self.held.values()))
        parts: list[tuple[int, int]] = [s for s in spans if low <= s[0] and s[1] <= high]
        place = high
        for span in spans:
            between = self.text[place : span[0]]
            if span[0] >= place and (_is_joint(between) or _OF_SOMETHING.fullmatch(between)):
                parts.append(span)
                place = span[1]
        place = low
        for span in reversed(spans):
            if span[1] <= place and _is_joint(self.text[span[1] : place]):
                parts.append(span)
                place = span[0]
        return _joined_text(self.text, sorted(set(parts)))[:200]

    # --- what it says -----------------------------------------------------------------------------

    def _figure(self, link: _Link) -> Figure | None:
        quantity, metric = link.quantity, link.metric
        follows = link.end > quantity.start
        low = max(0, quantity.start - _WINDOW)
        if not follows:
            low = max(low, min(link.end, quantity.start))
        low = max([low, *(q.end for q in self.quantities if q.end <= quantity.start)])
        between = self.text[low : quantity.start]
        before = self.text[max(0, quantity.start - _WINDOW) : quantity.start]
        after = self.text[quantity.end : quantity.end + 40]
        if cues.falls_short(before) or self._is_left_behind(quantity):
            return None
        if cues.is_of_others(before, self.is_need):
            return None
        if cues.is_change(between, "" if follows else after):
            return None
        side = better(metric) if metric else "eq"
        if cues.is_merely(before) and side != "le":
            return None
        value, upper = quantity.value, quantity.upper
        if upper is not None and cues.is_move(before):
            value, upper = upper, None
        nearby = _nearby(between)
        comparator = self._comparator(nearby, after, side, quantity, upper)
        return Figure(
            0, 0, metric.en if metric else "" if has_chinese(link.name) else link.name,
            metric.zh if metric else link.name if has_chinese(link.name) else "",
            comparator, value, upper, quantity.unit, self._condition(link),
        )  # fmt: skip

    def _comparator(
        self, nearby: str, after: str, side: str, quantity: Quantity, upper: Decimal | None
    ) -> str:
        if upper is not None:
            return "between"
        if quantity.is_tolerance:
            return "le"
        if cues.is_better_than(nearby):
            return side
        if cues.is_up_to(nearby):
            return side if self.is_need else "le" if side == "eq" else "eq"
        if bound := cues.bound_of(nearby, after):
            return bound
        return side if self.is_need else "eq"


def _fits(quantity: Quantity, metric: Metric) -> bool:
    if takes_any(metric):
        return quantity.sort not in ("", "[time]", "count")
    sorts = sorts_of(metric)
    if quantity.is_degree and "[temperature]" not in sorts:
        return False
    return quantity.sort in sorts


def _nearby(between: str) -> str:
    """The words right before the figure, up to the last stop."""
    return re.split(r"[，,、;；。]|(?<=[A-Za-z])\.\s", between[-40:])[-1]


def _is_joint(text: str) -> bool:
    return not re.sub(r"[\s,，、()（）]|的|and|with|且|测得|其", "", text)


def _joined_text(text: str, spans: list[tuple[int, int]]) -> str:
    """The spans as one text; what lies between neighbours stays if it only joins them."""
    made = ""
    for place, (start, end) in enumerate(spans):
        if place and _is_joint(text[spans[place - 1][1] : start]):
            made += text[spans[place - 1][1] : start]
        elif place:
            made += ", "
        made += text[start:end]
    return " ".join(made.split()).strip(_EDGES)
