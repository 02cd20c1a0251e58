"""Listings of one kind side by side: facts in rows, figures on one metric and one unit.

Pure: built from what the reader may see (Disclosed). The best of a row is said in a word, so that
it can be read without colour.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from listings import display, metrics
from listings.disclosure import Disclosed
from listings.models import Specification
from marketplace.core import regions, units
from marketplace.core.bilingual import Text, pick
from marketplace.core.codes import IP_KINDS, ORGANISATION_KINDS, PROJECT_SOURCES, TRANSFER_MODES
from marketplace.core.formatting import date_text, join_text, price_text


@dataclass(frozen=True)
class Cell:
    """text: what stands there, "" for nothing; note: under it; best: the word, "" if it is not."""

    text: str = ""
    lang: str = ""
    note: str = ""
    best: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.text


@dataclass(frozen=True)
class Row:
    """maybe: its figures have different names, which possibly mean the same."""

    label: str
    cells: list[Cell]
    lang: str = ""
    maybe: bool = False

    @property
    def differs(self) -> bool:
        return len({(cell.text, cell.note) for cell in self.cells}) > 1


@dataclass(frozen=True)
class Comparison:
    """Facts and figures, in each those that differ first."""

    listings: list[Disclosed]
    facts: list[Row] = field(default_factory=list)
    figures: list[Row] = field(default_factory=list)


def compare(listings: Sequence[Disclosed]) -> Comparison:
    """The comparison of two to four listings of one kind, in the active language."""
    shown = list(listings)
    return Comparison(shown, _sorted(_facts(shown)), _sorted(_figures(shown)))


def _sorted(rows: list[Row]) -> list[Row]:
    """Without rows in which nobody says anything; those that most say something to, first."""
    told = [row for row in rows if not all(cell.is_empty for cell in row.cells)]
    return sorted(told, key=lambda row: (not row.differs, sum(c.is_empty for c in row.cells)))


# --- Facts ---------------------------------------------------------------------------------------


def _facts(listings: list[Disclosed]) -> list[Row]:
    technology = bool(listings) and listings[0].is_technology
    language = get_language() or "en"

    def row(label: str, text: Callable[[Disclosed], str | Text]) -> Row:
        return Row(label, [_cell(text(seen)) for seen in listings])

    return [
        _best(
            row(_("Readiness (TRL)"), lambda seen: f"TRL {seen.trl}" if seen.trl else ""),
            [float(seen.trl) if seen.trl else None for seen in listings],
            highest=True, word=_("highest") if technology else "",
        ),
        _prices(listings, _("Price") if technology else _("Budget"), technology),
        row(_("Offered as") if technology else _("Open to"),
            lambda seen: join_text(sorted(TRANSFER_MODES.label(code) for code in seen.modes))),
        row(_("IP rights"), _rights),
        row(_("Technology field"), lambda seen: seen.field_name),
        row(_("Sub-field"), lambda seen: seen.sub_field_name),
        row(_("Posted by"), lambda seen: pick(seen.owner, "name", language) if seen.owner
            else Text(pgettext("owner", "not named yet"), "")),
        row(_("Kind of organisation"), lambda seen: ORGANISATION_KINDS.label(seen.owner.kind)
            if seen.owner else ""),
        row(pgettext("comparison", "Verified"),
            lambda seen: _("yes") if seen.owner_is_verified else _("no")),
        row(_("Region"), lambda seen: _place(seen, language)),
        row(_("Answers until"), lambda seen: date_text(seen.deadline) if seen.deadline else ""),
        row(_("Project source"), lambda seen: PROJECT_SOURCES.label(seen.project_source)
            if seen.project_source else ""),
        row(pgettext("comparison", "Published"),
            lambda seen: date_text(seen.published_at) if seen.published_at else ""),
    ]  # fmt: skip


def _cell(text: str | Text) -> Cell:
    return Cell(text.value, text.lang) if isinstance(text, Text) else Cell(str(text))


def _place(seen: Disclosed, language: str) -> str:
    if seen.country == "CN" and seen.region:
        return regions.short_name(seen.region, language)
    return regions.country_name(seen.country, language)


def _rights(seen: Disclosed) -> str:
    alive = Counter(
        row.kind for row in seen.ip_rights if not row.is_expired and row.status != "lapsed"
    )
    return join_text(f"{number} × {IP_KINDS.label(kind)}" for kind, number in sorted(alive.items()))


def _prices(listings: list[Disclosed], label: str, technology: bool) -> Row:
    """Amounts of one currency can be held against each other, of two they cannot."""
    cells = [
        _cell(price_text(seen.price_min, seen.price_max, seen.currency, seen.price_kind))
        for seen in listings
    ]
    amounts = [_amount(seen, technology) for seen in listings]
    same = len({seen.currency for seen, amount in zip(listings, amounts, strict=True)
                if amount is not None}) == 1  # fmt: skip
    return _best(
        Row(label, cells), amounts if same else [None] * len(listings), highest=not technology,
        word=_("lowest") if technology else _("highest"),
    )  # fmt: skip


def _amount(seen: Disclosed, technology: bool) -> float | None:
    """The least that a technology costs, the most that a need pays."""
    first, second = (seen.price_min, seen.price_max) if technology else (
        seen.price_max, seen.price_min
    )  # fmt: skip
    value = first if first is not None else second
    return float(value) if value is not None else None


def _best(row: Row, values: Sequence[float | None], *, highest: bool, word: str) -> Row:
    """Mark the best cells with a word; none where all are alike or only one says anything."""
    told = [value for value in values if value is not None]
    if not word or len(told) < 2 or max(told) == min(told):
        return row
    best = max(told) if highest else min(told)
    cells = [
        replace(cell, best=word) if value == best else cell
        for cell, value in zip(row.cells, values, strict=True)
    ]
    return replace(row, cells=cells)


# --- Figures -------------------------------------------------------------------------------------


@dataclass
class _Line:
    """Specifications of several listings that say the same thing: one per listing at most."""

    names: set[str]
    dimension: str
    condition: str
    of: dict[int, Specification]
    maybe: bool = False


def _figures(listings: list[Disclosed]) -> list[Row]:
    technology = bool(listings) and listings[0].is_technology
    return [_figure_row(line, len(listings), technology) for line in _lines(listings)]


def _lines(listings: list[Disclosed]) -> list[_Line]:
    """Each specification goes to the line of its metric and dimension: of several such lines to
    the one with its condition, else to the first in which its listing says nothing yet."""
    lines: list[_Line] = []
    for place, seen in enumerate(listings):
        for spec in seen.specifications:
            names, condition = _names(spec), _condition(spec)
            same = [
                line
                for line in lines
                if line.dimension == spec.dimension and line.names & names and place not in line.of
            ]
            same.sort(key=lambda line: line.condition != condition)
            if same:
                same[0].names |= names
                same[0].of[place] = spec
            else:
                lines.append(_Line(names, spec.dimension, condition, {place: spec}))
    return _brought_together(lines)


def _brought_together(lines: list[_Line]) -> list[_Line]:
    """Lines of different names that possibly mean the same, of different listings, as one: the most
    alike first."""
    rest = list(lines)
    while pairs := [
        (alike, one, two)
        for place, one in enumerate(rest)
        for two in rest[place + 1 :]
        if one.dimension == two.dimension and not one.of.keys() & two.of.keys()
        and (alike := _likeness(one, two)) >= metrics.ALIKE
    ]:  # fmt: skip
        _alike, one, two = max(pairs, key=lambda pair: pair[0])
        one.names |= two.names
        one.of |= two.of
        one.maybe = True
        rest.remove(two)
    return rest


def _likeness(one: _Line, two: _Line) -> float:
    return max(
        metrics.likeness(a.metric_en, a.metric_zh, b.metric_en, b.metric_zh)
        for a in one.of.values()
        for b in two.of.values()
    )


def _names(spec: Specification) -> set[str]:
    """The metric under all names it is known by."""
    given = metrics.completed(spec.metric_en, spec.metric_zh)
    return {" ".join(name.lower().split()) for name in given if name.strip()}


def _condition(spec: Specification) -> str:
    return (spec.condition_en or spec.condition_zh).strip().lower()


def _figure_row(line: _Line, number: int, technology: bool) -> Row:
    unit = _unit(line)
    first = next(iter(line.of.values()))
    label = display.metric_text(first)
    cells, values = [], []
    for place in range(number):
        spec = line.of.get(place)
        cells.append(_figure_cell(spec, unit, named=line.maybe) if spec else Cell())
        values.append(_in_unit(spec, unit) if spec else None)
    comparators = Counter(
        spec.comparator for spec in line.of.values() if spec.comparator in ("ge", "le")
    )
    row = Row(label.value, cells, label.lang, maybe=line.maybe)
    if line.maybe:
        return row  # which is better cannot be said where it is not certain that they are one
    # "at least" and "at most" say which way is good; both at once, or neither, do not
    if len(comparators) != 1:
        return row
    return _best(
        row, values, highest="ge" in comparators, word=_("best") if technology else _("strictest")
    )


def _unit(line: _Line) -> str:
    """The unit that most of them use; the first of those."""
    return Counter(spec.unit for spec in line.of.values()).most_common(1)[0][0]


def _in_unit(spec: Specification, unit: str) -> float | None:
    if spec.comparator == "between":
        return None
    return float(spec.value) if spec.unit == unit else units.convert(spec.value, spec.unit, unit)


def _figure_cell(spec: Specification, unit: str, *, named: bool) -> Cell:
    """The value in the row's unit; as stated, and its condition, in the note. named: with the name
    that its listing gives it."""
    language = get_language() or "en"
    name = display.metric_text(spec, language).value if named else ""
    condition = "; ".join(filter(None, [name, pick(spec, "condition", language).value]))
    text = display.value_text_in(spec, unit, language)
    if not text:
        return Cell(display.value_text(spec, language), note=condition)
    stated = _("stated as %(value)s") % {"value": display.value_text(spec, language)}
    return Cell(text,
                note=f"{stated}; {condition}" if condition else stated)  # fmt: skip
